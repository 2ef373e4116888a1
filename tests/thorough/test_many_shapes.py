"""What agrees with PyTorch over a hundred random shapes on a push agrees over a thousand at night."""

import pytest
import test_color
import test_filters
import test_parameters
import test_pooling
from hypothesis import settings

MODULES = test_parameters, test_filters, test_color, test_pooling
A_THOUSAND = settings(max_examples=1000, deadline=None)
TESTS = [A_THOUSAND(test) for module in MODULES for test in vars(module).values() if hasattr(test, "hypothesis")]


@pytest.mark.parametrize("test", TESTS, ids=lambda test: test.__name__)
def test_it_holds_over_a_thousand_random_examples(test):
    test()
