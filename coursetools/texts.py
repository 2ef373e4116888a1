"""What no test can judge, in one file a lesson, for a review to read: a changed word is a changed line there.

These are the sentences of the exercises, and the numbers of the lesson's text that none of its cells shows.

python -m coursetools.texts    writes tests/texts/WORD.md for every lesson
"""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from coursetools import notebooks
from lessonlib.checking import Exercise
from lessonlib.checking.comparing import show

FOLDER = Path(__file__).parents[1] / "tests" / "texts"
NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?%?(?![\w%])")
SMALL = re.compile(r"\d|0\d")  # single digits, and the numbers of lessons


def lessons() -> dict[str, Path]:
    """{word: path} of every lesson."""
    return {path.stem.split("_")[1]: path for path in sorted(notebooks.LESSONS.glob("*.ipynb"))}


def texts(word: str) -> str:
    """The texts of one lesson, as Markdown: what is asked, what helps, what is said to each answer, which numbers are told."""
    sheet = importlib.import_module(f"lessonlib.exercises.{word}").sheet
    told = [f"- {cell}: {', '.join(numbers)}" for cell, numbers in told_numbers(notebooks.read(lessons()[word]))]
    heading = "\n## Numbers of the text that no cell shows: is each of them right?\n"
    return "\n".join([f"# {word}", *(_of(exercise) for exercise in sheet.exercises), heading, *told])


def told_numbers(notebook: NotebookNode) -> Iterator[tuple[str, list[str]]]:
    """(id, numbers) of each text cell with numbers that stand in no code cell and no output of the notebook."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = {number for cell in code for text in _read_in(cell) for number in NUMBER.findall(text)}
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose = re.sub(r"\]\(.*?\)", "]", cell.source)  # no addresses of links
            numbers = [each.rstrip(",") for each in NUMBER.findall(prose)]
            told = [each for each in dict.fromkeys(numbers) if each not in shown and not SMALL.fullmatch(each)]
            if told:
                yield cell.id, told


def _read_in(cell: NotebookNode) -> Iterator[str]:
    yield cell.source
    for output in cell.outputs:
        yield output.get("text", "")
        yield output.get("data", {}).get("text/plain", "")


def _of(exercise: Exercise) -> str:
    data = exercise.to_dict()
    lines = [
        f"\n## {data['name']}: {data['title']}\n",
        f"{data['task']}\n",
        *(f"{number}. {hint}" for number, hint in enumerate(data["hints"], 1)),
        f"\n✓ {_shown(data['right'])}{data['fact']}\n",
        *(f"- {each['name']} {_shown(each['gives'])}{each['because']}" for each in data["mistakes"]),
    ]
    return "\n".join(lines)


def _shown(answer: object) -> str:
    """An answer that can be read: a function's results and a network's behaviour are told by the tests."""
    text = show(answer)
    return f"`{text}`: " if not isinstance(answer, dict) and len(text) <= 60 else ""


def write(word: str) -> None:
    """Store the listing of one lesson."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{word}.md").write_text(f"{texts(word)}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for each in lessons():
        write(each)
