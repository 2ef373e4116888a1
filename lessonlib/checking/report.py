"""What an exercise answers: a sentence for the student, and the same as data for everybody else."""

import re
import textwrap
from dataclasses import dataclass
from enum import StrEnum
from html import escape
from typing import Any

MIME = "application/vnd.lessonlib.report+json"


class Outcome(StrEnum):
    """What an answer is, as a word, and how a report shows it: its symbol, and the colour beside it.

    The colours have at least 3:1 against a light and a dark page.
    """

    OPEN = "open", "○", "#6e7781"
    WRONG = "wrong", "✗", "#d03030"
    RIGHT = "right", "✓", "#1b7f3b"
    NOTE = "note", "→", "#0072b2"

    symbol: str
    colour: str

    def __new__(cls, word: str, symbol: str, colour: str) -> "Outcome":
        outcome = str.__new__(cls, word)
        outcome._value_, outcome.symbol, outcome.colour = word, symbol, colour
        return outcome


@dataclass(frozen=True)
class Report:
    """The outcome of an answer, or a hint or the solution, which are notes, and a sentence on it.

    exercise: its name. version: changes with the question and its solution. draw: the seed of its numbers, None for the
    lesson's own. mistake: the name of the one that was recognised.
    """

    outcome: Outcome
    title: str
    message: str
    code: str = ""
    exercise: str = ""
    version: str = ""
    draw: int | None = None
    mistake: str | None = None

    @property
    def symbol(self) -> str:
        return self.outcome.symbol

    def to_dict(self) -> dict[str, Any]:
        """The report as data: what a page, a class report and a grader read."""
        return {name: getattr(self, name) for name in ("exercise", "version", "draw", "outcome", "mistake")}

    def __repr__(self) -> str:
        lines = [f"{self.symbol} {self.title}", textwrap.indent(self.message, "  "), textwrap.indent(self.code, "    ")]
        return "\n".join(line for line in lines if line.strip())

    def _repr_html_(self) -> str:
        message = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(self.message, quote=False)).replace("\n", "<br>")
        code = f"<pre>{escape(self.code)}</pre>" if self.code else ""
        return (
            f'<div style="border-left: 4px solid {self.outcome.colour}; padding-left: 0.8em">'
            f"<strong>{self.symbol} {escape(self.title)}</strong><br>{message}{code}</div>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, dict]:
        return {MIME: self.to_dict()}
