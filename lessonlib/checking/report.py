"""What an exercise answers: a sentence for the student, and the same as data for everybody else."""

import re
import sys
import textwrap
from dataclasses import asdict, dataclass
from html import escape
from typing import Any

OPEN, WRONG, RIGHT, NOTE = "○", "✗", "✓", "→"
OUTCOMES = {OPEN: "open", WRONG: "wrong", RIGHT: "right", NOTE: "note"}
# Of the bar beside it, at least 3:1 against a light and a dark page; what is written has the page's own colours.
COLOURS = {OPEN: "#6e7781", WRONG: "#d03030", RIGHT: "#1b7f3b", NOTE: "#0072b2"}
ASCII = str.maketrans({OPEN: "o", WRONG: "x", RIGHT: "+", NOTE: ">"})  # for a console that has none of the symbols
MIME = "application/vnd.lessonlib.report+json"


@dataclass(frozen=True)
class Report:
    """○ not answered, ✗ wrong, ✓ right, → a hint or the solution.

    exercise: its name. version: changes with the question and its solution. draw: the seed of its numbers, None for the
    lesson's own. mistake: the name of the one that was recognised.
    """

    symbol: str
    title: str
    message: str
    code: str = ""
    exercise: str = ""
    version: str = ""
    draw: int | None = None
    mistake: str | None = None

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.symbol]

    def to_dict(self) -> dict[str, Any]:
        """The report as data: what a page, a class report and a grader read."""
        data = asdict(self) | {"outcome": self.outcome}
        return {name: data[name] for name in ("exercise", "version", "draw", "outcome", "mistake")}

    def __repr__(self) -> str:
        lines = [f"{self.symbol} {self.title}", textwrap.indent(self.message, "  "), textwrap.indent(self.code, "    ")]
        return printable("\n".join(line for line in lines if line.strip()))

    def _repr_html_(self) -> str:
        colour = COLOURS[self.symbol]
        message = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(self.message, quote=False)).replace("\n", "<br>")
        code = f"<pre>{escape(self.code)}</pre>" if self.code else ""
        return (
            f'<div style="border-left: 4px solid {colour}; padding-left: 0.8em">'
            f"<strong>{self.symbol} {escape(self.title)}</strong><br>{message}{code}</div>"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, dict]:
        return {MIME: self.to_dict()}


def printable(text: str) -> str:
    """The text as the console can print it: its symbols in ASCII where it has no others."""
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
        return text
    except UnicodeEncodeError:
        return text.translate(ASCII).encode("ascii", "replace").decode()
