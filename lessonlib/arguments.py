"""Clear errors for bad arguments: each names the argument, what came and what would be right."""

import operator

import numpy as np


def whole_number(name, value, least=0):
    """The value as an int, or ValueError unless it is a whole number (of Python or NumPy), least or larger."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if isinstance(value, bool) or number is None or number < least:
        raise ValueError(f"{name} is {value!r}: give a whole number, {least} or larger")
    return number


def pair(name, value, least=0):
    """The value as (rows, columns), from one whole number for both or from a pair of them, as in torch.nn."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name} is {value!r}: give one whole number or a pair (rows, columns)")
        return tuple(whole_number(name, each, least) for each in value)
    return (whole_number(name, value, least),) * 2


def seed(value):
    """The value as an int, or ValueError unless it is a whole number that a generator of PyTorch can start from."""
    number = whole_number("seed", value)
    if number >= 2**64:
        raise ValueError(f"seed is {number}: give a whole number below 2**64")
    return number


def finite_array(name, values):
    """Finite numbers as an array, from lists, arrays or tensors: floats as they are, whole numbers with 64 bits."""
    try:
        array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    except (TypeError, ValueError):  # rows of different lengths, or a type that NumPy does not know
        array = np.empty(0, object)
    if array.dtype.kind not in "iuf":
        raise ValueError(
            f"{name} came as {type(values).__name__} of {array.dtype}: "
            "give rows of whole numbers or floats, all of the same length"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: every value must be a finite number")
    if array.dtype.kind == "f":
        return array
    if array.size and int(array.max()) >= 2**63:
        raise ValueError(f"{name} holds whole numbers too large to be exact: give floats")
    return array.astype(np.int64)
