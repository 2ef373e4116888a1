"""Two answers compared: are they equal, how do they differ, and how are they shown."""

from decimal import Decimal

import numpy as np
import torch


def same(result, expected, tolerance=1e-5):
    """Whether two answers are equal, as how_different sees it."""
    return how_different(result, expected, tolerance) is None


def how_different(result, expected, tolerance=1e-5, tell=False):
    """One sentence on what is wrong with the result, or None if nothing is; with tell it names the right value.

    What is expected says how to compare: text without regard to case and blanks, dictionaries by their keys,
    tuples item by item, all else as arrays of numbers. Floats agree within the tolerance, absolute and
    relative; where all expected numbers are whole, within 0.001. Axes of length 1 don't matter.
    """
    if isinstance(expected, dict):
        if not isinstance(result, dict):
            return f"it should be a dictionary with {', '.join(map(show, expected))}."
        for key, right in expected.items():
            if not same(result.get(key), right, tolerance):
                return f"{key}: {show(result.get(key))}, but it should be {show(right)}."
        return None
    if isinstance(expected, tuple):
        if not _is_sequence(result) or len(result) != len(expected):
            return f"it should be a tuple of {len(expected)} values."
        for place, right in enumerate(expected):
            if not same(result[place], right, tolerance):
                return f"the value at position {place} is wrong."
        return None
    if isinstance(expected, str):
        if isinstance(result, str) and result.strip().lower() == expected.strip().lower():
            return None
        return f"it should be {show(expected)}." if tell else "that is not it."
    if isinstance(result, str):
        return "this is text: give a number, without quotes."
    try:
        result, expected = _numbers(result), _numbers(expected)
    except ValueError as error:
        return f"{error}."
    return _how_arrays_differ(result, expected, tolerance, tell)


def show(value):
    """A value as a report prints it: commas in whole numbers, large arrays by their shape."""
    if isinstance(value, (np.ndarray, np.generic, torch.Tensor)):
        array = _array(value)
        if array.size > 16:
            return f"an array of shape {array.shape}"
        is_whole = array.dtype.kind == "f" and (np.abs(array) < 1e15).all() and not (array % 1).any()
        value = (array.astype(int) if is_whole else array).tolist()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool) or value is None or isinstance(value, (list, tuple, dict)):
        return repr(value) if len(repr(value)) <= 80 else f"a {type(value).__name__} of length {len(value)}"
    if not isinstance(value, (int, float)):
        return f"an object of type {type(value).__name__}"
    if abs(value) < 1e15 and value == int(value):
        return f"{int(value):,}"
    return f"{value:.6g}" if isinstance(value, float) else f"{Decimal(value).normalize():.6g}"  # beyond all floats


def _how_arrays_differ(result, expected, tolerance, tell):
    if _long_axes(result) != _long_axes(expected):
        return f"its shape is {result.shape}, but it should be {expected.shape}."
    result = result.reshape(expected.shape)
    relative, absolute = (tolerance, tolerance) if (expected % 1).any() else (0, 1e-3)
    wrong = ~np.isclose(result, expected, rtol=relative, atol=absolute)
    if not wrong.any():
        return None
    place = tuple(np.argwhere(wrong)[0].tolist())
    came, right = result[place].item(), expected[place].item()
    if expected.size == 1 and tell:
        return f"it should be {show(right)}."
    if expected.size == 1:
        return f"that is {'too large' if came > right else 'too small' if came < right else 'not a number'}."
    but = f", but it should be {show(right)}" if tell else ""
    are = "is" if wrong.sum() == 1 else "are"
    return f"{wrong.sum()} of {wrong.size} values {are} wrong; the first is at {place}: {show(came)}{but}."


def _is_sequence(value):
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def _numbers(value):
    """Any answer made of numbers as a float64 array, or ValueError."""
    try:
        # Item by item, since NumPy alone reads no list of tensors with gradients, and None as NaN.
        array = _array([_numbers(each) for each in value] if isinstance(value, (list, tuple)) else value)
        if array.dtype.kind not in "biufO":
            raise TypeError
        return np.asarray(float(value)) if array.dtype.kind == "O" else array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{type(value).__name__} can't be read as an array of numbers") from None


def _array(value):
    return np.asarray(value.detach().cpu() if isinstance(value, torch.Tensor) else value)


def _long_axes(array):
    return [length for length in array.shape if length != 1]
