"""The sheet of a lesson: its exercises, each under its name, and what a student has answered."""

import difflib
import importlib
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lessonlib.checking.exercise import Exercise, Mistake
from lessonlib.checking.practice import Diary, Entry
from lessonlib.checking.report import Outcome
from lessonlib.tables import Table

EXERCISES = "lessonlib.exercises"  # where the sheets of the lessons are


class Sheet:
    """The exercises of one lesson, each under its name, its drills, and how far a student has come.

    A notebook has the sheet alone, so that Tab shows what can be answered, and no mistake that would tell how. A drill stands
    in no notebook: it asks, with other numbers each time, what one must be able to do by hand.
    """

    def __init__(self) -> None:
        self.exercises: list[Exercise] = []
        self.drills: list[Exercise] = []
        self._outcomes: dict[tuple[str, int | None], Outcome] = {}
        self.answers: dict[tuple[str, int | None], Any] = {}  # for marks, which judge them anew
        self._practised: Exercise | None = None  # what practice() asks, until it is done

    def __dir__(self) -> list[str]:
        return [*(each.name for each in self.exercises + self.drills), "progress", "practice"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)  # whatever looks an object over, such as copy or IPython
        close = difflib.get_close_matches(name, dir(self), n=1)
        hint = f": do you mean {close[0]}?" if close else f": there are {', '.join(dir(self))}"
        raise AttributeError(f"this lesson has no exercise {name!r}{hint}")

    def exercise(self, **data: Any) -> Callable:
        """Decorator: makes an Exercise of the reference below it. mistakes: {name: (answer, because)}."""
        return self._registered(self.exercises, **data)

    def drill(self, **data: Any) -> Callable:
        """Decorator: the same for a drill."""
        return self._registered(self.drills, **data)

    def _registered(self, kept: list[Exercise], mistakes: Any = (), **data: Any) -> Callable:
        def register(reference: Callable) -> Any:
            known = [Mistake(name, *each) for name, each in dict(mistakes).items()]
            exercise = Exercise(reference, sheet=self, mistakes=known, **data)
            if hasattr(type(self), exercise.name) or exercise.name in vars(self):
                raise ValueError(f"{exercise.name} is taken on this sheet: give the exercise another name")
            kept.append(exercise)
            setattr(self, exercise.name, exercise)
            return exercise

        return register

    @property
    def with_others(self) -> list[Exercise]:
        """What can be asked again with other numbers: exercises of the lesson, and its drills."""
        return [each for each in self.exercises + self.drills if each.draw]

    def note(self, exercise: Exercise, outcome: Outcome, answer: Any) -> None:
        """Keep both, of the lesson's own question and of each of the others, where what was right once stays right."""
        if outcome == Outcome.NOTE:  # nothing was judged
            return
        if self._outcomes.get((exercise.name, exercise.seed)) != Outcome.RIGHT:
            self._outcomes[exercise.name, exercise.seed] = outcome
            self.answers[exercise.name, exercise.seed] = answer
        if outcome != Outcome.OPEN:
            self._comes_back(exercise, outcome == Outcome.RIGHT)
        if exercise is self._practised and outcome == Outcome.RIGHT:
            self._practised = None

    def solved(self, exercise: Exercise) -> None:
        """Whoever has seen the solution did not know it, unless the answer had been right."""
        if self._outcomes.get((exercise.name, exercise.seed)) != Outcome.RIGHT:
            self._comes_back(exercise, False)
        if exercise is self._practised:
            self._practised = None

    def _comes_back(self, exercise: Exercise, is_right: bool) -> None:
        if exercise.draw is not None and exercise.reference.__module__.startswith(f"{EXERCISES}."):
            Diary().note(exercise.full_name, is_right, came_back=exercise.seed is not None)

    def outcome(self, exercise: Exercise) -> Outcome:
        """Of the latest answer to the lesson's own question."""
        return self._outcomes.get((exercise.name, None), Outcome.OPEN)

    def progress(self) -> Table:
        """Which exercises of the lesson are answered, as a table."""
        outcomes = [exercise.outcome for exercise in self.exercises]  # a symbol alone is not read aloud
        states = [f"{outcome.symbol} {outcome}" for outcome in outcomes]
        return Table(["state", "exercise"], list(zip(states, (each.title for each in self.exercises), strict=True)))

    def practice(self) -> Exercise:
        """A question that is due today, of this lesson or another, with other numbers: `exercise.practice().check(...)`.

        What you have answered comes back after one day, after three more, and after seven more. Where nothing is due, it is
        one at random, with yet others, which counts only if it is new. Call it again for the next one, once the answer was
        right or you have seen the solution.
        """
        if self._practised is None:
            diary = Diary()
            entries = {name: entry for name, entry in diary.entries.items() if _exercise(name)}
            due = [name for name in diary.due() if name in entries]
            name = due[0] if due else random.choice([*entries, *(exercise.full_name for exercise in self.with_others)])
            entry = entries.get(name, Entry())
            asked = _exercise(name).another(entry.seed if due else entry.seed_beside)
            self._practised = replace(asked, called="exercise.practice()", sheet=self)
            print(f"{len(due)} due today." if due else "Nothing is due today. Here is one at random.")
        return self._practised


def _exercise(full_name: str) -> Any:
    """The exercise, or None where the course has it no more."""
    lesson, _, name = full_name.partition(".")
    try:
        return getattr(importlib.import_module(f"{EXERCISES}.{lesson}").sheet, name)
    except (ImportError, AttributeError):
        return None
