"""Two answers compared, both plain data: how do they differ, and how is that said."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import torch

Plain = Any  # arrays of floats, text, tuples of plain data, dictionaries of it

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth")
WHOLE, FRACTION = 1e-3, 1e-5  # how far a number may be off: of whole ones absolute, of others relative too
COUNT = 1e-5  # a single whole number is counted: 3.999 is not 4


@dataclass(frozen=True)
class Difference:
    """Where an answer first differs. kind: form, length, shape, text, value, angle, item or name; of: how many values there are."""

    kind: str
    got: Plain
    right: Plain
    place: tuple = ()
    wrong: int = 1
    of: int = 1


def difference(got: Plain, right: Plain, tolerance: float | None = None, whole: float = WHOLE) -> Difference | None:
    """The first Difference of an answer from the right one, or None.

    Plain data: arrays of floats, text, tuples of plain data, dictionaries of it. Axes of length 1 don't matter. Without a
    tolerance (absolute and relative), whole numbers have to be exact but for what 32 bits lose, and others right to five
    digits. whole: how far an array of whole numbers may be off.
    """
    if isinstance(right, dict):
        return _of_names(got, right, tolerance)
    if isinstance(right, tuple):
        return _of_items(got, right, tolerance)
    if isinstance(right, str):
        return None if got == right else Difference("text", got, right)
    if not isinstance(got, np.ndarray):
        return Difference("form", got, right)
    return _of_arrays(got, right, tolerance, whole)


def phrase(found: Difference, tell: bool = False) -> str:
    """One sentence on a Difference; with tell it names the right value."""
    got, right = show(found.got), show(found.right)
    if found.kind == "name":
        inner = difference(found.got, found.right) if got == right else None
        if inner:
            return f"{found.place[0]}: {phrase(inner)}"
        got, right = (each if isinstance(each, str) else show(each) for each in (found.got, found.right))
        return f"{found.place[0]}: {got}, but it should be {right}."
    if found.kind == "length":
        return f"it should be a tuple of {found.of} values."
    if found.kind == "form":
        return (
            "its rows have different lengths." if isinstance(found.got, tuple) else f"it should be {form(found.right)}."
        )
    if found.kind == "angle":
        return "that is another angle."
    if found.kind == "item":
        return _items(found.place)
    if found.kind == "shape" and tell and len(found.got) + len(found.right) > 1:
        return f"its shape is {found.got}, but it should be {found.right}."
    if found.kind == "shape":
        return f"it should be {in_rows(found.right)}, not {in_rows(found.got)}."
    if found.kind == "text":
        return f"it should be {right}." if tell else "that is not it."
    if found.of > 1:
        are = "is" if found.wrong == 1 else "are"
        but = f", but it should be {right}" if tell else ""
        return f"{found.wrong} of {found.of} values {are} wrong; the first wrong one is {_place(found.place)}: yours is {got}{but}."
    if tell:
        return f"it should be {right}."
    if math.isnan(found.got):
        return "that is no number."
    whole = "; the answer is a whole number" if found.got % 1 and not found.right % 1 else ""
    return f"that is too {'large' if found.got > found.right else 'small'}{whole}."


def form(right: Plain) -> str:
    """How the right answer is written, in words: what to give in place of something else."""
    if isinstance(right, str):
        return "text, in quotes"
    if isinstance(right, dict):
        return f"a dictionary with {', '.join(map(show, right))}"
    if isinstance(right, tuple):
        return f"a tuple of {len(right)} values"
    if right.ndim == 0:
        return "a number"
    return f"{len(right)} numbers in one tuple" if right.ndim == 1 else "a list of rows"


def in_rows(shape: tuple[int, ...]) -> str:
    """A shape in words: 2 rows of 3 numbers."""
    sides = [str(side) for side in shape if side != 1]
    return f"{' rows of '.join(sides)} numbers" if sides else "one number"


def show(value: Any) -> str:
    """A value as a report prints it: commas in whole numbers, large arrays by their shape."""
    if isinstance(value, (np.ndarray, np.generic, torch.Tensor)):
        array = np.asarray(value.detach().cpu().float() if isinstance(value, torch.Tensor) else value)
        if array.size > 16:
            return f"an array of shape {array.shape}"
        array = array.astype(np.float64) if array.dtype.kind == "f" else array
        is_whole = array.dtype.kind == "f" and (np.abs(array) < 1e15).all() and not (array % 1).any()
        value = (array.astype(int) if is_whole else array).tolist()
        value = tuple(value) if array.ndim == 1 else value
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= 60 else f"a text of {len(value):,} characters"
    if isinstance(value, tuple) and len(value) == 1 and isinstance(value[0], str):
        return show(value[0])
    if isinstance(value, tuple) and _holds_arrays(value):
        text = f"({', '.join(map(show, value))})"
        return text if len(text) <= 80 else f"a tuple of length {len(value):,}"
    if isinstance(value, bool) or value is None or isinstance(value, (list, tuple, dict)):
        return _written(value)
    if not isinstance(value, (int, float)):
        return f"an object of type {type(value).__name__}"
    if isinstance(value, int) and value.bit_length() > 4000:
        return f"a number of {int(value.bit_length() * 0.30103):,} digits"
    if abs(value) < 1e15 and value == int(value):
        return f"{int(value):,}"
    return f"{value:.6g}" if isinstance(value, float) else f"{Decimal(value).normalize():.6g}"  # beyond all floats


def _holds_arrays(value: Any) -> bool:
    return isinstance(value, np.ndarray) or (isinstance(value, tuple) and any(map(_holds_arrays, value)))


def _written(value: Any) -> str:
    """A list, tuple or dictionary as Python writes it, if that is short and can be written at all."""
    short = value if value is None or isinstance(value, bool) or len(value) <= 40 else None
    try:
        text = repr(value) if short is value else ""
    except Exception:  # an object in it that can't be written
        text = ""
    return text if 0 < len(text) <= 80 else f"a {type(value).__name__} of length {len(value):,}"


def _of_names(got: Plain, right: Plain, tolerance: float | None) -> Difference | None:
    if not isinstance(got, dict):
        return Difference("form", got, right)
    for name, value in right.items():
        if name not in got or difference(got[name], value, tolerance):
            return Difference("name", got.get(name), value, (name,))
    return None


def _of_items(got: Plain, right: Plain, tolerance: float | None) -> Difference | None:
    items = tuple(got) if isinstance(got, np.ndarray) and got.ndim else got
    if not isinstance(items, tuple) or len(items) != len(right):
        return Difference("length", got, right, of=len(right))
    pairs = enumerate(zip(items, right, strict=True))
    wrong = {place: found for place, (item, value) in pairs if (found := _of_item(item, value, tolerance))}
    if not wrong:
        return None
    first = next(iter(wrong.values()))
    return Difference("item", first.got, first.right, tuple(wrong), len(wrong), len(right))


def _of_item(item: Any, value: Plain, tolerance: float | None) -> Difference | None:
    return difference(np.asarray(item) if isinstance(item, np.generic) else item, value, tolerance)


def _of_arrays(got: Plain, right: Plain, tolerance: float | None, whole: float) -> Difference | None:
    if [side for side in got.shape if side != 1] != [side for side in right.shape if side != 1]:
        return Difference("shape", got.shape, right.shape, of=right.size)
    got = got.reshape(right.shape)
    wrong = ~_close(got, right, tolerance, whole)
    if not wrong.any():
        return None
    place = tuple(np.argwhere(wrong)[0].tolist())
    return Difference("value", got[place].item(), right[place].item(), place, int(wrong.sum()), right.size)


def _close(got: Plain, right: Plain, tolerance: float | None, whole: float) -> np.ndarray:
    is_whole = not (right % 1).any()
    absolute, relative = (whole, 0) if is_whole else (FRACTION, FRACTION)
    if tolerance is not None:
        absolute = relative = tolerance
    with np.errstate(over="ignore", invalid="ignore"):
        as_stored = got == right.astype(got.dtype)  # as near as a number of 16 or 32 bits can come
    return as_stored | np.isclose(got.astype(np.float64), right, rtol=relative, atol=absolute)


def _items(places: tuple[int, ...]) -> str:
    """Which of the values of a tuple are wrong, counted as one speaks: from the first."""
    named = [f"the {ORDINALS[place]}" if place < len(ORDINALS) else f"number {place + 1}" for place in places]
    return f"{' and '.join(named)} value {'is' if len(places) == 1 else 'are'} wrong."


def _place(place: tuple[int, ...]) -> str:
    """Where a value stands, counted as one speaks; far out or in many axes as Python counts."""
    if len(place) > 2 or max(place) >= len(ORDINALS):
        return f"at {list(place)}, counted from 0"
    first, *column = [ORDINALS[at] for at in place]
    return f"in the {first} row, {column[0]} column" if column else f"the {first} number"
