"""From what was observed of an answer to what is said of it. Pure: the same data give the same words."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from lessonlib.checking.comparing import difference, form, in_rows, phrase, show
from lessonlib.checking.observing import Refused
from lessonlib.checking.report import Outcome


@dataclass(frozen=True)
class Known:
    """A mistake as an exercise knows it: its name, what it gives, and the sentence that explains it."""

    name: str
    gives: object
    because: str


@dataclass(frozen=True)
class Key:
    """All that is needed to explain an answer. For a function, right and gives hold a result for each case."""

    kind: Any
    right: Any
    mistakes: tuple
    fact: str
    call: str  # what the student writes before .check
    is_percent: bool = False  # whether the task asks for per cent

    @property
    def cases(self) -> tuple | None:
        return getattr(self.kind, "cases", None)


class Verdict(NamedTuple):
    """What is said of an answer that can be foreseen. As JSON it is a list.

    says: the sentence, in which {yours} stands for the answer as it was written. It calls for no hint: where it is
    told, a hint has a call or a button. name: of the mistake, if it is a known one.
    """

    gives: Any
    outcome: Outcome
    says: str
    name: str | None


def has_dots(observed: Any) -> bool:
    """Whether the answer, or what it gives for a case, is still dots."""
    return observed is ... or (isinstance(observed, tuple) and any(result is ... for result in observed))


def explain(observed: Any, key: Key, called: str = "your function") -> tuple[Outcome, str, str | None]:
    """(outcome, message, name of the mistake or None). observed: plain data, or Refused."""
    results, right = (observed, key.right) if key.cases and isinstance(observed, tuple) else ((observed,), (key.right,))
    pairs = enumerate(zip(results, right, strict=False))
    wrong = [i for i, (result, theirs) in pairs if isinstance(result, Refused) or _differs(key, result, theirs)]
    # A function's results may end in one more: that it wrote into its argument.
    if not wrong and len(results) > len(right):
        return Outcome.WRONG, str(results[-1]), None
    if not wrong:
        return Outcome.RIGHT, key.fact, None
    first = results[wrong[0]]
    if isinstance(first, Refused):
        return Outcome.WRONG, _capital(str(first).replace("{form}", form(right[wrong[0]]))), None
    came = _came(key, results, wrong[0], called)
    mistake = _recognised(key, results, right, wrong)
    if mistake:
        return Outcome.WRONG, _capital(came + mistake.because), mistake.name
    outcome = Outcome.NOTE if not key.cases and _is_in_another_form(first, key.right) else Outcome.WRONG
    return outcome, _capital(came + _unforeseen(key, first, right[wrong[0]])), None


def _is_in_another_form(result: Any, right: Any) -> bool:
    """Whether its numbers are right, but do not stand in rows: that is a slip of writing."""
    are_arrays = isinstance(result, np.ndarray) and isinstance(right, np.ndarray)
    return are_arrays and result.ndim < right.ndim and difference(result, right.ravel()) is None


def foreseen(key: Key) -> list[Verdict]:
    """A Verdict on the right answer, on each mistake and each usual slip, or on all words that can be chosen."""
    verdicts = [_verdict(key, gives) for gives in ([] if key.cases else _answers(key))]
    return sorted(verdicts, key=lambda verdict: (verdict.outcome != Outcome.RIGHT, verdict.name is None))


def _verdict(key: Key, gives: Any) -> Verdict:
    outcome, message, name = explain(gives, key)
    came, says = _came(key, (gives,), 0, ""), message.removesuffix(_hint(key))
    is_told = came and outcome != Outcome.RIGHT
    return Verdict(gives, outcome, f"{{yours}}: {says[len(came) :]}" if is_told else says, name)


def _answers(key: Key) -> list:
    """What can be foreseen of the answers to a question, no two of them alike."""
    answers = key.kind.every() or [key.right, *(known.gives for known in key.mistakes)]
    for _, slip in _usual(key.right, key.is_percent) if isinstance(key.right, np.ndarray) else ():
        with suppress(Refused):
            slip = key.kind.observe(slip)
            if not any(alike(key, slip, other) for other in answers):
                answers.append(slip)
    return answers


def alike(key: Key, one: Any, other: Any) -> bool:
    """Whether nothing of what is observed tells two answers apart: a mistake from the right answer, or from another."""
    pairs = zip(one, other, strict=False) if key.cases else [(one, other)]
    return not any(_differs(key, result, theirs) for result, theirs in pairs)


def _differs(key: Key, result: Any, theirs: Any) -> bool:
    if isinstance(result, Refused) or isinstance(theirs, Refused):
        return type(result) is not type(theirs)
    return key.kind.difference(result, theirs) is not None


def _agrees(key: Key, result: Any, theirs: Any) -> bool:
    if isinstance(result, Refused) or isinstance(theirs, Refused):
        return type(result) is type(theirs)
    return key.kind.agrees(result, theirs)


def _recognised(key: Key, results: tuple, right: tuple, wrong: list[int]) -> Known | None:
    """The mistake that gives the first wrong result, and most of those that are wrong in either of the two.

    Cases go from simple to general: a later result may differ, or be an error, for a second reason.
    """
    agreements = []
    for mistake in key.mistakes:
        theirs = mistake.gives if key.cases else (mistake.gives,)
        agrees = [_agrees(key, result, their) for result, their in zip(results, theirs, strict=False)]
        their_wrong = [i for i, their in enumerate(theirs[: len(right)]) if _differs(key, their, right[i])]
        telling = [i for i in {*wrong, *their_wrong} if Refused not in (type(results[i]), type(theirs[i]))]
        if agrees[wrong[0]] and 2 * sum(agrees[i] for i in telling) > len(telling):
            agreements.append((sum(agrees), mistake))
    return max(agreements, key=lambda agreement: agreement[0])[1] if agreements else None


def _came(key: Key, results: tuple, i: int, called: str) -> str:
    """What the answer gives, if that can be shown in a few words."""
    shown = show(results[i])
    if key.cases:
        return key.cases[i].came(called, shown)
    return "" if isinstance(results[i], dict) or len(shown) > 60 else f"{shown}: "


def _unforeseen(key: Key, result: Any, right: Any) -> str:
    """What can be said of a wrong answer that no mistake of the exercise explains."""
    if isinstance(right, dict):
        return phrase(key.kind.difference(result, right))
    if isinstance(right, np.ndarray) and isinstance(result, np.ndarray):
        for sentence, other in _usual(right, key.is_percent):
            if difference(result, other) is None and difference(np.asarray(other), right):
                return sentence + _hint(key)
    return phrase(key.kind.difference(result, right), tell=bool(key.cases)) + _hint(key)


def _hint(key: Key) -> str:
    return f" `{key.call}.hint()` helps."


def _usual(right: Any, is_percent: bool) -> Iterator[tuple[str, np.ndarray]]:
    """Slips that can happen in every exercise: a sentence, and what they make of the right answer."""
    yield "the sign is the other way round.", -right
    yield "the sign is lost.", np.abs(right)
    if np.trunc(right).any():
        yield "the fraction is cut off. An array of whole numbers holds no fractions.", np.trunc(right)
    if is_percent and (abs(right) > 1).any() and (abs(right) <= 100).all():
        yield "this is a share, and per cent are asked.", right / 100
    if (abs(right) <= 1).all() and right.any():
        yield "these are per cent, and a share is asked.", right * 100
    yield "the numbers are right, but in reverse order.", np.flip(right)
    if right.ndim > 1:
        yield "rows and columns are swapped.", right.swapaxes(-1, -2)
        yield f"the numbers are right, but it should be {in_rows(right.shape)}.", right.ravel()


def _capital(sentence: str) -> str:
    """The sentence with a capital letter, unless it begins with a name of the code."""
    is_name = "_" in sentence.partition(" ")[0] or sentence.startswith("nn.")
    return sentence if is_name else sentence[:1].upper() + sentence[1:]
