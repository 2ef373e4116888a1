"""Exercises that know the mistakes: compare an answer, explain it, hint.

An exercise is data. Its reference, a plain function, is the solution that students may read and
that the tests run. Each mistake is a plain function too: it computes the wrong answer that
students give, and carries the sentence that explains it.
"""

import ast
import copy
import ctypes
import inspect
import re
import textwrap
import threading
from collections.abc import Callable
from html import escape
from typing import NamedTuple

from lessonlib.comparing import how_different, same, show
from lessonlib.tables import Table

OPEN, WRONG, RIGHT, NOTE = "○", "✗", "✓", "→"
COLOURS = {OPEN: "#6e7781", WRONG: "#c62828", RIGHT: "#1b7f3b", NOTE: "#0072b2"}


class Report(NamedTuple):
    """What an exercise answers: ○ not answered, ✗ wrong, ✓ right, → a hint or the solution."""

    symbol: str
    title: str
    message: str
    code: str = ""

    def __repr__(self):
        lines = [f"{self.symbol} {self.title}", textwrap.indent(self.message, "  "), textwrap.indent(self.code, "    ")]
        return "\n".join(line for line in lines if line.strip())

    def _repr_html_(self):
        colour = COLOURS[self.symbol]
        message = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(self.message, quote=False)).replace("\n", "<br>")
        code = f"<pre>{escape(self.code)}</pre>" if self.code else ""
        return (
            f'<div style="border-left: 4px solid {colour}; padding-left: 0.8em">'
            f'<strong style="color: {colour}">{self.symbol} {escape(self.title)}</strong><br>{message}{code}</div>'
        )


class Mistake(NamedTuple):
    """A wrong answer that students give: the function that computes it, and the sentence that explains it."""

    answer: Callable
    because: str


class Call:
    """The arguments of one case, as they are handed to a student's function."""

    def __init__(self, *args, **kwargs):
        self.args, self.kwargs = args, kwargs

    def __repr__(self):
        named = [f"{name}={_argument(value)}" for name, value in self.kwargs.items()]
        return f"({', '.join([*map(_argument, self.args), *named])})"

    def of(self, function):
        """The function's result on a copy of the arguments, so that no answer can change a case."""
        return function(*copy.deepcopy(self.args), **copy.deepcopy(self.kwargs))


class Exercise:
    """One question: check(answer), hint() and solution() are what a student calls.

    reference: a plain function; its return value is the right answer, or with cases it is itself the answer.
    title, task: what is asked, in a few words and in a sentence. fact: one new thing, told with ✓.
    hints: sentences, the last nearly code. cases: Calls from simple to general, for answers that are functions.
    choices: the strings to choose from. view: what of an answer counts, for a kernel or a network that
    is judged by what it does; it may raise ValueError with a sentence for the student. tolerance: how far
    a float may be off, absolute and relative. seconds: how long an answer may take.
    """

    def __init__(
        self, reference, *, title, task, fact, hints, cases=None, choices=None, view=None, tolerance=1e-5, seconds=5
    ):
        self.reference, self.title, self.task, self.fact, self.hints = reference, title, task, fact, hints
        self.cases, self.choices, self.view = cases, choices, view or (lambda answer: answer)
        self.tolerance, self.seconds = tolerance, seconds
        self.name, self.mistakes = reference.__name__, []
        self.symbol, self._hints_given = OPEN, 0

    def __repr__(self):
        return f"Exercise: {self.title}. {self.task}"

    def mistake(self, because):
        """Decorator: the function below computes a wrong answer, and because says why it is wrong."""

        def register(answer):
            self.mistakes.append(Mistake(answer, because))
            return answer

        return register

    def check(self, answer):
        """A Report on the answer. Never raises, and ends after a few seconds whatever the answer does."""
        try:
            self.symbol, message = run_for(self.seconds, lambda: self._judge(answer))
        except Wrong as reason:
            self.symbol, message = WRONG, str(reason)
        except BaseException as error:
            self.symbol, message = WRONG, f"Your code raised {_describe(error)}"
        return Report(self.symbol, self.title, message)

    def hint(self):
        """The next hint at each call; after the last one it stays."""
        self._hints_given = min(self._hints_given + 1, len(self.hints))
        hint = self.hints[self._hints_given - 1]
        return Report(NOTE, self.title, f"Hint {self._hints_given} of {len(self.hints)}: {hint}")

    def solution(self):
        """The source of the reference."""
        return Report(NOTE, self.title, "One way to write it:", self.solution_source())

    def solution_source(self):
        """The reference as a student would write it: its source without the decorators."""
        source = textwrap.dedent(inspect.getsource(self.reference))
        return "\n".join(source.splitlines()[ast.parse(source).body[0].lineno - 1 :])

    def answer(self, function):
        """What to hand to check for a reference or a mistake: a function with cases, else its value."""
        return function if self.cases else function()

    def _judge(self, answer):
        results = self._results(answer)
        if any(_is_open(result) for result in results):
            return OPEN, f"Not answered yet. {self.task}"
        expected = self._results(self.answer(self.reference))
        wrong = [i for i, result in enumerate(results) if not self._same(result, expected[i])]
        if not wrong:
            return RIGHT, self.fact
        came = self._what_came(answer, results, wrong[0])
        why = self._recognised(results, wrong) or self._difference(results, expected, wrong[0])
        return WRONG, came + why if came else why[0].upper() + why[1:]

    def _results(self, answer):
        """What counts of an answer: one result for each case of a function, else a single one."""
        if not self.cases:
            if inspect.isroutine(answer):
                raise Wrong(f"This is a function: hand over its result, `check({answer.__name__}(...))`.")
            return [self._viewed(answer)]
        if _is_open(answer):
            return [answer]
        if not callable(answer):
            raise Wrong(f"This is {show(answer)}: hand over the function itself, its name without parentheses.")
        return [self._result(answer, case) for case in self.cases]

    def _result(self, function, case):
        try:
            result = case.of(function)
        except Exception as error:
            raise Wrong(f"`{_name(function)}{case}` raised {_describe(error)}") from error
        if result is None:
            raise Wrong(f"`{_name(function)}{case}` gives None: is there a `return`?")
        return self._viewed(result)

    def _viewed(self, answer):
        """What counts of an answer, or the view's own sentence on why there is nothing to judge."""
        try:
            return answer if _is_open(answer) else self.view(answer)
        except ValueError as reason:
            raise Wrong(str(reason)) from reason

    def _same(self, result, expected):
        return same(result, expected, self.tolerance)

    def _recognised(self, results, wrong):
        """The sentence of the mistake that explains every wrong result, and agrees with most of the others."""
        agreements = []
        for mistake in self.mistakes:
            theirs = self._results(self.answer(mistake.answer))
            agrees = [self._same(result, their) for result, their in zip(results, theirs)]
            if all(agrees[i] for i in wrong):
                agreements.append((sum(agrees), mistake.because))
        return max(agreements, key=lambda agreement: agreement[0])[1] if agreements else None

    def _what_came(self, answer, results, i):
        if self.cases:
            return f"`{_name(answer)}{self.cases[i]}` gives {show(results[i])}: "
        return "" if isinstance(results[i], dict) or len(show(results[i])) > 60 else f"{show(results[i])}: "

    def _difference(self, results, expected, i):
        """What can be said of a wrong answer that nobody foresaw."""
        result, right = results[i], expected[i]
        if self.choices and not any(self._same(result, choice) for choice in self.choices):
            return f"choose one of {', '.join(map(show, self.choices))}."
        why = how_different(result, right, self.tolerance, tell=bool(self.cases))
        return why if isinstance(right, dict) else f"{why} `exercise.{self.name}.hint()` helps."


class Sheet:
    """The exercises of one notebook, in order."""

    def __init__(self):
        self.exercises = []

    def exercise(self, **data):
        """Decorator: makes an Exercise of the reference below it, with the data that Exercise takes."""

        def register(reference):
            self.exercises.append(Exercise(reference, **data))
            return self.exercises[-1]

        return register

    def progress(self):
        """Which exercises of the notebook are answered, as a table."""
        return Table(["", "exercise"], [(each.symbol, each.title) for each in self.exercises])


class Wrong(Exception):
    """An answer that can't be judged, with a sentence for the student."""


def run_for(seconds, function):
    """The function's result, or Wrong if it does not end in time: it is then stopped, on every platform."""
    outcome = {}

    def work():
        try:
            outcome["result"] = function()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    for _ in range(20):  # an answer may catch the first ones
        if not thread.is_alive():
            break
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(_Stop))
        thread.join(0.05)
    if not outcome or isinstance(outcome.get("error"), _Stop):
        raise Wrong(f"Your code did not end within {seconds} seconds: look for a loop that never stops.")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


class _Stop(BaseException):
    """Ends an endless answer; no Exception, so that the answer's own except does not catch it."""


def _is_open(value):
    return value is ... or (isinstance(value, (list, tuple)) and any(map(_is_open, value)))


def _argument(value):
    return repr(value) if isinstance(value, (bool, int, float, str, tuple)) else show(value)


def _name(function):
    name = getattr(function, "__name__", "<lambda>")
    return "your function" if name == "<lambda>" else name


def _describe(error):
    return f"{type(error).__name__}: {error}" if str(error) else f"{type(error).__name__}."
