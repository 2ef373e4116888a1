"""Marks: the real nbgrader gives made-up students what they deserve, whatever they try."""

import copy
import csv
import importlib.util
import io
import json
import os
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from operator import attrgetter
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from coursetools.classroom.__main__ import main
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
ANYTHING = """\
class Anything:
    outcome = "right"

    def __getattr__(self, name):
        return self

    def __call__(self, *values):
        return self


sheet = exercise = judge = Anything()
"""
TRICKS = {  # which gain nothing
    "outcome": 'from lessonlib.checking import Exercise\nExercise.outcome = "right"',
    "rebound": ANYTHING,
    "judge": "from lessonlib.checking import marking\nmarking.judge = lambda *names: None",
    "explain": "from lessonlib.checking import exercise as module\nmodule.explain = lambda *_: ('right', '')",
}


@pytest.fixture(scope="module")
def marks(tmp_path_factory, solved):
    """{student: points} of those who handed in."""
    course = tmp_path_factory.mktemp("course")
    write_problem_sheet("03", course)
    nbgrader(course, "generate_assignment", LESSON.name)
    sheet = nbformat.read(course / "release" / LESSON.name / LESSON.path.name, 4)
    right = LESSON.sheet.exercises
    handed_in = {
        student: solved(copy.deepcopy(sheet), answers)
        for student, answers in {"anna": right, "ben": right[:3], "chloé": right, "copied": right[:3]}.items()
    }
    for cell in handed_in["chloé"].cells:
        if CHECK_CALL.findall(cell.source) == ["conv2d"]:
            cell.source = NEVER_ENDS
    locked = [cell for cell in sheet.cells if "nbgrader" in cell.metadata]
    handed_in["copied"].cells += [copy.deepcopy(locked[index]) for index in (0, 1, 1)]
    for student, trick in TRICKS.items():
        handed_in[student] = copy.deepcopy(sheet)
        handed_in[student].cells.insert(2, new_code_cell(trick))
    handed_in["dodge"] = copy.deepcopy(sheet)  # who makes the locked cells agree
    for cell in handed_in["dodge"].cells:
        cell.source = cell.source.replace('judge("', 'print("')
    handed_in["kills"] = copy.deepcopy(sheet)
    handed_in["kills"].cells.insert(2, new_code_cell("import os\nos._exit(1)"))
    for student, notebook in handed_in.items():
        path = course / "submitted" / student / LESSON.name / LESSON.path.name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
    for name in (
        "lessonlib/__init__.py",
        "lessonlib/checking/marking.py",
        "torch.py",
        "conftest.py",
        "sitecustomize.py",
    ):
        file = course / "submitted" / "dodge" / LESSON.name / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(ANYTHING)
    told = io.StringIO()
    with redirect_stdout(told), redirect_stderr(told):
        assert main(["--mark", "03", str(course)]) == 1  # as one of them could not be marked
    assert "anna is marked: 15 of 15 points\n" in told.getvalue() and "kills is not marked" in told.getvalue()
    nbgrader(course, "export")
    rows = csv.DictReader((course / "grades.csv").read_text(encoding="utf-8").splitlines())
    return {row["student_id"]: float(row["score"]) for row in rows}


def test_a_sheet_that_can_not_run_here_marks_nobody(tmp_path, capsys):
    path = write_problem_sheet("03", tmp_path)
    path.write_text(path.read_text().replace("from lessonlib", "from nowhere"))
    (tmp_path / "submitted" / "anna" / LESSON.name).mkdir(parents=True)
    assert main(["--mark", "03", str(tmp_path)]) == 1
    assert "can't be run here: ModuleNotFoundError: No module named 'nowhere'" in capsys.readouterr().err


def test_the_zip_of_moodle_is_collected(tmp_path):
    sheet = write_problem_sheet("03", tmp_path)
    nbgrader(tmp_path, "generate_assignment", LESSON.name)
    archive = tmp_path / "downloaded" / LESSON.name / "archive" / "C1-Lesson 3-99.zip"
    archive.parent.mkdir(parents=True)
    with zipfile.ZipFile(archive, "w") as names:
        for name in ("Zoë O'Neil_4711_assignsubmission_file_/03_color (1)", "Ben_4712_assignsubmission_file_03_color"):
            names.write(sheet, f"{name}.ipynb")
    nbgrader(tmp_path, "zip_collect", LESSON.name)
    found = {path.relative_to(tmp_path / "submitted").as_posix() for path in tmp_path.glob("submitted/*/*/*.ipynb")}
    assert found == {"Zoë O'Neil/03_color/03_color (1).ipynb", "Ben/03_color/03_color.ipynb"}


def nbgrader(course, *command):
    """Run it in the folder of the course, with what it calls from PATH."""
    environment = os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    command = [sys.executable, "-m", "nbgrader", *command]
    run = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_each_right_answer_is_a_point(marks):
    assert marks["anna"] == len(LESSON.sheet.exercises) == 15 and marks["ben"] == 3


def test_an_answer_that_never_ends_costs_its_own_point_alone(marks):
    assert marks["chloé"] == len(LESSON.sheet.exercises) - 1


def test_whoever_copies_a_locked_cell_has_the_points_of_the_answers(marks):
    assert marks["copied"] == 3


@pytest.mark.parametrize("student", [*TRICKS, "dodge", "kills"])
def test_whoever_tricks_gains_nothing(marks, student):
    assert marks[student] == 0


@pytest.mark.parametrize("lesson", lessons(), ids=attrgetter("name"))
def test_a_sheet_is_one_that_nbgrader_accepts(lesson):
    preprocessors = pytest.importorskip("nbgrader.preprocessors")
    preprocessors.CheckCellMetadata().preprocess(problem_sheet(lesson), {})
