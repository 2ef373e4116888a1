"""Marks with nbgrader, which runs the answers of each student again: a lesson's exercises as a sheet that it can grade."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursetools import notebooks, offline
from coursetools.conventions import CHECK_CALL
from lessonlib.checking import Exercise

CONFIGURATION = """\
c = get_config()
c.CourseDirectory.course_id = "convolution-course"
c.ExecutePreprocessor.timeout = 300  # seconds of a cell; an answer's own function is stopped much earlier
c.ClearSolutions.code_stub = {"python": "..."}
"""
TITLE = """\
# {title}: for marks

Put your answers in place of the dots, run each cell, save, and hand the notebook in. It is run again, from top to
bottom, to be marked: one point for each right answer."""


def write_problem_sheet(number: str, course: Path) -> Path:
    """Write the exercises of a lesson, 03 or so, into nbgrader's folder of a course. Returns the path of the sheet.

    A configuration that is there already stays. Raises ValueError where there is no such lesson.
    """
    lessons = {path.stem[:2]: path for path in sorted(notebooks.LESSONS.glob("*.ipynb"))}
    number = number.zfill(2)
    if number not in lessons:
        raise ValueError(f"there is no lesson {number!r}: give one of {', '.join(lessons)}")
    lesson = lessons[number].stem
    sheet = course / "source" / lesson / f"{lesson}.ipynb"
    sheet.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(problem_sheet(lesson), sheet)
    configuration = course / "nbgrader_config.py"
    if not configuration.exists():
        configuration.write_text(CONFIGURATION, encoding="utf-8")
    return sheet


def problem_sheet(lesson: str) -> NotebookNode:
    """The exercises of a lesson, such as 03_color, each followed by a locked cell that is worth one point.

    The cell of an answer is none of nbgrader's: as a solution it would be emptied, and the dots are what a student sees.
    """
    asked = {name: each for each in _code(lesson) for name in CHECK_CALL.findall(each.source)}
    shown = {name: each for name in asked for each in _code(lesson) if f"exercise.{name}.shows" in each.source}
    title = next(
        each.source for each in notebooks.read(notebooks.LESSONS / f"{lesson}.ipynb").cells if each.id == "title"
    )
    setup = next(each for each in _code(lesson) if each.id == "setup")
    cells = [new_markdown_cell(TITLE.format(title=title.splitlines()[0].lstrip("# "))), _locked("setup", setup.source)]
    for exercise in offline.sheet_of(lesson).exercises:
        cells.append(new_markdown_cell(f"## {exercise.title}\n\n{exercise.text(exercise.task)}"))
        if exercise.name in shown:
            cells.append(_locked(f"{exercise.name}_shown", shown[exercise.name].source))
        cells.append(new_code_cell(asked[exercise.name].source, id=asked[exercise.name].id))
        cells.append(_locked(exercise.name, _asks(exercise), points=1))
    return new_notebook(cells=cells, metadata=notebooks.METADATA)


def _code(lesson: str) -> list[NotebookNode]:
    cells = notebooks.read(notebooks.LESSONS / f"{lesson}.ipynb").cells
    return [cell for cell in cells if cell.cell_type == "code"]


def _asks(exercise: Exercise) -> str:
    return f'assert exercise.{exercise.name}.outcome == "right", exercise.{exercise.name}.outcome'


def _locked(name: str, source: str, points: int = 0) -> NotebookNode:
    """A cell that nbgrader puts back as it was before it runs the sheet."""
    its_own = {"schema_version": 3, "grade_id": name, "locked": True, "solution": False, "task": False}
    graded = {"grade": True, "points": points} if points else {"grade": False}
    return new_code_cell(source, metadata={"nbgrader": its_own | graded}, id=name.replace("_", "-"))
