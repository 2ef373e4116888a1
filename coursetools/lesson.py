"""Lay out a new lesson: the smallest one that passes every test, to be filled.

python -m coursetools.lesson 07 attention    writes notebooks/07_attention.ipynb and all that belongs to it
"""

import argparse
import importlib
import re
import sys
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from coursetools import conventions, notebooks, texts

ROOT = Path(__file__).parents[1]

TOPIC = '''\
"""Lesson {number}: what the library does for it."""

from lessonlib.arguments import finite_number


def double(number):
    """Twice a number."""
    return 2 * finite_number("number", number)
'''

EXERCISES = '''\
"""The questions of lesson {number}, with their answers and the mistakes that they know."""

from lessonlib import {word}
from lessonlib.checking import Sheet

sheet = Sheet()


@sheet.exercise(
    title="Twice a number",
    task="What is twice {{number}}?",
    given={{"number": 3}},
    draw=lambda choose: {{"number": choose.randint(3, 99)}},
    hints=["Add the number to itself.", "{{number}} + ..."],
    fact="To double is to multiply by 2.",
    mistakes={{
        "not_doubled": (lambda number: number, "that is the number itself. Add it once more."),
        "squared": (lambda number: number**2, "that is {{number}} times {{number}}. Take it only twice."),
    }},
)
def twice(number):
    return {word}.double(number)
'''

TESTS = '''\
"""Lesson {number}: what it computes is right."""

from hypothesis import given
from hypothesis import strategies as st

from lessonlib.{word} import double


@given(st.integers(-(10**6), 10**6))
def test_a_double_is_a_sum(number):
    assert double(number) == number + number
'''

SETUP = """\
from lessonlib import {modules}
from lessonlib.exercises.{word} import sheet as exercise

repeatable.start(seed=0)"""

NOTE = """\
<details><summary>For instructors</summary>

The argument in two sentences, a question to ask, what rooms answer. 2 minutes.

</details>"""

# id, kind, slide type, source
CELLS = [
    ("colab", "code", "skip", conventions.FIRST_CELL),
    ("title", "markdown", "slide", "# {title}\n\nYou ...\n\n**Time**: 5 minutes. **Needs**: the earlier lessons."),
    ("goals", "markdown", "slide", "## What you will learn\n\nYou can\n\n- double,\n- measure,\n- explain."),
    ("setup", "code", "skip", SETUP),
    ("twice-heading", "markdown", "slide", "## What is asked first?\n\n**Predict**: what is twice 3?"),
    ("twice-notes", "markdown", "notes", NOTE),
    ("predict-twice", "code", "fragment", "exercise.twice.check(...)"),
    ("twice-run", "code", "subslide", "{word}.double(3)"),
    ("twice-explain", "markdown", "skip", "Say what the reader has seen, and what follows from it."),
    ("summary", "markdown", "slide", "## Summary\n\n- One sentence for each goal."),
    ("progress", "code", "subslide", "exercise.progress()"),
    ("further", "markdown", "skip", "## Going further\n\n- A question without an answer sheet."),
    ("reading", "markdown", "skip", "## Further reading\n\n- Author and year, title with its link: what it adds."),
]


def lay_out(number: str, word: str) -> list[Path]:
    """Write the lesson's files and its rows in the lists of lessons, run it, and return the paths of its files.

    Raises ValueError, before anything is written, for a number that is not the next one and a word that is taken.
    """
    count = len(list(notebooks.LESSONS.glob("*.ipynb")))
    if number != f"{count + 1:02}":
        raise ValueError(f"number is {number!r}: the next lesson is {count + 1:02}")
    taken = {path.stem for path in (ROOT / "lessonlib").rglob("[a-z]*")} | sys.stdlib_module_names
    if not re.fullmatch("[a-z]+", word) or word in taken:
        raise ValueError(f"word is {word!r}: give one word of small letters, which no module has yet")
    fill = {"number": number, "word": word, "title": word.capitalize()}
    fill["modules"] = ", ".join(sorted(["repeatable", word]))
    files = {
        ROOT / "lessonlib" / f"{word}.py": TOPIC,
        ROOT / "lessonlib" / "exercises" / f"{word}.py": EXERCISES,
        ROOT / "tests" / f"test_{word}.py": TESTS,
    }
    for path, template in files.items():
        path.write_text(template.format(**fill), encoding="utf-8", newline="\n")
    lesson = notebooks.LESSONS / f"{number}_{word}.ipynb"
    lesson.write_bytes(notebooks.written(_notebook(fill)))
    _add_row(ROOT / "README.md", "| [", "| [{number} {title}](notebooks/{number}_{word}.ipynb) | ... | 5 |", fill)
    _add_row(ROOT / ".github" / "ISSUE_TEMPLATE" / "lesson.yml", "        - ", "        - {number} {title}", fill)
    importlib.invalidate_caches()
    notebooks.author(lesson)
    texts.write(word)
    return [lesson, *files, texts.FOLDER / f"{word}.md"]


def _notebook(fill: dict[str, str]) -> NotebookNode:
    notebook = nbformat.v4.new_notebook()
    for id_, kind, slide_type, source in CELLS:
        cell = getattr(nbformat.v4, f"new_{kind}_cell")(source if id_ == "colab" else source.format(**fill), id=id_)
        cell.metadata["slideshow"] = {"slide_type": slide_type}
        notebook.cells.append(cell)
    notebook.cells[0].metadata["jupyter"] = {"source_hidden": True}
    next(cell for cell in notebook.cells if cell.id == "predict-twice").metadata["tags"] = ["exercise"]
    return notebooks.normalise(notebook)


def _add_row(path: Path, begins: str, row: str, fill: dict[str, str]) -> None:
    """Add a row to a list in a file: after the last line that begins as its rows do."""
    lines = path.read_text(encoding="utf-8").splitlines()
    last = max(place for place, line in enumerate(lines) if line.startswith(begins))
    lines.insert(last + 1, row.format(**fill))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8", newline="\n")


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit status."""
    parser = argparse.ArgumentParser(description="Lay out a new lesson that passes every test.")
    parser.add_argument("number", help="two digits, the next lesson")
    parser.add_argument("word", help="one word, which names its notebook and its modules")
    options = parser.parse_args(arguments)
    try:
        for path in lay_out(options.number, options.word):
            print(path.relative_to(ROOT).as_posix())
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
