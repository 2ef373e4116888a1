"""arguments: a good value passes, a bad one is named with what came and what would be right."""

import numpy as np
import pytest
import torch

from lessonlib.arguments import finite_array, finite_number, pair, shape_of_three, whole_number


@pytest.mark.parametrize("value", [0, 7, 10**20, np.int64(7), np.uint8(7), torch.tensor(7)])
def test_a_whole_number_comes_back_as_an_int(value):
    number = whole_number("stride", value)
    assert type(number) is int and number == value


@pytest.mark.parametrize("value", [2.0, "2", None, True, np.True_, np.float32(2), [2], torch.tensor(2.0), 0], ids=repr)
def test_what_is_no_whole_number_is_refused_by_name(value):
    with pytest.raises(ValueError) as caught:
        whole_number("stride", value, least=1)
    assert str(caught.value) == f"stride is {value!r}: give a whole number, 1 or larger"


@pytest.mark.parametrize("value, sides", [(3, (3, 3)), ((3, 5), (3, 5)), ([3, 5], (3, 5)), (np.int64(3), (3, 3))])
def test_a_pair_comes_from_one_number_for_both_or_from_two(value, sides):
    assert pair("kernel_size", value) == sides


@pytest.mark.parametrize("check", [pair, shape_of_three, finite_number])
@pytest.mark.parametrize("value", [None, "3", (), (3,), [3, 5, 7, 9], (3, "5")], ids=repr)
def test_what_is_no_pair_no_shape_and_no_number_is_refused_by_name(check, value):
    with pytest.raises(ValueError, match="^size is .*: give "):
        check("size", value)


@pytest.mark.parametrize(
    "values, dtype",
    [
        ([[1, 2]], np.int64),
        (np.uint8([[1, 2]]), np.int64),
        (np.float16([[1, 2]]), np.float16),
        (torch.tensor([[1.0, 2.0]], requires_grad=True), np.float32),
    ],
)
def test_floats_keep_their_type_and_whole_numbers_have_64_bits(values, dtype):
    array = finite_array("images", values)
    assert type(array) is np.ndarray and array.tolist() == [[1, 2]] and array.dtype == dtype


@pytest.mark.parametrize(
    "values, why",
    [
        ([[1, 2], [3]], "images came as list of object: give rows of whole numbers or floats"),
        ("12", "images came as str"),
        (None, "images came as NoneType"),
        ([True], "images came as list of bool"),
        ([0, np.nan], "images holds NaN or infinity: every value must be a finite number"),
        ([0, -np.inf], "images holds NaN or infinity"),
    ],
)
def test_what_is_no_array_of_finite_numbers_is_refused_by_name(values, why):
    with pytest.raises(ValueError, match=why):
        finite_array("images", values)
