"""Each convention, tried on a small notebook that breaks it: a gate that cannot fail is none."""

import nbformat
import pytest

from coursetools import conventions
from coursetools.conventions import (
    CODE_CELLS,
    MEDIAN_LINES,
    MOST_BYTES,
    WORDS,
    budgets,
    cells,
    exercises,
    figures,
    headings,
    notes,
    sources,
    stored_outputs,
    too_large,
    words,
)

GOOD_TEXT = [
    "# Do a thing\n\nAt the end you have done it.\n\n**Time**: 5 minutes. **Needs**: nothing.",
    "## What you will learn\n\nYou can\n\n- one,\n- two,\n- three.",
    "## A section\n\n" + "word " * 1000,
    "Ask. 3 minutes.",
    "## Summary",
    "## Going further",
    "## Further reading",
]


def code(source, id_, *tags, outputs=(), count=None):
    cell = nbformat.v4.new_code_cell(source, id=id_, outputs=list(outputs), execution_count=count)
    cell.metadata.update({"slideshow": {"slide_type": "fragment"}, "tags": list(tags)})
    return cell


def text(source, id_):
    return nbformat.v4.new_markdown_cell(source, id=id_, metadata={"slideshow": {"slide_type": "slide"}})


def result(**data):
    mime = {"png": "image/png", "markdown": "text/markdown", "plain": "text/plain"}
    metadata = {"image/png": {"alt": data.pop("alt")}} if "alt" in data else {}
    return nbformat.v4.new_output(
        "display_data", {mime[kind]: value for kind, value in data.items()}, metadata=metadata
    )


def stream(words, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=words)


@pytest.fixture
def good():
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [text(source, f"text-{i}") for i, source in enumerate(GOOD_TEXT)]
    notebook.cells[3].metadata.slideshow.slide_type = "notes"
    notebook.cells += [code(f"value_{i} = {i}", f"run-{i}", count=i + 1) for i in range(20)]
    return notebook


def test_a_good_notebook_has_no_problems(good):
    assert conventions.problems(good) == []


@pytest.mark.parametrize(
    "cell, old, new, complaint",
    [
        (0, "# Do", "Do", "not a title"),
        (0, "**Time**", "Time", "does not say **Time**"),
        (0, "**Needs**", "Needs", "does not say **Needs**"),
        (1, "## What you will learn", "## Goals", "the first section is not"),
        (1, "\n- two,\n- three.", "", "1 goals"),
        (5, "Going further", "More", "the last sections are not"),
    ],
)
def test_a_missing_heading_is_noticed(good, cell, old, new, complaint):
    good.cells[cell].source = good.cells[cell].source.replace(old, new)
    assert complaint in " ".join(headings(good))


def test_too_many_words_are_noticed_but_notes_are_not_counted(good):
    good.cells[2].source = "word " * WORDS
    (fault,) = budgets(good)
    assert fault.endswith(f"words, without those of the notes, more than {WORDS}")
    good.cells[2].metadata.slideshow.slide_type = "notes"
    assert not list(budgets(good))


@pytest.mark.parametrize("said, instead", [("Pictures", "image"), ("a picture", "image"), ("behind it", "after")])
def test_a_word_that_is_not_the_field_s_is_noticed(good, said, instead):
    assert list(words(good)) == []
    for cell in (good.cells[2], good.cells[-1]):
        cell.source = f"# {said}"
    assert len(found := list(words(good))) == 2 and all(f"the course says {instead!r}" in each for each in found)


def test_too_many_code_cells_are_noticed(good):
    good.cells += [code("1", f"more-{i}") for i in range(CODE_CELLS)]
    assert f"{CODE_CELLS + 20} code cells, more than {CODE_CELLS}" in " ".join(budgets(good))


def test_long_cells_are_noticed_and_exercises_may_be_longer(good):
    good.cells[-1].source = "1\n" * 21
    assert "cell run-19 has 21 lines" in " ".join(budgets(good))
    good.cells[-1].metadata.tags = ["exercise"]
    assert not list(budgets(good))
    for cell in good.cells[7:]:
        cell.source = "1\n" * (MEDIAN_LINES + 1)
    assert f"the median code cell has {MEDIAN_LINES + 1} lines" in " ".join(budgets(good))


def test_a_large_file_is_noticed():
    most = MOST_BYTES // 1024
    assert list(too_large(MOST_BYTES)) == []
    assert list(too_large(MOST_BYTES + 1024)) == [f"{most + 1} KiB on disk, more than {most}"]


@pytest.mark.parametrize(
    "source, complaint",
    [
        ("x = 1;", "semicolon"),
        ("x = " + "1 + " * 30 + "1", "a line over 100 characters"),
        ("%matplotlib inline", "magic"),
        ("!ls", "shell command"),
        ("### BEGIN SOLUTION", "marker"),
        ("x = 1  # TODO later", "marker"),
    ],
)
def test_sources_that_do_not_belong_are_noticed(good, source, complaint):
    good.cells[-1].source = source
    assert complaint in " ".join(sources(good))


def test_ids_slide_types_and_tags_are_noticed(good):
    good.cells[1].id = "0a1b2c3d"
    good.cells[2].id = good.cells[3].id
    good.cells[4].metadata = {}
    good.cells[7].metadata.tags = ["hide"]
    for cell in good.cells[8:12]:
        cell.metadata.tags = ["nbval-ignore-output"]
    faults = " ".join(cells(good))
    for complaint in (
        "'0a1b2c3d'",
        "'text-3'",
        "text-4 has no slide type",
        "unknown tag, 'hide'",
        "4 cells whose output",
    ):
        assert complaint in faults


def test_a_cell_that_was_not_run_is_noticed(good):
    good.cells[-1].execution_count = None
    assert "have not all been run" in " ".join(stored_outputs(good))


@pytest.mark.parametrize(
    "output, complaint",
    [
        (nbformat.v4.new_output("error", ename="KeyError", evalue="", traceback=[]), "raised KeyError"),
        (stream("hm", "stderr"), "wrote to stderr"),
        (stream("read from /home/ada/data"), "a path"),
        (stream(r"read from C:\Users\ada"), "a path"),
        (result(plain="<object at 0x7f3a2b4c>"), "a memory address"),
        (stream("took 3.2 s"), "a time"),
        (stream("at 12:30:05"), "a time"),
        (stream("DeprecationWarning: old"), "a warning"),
    ],
)
def test_outputs_that_differ_between_runs_are_noticed(good, output, complaint):
    good.cells[-1].outputs = [output]
    assert complaint in " ".join(stored_outputs(good))


def test_an_error_may_be_the_lesson(good):
    good.cells[-1].outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])]
    good.cells[-1].metadata.tags = ["raises-exception"]
    assert not list(stored_outputs(good))


@pytest.mark.parametrize(
    "outputs",
    [
        [result(png="aaaa", plain="Figure")],
        [result(png="aaaa", plain="Figure", alt="A line.")],
        [result(png="aaaa", plain="Figure", alt="A line."), result(markdown="*Another line.*")],
        [result(png="aaaa", plain="Figure"), result(markdown="*A line.*")],
    ],
)
def test_a_figure_without_its_caption_is_noticed(good, outputs):
    good.cells[-1].outputs = outputs
    assert list(figures(good)) == ["cell run-19 has a figure without a caption"]


def test_a_figure_with_its_caption_is_in_order(good):
    good.cells[-1].outputs = [result(png="aaaa", plain="Figure", alt="A line."), result(markdown="*A line.*")]
    assert not list(figures(good))


def test_exercise_tags_and_questions_go_together(good):
    good.cells[-1].source = "exercise.size.check(...)"
    good.cells[-2].metadata.tags = ["exercise"]
    faults = " ".join(exercises(good))
    assert "run-19 asks a question but is not tagged" in faults and "run-18 is tagged, but asks nothing" in faults


@pytest.mark.parametrize(
    "answer", ["def size(n):\n    return ...\n\nexercise.size.check(size)", "size = ...\nexercise.size.check(size)"]
)
def test_a_name_from_an_exercise_may_not_be_used_later(good, answer):
    good.cells[-3].source, good.cells[-3].metadata.tags = answer, ["exercise"]
    good.cells[-1].source = "print(size)"
    assert list(exercises(good)) == ["cell run-19 uses size, which the exercise in cell run-17 defines"]
    good.cells[-2].source = "size = 3"
    assert not list(exercises(good))


@pytest.mark.parametrize(
    "source",
    [
        "print(size)\nsize = 3",
        "size += 1",
        "for i in range(3):\n    size += i",
        "size = size + 1",
        "def area():\n    return size**2",
        "[size for _ in range(2)]",
        "{i: i + size for i in range(2)}",
        "f = lambda side=size: side",
        "class Box:\n    side = size",
        "del size",
    ],
)
def test_a_use_of_an_exercise_s_name_is_found(good, source):
    assert _uses_size(good, source)


@pytest.mark.parametrize(
    "source",
    [
        "size = 3\nprint(size)",
        "import numpy as size\nsize.ones(2)",
        "for size in range(3):\n    print(size)",
        "def area(size):\n    return size**2",
        "def area():\n    size = 2\n    size += 1\n    return size",
        "[size for size in range(2)]",
        "{size for size in range(2)}",
        "{size: [size for size in range(size)] for size in range(2)}",
        "def size():\n    return 1",
        "print('size')",
        "image.size",
        "f(size=3)",
    ],
)
def test_a_name_of_its_own_is_no_use_of_an_exercise_s(good, source):
    assert not _uses_size(good, source)


def _uses_size(good, source):
    code = [cell for cell in good.cells if cell.cell_type == "code"]
    code[17].source, code[19].source = "size = ...\nexercise.size.check(size)", source
    code[17].metadata["tags"] = ["exercise"]
    return any("uses size" in fault for fault in exercises(good))


@pytest.mark.parametrize("said", ["Ask. No time is told.", ""])
def test_a_section_without_a_note_that_tells_the_minutes_is_noticed(good, said):
    good.cells[3].source = said
    assert list(notes(good)) == ["the section 'A section' has no note for the instructor that tells the minutes"]
