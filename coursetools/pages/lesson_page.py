"""A lesson as a page: results folded, notes behind a switch, questions to be answered there. Nothing is run."""

import re
from html import escape

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from coursetools.authoring.conventions import RELEASE
from coursetools.authoring.telling import WHAT_HAPPENED
from coursetools.lesson import CHECK_CALL, Lesson, slide_type, tags
from coursetools.pages.questions import is_judged, progress, question
from coursetools.place import REPOSITORY, is_named
from lessonlib.checking import Outcome

FOLDED = "setup"  # the cell of the imports: seldom read
PROGRESS = "exercise.progress()"
HOW_TO_RUN = "how-to"  # in its last paragraph: how a printed claim is read, which a page needs too
FORMATTER = "  # fmt: skip"  # in the code of a notebook, and nothing for a reader
CALL = re.compile(r"^exercise\.\w+\.check\(.*\n?", re.MULTILINE)
COLUMNS = re.compile(r"\S {3,}\S")  # in a text that is printed as a table
SIGNS = {
    Outcome.OPEN: "open",
    Outcome.WRONG: "not yet",
    Outcome.RIGHT: "right",
    Outcome.NOTE: "a note, nothing is judged",
}


def page(lesson: Lesson) -> NotebookNode:
    """The notebook of a lesson, as Sphinx is to read it."""
    result = lesson.notebook()
    result.cells = [cell for cell in result.cells if cell.id != "colab"]
    for cell, following in zip(result.cells, [*result.cells[1:], None], strict=True):
        if cell.cell_type == "code":
            _describe_figures(cell)
            _fold(cell, following)
            _ask(cell, lesson)
            if any(COLUMNS.search(output.get("text", "")) for output in cell.outputs):
                cell.metadata.tags = [*tags(cell), "columns"]  # a phone breaks lines of all other text
            cell.source = as_read(cell.source)
        else:
            _tell(cell)
    title = next(i for i, cell in enumerate(result.cells) if cell.id == "title")
    result.cells.insert(title + 1, new_markdown_cell(_head(lesson.name), id="head"))
    return result


def ways(lesson: str) -> dict[str, str]:
    """{name: address} of the ways to run a lesson; the notebook alone as long as the repository has no place."""
    file = f"notebooks/{lesson}.ipynb"
    if not is_named():
        return {"Download the notebook": file}
    return {
        "Open in Colab": f"https://colab.research.google.com/github/{REPOSITORY}/blob/{RELEASE}/{file}",
        "Open on Binder": f"https://mybinder.org/v2/gh/{REPOSITORY}/HEAD?urlpath=lab/tree/{file}",
        "Download the notebook": file,
    }


def _head(lesson: str) -> str:
    links = [
        f'<a href="{escape(address)}"{"" if "//" in address else " download"}>{name}</a>'
        for name, address in ways(lesson).items()
    ]
    signs = ", ".join(f"{outcome.symbol} {meaning}" for outcome, meaning in SIGNS.items())
    return (
        f'<p class="ways">{" ".join(links)}</p>\n<div class="so-far" hidden></div>\n<p class="signs">Signs: {signs}.</p>\n'
        '<label class="switch"><input type="checkbox" id="for-instructors"> Notes for instructors</label>\n'
        '<label class="switch"><input type="checkbox" id="without-results"> Print as a work sheet, without results</label>'
    )


def _describe_figures(cell: NotebookNode) -> None:
    """The caption is the alternative text of its figure."""
    for output in cell.outputs:
        if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
            cell.metadata["mystnb"] = {"image": {"alt": alt}}


def _fold(cell: NotebookNode, following: NotebookNode | None) -> None:
    """What is hidden in JupyterLab is folded on the page, until it is asked for. It waits for the question before it,
    as code that solves an exercise does too; but what stands right before a question shows what is asked.
    """
    hidden = cell.metadata.get("jupyter", {})
    parts = [part for part, key in (("input", "source_hidden"), ("output", "outputs_hidden")) if hidden.get(key)]
    if parts:
        is_asked = parts == ["input"] and following is not None and "exercise" in tags(following)
        cell.metadata.tags = ["hide-cell" if len(parts) == 2 else f"hide-{parts[0]}", *([] if is_asked else ["result"])]
        shown = [_kind_of(cell.outputs)] if "output" in parts else []
        what = " and its ".join(["code"] * ("input" in parts) + shown)
        prompts = {"code_prompt_show": f"Show the {what}", "code_prompt_hide": f"Hide the {what}"}
        cell.metadata["mystnb"] = cell.metadata.get("mystnb", {}) | prompts


def _kind_of(outputs: list[NotebookNode]) -> str:
    """What a fold holds, in a word."""
    html = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    if "data-explorer" in html:
        return "explorer"
    if any("image/png" in output.get("data", {}) for output in outputs):
        return "figure"
    return "table" if "<table" in html else "numbers"


def _tell(cell: NotebookNode) -> None:
    """What happened waits for an answer, notes wait for their switch, and what only a notebook has is not spoken of."""
    if slide_type(cell) == "notes":
        cell.source = cell.source.replace("<details>", '<details class="for-instructors" open>', 1)
    elif WHAT_HAPPENED.search(cell.source):
        cell.source = cell.source.replace("<details>", '<details class="result">', 1)
    elif cell.id == HOW_TO_RUN:
        cell.source = cell.source.rpartition("\n\n")[2]


def _ask(cell: NotebookNode, lesson: Lesson) -> None:
    """An exercise and the table of progress become what can be used on a page."""
    if cell.id == FOLDED:
        cell.metadata.tags = ["hide-input"]
    if PROGRESS in cell.source:
        cell.outputs = [_html(progress(lesson.sheet))]
        cell.metadata.tags = ["remove-input"]
    for name in CHECK_CALL.findall(cell.source):
        exercise = getattr(lesson.sheet, name)
        cell.outputs = [_html(question(exercise))]
        given = CALL.sub("", cell.source).strip()  # to begin with
        is_shown = given and not is_judged(exercise)
        cell.source = given if is_shown else cell.source  # Sphinx leaves an empty cell out, with its output
        cell.metadata.tags = [] if is_shown else ["remove-input"]


def as_read(source: str) -> str:
    """Code as a page and a slide show it."""
    return source.replace(FORMATTER, "")


def _html(text: str) -> NotebookNode:
    return new_output("display_data", {"text/html": text})
