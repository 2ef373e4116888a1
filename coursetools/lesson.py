"""A lesson is one object: its notebook, its number and word, its title, its sheet of exercises. Everybody asks here."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # these take seconds: whoever only asks for names and files does not wait
    from nbformat import NotebookNode

    from lessonlib.checking import Sheet

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
CHECK_CALL = re.compile(r"\bexercise\.(\w+)\.check\(")  # a cell that asks


@dataclass(frozen=True)
class Lesson:
    """A lesson by its notebook, notebooks/03_color.ipynb."""

    path: Path

    @property
    def name(self) -> str:
        """03_color, after which its page and its deck are named too."""
        return self.path.stem

    @property
    def number(self) -> str:
        """03"""
        return self.name.partition("_")[0]

    @property
    def word(self) -> str:
        """color, after which its modules are named."""
        return self.name.partition("_")[2]

    def notebook(self) -> "NotebookNode":
        """Read anew at each call. Raises NotebookError where it can't be read."""
        return read(self.path)

    @property
    def title(self) -> str:
        """Filter in colour"""
        heading = next(cell.source for cell in self.notebook().cells if cell.cell_type == "markdown")
        return heading.splitlines()[0].removeprefix("# ")

    @property
    def sheet(self) -> "Sheet":
        """Its exercises."""
        return importlib.import_module(f"lessonlib.exercises.{self.word}").sheet


def lessons() -> list[Lesson]:
    """All lessons, in their order."""
    return [Lesson(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))]


class NotebookError(ValueError):
    """A file that is no notebook as it should be, in one sentence."""


def read(path: Path) -> "NotebookNode":
    """A notebook from its file. Raises NotebookError where there is none that can be read."""
    import nbformat

    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotebookError(f"can't be read: {error}") from error
    if re.search(r"^<{7} ", text, re.MULTILINE):
        raise NotebookError("has conflict markers: resolve the merge first")
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:  # nbformat has errors of its own for each way in which a file can be none
        raise NotebookError(f"is no notebook: {type(error).__name__}: {str(error).splitlines()[0]}") from error
    return notebook


def tags(cell: "NotebookNode") -> set[str]:
    """What its author says of a cell: exercise, result."""
    return set(cell.metadata.get("tags", []))


def slide_type(cell: "NotebookNode") -> str:
    """What a cell is in a slide show."""
    return cell.metadata.get("slideshow", {}).get("slide_type", "")
