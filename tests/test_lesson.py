"""A lesson is one object, and one word for all its rooms; a file that is no notebook is told in a sentence."""

import json
from pathlib import Path

import nbformat
import pytest

from coursetools.lesson import CHECK_CALL, ROOT, Lesson, NotebookError, lessons, read

each_lesson = pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)


def test_a_lesson_knows_its_number_its_word_and_its_title():
    lesson = lessons()[2]
    assert (lesson.name, lesson.number, lesson.word, lesson.title) == ("03_color", "03", "color", "Filter in colour")


def test_a_lesson_has_one_word_for_all_its_rooms():
    assert [lesson.number for lesson in lessons()] == [f"{number:02}" for number in range(1, len(lessons()) + 1)]
    for lesson in lessons():
        for room in (
            f"lessonlib/{lesson.word}.py",
            f"lessonlib/exercises/{lesson.word}.py",
            f"tests/test_{lesson.word}.py",
        ):
            assert (ROOT / room).is_file(), room
    sheets = {path.stem for path in (ROOT / "lessonlib" / "exercises").glob("[a-z]*.py")}
    assert sheets == {lesson.word for lesson in lessons()}


@each_lesson
def test_a_lesson_asks_each_of_its_questions_once(lesson):
    code = [cell.source for cell in lesson.notebook().cells if cell.cell_type == "code"]
    asked = [name for source in code for name in CHECK_CALL.findall(source)]
    there = [exercise.name for exercise in lesson.sheet.exercises]
    assert asked == there, (
        f"{lesson.name} asks {', '.join(asked)}; lessonlib/exercises has {', '.join(there)}. Let them stand in the same "
        "order, once each, and author the notebook again: its stored progress lists them."
    )


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "01_thing.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A title")]), path)
    return path


def with_changed(path, change):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.parametrize(
    "damage, sentence",
    [
        (Path.unlink, "can't be read: .*No such file"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "can't be read: 'utf-8' codec"),
        (lambda path: path.write_text("{}"), "is no notebook"),
        (lambda path: path.write_text(f"<<<<<<< HEAD\n{path.read_text()}"), "has conflict markers"),
        (lambda path: with_changed(path, lambda found: found.pop("cells")), "is no notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_told(damage, sentence, path):
    assert Lesson(path).title == "A title"
    damage(path)
    with pytest.raises(NotebookError, match=sentence):
        read(path)
