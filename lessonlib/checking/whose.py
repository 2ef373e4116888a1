"""A wrong answer of somebody else: which mistake was made?

A week later, 390 pupils knew more if they had explained wrong solutions than if they had solved more problems (McLaren,
Adams and Mayer 2015).
"""

import random
import re
from typing import TYPE_CHECKING, NamedTuple

from lessonlib.checking.comparing import show

if TYPE_CHECKING:
    from lessonlib.checking.exercise import Exercise

CHOICES = 4


class Whose(NamedTuple):
    """answer: as it is shown. mistakes: names of CHOICES of them, sentences what is said of each. made: which of them it was."""

    answer: str
    mistakes: tuple[str, ...]
    sentences: tuple[str, ...]
    made: str


def whose_mistake(exercise: "Exercise") -> Whose | None:
    """One wrong answer of an exercise, always the same one for the same numbers; None where it knows too few mistakes."""
    known = list(exercise.key.mistakes)
    choose = random.Random(f"{exercise.name} {exercise.seed}")
    choose.shuffle(known)
    if exercise.key.cases or exercise.kind.needs_time or len(known) < CHOICES:
        return None
    shown = next((mistake for mistake in known if not _tells(mistake.because, show(mistake.gives))), None)
    if shown is None:
        return None
    among = [shown, *[mistake for mistake in known if mistake is not shown][: CHOICES - 1]]
    choose.shuffle(among)
    names, sentences = zip(*((mistake.name, mistake.because) for mistake in among), strict=True)
    return Whose(show(shown.gives), names, sentences, shown.name)


def _tells(sentence: str, answer: str) -> bool:
    """Whether a sentence names the answer that it is about."""
    return re.search(rf"(?<![\d,.]){re.escape(answer)}(?![\d,.]*\d)", sentence) is not None
