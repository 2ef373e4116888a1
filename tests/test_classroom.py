"""What a class answered: read from what students handed in, whatever they handed in."""

import csv
import io
import json
import os
import unicodedata
import zipfile
from pathlib import Path

import nbformat
import pytest

from coursetools.classroom import collecting, counting, showing
from coursetools.classroom.__main__ import main
from coursetools.lesson import CHECK_CALL, lessons
from lessonlib.checking import MIME

LESSONS = {lesson.name: {exercise.name: exercise for exercise in lesson.sheet.exercises} for lesson in lessons()}
LESSON = "03_color"
EXERCISES = LESSONS[LESSON]
STORED = json.loads(Path("notebooks", f"{LESSON}.ipynb").read_text(encoding="utf-8"))


def handed_in(answers):
    """The bytes of a lesson that is saved with the reports of some answers, {exercise: [report's data]}."""
    notebook = json.loads(json.dumps(STORED))
    for cell in notebook["cells"]:
        for name in CHECK_CALL.findall("".join(cell["source"])) if cell["cell_type"] == "code" else []:
            if name in answers:
                cell["outputs"] = [
                    {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {MIME: report}}
                    for report in answers[name]
                ]
    return json.dumps(notebook).encode()


def report(exercise, outcome="right", mistake=None, draw=None, version=None):
    version = version or EXERCISES[exercise].version
    return {"exercise": exercise, "version": version, "draw": draw, "outcome": outcome, "mistake": mistake}


RIGHT = {"separable": [report("separable")]}
WRONG = {"separable": [report("separable", "wrong", "separable_without_bias")]}


def put(folder, name, content):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def collected(place):
    return collecting.collect(collecting.files(place), LESSONS)


def whose(folder):
    return sorted(hand_in.student for hand_in in collected(folder)[0])


def test_what_a_student_saved_is_what_is_told(tmp_path):
    """By real checks: a right answer, a known mistake, an unknown one, and what is open."""
    answers = {
        "separable": EXERCISES["separable"].check(8960),
        "maps_of_one_filter": EXERCISES["maps_of_one_filter"].check(3),
        "second_layer": EXERCISES["second_layer"].check(-1),
        "grey_layer": EXERCISES["grey_layer"].check(...),
    }
    saved = {name: [answer._repr_mimebundle_()[MIME]] for name, answer in answers.items()}
    put(tmp_path, "anna/03_color.ipynb", handed_in(saved))
    (lesson,) = counting.count(collected(tmp_path)[0], LESSONS)
    assert lesson.students == ["anna"]
    columns = {column.exercise.name: column for column in lesson.columns}
    assert columns["separable"].outcome("anna") == "right"
    made = columns["maps_of_one_filter"].mistake("anna")
    assert made.name == "a_map_for_each_channel" and made.because.startswith("you counted a map for each channel")
    assert columns["second_layer"].mistake("anna").name == counting.UNKNOWN
    assert columns["grey_layer"].outcome("anna") == columns["fill_in"].outcome("anna") == "open"
    assert lesson.right("anna") == 1 and len(lesson.open("anna")) == len(EXERCISES) - 3


def test_mistakes_are_told_most_frequent_first(tmp_path):
    wrong = ["separable_without_bias"] * 3 + ["plain_convolution"] * 5 + [None]
    for number, mistake in enumerate(wrong):
        answers = {"separable": [report("separable", "wrong", mistake)]}
        put(tmp_path, f"s{number}/03_color.ipynb", handed_in(answers))
    (lesson,) = counting.count(collected(tmp_path)[0], LESSONS)
    row = next(line for line in str(showing.table(lesson)).splitlines() if line.startswith("separable"))
    mistakes = "plain_convolution 5, separable_without_bias 3, another answer 1"
    assert row.split(None, 3) == ["separable", "9", "0", mistakes]


@pytest.mark.parametrize(
    "reports, counts",
    [
        ([report("separable", "wrong"), report("separable")], "right"),
        ([report("separable"), report("separable", "wrong")], "wrong"),
        ([report("separable"), report("separable", "wrong", draw=7)], "right"),  # the lesson's own come first
        ([report("separable", "wrong", draw=7)], "wrong"),  # a student may be given a seed of their own
        ([report("separable", "note"), report("separable", "open")], "open"),
    ],
)
def test_the_latest_answer_counts_and_the_lesson_s_own_numbers_before_others(reports, counts):
    lesson, answers = collecting.read(handed_in({"separable": reports}), LESSONS)
    assert lesson == LESSON
    assert (answers["separable"].outcome if "separable" in answers else "open") == counts


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_known_by_its_exercises_whatever_its_name(lesson):
    content = Path("notebooks", f"{lesson}.ipynb").read_bytes()
    assert collecting.read(content, LESSONS) == (lesson, {})


@pytest.mark.parametrize(
    "names, students",
    [
        ("anna/03_color.ipynb ben/03_color.ipynb", "anna ben"),
        ("class/anna/03_color.ipynb class/ben/03_color.ipynb", "anna ben"),
        ("anna/03_color/03_color.ipynb ben/03_color/03_color.ipynb", "anna ben"),
        ("03_color/anna/03_color.ipynb 03_color/ben/mine.ipynb", "anna ben"),
        ("anna/03_color.ipynb", "anna"),
        ("03_color_anna.ipynb ben-03_color(2).ipynb chloé.ipynb", "anna ben chloé"),
        ("03_color.ipynb", "03_color.ipynb"),
        ("group-1/03_color.ipynb group(3)/03_color.ipynb", "group(3) group-1"),
        ("Anna_4711_assignsubmission_file_/03_color.ipynb Ben_4712_assignsubmission_file_/x.ipynb", "Anna Ben"),
        ("İpek/03_color.ipynb Łukasz/03_color-Copy1.ipynb", "İpek Łukasz"),
    ],
)
def test_whose_a_notebook_is_is_told_by_its_folder_or_its_name_in_a_zip_too(names, students, tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in names.split():
            put(tmp_path / "all", name, handed_in(RIGHT))
            archive.writestr(name, handed_in(RIGHT))
    assert whose(tmp_path / "all") == whose(tmp_path / "all.zip") == students.split()


def test_a_zip_in_the_folder_of_each_student_is_opened_too(tmp_path):
    for student in ("anna", "ben"):
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w") as archive:
            archive.writestr("work/03_color.ipynb", handed_in(RIGHT))
        put(tmp_path, f"{student}/all.zip", inner.getvalue())
    assert whose(tmp_path) == ["anna", "ben"]


def test_one_name_in_two_spellings_of_an_accent_is_one_student(tmp_path):
    """A Mac writes an accent as a letter of its own."""
    put(tmp_path, f"{unicodedata.normalize('NFD', 'Chloé')}/03_color.ipynb", handed_in(RIGHT))
    other_lesson = Path("notebooks/02_filters.ipynb").read_bytes()
    put(tmp_path, f"{unicodedata.normalize('NFC', 'Chloé')}/02_filters.ipynb", other_lesson)
    assert set(whose(tmp_path)) == {"Chloé"}


def test_a_mac_s_zip_does_not_say_that_its_names_are_utf_8(tmp_path):
    name = "Chloé/03_color.ipynb".encode()
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("C" * (len(name) - len("/03_color.ipynb")) + "/03_color.ipynb", handed_in(RIGHT))
    raw = (tmp_path / "all.zip").read_bytes()
    (tmp_path / "all.zip").write_bytes(raw.replace(b"C" * 6 + b"/03_color.ipynb", name))
    assert whose(tmp_path / "all.zip") == ["Chloé"]


def test_of_two_of_one_student_the_newer_is_read_and_the_other_is_told(tmp_path):
    for name, answers, saved in (("03_color (1)", WRONG, 2), ("03_color", RIGHT, 1)):
        put(tmp_path, f"anna/{name}.ipynb", handed_in(answers))
        os.utime(tmp_path / "anna" / f"{name}.ipynb", (saved * 10**9, saved * 10**9))
    (hand_in,), passed_over = collected(tmp_path)
    assert hand_in.answers["separable"].outcome == "wrong"
    assert passed_over == [("anna/03_color.ipynb", "anna has saved anna/03_color (1).ipynb later")]


BROKEN = {
    "an empty file": b"",
    "half of one": handed_in(RIGHT)[:5000],
    "no text": bytes(range(256)),
    "a list": b"[]",
    "no cells": b"{}",
    "cells that are none": b'{"cells": [1, null, {"cell_type": "code"}, {"cell_type": "code", "source": 3, "outputs": 4}]}',
    "depth without end": b"[" * 10**6,
    "another notebook": json.dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])).encode(),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told_and_passed_over(content, tmp_path):
    put(tmp_path, "anna/03_color.ipynb", content)
    put(tmp_path, "ben/03_color.ipynb", handed_in(RIGHT))
    hand_ins, ((name, why),) = collected(tmp_path)
    assert [hand_in.student for hand_in in hand_ins] == ["ben"] and name == "anna/03_color.ipynb"
    assert why.startswith(("is no notebook", "asks no exercise of the course"))


def test_what_systems_put_beside_it_is_not_looked_at(tmp_path):
    for name in (".ipynb_checkpoints/03_color-checkpoint.ipynb", "__MACOSX/03_color.ipynb", "._03_color.ipynb"):
        put(tmp_path, f"anna/{name}", b"broken")
    put(tmp_path, "anna/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path, "anna/notes.txt", b"mine")
    assert whose(tmp_path) == ["anna"] and collected(tmp_path)[1] == []


def test_a_folder_that_may_not_be_looked_into_is_told(tmp_path, monkeypatch):
    """Whoever runs the tests may be root, for whom every folder is open."""
    put(tmp_path, "anna/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path, "ben/03_color.ipynb", handed_in(RIGHT))
    look = os.scandir

    def scandir(path):
        if Path(path).name == "ben":
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert whose(tmp_path) == ["anna"] and collected(tmp_path)[1] == [("ben", "can't be opened")]


def test_one_notebook_alone_is_read_too(tmp_path):
    put(tmp_path, "anna.ipynb", handed_in(RIGHT))
    assert whose(tmp_path / "anna.ipynb") == ["anna"]


def test_a_file_beyond_all_size_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(collecting, "LARGEST", 1000)
    put(tmp_path, "anna/03_color.ipynb", handed_in(RIGHT))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ben/03_color.ipynb", b" " * 10**6)
    hand_ins, passed_over = collected(tmp_path)
    assert not hand_ins and len(passed_over) == 2
    assert all("MB, and a lesson less than one" in why for _, why in passed_over)


def test_nothing_that_a_student_wrote_is_markup_or_a_formula(tmp_path, capsys):
    name = "=cmd|'calc'!A0 <script>alert(1)<" + "\x1b[2J"
    forged = report("separable", "wrong", "<img src=x onerror=alert(1)>")
    put(tmp_path / "in", f"{name}/03_color.ipynb", handed_in({"separable": [forged]}))
    put(tmp_path / "in", "ben/03_color.ipynb", handed_in(RIGHT))
    assert main([str(tmp_path / "in"), "--output", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "class.html").read_text(encoding="utf-8")
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
    rows = list(csv.DictReader((tmp_path / "out" / "class.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert {row["student"][:2] for row in rows} == {"'=", "be"}
    shown = capsys.readouterr()
    assert "\x1b" not in page + shown.out + shown.err and "onerror" not in shown.out + page


def test_an_answer_to_another_version_of_the_question_is_told(tmp_path, capsys):
    put(tmp_path, "in/anna/03_color.ipynb", handed_in({"separable": [report("separable", version="00000000")]}))
    put(tmp_path, "in/ben/03_color.ipynb", handed_in(RIGHT))
    assert main([str(tmp_path / "in"), "--output", str(tmp_path)]) == 0
    assert "1 answered another version of this question" in (tmp_path / "class.html").read_text(encoding="utf-8")
    rows = csv.DictReader((tmp_path / "class.csv").read_text(encoding="utf-8-sig").splitlines())
    assert [row["same version"] for row in rows if row["exercise"] == "separable"] == ["no", "yes"]


@pytest.mark.parametrize(
    "make, said", [(lambda path: None, "is not there"), (Path.mkdir, "holds no notebook of the course")]
)
def test_a_place_without_notebooks_is_told(make, said, tmp_path, capsys):
    make(tmp_path / "in")
    assert main([str(tmp_path / "in")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and said in error
