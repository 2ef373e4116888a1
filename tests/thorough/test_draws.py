"""Hundreds of draws of every exercise that can be asked with other numbers."""

import pytest
from test_exercises import DRAWN, check_other_numbers


@pytest.mark.parametrize("exercise", DRAWN.values(), ids=DRAWN)
def test_other_numbers_tell_all_mistakes_apart_and_fit_their_texts(exercise):
    check_other_numbers(exercise, range(20, 200))
