"""What every lesson keeps to, as checks that say what is wrong with a notebook.

Each check takes a notebook and yields a sentence for every fault that it finds.
"""

import re
import tomllib
from collections.abc import Callable, Iterator

from nbformat import NotebookNode

from coursetools.authoring import board, names, telling
from coursetools.authoring.names import parsed
from coursetools.authoring.prose import bare_code, other_words, text_of
from coursetools.lesson import CHECK_CALL, ROOT, slide_type, tags
from coursetools.place import REPOSITORY

Faults = Iterator[str]  # a sentence for each
Check = Callable[[NotebookNode], Faults]

TAGS = {"exercise", "nbval-ignore-output", "raises-exception", "false-is-the-result", "result"}
FOUND_BY_ID = {"colab", "title", "setup", "progress", "further", "reading"}
SLIDE_TYPES = {"slide", "subslide", "fragment", "notes", "skip", "-"}
MOST_BYTES, MOST_IGNORED = 450 * 1024, 3
NO_NOTES = ["What you will learn", "Summary", "Going further", "Further reading"]
LAST_HEADINGS = ["Summary", "Going further", "Further reading"]
VOLATILE = {
    "a path": r"(?<![\w/.])(/(home|tmp|work|root|usr|Users|var|opt)/\w|[A-Z]:\\)",
    "a memory address": r"0x[0-9a-f]{6,}",
    "a time": r"\b\d\d:\d\d:\d\d\b|\b\d+(\.\d+)? ?(ms|µs|s|seconds)\b|\d(it|s)/s",
    "a warning": r"Warning\b",
}
# A version is a tag. An old notebook, opened in Colab years later, fetches the library that belongs to it.
RELEASE = f"v{tomllib.loads((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))['project']['version']}"
FIRST_CELL = f"""\
# In Colab: fetch the course's library, and leave Colab's own torch alone. Elsewhere: nothing.
try:
    import lessonlib
except ImportError:
    course = "git+https://github.com/{REPOSITORY}@{RELEASE}"
    %pip install --quiet --no-deps {{course}} anywidget psygnal"""


def problems(notebook: NotebookNode, size: int = 0) -> list[str]:
    """Every fault of a notebook that takes size bytes on disk; an empty list if there is none."""
    return [fault for check in CHECKS for fault in check(notebook)] + list(too_large(size))


def before_it_runs(notebook: NotebookNode) -> list[str]:
    """Every fault that can be told from the texts and sources alone, before a cell is run."""
    return [fault for check in CHECKS_OF_SOURCES for fault in check(notebook)]


def headings(notebook: NotebookNode) -> Faults:
    """Title with time and needs, goals, at least one section, and the three last headings, in this order."""
    title = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    if not title.startswith("# "):
        yield "the first text cell is not a title (# ...)"
    for word in ("**Time**", "**Needs**"):
        if word not in title:
            yield f"the title cell does not say {word}"
    found = [
        line[3:].strip() for cell in _markdown(notebook) for line in cell.source.splitlines() if line.startswith("## ")
    ]
    if found[:1] != ["What you will learn"]:
        yield "the first section is not ## What you will learn"
    if found[-3:] != LAST_HEADINGS:
        yield f"the last sections are not {', '.join(LAST_HEADINGS)}"
    goals = next((cell.source for cell in _markdown(notebook) if cell.source.startswith("## What you will learn")), "")
    if not 3 <= goals.count("\n- ") <= 5:
        yield f"{goals.count(chr(10) + '- ')} goals under What you will learn, not 3 to 5"


def notes(notebook: NotebookNode) -> Faults:
    """Each section tells the instructor something, and how many minutes it takes."""
    section, told = "", True
    for cell in _markdown(notebook):
        if slide_type(cell) == "notes":
            told = told or bool(re.search(r"\d+ minutes?\b", cell.source))
        for line in cell.source.splitlines():
            if line.startswith("## "):
                if not told:
                    yield f"the section {section!r} has no note for the instructor that tells the minutes"
                section, told = line[3:].strip(), line[3:].strip() in NO_NOTES


def words(notebook: NotebookNode) -> Faults:
    """The field's words, in texts, captions and printed lines; in sentences no bare names of the code."""
    for cell in notebook.cells:
        yield from (f"cell {cell.id} {fault}" for fault in other_words(cell.source))
        if cell.cell_type == "markdown":
            yield from (f"cell {cell.id} {fault}" for fault in bare_code(cell.source))
        for output in cell.get("outputs", []):
            caption = output.get("metadata", {}).get("image/png", {}).get("alt", "")
            yield from (f"the caption of cell {cell.id} {fault}" for fault in bare_code(caption))


def too_large(size: int) -> Faults:
    """Stored size: a notebook must open at once, also on a code host."""
    if size > MOST_BYTES:
        yield f"{size // 1024} KiB on disk, more than {MOST_BYTES // 1024}"


def sources(notebook: NotebookNode) -> Faults:
    """Python without a semicolon to silence a cell, and without magics outside the Colab cell."""
    for cell in _code(notebook):
        tree = parsed(cell.source)
        if cell.id != "colab" and isinstance(tree, str):
            yield f"cell {cell.id} {tree}"
        if cell.source.rstrip().endswith(";"):
            yield f"cell {cell.id} ends with a semicolon, which not every runner honours"
        if cell.id != "colab" and re.search(r"^\s*[%!]", cell.source, re.MULTILINE):
            yield f"cell {cell.id} uses a magic or a shell command"


def cells(notebook: NotebookNode) -> Faults:
    """Ids that differ, a slide type on every cell, known tags only, and few outputs that nobody compares."""
    for name in sorted(FOUND_BY_ID - {cell.id for cell in notebook.cells}):
        yield f"no cell has the id {name!r}, by which pages, slides and marks find it"
    seen = set()
    for cell in notebook.cells:
        if cell.id in seen:
            yield f"cell id {cell.id!r} stands twice"
        seen.add(cell.id)
        if slide_type(cell) not in SLIDE_TYPES:
            yield f"cell {cell.id} has no slide type"
        for tag in tags(cell) - TAGS:
            yield f"cell {cell.id} has an unknown tag, {tag!r}"
    ignored = sum("nbval-ignore-output" in tags(cell) for cell in notebook.cells)
    if ignored > MOST_IGNORED:
        yield f"{ignored} cells whose output is not compared, more than {MOST_IGNORED}"


def stored_outputs(notebook: NotebookNode) -> Faults:
    """Every cell has been run, in order, and left nothing that differs between two runs or machines."""
    counts = [cell.execution_count for cell in _code(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield "the code cells have not all been run, once, from top to bottom"
    for cell in _code(notebook):
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags(cell):
                yield f"cell {cell.id} raised {output.ename}"
            if output.get("name") == "stderr":
                yield f"cell {cell.id} wrote to stderr"
            for what, pattern in VOLATILE.items():
                if "nbval-ignore-output" not in tags(cell) and re.search(pattern, text_of(output)):
                    yield f"cell {cell.id} shows {what}"


def claims(notebook: NotebookNode) -> Faults:
    """What is printed as a claim is true, unless that it is false is what the lesson shows."""
    for cell in _code(notebook):
        printed = "\n".join(map(text_of, cell.outputs))
        if re.search(r": False$", printed, re.MULTILINE) and "false-is-the-result" not in tags(cell):
            yield f"cell {cell.id} states a claim that is false"


def figures(notebook: NotebookNode) -> Faults:
    """Every figure has a caption: visible below it, and as its alternative text."""
    for cell in _code(notebook):
        for i, output in enumerate(cell.outputs):
            if "image/png" not in output.get("data", {}):
                continue
            caption = output.metadata.get("image/png", {}).get("alt", "")
            below = cell.outputs[i + 1].get("data", {}).get("text/markdown") if i + 1 < len(cell.outputs) else None
            if not caption or below != f"*{caption}*":
                yield f"cell {cell.id} has a figure without a caption"


def exercises(notebook: NotebookNode) -> Faults:
    """Exercise cells are tagged, and the story stands without the names that they define."""
    for cell in _code(notebook):
        asks = bool(CHECK_CALL.search(cell.source))
        if asks != ("exercise" in tags(cell)):
            yield f"cell {cell.id} {'asks a question but is not tagged' if asks else 'is tagged, but asks nothing'}"
        if asks and not re.search(r"\.check\(.+\)", cell.source):
            yield f"cell {cell.id} breaks its check over lines, which no page reads: put the comment above it"
    yield from names.undefined(notebook)
    yield from names.redefined(notebook)


CHECKS_OF_SOURCES: list[Check] = [
    *(headings, notes, words, sources, cells, exercises, names.dead_attributes),
    *(board.columns, board.lines, board.comprehensions),
    *(telling.predictions, telling.notes_after_questions, telling.frequencies, telling.time),
]
CHECKS: list[Check] = [*CHECKS_OF_SOURCES, stored_outputs, claims, figures, telling.first_lines, telling.truths]


def _markdown(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]
