"""A lesson as a slide show: a question, what the run shows, its answer. Every slide has a heading, the rest is notes."""

from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter
from nbformat import NotebookNode
from traitlets.config import Config

from coursetools.authoring.telling import WHAT_HAPPENED
from coursetools.lesson import CHECK_CALL, Lesson, lessons, slide_type, tags
from coursetools.pages.bundle import put_parts, put_reveal
from coursetools.pages.lesson_page import as_read
from lessonlib.checking import Exercise, Sheet, whose_mistake
from lessonlib.checking.comparing import show

MOST_MISTAKES = 4  # told on a slide, the first ones of the exercise: those that are made most
ANSWER = "-answer"  # ends the name of such a slide
NEW_SLIDE = ("slide", "subslide")
TO_READ_AT_HOME = ("further", "reading")  # are no notes of the last slide


def build(folder: Path) -> int:
    """Write a deck for each lesson into a folder, and beside them what they need. Returns the exit status, 0."""
    folder.mkdir(parents=True, exist_ok=True)
    put_parts(folder)
    put_reveal(folder)
    settings = Config(TemplateExporter={"extra_template_basedirs": [str(Path(__file__).parent)]})
    exporter = SlidesExporter(settings, template_name="deck", reveal_url_prefix="reveal.js", reveal_theme="white")
    for lesson in lessons():
        html, _ = exporter.from_notebook_node(lecture(lesson), {"metadata": {"name": lesson.title}})
        (folder / f"{lesson.name}.slides.html").write_text(html, encoding="utf-8")
    return 0


def lecture(lesson: Lesson) -> NotebookNode:
    """The notebook of a lesson as it is lectured."""
    notebook = lesson.notebook()
    for cell in notebook.cells:
        cell.source = as_read(cell.source)
    cells = list(map(explained_in_notes, notebook.cells))
    notebook.cells = list(with_headings(with_answers(cells, lesson.sheet)))
    return notebook


def explained_in_notes(cell: NotebookNode) -> NotebookNode:
    """What a student reads between the slides is what the speaker says: it becomes a note of the slide before."""
    if cell.cell_type == "markdown" and slide_type(cell) == "skip" and cell.id not in TO_READ_AT_HOME:
        cell.metadata.slideshow.slide_type = "notes"
        cell.source = WHAT_HAPPENED.sub(r"\1", cell.source)  # what is told needs no folding
    return cell


def with_answers(cells: list[NotebookNode], sheet: Sheet) -> Iterator[NotebookNode]:
    """The cells, without the sheet's word that a question is open, and the answers: vote, run, then tell.

    The run is the code that follows a question, and the text that leads to its result.
    """
    answers: list[NotebookNode] = []
    has_run = True
    for place, cell in enumerate(cells):
        asked = CHECK_CALL.findall(cell.source) if cell.cell_type == "code" else []
        goes_on = cell.cell_type == "markdown" and (has_run or not _leads_to_a_result(cells[place:]))
        if slide_type(cell) in NEW_SLIDE and (asked or goes_on):
            yield from answers
            answers = []
        for name in asked:
            cell.outputs = []
            answers += [*whose_slides(getattr(sheet, name)), answer_slide(getattr(sheet, name))]
        has_run = not asked and (has_run or "result" in tags(cell))
        yield cell
    yield from answers


def _leads_to_a_result(cells: list[NotebookNode]) -> bool:
    """Whether there is one before the next question or section."""
    own = takewhile(lambda cell: "exercise" not in tags(cell) and not cell.source.startswith("## "), cells)
    return any("result" in tags(cell) for cell in own)


def whose_slides(exercise: Exercise) -> Iterator[NotebookNode]:
    """A second vote, before the answer: which of the mistakes that are made most gives this number?"""
    if whose := whose_mistake(exercise, MOST_MISTAKES):
        heading = f"### Whose mistake? {exercise.title}"
        asked = f"Somebody answered `{whose.answer}`. What would you tell them?"
        votes = [f"- **{letter}** {told}" for letter, (_, told, _) in zip("ABCD", whose.mistakes, strict=True)]
        yield new_text(
            "\n\n".join([heading, asked, *votes]), f"{exercise.name.replace('_', '-')}-whose{ANSWER}", "subslide"
        )


def answer_slide(exercise: Exercise) -> NotebookNode:
    """One slide: what is right and why, how it is written, and what is said of the mistakes that a room makes."""
    key = exercise.key
    told = "" if key.cases else _shown(key.right)
    lines = [f"### ✓ {exercise.title}", f"{told}{exercise.reason}"]
    if exercise.kind.needs_time:  # a function, or what a layer does
        lines.append(f"```python\n{exercise.solution_source()}\n```")
    lines.append("**And what if not?**")
    for each in key.mistakes[:MOST_MISTAKES]:
        lines.append(f"- ✗ {'' if key.cases else _shown(each.gives)}{each.because}")
    return new_text("\n\n".join(lines), f"{exercise.name.replace('_', '-')}{ANSWER}", "subslide")


def with_headings(cells: Iterable[NotebookNode]) -> Iterator[NotebookNode]:
    """The cells, and on each slide that begins with something else the heading of the one before, once more."""
    heading = ""
    for cell in cells:
        own = [line for line in cell.source.splitlines() if cell.cell_type == "markdown" and line.startswith("#")]
        if slide_type(cell) in NEW_SLIDE and not own:
            yield new_text(heading, f"{cell.id}-heading", slide_type(cell))
            cell.metadata.slideshow.slide_type = "-"
        if own and slide_type(cell) not in ("notes", "skip") and not cell.id.endswith(ANSWER):
            heading = f"### {own[-1].lstrip('# ')}"
        yield cell


def new_text(source: str, name: str, kind: str) -> NotebookNode:
    return nbformat.v4.new_markdown_cell(source, id=name, metadata={"slideshow": {"slide_type": kind}})


def _shown(answer: object) -> str:
    """An answer before its sentence, where it can be read at a glance."""
    text = show(answer)
    is_short = len(text) <= 60 and not text.startswith("a ")  # such as "a list of length 40"
    return f"`{text}`: " if is_short and not isinstance(answer, dict) else ""
