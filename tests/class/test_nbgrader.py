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

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("nbgrader") is None, reason="nbgrader is not installed here: make thorough does so"
)
LESSON = lessons()[2]
NEVER_ENDS = """\
def conv2d(image, weight, bias):
    while True:
        pass


exercise.conv2d.check(conv2d)"""


@pytest.fixture(scope="module")
def marks(tmp_path_factory, solved):
    """{student: points} of those who handed in."""
    course = tmp_path_factory.mktemp("course")
    write_problem_sheet("03", course)
    nbgrader(course, "generate_assignment", LESSON.name)
    given_out = course / "release" / LESSON.name / LESSON.path.name
    right = LESSON.sheet.exercises
    for student, answers in {"anna": right, "ben": right[:3], "chloé": right, "dodge": []}.items():
        notebook = solved(nbformat.read(given_out, 4), answers)
        if student == "chloé":
            for cell in notebook.cells:
                if CHECK_CALL.findall(cell.source) == ["conv2d"]:
                    cell.source = NEVER_ENDS
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
    assert marks["anna"] == len(LESSON.sheet.exercises) == 14 and marks["ben"] == 3


def test_an_answer_that_never_ends_costs_its_own_point_alone(marks):
    assert marks["chloé"] == len(LESSON.sheet.exercises) - 1


def test_whoever_changes_the_cells_that_mark_gains_nothing(marks):
    assert marks["dodge"] == 0


@pytest.mark.parametrize("lesson", lessons(), ids=attrgetter("name"))
def test_a_sheet_is_one_that_nbgrader_accepts(lesson):
    preprocessors = pytest.importorskip("nbgrader.preprocessors")
    preprocessors.CheckCellMetadata().preprocess(problem_sheet(lesson), {})
