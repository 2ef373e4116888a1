"""An exercise as data: it is checked, hinted at, solved, and asked again with other numbers."""

import ast
import hashlib
import inspect
import io
import itertools
import random
import re
import textwrap
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from lessonlib.arguments import whole_number
from lessonlib.checking.apart import Observed, run_apart, untouched
from lessonlib.checking.comparing import show
from lessonlib.checking.explaining import Key, Known, Verdict, alike, explain, foreseen, has_dots
from lessonlib.checking.kinds import Choice, Function, Numbers
from lessonlib.checking.kinds import name as name_of
from lessonlib.checking.observing import Refused, is_open, is_short
from lessonlib.checking.report import Outcome, Report
from lessonlib.checking.whose import whose_mistake

MOST_DRAWS = 1000  # until numbers are found that tell all mistakes apart
EASY_DRAWS = 5  # of a question that begins with easy numbers


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give: its name, the answer (or a function that computes it), and why it is wrong."""

    name: str
    answer: object
    because: str


@dataclass(eq=False, repr=False)
class Exercise:
    """What is asked, what is right, and which mistakes are known: check(answer), hint(), solution() and another().

    reference: a function; what it returns is the right answer, or it is the answer itself where a Function is asked.
    title, task: what is asked, in a few words and in a sentence. hints: sentences, the last nearly code. fact: one new
    thing, told with ✓. kind: what an answer may be. seconds: how long it may take.
    given: the numbers of the lesson's own question, handed to reference and mistakes by name; texts hold them as in an
    f-string, "{size - 1} pixels". draw: from a random.Random to other numbers for `given`; easy: the same for the first
    few; seed: of these, None for the lesson's own. called: what a
    student writes to have it, where that is not its name. shows: what the notebook draws beside the question. sheet: the Sheet it is on.
    right: what is right, where the reference takes seconds to tell it.
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
    easy: Callable | None = None
    seed: int | None = None
    called: str = ""
    shows: object = None
    sheet: Any = None
    right: object = None
    mistakes: list = field(default_factory=list)
    hints_given: int = field(default=0, init=False)
    others_given: int = field(default=0, init=False)

    def __repr__(self) -> str:
        return repr(self._asked())

    def _repr_html_(self) -> str:
        return self._asked()._repr_html_()

    def __dir__(self) -> list[str]:
        return ["check", "hint", "solution", *(["another", "whose_mistake"] if self.draw else [])]

    @property
    def name(self) -> str:
        return self.reference.__name__

    @property
    def full_name(self) -> str:
        """Among the exercises of all lessons, parameters.conv_layer."""
        return f"{self.reference.__module__.rpartition('.')[2]}.{self.name}"

    @cached_property
    def version(self) -> str:
        """Eight digits that change with the task and the solution."""
        return hashlib.sha256(f"{self.task}{self.solution_source()}".encode()).hexdigest()[:8]

    @property
    def outcome(self) -> Outcome:
        """right, wrong or open: the latest answer to the lesson's own question. What a grader asks for."""
        return self.sheet.outcome(self) if self.sheet is not None else Outcome.OPEN

    @property
    def call(self) -> str:
        """What a student writes to have this exercise."""
        own = f"exercise.{self.name}" + ("" if self.seed is None else f".another({self.seed})")
        return self.called or own

    def mistake(self, because: str, name: str | None = None) -> Callable:
        """Decorator: the function below computes a wrong answer, or is one, and because says why it is wrong."""

        def register(answer: Any) -> Any:
            self.mistakes.append(Mistake(name or answer.__name__, answer, because))
            return answer

        return register

    def check(self, answer: Any, *more: Any) -> Report:
        """A Report on the answer. Never raises, leaves nothing behind, and ends after a few seconds (see apart.py)."""
        if more:
            return self._report(Outcome.NOTE, self._too_many((answer, *more)))
        (called, observed), printed = self._observed(answer)
        if printed:
            with suppress(ValueError):  # a console that is closed
                print(printed, end="")
        if has_dots(observed):
            report = self._asked("Not answered yet. ")
        else:
            report = self._report(*explain(observed, self.key, called))
        if self.sheet is not None:
            self.sheet.note(self, report.outcome, answer)
        return report

    def hint(self) -> Report:
        """The next hint at each call; after the last one it stays."""
        self.hints_given = number = min(self.hints_given + 1, len(self.hints))
        return self._report(Outcome.NOTE, f"Hint {number} of {len(self.hints)}: {self.text(self.hints[number - 1])}")

    def solution(self) -> Report:
        """What is right and why; and how it is written, where it is more than a word. What was asked comes back."""
        if self.sheet is not None:
            self.sheet.solved(self)
        return self._report(Outcome.NOTE, **self._solution())

    def another(self, seed: int | None = None) -> "Exercise | Report":
        """The same question with other numbers, new ones at each call; a seed, a whole number, gives the same ones again."""
        if self.draw is None:
            return self._report(
                Outcome.NOTE, "This question has no other numbers. `exercise.practice()` asks one that has."
            )
        if seed is None:
            seed = self.others_given = self.others_given + 1
        seed = whole_number("seed", seed)
        draw = self.easy if self.easy and 1 <= seed <= EASY_DRAWS else self.draw
        numbers = random.Random(f"{self.name} {seed}")
        others = (replace(self, given=draw(numbers), seed=seed) for _ in range(MOST_DRAWS))
        return next(other for other in others if not other.faults())

    def whose_mistake(self, letter: str | None = None) -> Report:
        """A wrong answer of somebody else, and four mistakes: which one was made? Answer with its letter.

        Who finds the mistake in another's answer makes it less often.
        """
        whose = whose_mistake(self)
        if whose is None:
            return self._report(Outcome.NOTE, "For this question too few mistakes are known.")
        letters = dict(zip("ABCD", whose.mistakes, strict=True))
        if str(letter).strip().upper() not in letters:
            lines = [f"{name}: {sentence}" for name, (_, sentence, _) in letters.items()]
            asked = f"{self.text(self.task)}\nSomebody answered {whose.answer}. What would you tell them?"
            return self._report(Outcome.OPEN, "\n".join([asked, *lines]), code=f'{self.call}.whose_mistake("A")')
        name, _, gives = letters[str(letter).strip().upper()]
        if name == whose.made:
            return self._report(Outcome.RIGHT, f"Right: this mistake gives {whose.answer}.")
        return self._report(Outcome.WRONG, f"Not yet. Who makes this mistake gets {gives}, and not {whose.answer}.")

    @cached_property
    def key(self) -> Key:
        """The right answer and the mistakes as plain data, found once, at the first answer."""
        right = self.reference if self.right is None else self.right
        unseen = io.StringIO()
        with untouched(), redirect_stdout(unseen), redirect_stderr(unseen):  # a reference may train
            known = [Known(each.name, self._gives(each.answer), self.text(each.because)) for each in self.mistakes]
            is_percent = "per cent" in self.task
            return Key(self.kind, self._gives(right), tuple(known), self.text(self.fact), self.call, is_percent)

    def faults(self) -> list[str]:
        """What the exercise itself does wrong: mistakes that are right, and mistakes that can't be told apart."""
        answers = [("the right answer", self.key.right), *((known.name, known.gives) for known in self.key.mistakes)]
        results = self.key.right if self.key.cases else ()
        return [f"{self.name}: its reference fails: {each}" for each in results if isinstance(each, Refused)] + [
            f"{self.name}: {other} gives the same as {one}"
            for (one, right), (other, answer) in itertools.combinations(answers, 2)
            if alike(self.key, answer, right)
        ]

    def answer(self, function: Any) -> Any:
        """What to hand to the kind for a reference or a mistake: a function itself, or its value."""
        if isinstance(self.kind, Function) or not inspect.isfunction(function):
            return function
        return function(**self.given)

    def text(self, text: str) -> str:
        """A hint, a fact or the sentence to a mistake, with the numbers of the question."""
        return eval("f" + repr(text), {}, dict(self.given)) if self.given else text  # our own texts

    @property
    def reason(self) -> str:
        """Why the right answer is right: the fact, without the word that a right answer hears first."""
        reason = re.sub("^Right[:,.]? ", "", self.key.fact)
        return reason[:1].upper() + reason[1:]

    def solution_source(self) -> str:
        """The reference as a student would write it: its source without the decorators."""
        source = textwrap.dedent(inspect.getsource(self.reference))
        return "\n".join(source.splitlines()[ast.parse(source).body[0].lineno - 1 :])

    def to_dict(self) -> dict[str, Any]:
        """The exercise as data, for a page or a grader: what is asked and what helps. verdicts() holds what is said."""
        return {
            "name": self.name,
            "version": self.version,
            "title": self.title,
            "draw": self.seed,
            "given": self.given,
            **self.kind.to_dict(),
            "task": self.text(self.task),
            "hints": [self.text(hint) for hint in self.hints],
            "solution": self._solution(),
        }

    def verdicts(self) -> list[Verdict]:
        """What is said of the answers that can be foreseen: for a page, a deck or a class report.

        The right answer comes first, and of those that an answer agrees with the first one counts. gives is as JSON
        writes it. Of a function nothing is foreseen.
        """
        return [verdict._replace(gives=_as_json(verdict.gives)) for verdict in foreseen(self.key)]

    def _gives(self, function: Any) -> Any:
        return self.kind.observe(self.answer(function))

    def _observed(self, answer: Any) -> Observed:
        """((name of the answer, plain data or Refused), what was printed)."""

        def read() -> tuple[str, Any]:
            return name_of(answer), ... if is_open(answer) else self.kind.observe(answer)

        if is_short(answer) and (is_open(answer) or not self.kind.needs_time):
            try:
                return read(), ""
            except Refused as reason:
                return ("", reason), ""
        result, printed = run_apart(read, self.seconds)
        called, observed = ("", result) if isinstance(result, Refused) else result
        return (called, observed), printed if isinstance(self.kind, Function) else ""

    def _asked(self, before: str = "") -> Report:
        """What is asked, and of other numbers the call that answers."""
        code = f"{self.call}.check(...)" if self.seed is not None else ""
        return self._report(Outcome.OPEN, before + self.text(self.task), code=code)

    def _solution(self) -> dict[str, str]:
        """The message and the code of the solution, as a report holds them."""
        answer = "" if self.kind.needs_time else f"The answer: {show(self.key.right)}\n{self.reason}"
        if isinstance(self.kind, Choice):
            return {"message": answer, "code": ""}
        source = self.solution_source()
        call = f"{self.name}({', '.join(f'{name}={value!r}' for name, value in self.given.items())})"
        code = f"{source}\n\n\n{call}" if self.given else source
        return {"message": f"{answer}\nOne way to write it:".strip(), "code": code}

    def _too_many(self, values: tuple) -> str:
        """What to say of several arguments of check: a number with commas, or values that want a tuple around them."""
        first, *rest = values
        is_number = getattr(self.key.right, "ndim", 1) == 0 and all(type(value) is int for value in values)
        if is_number and first and all(0 <= value < 1000 for value in rest):
            number = str(first) + "".join(f"{value:03d}" for value in rest)
            return f"In Python a comma separates values. If you mean one number, write `check({number})`."
        dots = ", ".join(["..."] * len(values))
        return f"`check` takes one answer. If it has {len(values)} values, put them in one tuple: `check(({dots}))`."

    def _report(self, outcome: Outcome, message: str, mistake: str | None = None, code: str = "") -> Report:
        title = self.title if self.seed is None else f"{self.title}, another ({self.seed})"
        return Report(outcome, title, message, code, self.name, self.version, self.seed, mistake)


def _as_json(value: Any) -> Any:
    """Plain data as JSON writes it."""
    if isinstance(value, dict):
        return {name: _as_json(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [_as_json(each) for each in value]
    if isinstance(value, Refused):  # where a mistake fails at a case
        return str(value)
    return value.tolist() if hasattr(value, "tolist") else value
