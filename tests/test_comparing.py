"""comparing: equal answers are equal in every form, and unequal ones differ in a way that can be said."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lessonlib.comparing import how_different, same, show

finite_arrays = arrays.arrays(
    np.float64, arrays.array_shapes(max_dims=3, max_side=3), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
)


@given(finite_arrays)
def test_an_array_equals_itself_as_a_list_and_as_a_tensor(array):
    assert same(array, array) and same(array.tolist(), array) and same(torch.from_numpy(array), array)


@given(finite_arrays)
def test_an_array_with_one_changed_value_differs(array):
    changed = array.copy()
    changed.flat[-1] += 1 + abs(changed.flat[-1])
    assert not same(changed, array)


@pytest.mark.parametrize(
    "result, expected",
    [
        (3, 3.0),
        (np.float32(0.1), 0.1),
        (1792.0001, 1792),
        ([[1, 2]], [1, 2]),
        (torch.ones(1, 1, 2, 2), np.ones((2, 2))),
        (torch.ones(2, requires_grad=True), [1, 1]),
        (" Half", "half"),
        ([64, 3], (64, 3)),
        (torch.tensor([64, 3]), (64, 3)),
        (("A", [1.0, 2.0]), ("a", np.array([1, 2]))),
        ({"sum": 0.0, "extra": 1}, {"sum": 0}),
    ],
)
def test_these_are_the_same(result, expected):
    assert same(result, expected)


@pytest.mark.parametrize(
    "result, expected",
    [
        (1793, 1792),
        (0.1001, 0.1),
        (float("nan"), 0),
        (None, 0),
        ("3", 3),
        (3, "3"),
        ([1, 2], [2, 1]),
        ([1, 2], [[1], [2], [3]]),
        (np.ones((2, 3)), np.ones((3, 2))),
        ([[1], [2, 3]], [1, 2, 3]),
        ((64, 3, 1), (64, 3)),
        (64, (64, 3)),
        ({"sum": 1}, {"sum": 0}),
        ({}, {"sum": 0}),
        (0, {"sum": 0}),
    ],
)
def test_these_are_not_the_same(result, expected):
    assert not same(result, expected)


@pytest.mark.parametrize("off, agrees", [(0.009, True), (0.011, False)])
def test_floats_agree_within_the_tolerance(off, agrees):
    assert same(0.5 + off, 0.5, tolerance=0.01 / 1.5) is agrees


@pytest.mark.parametrize(
    "result, expected, sentence",
    [
        (6, 5, "it should be 5."),
        ("few", "most", 'it should be "most".'),
        ("5", 5, "this is text: give a number, without quotes."),
        ([1, 2, 3], [1, 2], "its shape is (3,), but it should be (2,)."),
        ([1, 2], (1, 2, 3), "it should be a tuple of 3 values."),
        ((1, 5), (1, 2), "the value at position 1 is wrong."),
        ({}, 5, "dict can't be read as an array of numbers."),
        ([[1, 2], [0, 0]], [[1, 2], [3, 4]], "2 of 4 values are wrong; the first is at (1, 0): 0, but it should be 3."),
        ([1000.002, 0], [1000, 0], "1 of 2 values is wrong; the first is at (0,): 1000, but it should be 1,000."),
    ],
)
def test_the_difference_is_told_in_a_sentence(result, expected, sentence):
    assert how_different(result, expected, 1e-5, tell=True) == sentence


@pytest.mark.parametrize(
    "result, expected, sentence",
    [
        (6, 5, "that is too large."),
        (4, 5, "that is too small."),
        ("few", "most", "that is not it."),
        ([1, 0], [1, 3], "1 of 2 values is wrong; the first is at (1,): 0."),
    ],
)
def test_the_difference_can_be_told_without_the_right_value(result, expected, sentence):
    assert how_different(result, expected, 1e-5, tell=False) == sentence


@pytest.mark.parametrize(
    "value, text",
    [
        (1792, "1,792"),
        (1792.0, "1,792"),
        (0.30000000000000004, "0.3"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (True, "True"),
        (None, "None"),
        ("most", '"most"'),
        (np.int64(1792), "1,792"),
        (np.str_("most"), '"most"'),
        (torch.tensor(2.5), "2.5"),
        (np.array([[1.0, 2.0]]), "[[1, 2]]"),
        (np.array([0.5, 1]), "[0.5, 1.0]"),
        (torch.zeros(4, 5), "an array of shape (4, 5)"),
        ((64, 3), "(64, 3)"),
        (10**400, "1e+400"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_shown_briefly(value, text):
    assert show(value) == text
