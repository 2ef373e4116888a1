"""arguments: a good value passes, a bad one is named with what came and what would be right."""

import numpy as np
import pytest
import torch

from lessonlib.arguments import pair, whole_number

NO_WHOLE_NUMBERS = [2.0, "2", None, True, np.True_, np.float32(2), [2], torch.tensor(2.0)]


@pytest.mark.parametrize("value", [0, 7, 10**20, np.int64(7), np.uint8(7), torch.tensor(7)])
def test_a_whole_number_comes_back_as_an_int(value):
    number = whole_number("stride", value)
    assert type(number) is int and number == value


@pytest.mark.parametrize("value", NO_WHOLE_NUMBERS, ids=repr)
def test_what_is_no_whole_number_is_refused_by_name(value):
    with pytest.raises(ValueError) as caught:
        whole_number("stride", value, least=1)
    assert str(caught.value) == f"stride is {value!r}: give a whole number, 1 or larger"


@pytest.mark.parametrize("least", [-1, 0, 1])
def test_the_least_value_is_welcome_and_the_one_below_is_not(least):
    assert whole_number("padding", least, least) == least
    with pytest.raises(ValueError, match=f"padding is {least - 1}: give a whole number, {least} or larger"):
        whole_number("padding", least - 1, least)


@pytest.mark.parametrize(
    "value, rows_and_columns", [(3, (3, 3)), ((3, 5), (3, 5)), ([3, 5], (3, 5)), (np.int64(3), (3, 3))]
)
def test_a_pair_comes_from_one_number_for_both_or_from_two(value, rows_and_columns):
    assert pair("kernel_size", value) == rows_and_columns


@pytest.mark.parametrize("value", [(), (3,), [3, 5, 7]])
def test_neither_one_nor_three_numbers_are_a_pair(value):
    with pytest.raises(ValueError, match=r"kernel_size is .*: give one whole number or a pair \(rows, columns\)"):
        pair("kernel_size", value)


@pytest.mark.parametrize("value", [0, (3, 0), (1.5, 3), "33"])
def test_each_number_of_a_pair_must_be_whole_and_large_enough(value):
    with pytest.raises(ValueError, match="kernel_size is .*: give a whole number, 1 or larger"):
        pair("kernel_size", value, least=1)
