"""Clear errors for bad arguments: each names the argument, what came and what would be right."""

import math
import operator
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np

SEEDS = 2**64 - 1  # the largest that a generator of PyTorch can start from
LONGEST = 200  # letters with which a value is repeated in a message


def whole_number(name: str, value: Any, least: int = 0, most: float = math.inf) -> int:
    """The value as an int, or ValueError unless it is one whole number (of Python, NumPy or PyTorch) within limits."""
    try:
        number = None if _is_bool(value) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        limits = f"{least} or larger" if most == math.inf else f"from {least} to {most}"
        raise ValueError(f"{name} is {shown(value)}: give a whole number, {limits}")
    return number


def pair(name: str, value: Any, least: int = 0) -> tuple[int, int]:
    """The value as (rows, columns), from one whole number for both or from a pair of them, as in torch.nn."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name} is {shown(value)}: give one whole number or a pair (rows, columns)")
        rows, columns = value
        return whole_number(name, rows, least), whole_number(name, columns, least)
    side = whole_number(name, value, least)
    return side, side


def finite_number(name: str, value: Any, above: float = -math.inf) -> float:
    """The value as a float, or ValueError unless it is one finite number, above the limit."""
    try:
        number = math.nan if isinstance(value, str) or _is_bool(value) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not (math.isfinite(number) and number > above):
        limit = f" above {above}" if above > -math.inf else ""
        raise ValueError(f"{name} is {shown(value)}: give a finite number{limit}")
    return number


def one_of(name: str, value: Any, choices: Collection[str]) -> str:
    """The value, or ValueError unless it is one of these words."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {shown(value)}: give one of {', '.join(choices)}")
    return value


def shape_of_three(name: str, value: Any) -> tuple[int, int, int]:
    """The value as (channels, height, width), three whole numbers from 1, or ValueError."""
    try:
        channels, height, width = (whole_number(name, length, 1) for length in value)
    except (TypeError, ValueError):  # no sequence, not three of them, or no whole number
        raise ValueError(f"{name} is {shown(value)}: give (channels, height, width)") from None
    return channels, height, width


def finite_array(name: str, values: Any) -> np.ndarray:
    """Finite numbers as an array, from lists, arrays or tensors: floats as they are, whole numbers with 64 bits."""
    try:
        array = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values)
    except (TypeError, ValueError, RuntimeError):  # rows of different lengths, or values that NumPy does not know
        array = np.empty(0, object)
    if array.dtype.kind not in "iuf":
        kind = f"{type(values).__name__} of {array.dtype}"
        raise ValueError(f"{name} came as {kind}: give rows of whole numbers or floats, all of the same length")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: every value must be a finite number")
    return array if array.dtype.kind == "f" else array.astype(np.int64)


def shape_text(shape: Iterable[int]) -> str:
    """A shape as the lessons write it, "1 x 28 x 28"."""
    return " x ".join(map(str, shape))


def shown(value: Any) -> str:
    """The value as a message repeats it."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or str(getattr(value, "dtype", "")) in ("bool", "torch.bool")
