"""A lesson as a page: set-up and results folded, figures described, questions to be answered there. Nothing is run."""

import re
from html import escape

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from coursetools.authoring.conventions import RELEASE
from coursetools.lesson import CHECK_CALL, Lesson, slide_type
from coursetools.pages.questions import is_judged, progress, question
from coursetools.place import REPOSITORY, is_named

FOLDED = "setup"  # the cell of the imports: seldom read
PROGRESS = "exercise.progress()"


def page(lesson: Lesson) -> NotebookNode:
    """The notebook of a lesson, as Sphinx is to read it."""
    result = lesson.notebook()
    result.cells = [cell for cell in result.cells if cell.id != "colab" and slide_type(cell) != "notes"]
    for cell in result.cells:
        if cell.cell_type == "code":
            _describe_figures(cell)
            _fold(cell)
            _ask(cell, lesson)
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
    links = [f'<a href="{escape(address)}">{name}</a>' for name, address in ways(lesson).items()]
    return f'<p class="ways">{" ".join(links)}</p>\n<div class="so-far" hidden></div>'


def _describe_figures(cell: NotebookNode) -> None:
    """The caption is the alternative text of its figure."""
    for output in cell.outputs:
        if alt := output.get("metadata", {}).get("image/png", {}).get("alt"):
            cell.metadata["mystnb"] = {"image": {"alt": alt}}


def _fold(cell: NotebookNode) -> None:
    """What is hidden in JupyterLab is folded on the page, until it is asked for."""
    hidden = cell.metadata.get("jupyter", {})
    parts = [part for part, key in (("input", "source_hidden"), ("output", "outputs_hidden")) if hidden.get(key)]
    if parts:
        cell.metadata.tags = ["hide-cell" if len(parts) == 2 else f"hide-{parts[0]}"]
        what = "result" if "output" in parts else "code"
        prompts = {"code_prompt_show": f"Show the {what}", "code_prompt_hide": f"Hide the {what}"}
        cell.metadata["mystnb"] = cell.metadata.get("mystnb", {}) | prompts


def _ask(cell: NotebookNode, lesson: Lesson) -> None:
    """An exercise and the table of progress become what can be used on a page."""
    if cell.id == FOLDED:
        cell.metadata.tags = ["hide-input"]
    if cell.source.startswith(PROGRESS):
        cell.outputs = [_html(progress(lesson.sheet))]
        cell.metadata.tags = ["remove-input"]
    for name in CHECK_CALL.findall(cell.source):
        exercise = getattr(lesson.sheet, name)
        cell.outputs = [_html(question(exercise, form_of(cell.source)))]
        cell.metadata.tags = ["remove-input"] if is_judged(exercise) else []


def form_of(source: str) -> str:
    """How the notebook asks for the answer, beside its call: `(..., ...)`, in pixels."""
    ((argument, comment),) = re.findall(r"\.check\((.*?)\)(?:  # (.*))?$", source, re.MULTILINE)
    told = [f"`{argument}`"] if argument != "..." else []
    if comment:
        told.append(f"`{comment}`" if "..." in comment else comment)
    return ": ".join(told)


def _html(text: str) -> NotebookNode:
    return new_output("display_data", {"text/html": text})
