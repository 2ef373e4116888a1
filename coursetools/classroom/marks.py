"""Marks with nbgrader, which runs the answers of each student again: a lesson's exercises as a sheet that it can grade."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursetools.authoring.normal_form import METADATA
from coursetools.lesson import CHECK_CALL, Lesson, lessons
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
    there = {lesson.number: lesson for lesson in lessons()}
    number = number.zfill(2)
    if number not in there:
        raise ValueError(f"there is no lesson {number!r}: give one of {', '.join(there)}")
    lesson = there[number]
    sheet = course / "source" / lesson.name / f"{lesson.name}.ipynb"
    sheet.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(problem_sheet(lesson), sheet)
    configuration = course / "nbgrader_config.py"
    if not configuration.exists():
        configuration.write_text(CONFIGURATION, encoding="utf-8")
    return sheet


def problem_sheet(lesson: Lesson) -> NotebookNode:
    """The exercises of a lesson, each followed by a locked cell that is worth one point.

    The cell of an answer is none of nbgrader's: as a solution it would be emptied, and the dots are what a student sees.
    """
    code = [cell for cell in lesson.notebook().cells if cell.cell_type == "code"]
    asked = {name: cell for cell in code for name in CHECK_CALL.findall(cell.source)}
    shown = {name: cell for name in asked for cell in code if f"exercise.{name}.shows" in cell.source}
    setup = next(cell for cell in code if cell.id == "setup")
    cells = [new_markdown_cell(TITLE.format(title=lesson.title)), _locked("setup", setup.source)]
    for exercise in lesson.sheet.exercises:
        cells.append(new_markdown_cell(f"## {exercise.title}\n\n{exercise.text(exercise.task)}"))
        if exercise.name in shown:
            cells.append(_locked(f"{exercise.name}_shown", shown[exercise.name].source))
        cells.append(new_code_cell(asked[exercise.name].source, id=asked[exercise.name].id))
        cells.append(_locked(exercise.name, _asks(exercise), points=1))
    return new_notebook(cells=cells, metadata=METADATA)


def _asks(exercise: Exercise) -> str:
    return f'assert exercise.{exercise.name}.outcome == "right", exercise.{exercise.name}.outcome'


def _locked(name: str, source: str, points: int = 0) -> NotebookNode:
    """A cell that nbgrader puts back as it was before it runs the sheet."""
    its_own = {"schema_version": 3, "grade_id": name, "locked": True, "solution": False, "task": False}
    graded = {"grade": True, "points": points} if points else {"grade": False}
    return new_code_cell(source, metadata={"nbgrader": its_own | graded}, id=name.replace("_", "-"))
