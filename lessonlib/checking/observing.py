"""An answer as plain data: arrays of floats, text, tuples and dictionaries of them. Nothing of the student's goes further."""

from itertools import chain, islice
from numbers import Number
from typing import Any

import numpy as np
import torch
from torch import nn

from lessonlib.checking.comparing import Plain, show

MOST_VALUES = 10**6  # of an array
LONGEST = 10_000  # a list, whose values are read one by one
DEEPEST = 8  # lists in lists
SHORT = 1000  # values, or letters of a text: what is read without a process of its own
SINGLE = (type(...), type(None), bool, int, float, complex, bytes)


class Refused(Exception):
    """An answer that can't be judged, with a sentence for the student; {form} stands for the form that is asked."""


def is_short(answer: Any) -> bool:
    """Whether the answer is brief and made of Python's own exact types: to read it runs nobody's code, and soon ends."""
    items = [answer]
    for item in items:
        kind = type(item)
        if kind is list or kind is tuple or kind is dict:
            items += islice(chain(item, item.values()) if kind is dict else item, SHORT + 1)
        elif not (kind is str and len(item) <= SHORT or any(kind is single for single in SINGLE)):
            return False
        if len(items) > SHORT:
            return False
    return True


def is_open(answer: Any, depth: int = DEEPEST) -> bool:
    """Whether there are still dots in the answer."""
    answer = list(answer.values()) if isinstance(answer, dict) else answer
    is_list = isinstance(answer, (list, tuple)) and depth and len(answer) <= LONGEST
    return answer is ... or (bool(is_list) and any(is_open(each, depth - 1) for each in answer))


def numbers(answer: Any, depth: int = DEEPEST) -> Plain:
    """A number, or a list, array or tensor of numbers: a float array, or a tuple of such where rows differ in length."""
    if isinstance(answer, (list, tuple, range)):
        if not depth:
            raise Refused("This is a list in a list, and so on without end: give {form}.")
        if len(answer) > LONGEST:
            raise Refused(f"This is a {type(answer).__name__} of length {len(answer):,}: give {{form}}.")
        return _of_list([numbers(each, depth - 1) for each in answer])
    if isinstance(answer, torch.Tensor):
        return _of_tensor(answer)
    if not isinstance(answer, (np.ndarray, np.generic)) and hasattr(answer, "__array__"):  # such as a table of pandas
        answer = np.asarray(answer)
    if isinstance(answer, (np.ndarray, np.generic)):
        return _of_array(np.asarray(answer))
    if isinstance(answer, bool) or not isinstance(answer, Number):
        raise Refused(_what_it_is(answer))
    return _of_array(np.asarray(_as_float(answer)))


def words(answer: Any) -> tuple[str, ...] | None:
    """One text or several, as a tuple of texts in small letters without blanks and signs around them."""
    if isinstance(answer, np.ndarray):
        answer = answer.ravel().tolist()
    if isinstance(answer, Number) and not isinstance(answer, bool):
        answer = show(answer)
    several = [answer] if isinstance(answer, str) else answer
    if not isinstance(several, (list, tuple, set, frozenset)) or not all(isinstance(each, str) for each in several):
        return None
    return tuple(normal(each) for each in several)


def normal(text: str) -> str:
    """A text as it is compared: small letters, one blank between words, no articles before others, no other signs."""
    kept = "".join(sign if sign.isalnum() or sign in "%" else " " for sign in text.lower()).replace(" %", "%").split()
    return " ".join([word for word in kept if word not in ("a", "an", "the")] or kept)


def plain(value: Any) -> Plain:
    """What a view found, as plain data: numbers as arrays, text as it is."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, (str, type(None))):
        return value
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    return numbers(value)


def _of_list(items: list) -> Plain:
    if any(isinstance(each, tuple) for each in items) or len({each.shape for each in items}) > 1:
        return tuple(items)
    return np.stack(items) if items else np.zeros(0)


def _of_tensor(tensor: torch.Tensor) -> Plain:
    tensor = tensor.detach().resolve_conj().resolve_neg().cpu()
    return _of_array((tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy())  # NumPy has no bfloat16


def _of_array(array: np.ndarray) -> Plain:
    if array.size > MOST_VALUES:
        raise Refused(f"This is an array of shape {array.shape}: give {{form}}.")
    if array.dtype.kind == "O":
        return numbers(array.tolist()) if array.ndim else numbers(array.item())
    if array.dtype.kind in "US":
        raise Refused(_what_it_is(""))
    if array.dtype.kind == "c" and not np.imag(array).any():
        array = array.real
    if array.dtype.kind not in "iuf":
        raise Refused(f"This is an array of {array.dtype}: give {{form}}.")
    return array if array.dtype in (np.float16, np.float32, np.float64) else array.astype(np.float64)


def _as_float(number: Any) -> float:
    """A number of any kind (fractions, decimals, complex ones without imaginary part) as a float."""
    if isinstance(number, complex) and number.imag == 0:
        number = number.real
    try:
        return float(number)
    except OverflowError:
        raise Refused(f"{show(number)}: that is too {'large' if number > 0 else 'small'}.") from None
    except (TypeError, ValueError):
        raise Refused(_what_it_is(number)) from None


def _what_it_is(answer: Any) -> str:
    """A sentence on an answer that holds no numbers."""
    kind = type(answer).__name__
    if isinstance(answer, str):
        return "this is text: give {form}, without quotes."
    if isinstance(answer, bool):
        return f"this is {answer}: give {{form}}."
    if answer is None:
        return "this is None, as from a function without `return`: give {form}."
    if isinstance(answer, complex):
        return "this number has an imaginary part: give {form}."
    if isinstance(answer, nn.Module):
        return "this is a layer: give {form}."
    if isinstance(answer, dict):
        return "a dictionary has names: give {form}."
    if isinstance(answer, (set, frozenset)):
        return "a set has no order: give {form}."
    if hasattr(answer, "__next__"):
        return f"this is a `{kind}`, which hands out its values later: give {{form}}."
    return f"{kind} can't be read as numbers: give {{form}}."
