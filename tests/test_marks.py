"""Sheets that give marks: each right answer a point, whatever else stands in a notebook. tests/class tries the real nbgrader."""

import shutil
import sys
from operator import attrgetter
from types import SimpleNamespace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from coursetools.classroom import marks
from coursetools.classroom.__main__ import main
from coursetools.classroom.marks import clean, problem_sheet, write_problem_sheet
from coursetools.lesson import lessons
from lessonlib.checking import Exercise, Outcome, marking
from lessonlib.checking import exercise as its_module

FILTERS, COLOR = lessons()[1:3]


@pytest.fixture(autouse=True)
def nothing_answered(monkeypatch):
    for lesson in lessons():
        for name in ("answers", "_outcomes"):  # as in a fresh kernel: what was right stays right
            monkeypatch.setattr(lesson.sheet, name, {})


def points(sheet):
    return [cell for cell in sheet.cells if cell.metadata.get("nbgrader", {}).get("grade")]


@pytest.mark.parametrize("lesson", lessons(), ids=attrgetter("name"))
def test_every_right_answer_is_a_point_on_the_sheet_alone(lesson, solved, run_here):
    """Without the lesson around it: each question brings what it needs, and its locked cell says nothing."""
    sheet = solved(problem_sheet(lesson), lesson.sheet.exercises)
    run_here(sheet)
    assert [cell.metadata.nbgrader.points for cell in points(sheet)] == [1] * len(lesson.sheet.exercises)


def test_an_open_sheet_gives_no_point(run_here):
    with pytest.raises(AssertionError, match="Not answered yet"):
        run_here(problem_sheet(COLOR))


def test_with_a_seed_the_numbers_of_a_student_are_asked_and_marked(run_here, monkeypatch):
    sheet = problem_sheet(FILTERS, seeds=True)
    (whose,) = [cell for cell in sheet.cells if cell.id == "student"]
    whose.source = 'student = "Anna  Lee"'
    seed = marking.seed("anna lee")
    own = [exercise for exercise in FILTERS.sheet.exercises if exercise.draw]
    assert len({marking.seed(name) for name in ("anna", "ben", "Anna Lee")}) == 3 and len(own) == 4
    for exercise in own:
        (cell,) = [cell for cell in sheet.cells if f"{exercise.name}.another(seed).check(" in cell.source]
        cell.source = cell.source.replace("check(...)", f"check({exercise.another(seed).verdicts()[0].gives!r})")
    unmarked = {exercise.name for exercise in FILTERS.sheet.exercises} - {exercise.name for exercise in own}
    template = problem_sheet(FILTERS, seeds=True)
    for each in (sheet, template):
        each.cells = [cell for cell in each.cells if cell.metadata.get("nbgrader", {}).get("grade_id") not in unmarked]
    run_here(sheet)
    without = nbformat.from_dict(sheet)
    without.cells = [cell for cell in sheet.cells if cell is not whose]
    run_here(clean(without, template, "anna lee"))  # the folder knows her name
    monkeypatch.setenv(marking.STUDENT, "ben")  # who hands in what Anna has written
    with pytest.raises(AssertionError):
        run_here(sheet)


TRICKS = {
    "the outcome is set": lambda patch: patch.setattr(Exercise, "outcome", "right"),
    "check is replaced": lambda patch: patch.setattr(Exercise, "check", lambda *_: SimpleNamespace(outcome="right")),
    "the state is set": lambda patch: patch.setitem(COLOR.sheet._outcomes, ("separable", None), "right"),
    "the verdict is replaced": lambda patch: patch.setattr(its_module, "explain", lambda *_: (Outcome.RIGHT, "")),
}


@pytest.mark.parametrize("trick", TRICKS.values(), ids=TRICKS)
def test_what_a_notebook_changes_in_the_library_gives_no_point(trick, monkeypatch):
    trick(monkeypatch)
    COLOR.sheet.separable.check(1)
    modules = dict(sys.modules)
    with pytest.raises(AssertionError, match="A separable convolution"):
        marking.judge("color", "separable")
    assert {name: modules[name] for name in modules if name.startswith("lessonlib")}.items() <= sys.modules.items()


def test_each_locked_cell_comes_once_and_what_a_student_wrote_stays():
    sheet = problem_sheet(COLOR)
    locked = [cell.source for cell in sheet.cells if "nbgrader" in cell.metadata]
    handed_in = nbformat.from_dict(sheet)
    copy, note = nbformat.from_dict(points(sheet)[0]), new_code_cell("mine = 1", metadata={"nbgrader": ["?"]})
    for cell in points(handed_in)[1:3]:
        handed_in.cells.remove(cell)
    handed_in.cells += [copy, note, nbformat.from_dict(handed_in.cells[1])]
    cleaned = clean(handed_in, sheet, "anna")
    assert sorted(cell.source for cell in cleaned.cells if cell.metadata) == sorted(locked)
    assert (
        note.id not in [cell.id for cell in cleaned.cells]
        and [cell.source for cell in cleaned.cells].count("mine = 1") == 1
    )
    assert cleaned.cells[2].source == sheet.cells[1].source  # the first cell of the set-up, not its copy at the end
    nbformat.validate(cleaned)


def test_a_sheet_is_written_where_nbgrader_looks_and_what_was_set_by_hand_stays(tmp_path):
    path = write_problem_sheet("3", tmp_path)
    assert path == tmp_path / "source" / COLOR.name / f"{COLOR.name}.ipynb"
    (tmp_path / "nbgrader_config.py").write_text("mine")
    by_hand = nbformat.read(path, 4)
    points(by_hand)[2].metadata.nbgrader.points, points(by_hand)[3].metadata.nbgrader.points = 2.5, 0
    nbformat.write(by_hand, path)
    write_problem_sheet("03", tmp_path, seeds=True)
    assert (tmp_path / "nbgrader_config.py").read_text() == "mine"
    assert [cell.metadata.nbgrader.points for cell in points(nbformat.read(path, 4))][:4] == [1, 1, 2.5, 0]


@pytest.mark.parametrize("command", ["--nbgrader", "--mark"])
@pytest.mark.parametrize("number", ["7", "00", "color"])
def test_a_lesson_that_is_not_there_is_told(command, number, tmp_path, capsys):
    assert main([command, number, str(tmp_path)]) == 1
    assert "give one of 01, 02, 03, 04, 05, 06" in capsys.readouterr().err


def test_marking_says_what_is_missing_and_who_could_not_be_marked(tmp_path, monkeypatch, capsys):
    assert main(["--mark", "03", str(tmp_path)]) == 1 and "has no sheet" in capsys.readouterr().err
    write_problem_sheet("03", tmp_path, seeds=True)
    assert main(["--mark", "03", str(tmp_path)]) == 1 and "has no hand-in" in capsys.readouterr().err
    ran = []

    def autograde(course, lesson, student):
        ran.append(student)
        shutil.copytree(course / "cleaned" / student, course / "autograded" / student, dirs_exist_ok=True)

    monkeypatch.setattr(marks, "_must_run", lambda *_: None)
    monkeypatch.setattr(marks, "_points", lambda *_: "3 of 15 points")
    monkeypatch.setattr(marks, "_autograde", autograde)
    notebooks = {"nobody": "x = 1", "sly": 'student = "sly"\nimport sys\nsys.meta_path'}
    notebooks |= dict.fromkeys(["anna", "ben"], 'student = "ben"  # me')
    judge = points(problem_sheet(COLOR, seeds=True))[0].source  # as a copy, without metadata
    texts = {
        name: nbformat.writes(new_notebook(cells=[new_code_cell(cell), new_code_cell(judge)]))
        for name, cell in notebooks.items()
    }
    for student, text in (texts | {"chloé": "[1]"}).items():
        folder = tmp_path / "submitted" / student / COLOR.name
        folder.mkdir(parents=True)
        (folder / f"{COLOR.name} (1).ipynb").write_text(text)
        (folder / "torch.py").write_text("raise SystemExit")
    (tmp_path / "submitted" / "anna" / COLOR.name / f"{COLOR.name}.ipynb").write_text(texts["anna"])
    assert main(["--mark", "03", str(tmp_path)]) == 1
    told, faults = capsys.readouterr()
    assert told == "ben is marked: 3 of 15 points\n"
    assert "03_color.ipynb counts, and not 03_color (1).ipynb; has answered as 'ben', and is marked as 'anna'" in faults
    assert "nobody is marked: 3 of 15 points; writes no name, and is marked as 'nobody'" in faults
    assert "looks into the judge, with meta_path" in faults and faults.count("judge") == 1
    assert "chloé is not marked" in faults and "the gradebook keeps 3 of 15 points" in faults
    assert [path.name for path in tmp_path.glob("cleaned/ben/*/*")] == [f"{COLOR.name}.ipynb"]
    (tmp_path / "submitted" / "ben" / COLOR.name / f"{COLOR.name}.ipynb").write_text(texts["nobody"])
    ran.clear()
    assert main(["--mark", "03", str(tmp_path)]) == 1 and ran == ["ben"]  # who has changed it
    assert "nobody was marked: 3 of 15 points; writes no name" in capsys.readouterr().err
