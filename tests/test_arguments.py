"""arguments: a good value passes, a bad one is named with what came and what would be right."""

import numpy as np
import pytest
import torch

from lessonlib.arguments import finite_array, pair, whole_number

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


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_an_array_of_floats_keeps_its_type(dtype):
    assert finite_array("images", np.ones((2, 3), dtype)).dtype == dtype


@pytest.mark.parametrize(
    "values",
    [[[1, 2]], np.array([[1, 2]], np.uint8), torch.tensor([[1, 2]]), torch.tensor([[1.0, 2.0]], requires_grad=True)],
)
def test_lists_and_tensors_become_arrays_and_whole_numbers_have_64_bits(values):
    array = finite_array("images", values)
    assert isinstance(array, np.ndarray) and array.tolist() == [[1, 2]] and array.dtype in (np.int64, np.float32)


@pytest.mark.parametrize(
    "values, why",
    [
        ([[1, 2], [3]], "images came as list of object: give rows of whole numbers or floats"),
        ("12", "images came as str"),
        (None, "images came as NoneType"),
        ([True], "images came as list of bool"),
        ([1j], "images came as list of complex128"),
        ([0, np.nan], "images holds NaN or infinity: every value must be a finite number"),
        ([0, -np.inf], "images holds NaN or infinity"),
        ([2**63], "images holds whole numbers too large to be exact: give floats"),
    ],
)
def test_what_is_no_array_of_finite_numbers_is_refused_by_name(values, why):
    with pytest.raises(ValueError, match=why):
        finite_array("images", values)
