"""A lesson is one object: its notebook, its number and word, its title, its sheet of exercises. Everybody asks here."""

import codecs
import importlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
from nbformat import NotebookNode

if TYPE_CHECKING:
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

    def notebook(self) -> NotebookNode:
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


def read(path: Path) -> NotebookNode:
    """A notebook from its file. Raises NotebookError where there is none that can be read."""
    if path.is_dir():
        raise NotebookError("is a folder, not a notebook")
    if not path.is_file():
        raise NotebookError("is not there")
    content = path.read_bytes()
    if content.startswith(codecs.BOM_UTF8):
        raise NotebookError("begins with a byte order mark: save it as plain UTF-8")
    try:
        text = content.decode("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"(<{7}|>{7}|={7})( |$)", line):
                raise NotebookError(f"has a conflict marker in line {number}: resolve the merge first")
        version = json.loads(text)["nbformat"]
        if version != 4:
            raise NotebookError(f"is in the notebook format {version}: open it in JupyterLab, and save it in format 4")
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except NotebookError:
        raise
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise NotebookError(f"is no JSON in UTF-8: {error}") from error
    except (KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        why = str(error).splitlines()[0]
        raise NotebookError(f"is no notebook: {type(error).__name__}: {why}") from error
    return notebook
