"""Every lesson as a file: it keeps to the conventions, asks every question, and can be solved."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from coursetools import notebooks
from coursetools.conventions import CHECK_CALL, FIRST_CELL
from lessonlib.checking import Function

LESSONS = sorted(Path("notebooks").glob("*.ipynb"))
WORDS = [path.stem.split("_")[1] for path in LESSONS]
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def sheet_of(path):
    return importlib.import_module(f"lessonlib.exercises.{path.stem.split('_')[1]}").sheet


def solved(notebook, sheet):
    """The notebook with the source of its solution in every exercise cell, as a student would write it."""
    by_name = {exercise.name: exercise for exercise in sheet.exercises}
    for cell in notebook.cells:
        if "exercise" in cell.metadata.get("tags", []):
            (name,) = CHECK_CALL.findall(cell.source)
            exercise = by_name[name]
            numbers = ", ".join(f"{key}={value!r}" for key, value in exercise.given.items())
            call = name if isinstance(exercise.kind, Function) else f"{name}({numbers})"
            cell.source = f"{exercise.solution_source()}\n\n\nexercise.{name}.check({call})"
    return notebook


@each_lesson
def test_a_lesson_keeps_to_the_conventions(path):
    assert notebooks.problems(path) == []


@each_lesson
def test_a_lesson_asks_each_of_its_questions_once(path):
    asked = [
        name
        for cell in notebooks.read(path).cells
        for name in CHECK_CALL.findall(cell.source)
        if cell.cell_type == "code"
    ]
    there = [exercise.name for exercise in sheet_of(path).exercises]
    assert asked == there, (
        f"{path.name} asks {', '.join(asked)}; lessonlib/exercises has {', '.join(there)}. Let them stand in the same "
        "order, once each, and author the notebook again: its stored progress lists them."
    )


@each_lesson
def test_a_solved_lesson_runs_and_every_answer_is_right(path, briefly, run_here):
    sheet = sheet_of(path)
    notebook = solved(briefly(notebooks.read(path)), sheet)
    values = run_here(notebook)
    reports = [values[cell.id] for cell in notebook.cells if "exercise" in cell.metadata.get("tags", [])]
    assert [report.symbol for report in reports] == ["✓"] * len(sheet.exercises)
    assert values["progress"]["state"] == ["✓ right"] * len(sheet.exercises)


@each_lesson
def test_no_answer_stands_above_its_question(path):
    answers = {
        each.name: written(each.first.answer(each.reference))
        for each in sheet_of(path).exercises
        if not isinstance(each.kind, Function)
    }
    above = "".join(
        all_that_is_read(cell) for earlier in LESSONS if earlier < path for cell in notebooks.read(earlier).cells
    )
    for cell in notebooks.read(path).cells:
        for name in CHECK_CALL.findall(cell.source):
            found = [
                each for each in answers.get(name, []) if re.search(rf"(?<![\w,.]){re.escape(each)}(?!,?\w)", above)
            ]
            assert not found, f"{name}: {found} is read before it is asked"
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


def test_a_lesson_has_one_word_for_all_its_rooms():
    assert [path.stem[:2] for path in LESSONS] == [f"{number:02}" for number in range(1, len(LESSONS) + 1)]
    for word in WORDS:
        for room in (f"lessonlib/{word}.py", f"lessonlib/exercises/{word}.py", f"tests/test_{word}.py"):
            assert Path(room).is_file(), room
    assert {path.stem for path in Path("lessonlib/exercises").glob("[a-z]*.py")} == set(WORDS)


def test_every_module_has_its_tests():
    packages = Path("lessonlib"), Path("coursetools")
    modules = {path.stem for package in packages for path in package.glob("[a-z]*") if path.suffix in ("", ".py")}
    assert modules <= {path.stem.removeprefix("test_") for path in Path("tests").rglob("test_*.py")}


def test_from_another_folder_every_lesson_is_still_checked(tmp_path):
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", __file__]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert all(f"test_a_lesson_keeps_to_the_conventions[{path.stem}]" in found for path in LESSONS) and LESSONS


@each_lesson
def test_every_lesson_begins_with_the_cell_that_installs_its_own_version(path):
    first = notebooks.read(path).cells[0]
    assert first.source == FIRST_CELL
    assert first.id == "colab" and not first.outputs
    assert first.metadata.slideshow.slide_type == "skip" and first.metadata.jupyter.source_hidden
