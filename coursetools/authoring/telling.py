"""The order in which a lesson tells: a prediction, its hidden result, what happened, folded. And how long all takes."""

import importlib
import re
from collections.abc import Iterator
from itertools import dropwhile, takewhile

from nbformat import NotebookNode

from coursetools.authoring.names import code_cells
from coursetools.authoring.prose import text_of
from coursetools.lesson import CHECK_CALL, slide_type, tags

WHAT_HAPPENED = re.compile(r"<details><summary>What happened</summary>\n\n(.+)\n\n</details>", re.DOTALL)
SHEET = re.compile(r"^from lessonlib\.exercises\.(\w+) import", re.MULTILINE)
BESIDE_THE_DOTS = ("text/html", "image/svg+xml", "text/markdown", "text/plain")  # the first that an output has

COUNTED = re.compile(
    r"\b(?:(?:most|many|some) rooms|rooms \w+|(?:most|many|some) (?:say|answer|give|expect|predict|let)|nearly everybody|half of the room)\b",
    re.IGNORECASE,
)
WORDS_A_MINUTE, LINES_A_MINUTE = 110, 10
MINUTES_OF_A_PREDICTION = 2
SLOWER = 1.5  # than the rule was everyone who worked through a lesson and wrote their minutes down
MOST_MINUTES = 90  # at one sitting
PAUSE = "**A good place to pause.**"


def predictions(notebook: NotebookNode) -> Iterator[str]:
    """Each Predict is followed by its result, and that by a folded paragraph on what happened."""
    for asks, after in _predictions(notebook):
        own = takewhile(lambda cell: not _asks_or_begins(cell), after)
        answer = list(dropwhile(lambda cell: "result" not in tags(cell), own))
        texts = [cell.source for cell in answer if cell.cell_type == "markdown" and not _is_note(cell)]
        if not answer:
            yield f"cell {asks.id} asks to predict, and no cell tagged result follows it"
        elif not texts or not WHAT_HAPPENED.fullmatch(texts[0].strip()):
            yield f"cell {answer[0].id} is a result, and the next text is not folded under What happened"


def first_lines(notebook: NotebookNode) -> Iterator[str]:
    """What JupyterLab shows beside the dots of a hidden result gives nothing away."""
    for cell in code_cells(notebook):
        line = _first_line(cell.outputs[0]) if cell.outputs and "result" in tags(cell) else ""
        if not line.endswith(":") and re.search(r"[\d≈]", line):
            yield f"cell {cell.id} is a result, and its first line gives it away: print a headline with a colon before"


def truths(notebook: NotebookNode) -> Iterator[str]:
    """No line says only that something is true: a claim shows its number."""
    for cell in code_cells(notebook):
        printed = "\n".join(map(text_of, cell.outputs)).splitlines()
        if any(re.search(r"(^|: )True$", line) and "≈" not in line for line in printed):
            yield f"cell {cell.id} says only True: print the number, or a claim with its bound"


def notes_after_questions(notebook: NotebookNode) -> Iterator[str]:
    """What is told to an instructor of a question stands after it, where nobody reads it before the answer."""
    for note, cell in zip(notebook.cells, notebook.cells[1:], strict=False):
        if _is_note(note) and "exercise" in tags(cell):
            yield f"cell {note.id} is a note before cell {cell.id}: notes stand after the question"


def frequencies(notebook: NotebookNode) -> Iterator[str]:
    """A note says what to expect of a room, and not how many rooms say so: nobody has counted them."""
    for cell in filter(_is_note, notebook.cells):
        for found in COUNTED.findall(cell.source):
            yield f"cell {cell.id} says {found!r}, which nobody has counted: write 'Expect ...' or 'A usual mistake is ...'"


def time(notebook: NotebookNode) -> Iterator[str]:
    """The header says how long the lesson takes, from a quick reader to a slow one; a long one says where to pause."""
    text, needs = _text(notebook), round(minutes(notebook))
    told = re.search(r"\*\*Time\*\*: (\d+) to (\d+) minutes", text)
    if not told or abs(int(told[1]) - needs) > 5 or abs(int(told[2]) - SLOWER * needs) > 10:
        says = " to ".join(told.groups()) if told else "no"
        quick, slow = (5 * round(time / 5) for time in (needs, SLOWER * needs))
        yield f"the title says {says} minutes: by its words, exercises, predictions and code it takes {quick} to {slow}"
    if needs > MOST_MINUTES and PAUSE not in text:
        yield f"{needs} minutes are more than {MOST_MINUTES}: a text between two sections ends with {PAUSE}"


def minutes(notebook: NotebookNode) -> float:
    """How long a student needs to read, to answer what the exercises give minutes for, and to predict."""
    text = _text(notebook)
    exercises = sum(map(int, re.findall(r"^\*\w+, (\d+) minutes?\.\*", text, re.MULTILINE)))
    read = [cell for cell in code_cells(notebook) if cell.id != "setup" and "exercise" not in tags(cell)]
    lines = sum(bool(line.strip()) for cell in read for line in cell.source.splitlines())
    predictions = len(list(_predictions(notebook)))
    words = len(re.findall(r"\S*\w\S*", text))
    return words / WORDS_A_MINUTE + exercises + predictions * MINUTES_OF_A_PREDICTION + lines / LINES_A_MINUTE


def word_of(notebook: NotebookNode) -> str:
    """The lesson's word, by the exercises that it imports, or ""."""
    imports = SHEET.search("\n".join(cell.source for cell in code_cells(notebook)))
    return imports[1] if imports else ""


def _text(notebook: NotebookNode) -> str:
    """All that a student reads of the text."""
    texts = [cell for cell in notebook.cells if cell.cell_type == "markdown" and not _is_note(cell)]
    return "\n\n".join(cell.source for cell in texts if cell.id != "reading")


def _predictions(notebook: NotebookNode) -> Iterator[tuple[NotebookNode, list[NotebookNode]]]:
    """Each cell that asks to predict, with all cells after it."""
    titles = _titles(word_of(notebook))
    for place, cell in enumerate(notebook.cells):
        asked = CHECK_CALL.findall(cell.source) if cell.cell_type == "code" else []
        if any(titles.get(name, "").startswith("Predict") for name in asked):
            yield cell, notebook.cells[place + 1 :]


def _titles(word: str) -> dict[str, str]:
    """The titles of a lesson's exercises by their names."""
    try:
        sheet = importlib.import_module(f"lessonlib.exercises.{word}").sheet
    except (ImportError, AttributeError):  # names.dead_attributes tells it
        return {}
    return {exercise.name: exercise.title for exercise in sheet.exercises}


def _asks_or_begins(cell: NotebookNode) -> bool:
    return "exercise" in tags(cell) or (cell.cell_type == "markdown" and cell.source.startswith("## "))


def _is_note(cell: NotebookNode) -> bool:
    return slide_type(cell) == "notes"


def _first_line(output: NotebookNode) -> str:
    data = output.get("data", {})
    text = output.get("text") or next((data[kind] for kind in BESIDE_THE_DOTS if kind in data), "")
    return next(filter(None, text.split("\n")), "")
