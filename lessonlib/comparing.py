"""Two answers compared: are they equal, how do they differ, and how are they shown."""

import numpy as np
import torch


def same(result, expected, tolerance=1e-5):
    """Whether two answers are equal: text without regard to case, tuples item by item, numbers as arrays.

    Floats agree within the tolerance, absolute and relative; where all expected numbers are whole, within 0.001. Axes of length 1 don't matter.
    """
    if isinstance(expected, str) or isinstance(result, str):
        return (
            isinstance(expected, str) and isinstance(result, str) and result.strip().lower() == expected.strip().lower()
        )
    if isinstance(expected, dict):
        return isinstance(result, dict) and all(same(result.get(key), expected[key], tolerance) for key in expected)
    if isinstance(expected, tuple):
        return (
            _is_sequence(result)
            and len(result) == len(expected)
            and all(map(lambda a, b: same(a, b, tolerance), result, expected))
        )
    try:
        result, expected = _numbers(result), _numbers(expected)
    except ValueError:
        return False
    if _long_axes(result) != _long_axes(expected):
        return False
    relative, absolute = (tolerance, tolerance) if (expected % 1).any() else (0, 1e-3)
    return np.allclose(result.reshape(expected.shape), expected, rtol=relative, atol=absolute)


def how_different(result, expected, tolerance, tell):
    """One sentence on the difference between two unequal answers; with tell it names the right value."""
    if isinstance(expected, str):
        return f"it should be {show(expected)}." if tell else "that is not it."
    if isinstance(result, str):
        return "this is text: give a number, without quotes."
    if isinstance(expected, tuple):
        if not _is_sequence(result) or len(result) != len(expected):
            return f"it should be a tuple of {len(expected)} values."
        place = next(i for i, value in enumerate(expected) if not same(result[i], value, tolerance))
        return f"the value at position {place} is wrong."
    try:
        result, expected = _numbers(result), _numbers(expected)
    except ValueError as error:
        return f"{error}."
    if _long_axes(result) != _long_axes(expected):
        return f"its shape is {result.shape}, but it should be {expected.shape}."
    if expected.size == 1:
        return (
            f"it should be {show(expected.item())}."
            if tell
            else f"that is too {'large' if result.item() > expected.item() else 'small'}."
        )
    differ = ~np.isclose(result.reshape(expected.shape), expected, rtol=tolerance, atol=tolerance)
    place = tuple(int(i) for i in np.argwhere(differ)[0])
    right = f", but it should be {show(expected[place].item())}" if tell else ""
    return f"{differ.sum()} of {differ.size} values are wrong; the first is at {place}: {show(result.reshape(expected.shape)[place].item())}{right}."


def show(value):
    """A value as a report prints it: commas in whole numbers, large arrays by their shape."""
    if isinstance(value, (np.ndarray, torch.Tensor, np.generic)):
        value = _numbers(value)
        if value.size > 16:
            return f"an array of shape {value.shape}"
        value = value.astype(int).tolist() if not (value % 1).any() and np.isfinite(value).all() else value.tolist()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool) or value is None or isinstance(value, (list, tuple, dict)):
        return repr(value) if len(repr(value)) <= 80 else f"a {type(value).__name__} of length {len(value)}"
    if not isinstance(value, (int, float)):
        return f"an object of type {type(value).__name__}"
    return f"{int(value):,}" if abs(value) < 1e15 and value == int(value) else f"{value:.6g}"


def _is_sequence(value):
    return isinstance(value, (list, tuple, np.ndarray, torch.Tensor)) and np.ndim(value) != 0


def _numbers(value):
    """Any answer made of numbers as a float64 array, or ValueError."""
    try:
        array = np.asarray(value.detach().cpu() if isinstance(value, torch.Tensor) else value)
        if array.dtype.kind not in "biufO":
            raise TypeError
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{type(value).__name__} can't be read as an array of numbers") from None


def _long_axes(array):
    return [length for length in array.shape if length != 1]
