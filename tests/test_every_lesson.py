"""Every lesson as a whole: it can be solved, its figures can be read, and no answer stands above its question."""

import itertools
import re
from types import SimpleNamespace

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from coursetools.authoring.conventions import FIRST_CELL
from coursetools.lesson import CHECK_CALL, lessons
from lessonlib.checking import Function
from lessonlib.figures import CaptionedFigure

each_lesson = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)


@pytest.fixture(scope="module", params=lessons(), ids=lambda lesson: lesson.name)
def solved_lesson(request, briefly, solved, run_here):
    """A lesson with all its solutions, run in this process: its sheet, and what each cell ends in."""
    sheet = request.param.sheet
    notebook = solved(briefly(request.param.notebook()), sheet.exercises)
    return SimpleNamespace(sheet=sheet, notebook=notebook, values=run_here(notebook))


def test_a_solved_lesson_runs_and_every_answer_is_right(solved_lesson):
    cells = [cell for cell in solved_lesson.notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    count = len(solved_lesson.sheet.exercises)
    assert [solved_lesson.values[cell.id].symbol for cell in cells] == ["✓"] * count
    assert solved_lesson.values["progress"]["state"] == ["✓ right"] * count


def test_the_lettering_of_every_figure_can_be_read(solved_lesson, contrast_with_white):
    """At 9 points or more, with a contrast of 4.5:1 where it stands on white, nothing on top of anything else."""
    faults = []
    for cell, drawing in solved_lesson.values.items():
        if isinstance(drawing, CaptionedFigure):
            renderer = FigureCanvasAgg(drawing.figure).get_renderer()
            texts = drawn_texts(drawing.figure)
            boxes = [text.get_window_extent(renderer) for text in texts]
            on_white = [text for text in texts if to_rgb(text.get_color()) != (1, 1, 1)]  # white stands on dark
            pale = [text for text in on_white if contrast_with_white(text.get_color()) < 4.5]
            faults += [f"{cell}: {text.get_text()!r} is small" for text in texts if text.get_size() < 9]
            faults += [f"{cell}: {text.get_text()!r} is pale" for text in pale]
            for (text, box), (other, other_box) in itertools.combinations(zip(texts, boxes, strict=True), 2):
                both = Bbox.intersection(box, other_box)
                if both is not None and both.width > 1 and both.height > 2:
                    faults.append(f"{cell}: {text.get_text()!r} lies on {other.get_text()!r}")
    assert not faults


def drawn_texts(figure):
    """All that is written into a figure, without the labels of ticks on an axis that is off or ends before them."""
    hidden = []
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not axes.axison or not low <= tick.get_loc() <= high:
                    hidden += [tick.label1, tick.label2]
    texts = [text for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return [text for text in texts if text not in hidden]


@each_lesson
def test_no_answer_stands_above_its_question(lesson):
    answers = {
        exercise.name: written(exercise.answer(exercise.reference))
        for exercise in lesson.sheet.exercises
        if not isinstance(exercise.kind, Function)
    }
    earlier = [other for other in lessons() if other.name < lesson.name]
    above = "".join(all_that_is_read(cell) for other in earlier for cell in other.notebook().cells)
    for cell in lesson.notebook().cells:
        for name in CHECK_CALL.findall(cell.source):
            found = [
                each for each in answers.get(name, []) if re.search(rf"(?<![\w,.]){re.escape(each)}(?!,?\w)", above)
            ]
            assert not found, f"{lesson.name}: {found}, the answer to {name}, is read before it is asked"
        above += all_that_is_read(cell)


def all_that_is_read(cell):
    """The source of a cell and the text of its outputs."""
    outputs = [output.get("data", {}) | {"text": output.get("text", "")} for output in cell.get("outputs", [])]
    return "\n".join([cell.source, *(text for each in outputs for kind, text in each.items() if "text" in kind), ""])


def written(answer):
    """How an answer may be written: a number of three digits or more, a share, rows of numbers. Others occur by chance."""
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    if isinstance(answer, float):
        return [f"{answer:.0f}%", f"{answer:.1f}", f"{answer:.2f}"]
    if isinstance(answer, int) and abs(answer) >= 100:
        return [str(answer), f"{answer:,}"]
    if isinstance(answer, (list, tuple)) and "'" not in str(answer):
        return [str(answer), *(way for each in answer if isinstance(each, int) for way in written(each))]
    return []


@each_lesson
def test_every_lesson_begins_with_the_cell_that_installs_its_own_version(lesson):
    first = lesson.notebook().cells[0]
    assert first.source == FIRST_CELL
    assert first.id == "colab" and not first.outputs
    assert first.metadata.slideshow.slide_type == "skip" and first.metadata.jupyter.source_hidden
