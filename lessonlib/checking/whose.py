"""A wrong answer of somebody else: which mistake was made?

A week later, 390 pupils knew more if they had explained wrong solutions than if they had solved more problems (McLaren,
Adams and Mayer 2015).
"""

import random
import re
from typing import TYPE_CHECKING, NamedTuple

from lessonlib.checking.comparing import show
from lessonlib.checking.kinds import Choice

if TYPE_CHECKING:
    from lessonlib.checking.exercise import Exercise

CHOICES = 4


class Whose(NamedTuple):
    """answer: as it is shown. mistakes: of CHOICES of them the name, what is said of it, what it gives. made: the name of one."""

    answer: str
    mistakes: tuple[tuple[str, str, str], ...]
    made: str


def whose_mistake(exercise: "Exercise", most: int | None = None) -> Whose | None:
    """One wrong answer of an exercise, always the same one for the same numbers; None where it knows too few mistakes.

    most: of how many mistakes, those that are made most.
    """
    if isinstance(exercise.kind, Choice) or exercise.key.cases or exercise.kind.needs_time:
        return None
    choose = random.Random(f"{exercise.name} {exercise.seed}")
    known = [(each.name, each.because, show(each.gives)) for each in exercise.key.mistakes[:most]]
    choose.shuffle(known)
    shape = {each.name: getattr(each.gives, "shape", ()) for each in exercise.key.mistakes}
    right = getattr(exercise.key.right, "shape", ())
    known.sort(key=lambda mistake: shape[mistake[0]] != right)  # another form would give it away
    made = next((mistake for mistake in known if not _tells(mistake, exercise.key.fact)), None)
    if made is None or len(known) < CHOICES:
        return None
    others = [mistake for mistake in known if mistake is not made]
    others.sort(key=lambda mistake: " right" in mistake[1])  # half of it could be true here as well
    among = [made, *others[: CHOICES - 1]]
    choose.shuffle(among)
    return Whose(made[2], tuple(among), made[0])


def _tells(mistake: tuple[str, str, str], fact: str) -> bool:
    """Whether its sentence, or what a right answer is told, names the answer; or the answer can't be shown."""
    _, because, gives = mistake
    told = because if gives.isdigit() else f"{because} {fact}"  # a fact has many a single number
    named = re.search(rf"(?<![\d,.]){re.escape(gives)}(?![\d,.]*\d)", told)
    return named is not None or gives.startswith(("a ", "an "))
