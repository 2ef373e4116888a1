"""Marks: the real nbgrader gives three made-up students what they deserve."""

import csv
import importlib.util
import os
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import nbformat
import pytest

from coursetools.classroom.marks import problem_sheet, write_problem_sheet
from coursetools.lesson import CHECK_CALL, lessons
from lessonlib.checking import Function

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nbgrader") is None, reason="nbgrader is not installed here: make thorough does so"
)
LESSON = lessons()[2]
BY_NAME = {exercise.name: exercise for exercise in LESSON.sheet.exercises}
NEVER_ENDS = """\
def conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    while True:
        pass


exercise.conv2d_parameters.check(conv2d_parameters)"""


def solution(exercise):
    """The source of a student who knows it."""
    numbers = ", ".join(f"{name}={value!r}" for name, value in exercise.given.items())
    call = exercise.name if isinstance(exercise.kind, Function) else f"{exercise.name}({numbers})"
    return f"{exercise.solution_source()}\n\n\nexercise.{exercise.name}.check({call})"


def answered(notebook, answers):
    """The sheet as it was given out, with a source for each of the exercises named."""
    for cell in notebook.cells:
        for name in CHECK_CALL.findall(cell.source) if cell.cell_type == "code" else []:
            cell.source = answers.get(name, cell.source)
    return notebook


@pytest.fixture(scope="module")
def marks(tmp_path_factory):
    """{student: points} of those who handed in."""
    course = tmp_path_factory.mktemp("course")
    write_problem_sheet("03", course)
    nbgrader(course, "generate_assignment", LESSON.name)
    given_out = course / "release" / LESSON.name / LESSON.path.name
    right = {name: solution(exercise) for name, exercise in BY_NAME.items()}
    three = {name: right[name] for name in list(right)[:3]}
    all_but_one = right | {"conv2d_parameters": NEVER_ENDS}
    for student, answers in {"anna": right, "ben": three, "chloé": all_but_one, "dodge": {}}.items():
        notebook = answered(nbformat.read(given_out, 4), answers)
        if student == "dodge":  # who answers nothing, and makes the locked cells agree
            for cell in notebook.cells:
                cell.source = cell.source.replace('outcome == "right"', 'outcome == "open"')
        path = course / "submitted" / student / LESSON.name / LESSON.path.name
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)
    nbgrader(course, "autograde", LESSON.name)
    nbgrader(course, "export")
    rows = csv.DictReader((course / "grades.csv").read_text(encoding="utf-8").splitlines())
    return {row["student_id"]: float(row["score"]) for row in rows}


def nbgrader(course, *command):
    """Run it in the folder of the course, with what it calls from PATH."""
    environment = os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    command = [sys.executable, "-m", "nbgrader", *command]
    run = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_each_right_answer_is_a_point(marks):
    assert marks["anna"] == len(BY_NAME) == 14 and marks["ben"] == 3


def test_an_answer_that_never_ends_costs_its_own_point_alone(marks):
    assert marks["chloé"] == len(BY_NAME) - 1


def test_whoever_changes_the_cells_that_mark_gains_nothing(marks):
    assert marks["dodge"] == 0


@pytest.mark.parametrize("lesson", lessons(), ids=attrgetter("name"))
def test_a_sheet_is_one_that_nbgrader_accepts(lesson):
    preprocessors = pytest.importorskip("nbgrader.preprocessors")
    preprocessors.CheckCellMetadata().preprocess(problem_sheet(lesson), {})
