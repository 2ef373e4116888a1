"""What an answer may be, and what of it counts: numbers, a choice, a function, or what a layer or network does.

observe turns an answer into plain data, or raises Refused with a sentence for the student. It alone meets the student's
objects, and catches no KeyboardInterrupt: the stop button is no answer. needs_time: whether it runs the student's code.
"""

import copy
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn

from lessonlib.checking.apart import describe
from lessonlib.checking.comparing import COUNT, WHOLE, Difference, difference, show
from lessonlib.checking.observing import Refused, is_open, normal, numbers, plain, words
from lessonlib.checking.report import Report


class Call:
    """The arguments of one case, as they are handed to a student's function."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args, self.kwargs = args, kwargs

    def __repr__(self) -> str:
        named = [f"{name}={_argument(value)}" for name, value in self.kwargs.items()]
        return f"({', '.join([*map(_argument, self.args), *named])})"

    def came(self, called: str, shown: str) -> str:
        """What was called and what came of it, before the sentence that explains it."""
        return f"`{called}{self}` gives {shown}: "

    def of(self, function: Any) -> tuple[Any, bool]:
        """(result, whether it wrote into its arguments), on copies of them, so that no answer can change a case."""
        args, kwargs = copy.deepcopy((self.args, self.kwargs))
        result = function(*args, **kwargs)
        pairs = zip((*self.args, *self.kwargs.values()), (*args, *kwargs.values()), strict=True)
        return result, any(not np.array_equal(old, new) for old, new in pairs if isinstance(old, np.ndarray))


class Kind:
    """What all kinds share.

    Each has observe(answer): the answer as plain data, or Refused where it can't be judged; and difference(observed,
    right): how the answer first differs from the right one.
    """

    needs_time = False
    observe: Callable[..., Any]
    difference: Callable[..., Difference | None]

    def agrees(self, observed: Any, theirs: Any) -> bool:
        """Whether an answer is the one of a mistake."""
        return self.difference(observed, theirs) is None

    def every(self) -> list:
        """All that can be answered, where it can be counted."""
        return []

    def to_dict(self) -> dict[str, Any]:
        """The kind by its name, and its settings as data."""
        return {"kind": type(self).__name__.lower()} | self._settings()

    def _settings(self) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Numbers(Kind):
    """A number, or an array, list or tuple of numbers. tolerance: how far one may be off, absolute and relative."""

    tolerance: float | None = None

    def observe(self, answer: Any) -> Any:
        if inspect.isroutine(answer):
            raise Refused(f"This is a function: hand over its result, `check({answer.__name__}(...))`.")
        return numbers(answer)

    def difference(self, observed: Any, right: Any) -> Difference | None:
        is_one = isinstance(right, np.ndarray) and right.size == 1
        return difference(observed, right, self.tolerance, COUNT if is_one else WHOLE)

    def _settings(self) -> dict[str, Any]:
        return {"tolerance": self.tolerance}


@dataclass(frozen=True)
class Side(Numbers):
    """The side of a square in pixels: 5 and (5, 5) say the same."""

    def observe(self, answer: Any) -> Any:
        observed = super().observe(answer)
        is_pair = not isinstance(observed, tuple) and observed.shape == (2,) and observed[0] == observed[1]
        return np.asarray(observed[0]) if is_pair else observed


@dataclass(frozen=True)
class Choice(Kind):
    """One of some words, or a tuple of them, one for each of labels. any_of: whether one of several right words is enough.

    also: {another name: word}, of words that are known by other names.
    """

    words: tuple
    labels: tuple = ()
    any_of: bool = False
    also: dict = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.labels) or 1

    def observe(self, answer: Any) -> Any:
        if inspect.isroutine(answer):
            raise Refused(f"This is a function: hand over its result, `check({answer.__name__}(...))`.")
        is_unordered = self.count > 1 and isinstance(answer, (set, frozenset))
        given = None if is_unordered else words(answer)
        if isinstance(answer, str) and (self.any_of or self.count > 1):  # "neither, invariant and neither"
            given = tuple(filter(None, map(normal, re.split(r"[,;/\n]|\band\b", answer))))
            if len(given) == 1 and self.count > 1:
                given = tuple(given[0].split())
        known = tuple(map(self._known, given or ()))
        if not known or None in known or (not self.any_of and len(known) != self.count):
            raise Refused(f"{_shown(answer)}{self._offer()}.")
        if self.any_of:
            return tuple(sorted({each for each in known if each}))
        return known if self.count > 1 else known[0]

    def difference(self, observed: Any, right: Any) -> Difference | None:
        if self.any_of:
            wrong = [each for each in observed if each not in right]
            return difference(wrong[0], right[0]) if wrong else None
        return difference(observed, right)

    def agrees(self, observed: Any, theirs: Any) -> bool:
        return bool(set(observed) & set(theirs)) if self.any_of else observed == theirs

    def _settings(self) -> dict[str, Any]:
        names = {"choices": list(self.words), "labels": list(self.labels)}
        return names | {"count": self.count, "any_of": self.any_of}

    def every(self) -> list:
        """All combinations of the words; where any of several will do, each of them alone."""
        is_single = self.count == 1 and not self.any_of
        return list(self.words) if is_single else list(product(self.words, repeat=self.count))

    def _known(self, word: str) -> str | None:
        """The word as it is offered: "relus" and "relu" are "ReLU", 70 is "70%"."""
        forms = [form.replace(" ", "") for form in (word, word.removesuffix("s"), f"{word}%")]
        names = {each: each for each in self.words} | self.also
        return next((names[each] for each in names if normal(each).replace(" ", "") in forms), None)

    def _offer(self) -> str:
        offered = ", ".join(map(show, self.words))
        if self.any_of:
            return f"choose one or more of {offered}"
        many = {2: "two", 3: "three"}.get(self.count)
        return f"choose {many} of these words, in one tuple: {offered}" if many else f"choose one of {offered}"


@dataclass(frozen=True)
class Function(Kind):
    """A function, judged by what it gives for its cases, from simple to general."""

    cases: tuple
    result: Numbers = field(default_factory=Numbers)
    needs_time = True

    def observe(self, answer: Any) -> Any:
        """A tuple: for each case the result as plain data, or the sentence on why there is none.

        One more sentence stands at its end where the function wrote into its arguments.
        """
        if not callable(answer):
            raise Refused(f"This is {show(answer)}: hand over the function itself, its name without parentheses.")
        writes: list[Refused] = []
        results = []
        for case in self.cases:
            results.append(self._observe_case(answer, case, writes))
        return (*results, *writes[:1])

    def _settings(self) -> dict[str, Any]:
        return {"cases": [str(case) for case in self.cases]}

    def _observe_case(self, function: Any, case: Call, writes: list[Refused]) -> Any:
        call = f"`{name(function)}{case}`"
        self._can_be_called(function, case)
        try:
            result, wrote = case.of(function)
        except (Refused, MemoryError):
            raise
        except RecursionError:
            return Refused(f"{call} calls itself without end: where does it stop?")
        except (Exception, SystemExit) as error:
            return Refused(f"{call} raised {describe(error)}")
        if wrote:
            writes.append(
                Refused(f"{call} is right, but it writes into its argument, which whoever calls it may still need.")
            )
        if isinstance(result, Report):
            raise Refused("Your code calls `check` itself: call it after the function, not inside.")
        if result is None:
            return Refused(f"{call} gives None: is there a `return`?")
        if inspect.isroutine(result):
            return Refused(f"{call} gives a function, `{_argument(result)}`: give what it computes.")
        if is_open(result):
            return ...
        try:
            return copy.deepcopy(self.result.observe(result))  # it may be kept in an array that the next case fills
        except Refused as reason:
            return Refused(f"{call} gives {show(result)}: {reason}")

    def _can_be_called(self, function: Any, case: Call) -> None:
        try:
            inspect.signature(function).bind(*case.args, **case.kwargs)
        except TypeError as error:
            raise Refused(
                f"It can't be called as `{name(function)}{case}`: {error}. Keep the arguments of the task."
            ) from None
        except ValueError:
            pass  # some functions written in C don't tell their arguments

    def difference(self, observed: Any, right: Any) -> Difference | None:
        """Of one case. A map of one row is a map, with two axes; those of a batch may stand before them."""
        are_arrays = isinstance(observed, np.ndarray) and isinstance(right, np.ndarray)
        if are_arrays and right.ndim > 1 and observed.ndim < right.ndim:
            return Difference("shape", observed.shape, right.shape)
        return difference(observed, right, self.result.tolerance)


class Seen(dict):
    """A mistake told by some of what a view sees, in place of an answer that makes it."""


@dataclass(frozen=True)
class Behaviour(Kind):
    """A kernel, layer or network, judged by what it does. view: from the answer to {what: plain value}.

    The view may raise ValueError with a sentence for the student. It gets a module with 32 bits, on the CPU and in
    evaluation mode, as a copy.
    """

    view: Callable[[Any], dict]
    tolerance: float | None = None
    needs_time = True

    def observe(self, answer: Any) -> Any:
        if isinstance(answer, Seen):
            return plain(dict(answer))
        if inspect.isroutine(answer):
            raise Refused(f"This is a function: hand over its result, `check({answer.__name__}(...))`.")
        if isinstance(answer, nn.Module):
            answer = _as_usual(answer)
        try:
            return plain(self.view(answer))
        except ValueError as reason:
            raise Refused(str(reason)) from None
        except (Refused, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            raise Refused(f"Your code raised {describe(error)}") from None

    def difference(self, observed: Any, right: Any) -> Difference | None:
        return difference(observed, right, self.tolerance)

    def _settings(self) -> dict[str, Any]:
        return {"view": self.view.__name__, "tolerance": self.tolerance}


def _as_usual(module: nn.Module) -> nn.Module:
    try:
        return copy.deepcopy(module).to("cpu", torch.float32).eval()
    except Exception as error:
        raise Refused(f"This {type(module).__name__} can't be copied to the CPU: {describe(error)}") from None


def name(function: Any) -> str:
    try:
        given = function.__name__
    except Exception:  # an object without a name, or one whose own methods fail
        return "your function"
    return "your function" if given == "<lambda>" else str(given)


def _shown(answer: Any) -> str:
    text = "" if isinstance(answer, (list, tuple)) else show(answer)
    return f"{text}: " if text and len(text) <= 60 else ""


def _argument(value: Any) -> str:
    if inspect.isroutine(value):
        return name(value).lstrip("_")
    return repr(value) if isinstance(value, (bool, int, float, str, tuple)) else show(value)
