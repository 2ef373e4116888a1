"""Exercises as data, the questions that they ask, and the sheet of a lesson."""

import ast
import difflib
import hashlib
import inspect
import io
import itertools
import random
import textwrap
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from lessonlib.arguments import whole_number
from lessonlib.checking.apart import run_apart, untouched
from lessonlib.checking.explaining import Key, Known, explain
from lessonlib.checking.kinds import Function, Numbers
from lessonlib.checking.kinds import name as name_of
from lessonlib.checking.observing import Refused, is_open
from lessonlib.checking.report import NOTE, OPEN, OUTCOMES, RIGHT, WRONG, Report
from lessonlib.tables import Table

STATES = {RIGHT: f"{RIGHT} right", WRONG: f"{WRONG} wrong", OPEN: f"{OPEN} open"}  # a sign alone is not read aloud
MOST_DRAWS = 1000  # until numbers are found that tell all mistakes apart


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give: its name, the answer (or a function that computes it), and why it is wrong."""

    name: str
    answer: object
    because: str


@dataclass(frozen=True, eq=False)
class Exercise:
    """What is asked, what is right, and which mistakes are known.

    reference: a function; what it returns is the right answer, or it is the answer itself where a Function is asked.
    title, task: what is asked, in a few words and in a sentence. hints: sentences, the last nearly code. fact: one new
    thing, told with ✓. kind: what an answer may be. seconds: how long it may take.
    given: the numbers of the lesson's own question, handed to reference and mistakes by name; texts hold them as in an
    f-string, "{size - 1} pixels". draw: from a random.Random to other numbers for `given`. shows: what the notebook
    draws beside the question. sheet: the Sheet it is on.
    """

    reference: Callable
    title: str
    task: str
    hints: list
    fact: str
    kind: Any = field(default_factory=Numbers)
    seconds: float = 5
    given: dict = field(default_factory=dict)
    draw: Callable | None = None
    shows: object = None
    sheet: "Sheet | None" = None
    mistakes: list = field(default_factory=list)

    def __repr__(self) -> str:
        return f"Exercise: {self.title}. {self.first.key.task}"

    def __dir__(self) -> list[str]:
        return dir(self.first)

    @property
    def name(self) -> str:
        return self.reference.__name__

    @cached_property
    def version(self) -> str:
        """Eight digits that change with the task and the solution."""
        return hashlib.sha256(f"{self.task}{self.solution_source()}".encode()).hexdigest()[:8]

    @property
    def outcome(self) -> str:
        """right, wrong or open: the latest answer to the lesson's own question. What a grader asks for."""
        return OUTCOMES[self.sheet.symbol(self) if self.sheet is not None else OPEN]

    def mistake(self, because: str, name: str | None = None) -> Callable:
        """Decorator: the function below computes a wrong answer, or is one, and because says why it is wrong."""

        def register(answer: Any) -> Any:
            self.mistakes.append(Mistake(name or answer.__name__, answer, because))
            return answer

        return register

    @cached_property
    def first(self) -> "Question":
        """The question with the lesson's own numbers."""
        return Question(self, self.given)

    def check(self, answer: Any, *more: Any) -> Report:
        """A Report on the answer. Never raises, leaves nothing behind, and ends after a few seconds (see apart.py)."""
        return self.first.check(answer, *more)

    def hint(self) -> Report:
        """The next hint at each call; after the last one it stays."""
        return self.first.hint()

    def solution(self) -> Report:
        """The source of the reference."""
        return self.first.solution()

    def another(self, seed: int | None = None) -> "Question":
        """The same question with other numbers; a seed, a whole number, gives the same ones again."""
        if self.draw is None:
            raise ValueError(f"{self.name} has no numbers that could be others")
        if seed is None:
            seed = random.SystemRandom().randrange(1, 1000)
        seed = whole_number("seed", seed)
        numbers = random.Random(seed)
        questions = (Question(self, self.draw(numbers), seed) for _ in range(MOST_DRAWS))
        return next(each for each in questions if each.tells_mistakes_apart())

    def solution_source(self) -> str:
        """The reference as a student would write it: its source without the decorators."""
        source = textwrap.dedent(inspect.getsource(self.reference))
        return "\n".join(source.splitlines()[ast.parse(source).body[0].lineno - 1 :])

    def to_dict(self) -> dict[str, Any]:
        """The exercise as data, with the right answer and the mistakes: for a page or a grader."""
        return self.first.to_dict()


class Question:
    """An exercise with its numbers: check(answer), hint(), solution() and another() are what a student calls."""

    def __init__(self, exercise: Exercise, given: dict[str, Any], seed: int | None = None) -> None:
        self._exercise, self._given, self._seed = exercise, given, seed
        self._hints_given = itertools.count(1)

    def __dir__(self) -> list[str]:
        return ["check", "hint", "solution", *(["another"] if self._exercise.draw else [])]

    def __repr__(self) -> str:
        return repr(self._open())

    def _repr_html_(self) -> str:
        return self._open()._repr_html_()

    @property
    def _call(self) -> str:
        """What a student writes to have this question."""
        variant = "" if self._seed is None else f".another({self._seed})"
        return f"exercise.{self._exercise.name}{variant}"

    def _open(self) -> Report:
        call = f"{self._call}.check(...)"
        return self._report(OPEN, self.key.task, code=call if self._seed is not None else "")

    def check(self, answer: Any, *more: Any) -> Report:
        """A Report on the answer. Never raises, leaves nothing behind, and ends after a few seconds (see apart.py)."""
        observed: Any  # plain data, ... where it is open, or Refused
        printed = ""
        if more:
            observed = Refused(
                f"Put your {1 + len(more)} values in one tuple: `check(({', '.join(['...'] * (1 + len(more)))}))`."
            )
        elif is_open(answer):
            observed = ...
        else:
            observed, printed = self._observed(answer)
        if printed:
            print(printed, end="")
        symbol, message, mistake = explain(observed, self.key, name_of(answer))
        if self._exercise.sheet is not None:
            self._exercise.sheet.note(self._exercise, self._seed, symbol)
        return self._report(symbol, message, mistake=mistake)

    def hint(self) -> Report:
        """The next hint at each call; after the last one it stays."""
        number = min(next(self._hints_given), len(self._exercise.hints))
        hint = self.text(self._exercise.hints[number - 1])
        return self._report(NOTE, f"Hint {number} of {len(self._exercise.hints)}: {hint}")

    def solution(self) -> Report:
        """The source of the reference."""
        return self._report(NOTE, "One way to write it:", code=self._solution())

    def another(self, seed: int | None = None) -> "Question":
        """The same question with other numbers; a seed, a whole number, gives the same ones again."""
        return self._exercise.another(seed)

    def tells_mistakes_apart(self) -> bool:
        """Whether every mistake gives another answer than the right one and than every other mistake."""
        answers = [self.key.right, *(each.gives for each in self.key.mistakes)]
        pairs = itertools.combinations(answers, 2)
        return not any(self.key.kind.difference(b, a) is None for a, b in pairs)

    @cached_property
    def key(self) -> Key:
        """The right answer and the mistakes as plain data, found once."""
        exercise, unseen = self._exercise, io.StringIO()
        with untouched(), redirect_stdout(unseen), redirect_stderr(unseen):  # a reference may train
            right = exercise.kind.observe(self.answer(exercise.reference))
            known = [
                Known(each.name, exercise.kind.observe(self.answer(each.answer)), self.text(each.because))
                for each in exercise.mistakes
            ]
        return Key(exercise.kind, right, tuple(known), self.text(exercise.task), self.text(exercise.fact), self._call)

    def to_dict(self) -> dict[str, Any]:
        """The question as data, with the right answer and the mistakes: for a page or a grader."""
        exercise = self._exercise
        return {
            "name": exercise.name,
            "version": exercise.version,
            "title": exercise.title,
            "draw": self._seed,
            "given": self._given,
            **exercise.kind.to_dict(),
            "call": self._call,
            "task": self.key.task,
            "hints": [self.text(hint) for hint in exercise.hints],
            "fact": self.key.fact,
            "right": _as_json(self.key.right),
            "mistakes": [
                {"name": each.name, "gives": _as_json(each.gives), "because": each.because}
                for each in self.key.mistakes
            ],
            "solution": self._solution(),
        }

    def _observed(self, answer: Any) -> tuple[Any, str]:
        """(plain data or Refused, what was printed) of an answer."""
        kind = self._exercise.kind
        try:
            if kind.needs_time:
                observed, printed = run_apart(lambda: kind.observe(answer), self._exercise.seconds)
                return observed, printed if isinstance(kind, Function) else ""
            return kind.observe(answer), ""
        except Refused as reason:
            return reason, ""
        except Exception as error:  # an answer whose own methods fail
            return Refused(
                f"An object of type {type(answer).__name__} can't be read: it raised {type(error).__name__}."
            ), ""

    def answer(self, function: Any) -> Any:
        """What to hand to the kind for a reference or a mistake: a function itself, or its value."""
        if isinstance(self._exercise.kind, Function) or not inspect.isfunction(function):
            return function
        return function(**self._given)

    def text(self, text: str) -> str:
        """A hint, a fact or the sentence to a mistake, with the numbers of the question."""
        return eval("f" + repr(text), {}, dict(self._given)) if self._given else text  # our own texts

    def _solution(self) -> str:
        source = self._exercise.solution_source()
        call = f"{self._exercise.name}({', '.join(f'{name}={value!r}' for name, value in self._given.items())})"
        return f"{source}\n\n\n{call}" if self._given else source

    def _report(self, symbol: str, message: str, code: str = "", mistake: str | None = None) -> Report:
        exercise = self._exercise
        title = exercise.title if self._seed is None else f"{exercise.title}, another ({self._seed})"
        return Report(symbol, title, message, code, exercise.name, exercise.version, self._seed, mistake)


class Sheet:
    """The exercises of one lesson, each under its name, and how far a student has come.

    A notebook has the sheet alone, so that Tab shows what can be answered, and no mistake that would tell how.
    """

    def __init__(self) -> None:
        self.exercises: list[Exercise] = []
        self._symbols: dict[str, str] = {}
        self._others: dict[str, dict[int, str]] = {}

    def __dir__(self) -> list[str]:
        return [*(each.name for each in self.exercises), "progress", "practice"]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)  # whatever looks an object over, such as copy or IPython
        close = difflib.get_close_matches(name, dir(self), n=1)
        hint = f": do you mean {close[0]}?" if close else f": there are {', '.join(dir(self))}"
        raise AttributeError(f"this lesson has no exercise {name!r}{hint}")

    def exercise(self, mistakes: Any = (), **data: Any) -> Callable:
        """Decorator: makes an Exercise of the reference below it. mistakes: {name: (answer, because)}."""

        def register(reference: Callable) -> Any:
            known = [Mistake(name, *each) for name, each in dict(mistakes).items()]
            exercise = Exercise(reference, sheet=self, mistakes=known, **data)
            if hasattr(type(self), exercise.name) or exercise.name in vars(self):
                raise ValueError(f"{exercise.name} is taken on this sheet: give the exercise another name")
            self.exercises.append(exercise)
            setattr(self, exercise.name, exercise)
            return exercise

        return register

    def note(self, exercise: Exercise, seed: int | None, symbol: str) -> None:
        """Keep the symbol of an answer: of the lesson's own question the latest, of others each."""
        if seed is None:
            self._symbols[exercise.name] = symbol
        else:
            self._others.setdefault(exercise.name, {})[seed] = symbol

    def symbol(self, exercise: Exercise) -> str:
        """Of the latest answer to the lesson's own question."""
        return self._symbols.get(exercise.name, OPEN)

    def progress(self) -> Table:
        """Which exercises of the lesson are answered, as a table."""
        states = (STATES[self.symbol(each)] for each in self.exercises)
        return Table(["state", "exercise"], list(zip(states, (each.title for each in self.exercises), strict=True)))

    def practice(self) -> Table:
        """Which exercises can be asked again with other numbers, and how many of these were answered rightly."""
        rows = [
            (each.title, f"exercise.{each.name}.another()", list(self._others.get(each.name, {}).values()).count(RIGHT))
            for each in self.exercises
            if each.draw
        ]
        return Table(["exercise", "call", "right so far"], rows)


def _as_json(value: Any) -> Any:
    """Plain data as JSON writes it."""
    if isinstance(value, dict):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_as_json(each) for each in value]
    return value.tolist() if hasattr(value, "tolist") else value
