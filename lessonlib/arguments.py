"""Clear errors for bad arguments: each names the argument, what came and what would be right."""

import math
import operator
from collections.abc import Collection, Iterable, Iterator
from numbers import Real
from typing import Any

import numpy as np

MOST_MEMORY = 2 * 10**9  # bytes of one array: what a small laptop can spare
LONGEST = 200  # letters with which a value is repeated in a message


def whole_number(name: str, value: Any, least: int = 0, most: float = math.inf) -> int:
    """The value as an int, or ValueError unless it is one whole number (of Python, NumPy or PyTorch) within limits."""
    try:
        number = operator.index(value)
    except Exception:  # PyTorch has errors of its own, for values that are not there
        number = None
    if number is None or not _is_one_number(value) or not least <= number <= most:
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


def seed(value: Any) -> int:
    """The value as an int, or ValueError unless it is a whole number that a generator of PyTorch can start from."""
    return whole_number("seed", value, most=2**64 - 1)


def finite_number(name: str, value: Any, above: float = -math.inf, most: float = math.inf) -> float:
    """The value as a float, or ValueError unless it is one finite number, above the one limit and at most the other."""
    try:
        number = float(value) if _is_one_number(value) else math.nan
    except Exception:  # whole numbers beyond all floats, and values of PyTorch that are not there
        number = math.nan
    if not (math.isfinite(number) and above < number <= most):
        limits = [f" above {above}"] * (above > -math.inf) + [f" at most {most}"] * (most < math.inf)
        raise ValueError(f"{name} is {shown(value)}: give a finite number{' and'.join(limits)}")
    return number


def share(name: str, value: Any) -> float:
    """The value as a float from 0 to 1, or ValueError."""
    number = finite_number(name, value)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} is {shown(value)}: give a share from 0 to 1")
    return number


def true_or_false(name: str, value: Any) -> bool:
    """The value as a bool, or ValueError: of a word such as "no" Python would say that it is true."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} is {shown(value)}: give True or False")
    return bool(value)


def one_of(name: str, value: Any, choices: Collection[str]) -> str:
    """The value, or ValueError unless it is one of these words."""
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} is {shown(value)}: give one of {', '.join(choices)}")
    return value


def shape_of_three(name: str, value: Any) -> tuple[int, int, int]:
    """The value as (channels, height, width), three whole numbers from 1, or ValueError."""
    try:
        channels, height, width = (whole_number(name, length, 1) for length in value)
    except Exception:  # no sequence, not three of them, or no whole number
        raise ValueError(f"{name} is {shown(value)}: give (channels, height, width)") from None
    return channels, height, width


def finite_array(name: str, values: Any) -> np.ndarray:
    """Finite numbers as an array, from lists, arrays or tensors: floats as they are, whole numbers with 64 bits."""
    array = _as_array(values)
    if array.dtype.kind not in "iuf":
        raise ValueError(
            f"{name} came as {_kind(values, array)}: give rows of whole numbers or floats, all of the same length"
        )
    if any(map(_has_a_mask, _leaves(values))):
        raise ValueError(f"{name} is a masked array: give a number for what is masked, as in {name}.filled(0)")
    if any(map(_is_bool, _leaves(values))):
        raise ValueError(f"{name} holds True or False: every value must be a finite number")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: every value must be a finite number")
    if array.dtype.kind == "f":
        return array
    if array.size and int(array.max()) >= 2**63:
        raise ValueError(f"{name} holds whole numbers too large to be exact: give floats")
    return array.astype(np.int64)


def finite_result(name: str, result: Any) -> Any:
    """What was computed from an argument, or ValueError where it is beyond the numbers of its type."""
    if not np.isfinite(result).all():
        raise ValueError(f"{name} holds numbers too large to compute with in {result.dtype}: give smaller ones")
    return result


def check_memory(name: str, value: Any, shape: Iterable[int], dtype: Any = np.float64) -> None:
    """ValueError, before any memory is asked for, where this value of an argument needs too large an array."""
    needed = math.prod(shape) * np.dtype(dtype).itemsize
    if needed > MOST_MEMORY:
        numbers = " x ".join(f"{length:,}" for length in shape)
        raise ValueError(
            f"{name} is {shown(value)}: this needs {numbers} numbers, {needed // 10**9:,} GB of memory; "
            f"give less, for at most {MOST_MEMORY // 10**9} GB"
        )


def shown(value: Any) -> str:
    """The value as a message repeats it."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _is_one_number(value: Any) -> bool:
    """Whether the value is a real number, and nothing else that can be counted or measured: no bool, no date, no list."""
    if _is_bool(value) or _has_a_mask(value):
        return False
    if not hasattr(value, "dtype"):
        return isinstance(value, Real) or hasattr(type(value), "__index__")
    is_real = value.dtype.kind in "iuf" if hasattr(value.dtype, "kind") else not value.dtype.is_complex
    return is_real and value.ndim == 0


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool) or str(getattr(value, "dtype", "")) in ("bool", "torch.bool")


def _has_a_mask(value: Any) -> bool:
    return np.ma.is_masked(value) if isinstance(value, np.ma.MaskedArray) else False


def _leaves(values: Any) -> Iterator[Any]:
    """The values themselves or, of nested lists, what they hold in the end: numbers, arrays or tensors."""
    if not isinstance(values, (list, tuple)):
        yield values
        return
    for each in values:
        yield from _leaves(each)


def _as_array(values: Any) -> np.ndarray:
    """The one way from an argument to an array; one of type object where there is none."""
    try:
        if hasattr(values, "detach"):
            values = values.detach().cpu().resolve_conj().resolve_neg()
        return np.asarray(values)
    except Exception:  # rows of different lengths, a tensor without values, or whatever else a type of its own raises
        return np.empty(0, object)


def _kind(values: Any, array: np.ndarray) -> str:
    if hasattr(values, "detach"):
        return f"Tensor of {values.dtype} ({values.layout}, on {values.device})"
    return f"{type(values).__name__} of {array.dtype}"
