"""What a class answered: read from what students handed in, whatever they handed in."""

import base64
import csv
import io
import json
import os
import re
import subprocess
import sys
import unicodedata
import zipfile
from operator import attrgetter
from pathlib import Path

import nbformat
import pytest

from coursetools.classroom import collecting, counting, files, questions, reading, roster
from coursetools.classroom.__main__ import main
from coursetools.lesson import CHECK_CALL, lessons
from lessonlib.checking import MIME

LESSONS = questions.questions()
LESSON = "03_color"
SHEET = {exercise.name: exercise for exercise in lessons()[2].sheet.exercises}
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
    version = version or SHEET[exercise].version
    return {"exercise": exercise, "version": version, "draw": draw, "outcome": outcome, "mistake": mistake}


RIGHT = {"separable": [report("separable")]}
WRONG = {"separable": [report("separable", "wrong", "separable_without_bias")]}


def put(folder, name, content):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def collected(place):
    return collecting.collect(files.files(place), LESSONS, roster.Roster())


def counted(place):
    return list(counting.count(collected(place).hand_ins, LESSONS, []))


def whose(place):
    return sorted(hand_in.student for hand_in in collected(place).hand_ins)


def told(folder, *arguments):
    """(students.csv as dicts, the page) of folder/in."""
    assert main([str(folder / "in"), "--output", str(folder / "out"), *map(str, arguments)]) == 0
    table = (folder / "out" / "students.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(table.splitlines())), (folder / "out" / "class.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lesson", lessons(), ids=attrgetter("name"))
def test_the_questions_that_a_report_reads_are_those_of_the_sheets(lesson):
    of_sheet = [
        (each.name, each.title, each.version, {mistake.name: each.text(mistake.because) for mistake in each.mistakes})
        for each in lesson.sheet.exercises
    ]
    assert [tuple(vars(each).values()) for each in LESSONS[lesson.name].values()] == of_sheet


def test_neither_help_nor_a_report_waits_for_pytorch(tmp_path):
    put(tmp_path, "anna/03_color.ipynb", handed_in(RIGHT))
    report = f"from coursetools.classroom.__main__ import main; import sys; main([{str(tmp_path)!r}, '--output', {str(tmp_path)!r}]); "
    asks = "print(sorted({'torch', 'numpy', 'nbformat'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", report + asks], capture_output=True, text=True)
    assert run.stdout.splitlines()[-1] == "[]"


def test_what_a_student_saved_is_what_is_told(tmp_path):
    """By real checks: a right answer, a known mistake, an unknown one, and what is open."""
    answers = {
        "separable": SHEET["separable"].check(8960),
        "maps_of_one_filter": SHEET["maps_of_one_filter"].check(3),
        "second_layer": SHEET["second_layer"].check(-1),
        "grey_layer": SHEET["grey_layer"].check(...),
    }
    saved = {name: [answer._repr_mimebundle_()[MIME]] for name, answer in answers.items()}
    put(tmp_path, "anna/03_color.ipynb", handed_in(saved))
    (lesson,) = counted(tmp_path)
    assert lesson.students == ["anna"]
    columns = {column.exercise.name: column for column in lesson.columns}
    assert columns["separable"].outcome("anna") == "right"
    made = columns["maps_of_one_filter"].mistake("anna")
    assert made.name == "a_map_for_each_channel" and made.because.startswith("you counted a map for each channel")
    assert columns["second_layer"].mistake("anna").name == counting.UNKNOWN
    assert columns["grey_layer"].outcome("anna") == columns["fill_in"].outcome("anna") == "open"
    assert lesson.right("anna") == 1


def test_mistakes_are_told_most_frequent_first(tmp_path):
    wrong = ["separable_without_bias"] * 3 + ["plain_convolution"] * 5 + [None]
    for number, mistake in enumerate(wrong):
        answers = {"separable": [report("separable", "wrong", mistake)]}
        put(tmp_path, f"s{number}/03_color.ipynb", handed_in(answers))
    (lesson,) = counted(tmp_path)
    mistakes = next(column for column in lesson.columns if column.exercise.name == "separable").mistakes
    told = [(each.letter, each.name, len(each.students)) for each in mistakes]
    assert told == [("a", "plain_convolution", 5), ("b", "separable_without_bias", 3), ("c", "another answer", 1)]


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
    lesson, answers = reading.read(handed_in({"separable": reports}), LESSONS)
    assert lesson == LESSON
    assert (answers["separable"].outcome if "separable" in answers else "open") == counts


def cell(source, *outputs, run=1):
    return {"cell_type": "code", "metadata": {}, "source": source, "outputs": list(outputs), "execution_count": run}


def result(exercise, answer, change=lambda stored: stored, run=None):
    """What the kernel stores of a check, of which a front end may change the report."""
    says = SHEET[exercise].check(answer)
    data = says._repr_mimebundle_() | {"text/plain": repr(says).splitlines(keepends=True)}
    data = {name: change(stored) if name == MIME else stored for name, stored in data.items()}
    data = {name: stored for name, stored in data.items() if stored is not None}
    return {"output_type": "execute_result", "execution_count": run, "metadata": {}, "data": data}


def printed(*reports):
    return {"output_type": "stream", "name": "stdout", "text": "".join(f"{each!r}\n" for each in reports)}


ERROR = {"output_type": "error", "ename": "NameError", "evalue": "", "traceback": []}
RIGHT_NUMBER, WITHOUT_BIAS = 8960, 8768
ASKS = "exercise.separable.check(8960)  # (..., ...)"
HINT = {
    "output_type": "execute_result",
    "execution_count": 1,
    "data": {MIME: report("separable", "note")},
    "metadata": {},
}
STATES = {
    "answered": ([cell(ASKS, result("separable", RIGHT_NUMBER))], "right"),
    "cleared, or never run": ([cell(ASKS, run=None)], "no output"),
    "an error": ([cell(ASKS, ERROR)], "error"),
    "kept in a name": ([cell(f"r = {ASKS}")], "not shown"),
    "a hint in the same cell": ([cell(f"{ASKS}\nexercise.separable.hint()", HINT)], "not shown"),
    "printed": ([cell(f"print({ASKS[:29]})", printed(SHEET["separable"].check(RIGHT_NUMBER)))], "right"),
    "stored as text": ([cell(ASKS, result("separable", RIGHT_NUMBER, json.dumps))], "right"),
    "stored as lines": (
        [cell(ASKS, result("separable", RIGHT_NUMBER, lambda it: json.dumps(it, indent=1).splitlines()))],
        "right",
    ),
    "stored without its data": ([cell(ASKS, result("separable", RIGHT_NUMBER, lambda it: None))], "right"),
    "not answered": ([cell("exercise.separable.check(...)", result("separable", ...))], "open"),
    "not answered, and cleared": ([cell("exercise.separable.check(...)", run=None)], "open"),
    "not answered, in a name": ([cell("n = ...\nexercise.separable.check(n)", result("separable", ...))], "open"),
    "with dots of another kind": ([cell("exercise.separable.check(image[..., 0])", run=None)], "no output"),
    "no Python": ([cell("exercise.separable.check(8960", ERROR)], "error"),
    "a magic": ([cell("%time exercise.separable.check(8960)", run=None)], "no output"),
    "a later run above": (
        [
            cell(ASKS, result("separable", RIGHT_NUMBER, run=9), run=9),
            cell(ASKS, result("separable", WITHOUT_BIAS, run=4), run=4),
        ],
        "right",
    ),
    "dots that were run again": (
        [
            cell(ASKS, result("separable", RIGHT_NUMBER)),
            cell("exercise.separable.check(...)", result("separable", ...), run=9),
        ],
        "right",
    ),
}


@pytest.mark.parametrize("cells, outcome", STATES.values(), ids=STATES)
def test_an_answer_whose_report_is_not_stored_is_told_from_none(cells, outcome):
    notebook = {"cells": [cell("exercise.grey_layer.check(...)"), *cells]}
    _, answers = reading.read(json.dumps(notebook).encode(), LESSONS)
    assert (answers["separable"].outcome if "separable" in answers else "open") == outcome


def test_a_printed_report_names_its_mistake_and_its_numbers():
    known = [mistake for mistake in SHEET["separable"].mistakes if mistake.name == "separable_without_bias"]
    wrong = SHEET["separable"].check(SHEET["separable"].answer(known[0].answer))
    other = SHEET["separable"].another(7)
    says = cell("print(...)", printed(other.check(-1), SHEET["output_shape"].check(-1)), printed(wrong))
    notebook = {"cells": [cell("exercise.separable.check(n)"), says]}
    _, answers = reading.read(json.dumps(notebook).encode(), LESSONS)
    assert answers["separable"] == reading.Answer("wrong", "separable_without_bias")
    assert answers["output_shape"].outcome == "wrong"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_is_known_by_its_exercises_whatever_its_name(lesson):
    content = Path("notebooks", f"{lesson}.ipynb").read_bytes()
    assert reading.read(content, LESSONS) == (lesson, {})


def test_a_zip_is_read_as_a_folder_is(tmp_path):
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("anna/03_color.ipynb", "class/ben/03_color.ipynb"):
            put(tmp_path / "all", name, handed_in(RIGHT))
            archive.writestr(name, handed_in(RIGHT))
    assert whose(tmp_path / "all") == whose(tmp_path / "all.zip") == ["anna", "ben"]


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
    taken = collected(tmp_path)
    (hand_in,), passed_over = taken.hand_ins, taken.passed_over
    assert hand_in.answers["separable"].outcome == "wrong"
    assert passed_over == [("anna/03_color.ipynb", "anna handed in anna/03_color (1).ipynb later")]


def test_of_two_of_one_date_the_better_is_read_and_that_is_doubtful(tmp_path):
    for name, answers in (("03_color (1)", RIGHT), ("03_color", WRONG)):
        put(tmp_path, f"anna/{name}.ipynb", handed_in(answers))
        os.utime(tmp_path / "anna" / f"{name}.ipynb", (10**9, 10**9))
    taken = collected(tmp_path)
    (hand_in,), (doubt,) = taken.hand_ins, taken.doubts
    assert hand_in.answers["separable"].outcome == "right"
    assert doubt.startswith(
        "anna/03_color (1).ipynb counts, with 1 right, and anna/03_color.ipynb with 0 right does not"
    )
    assert taken.passed_over == [("anna/03_color.ipynb", "anna/03_color (1).ipynb has the same date, and counts")]


def test_what_nbgrader_makes_is_not_read(tmp_path):
    for place in ("source/ps1", "release/ps1", "submitted/anna/ps1", "cleaned/anna/ps1", "autograded/anna/ps1"):
        put(tmp_path, f"{place}/03_color.ipynb", handed_in(RIGHT))
    taken = collected(tmp_path)
    assert [each.file.name for each in taken.hand_ins] == ["submitted/anna/ps1/03_color.ipynb"]
    assert taken.passed_over == taken.doubts == []


BROKEN = {
    "an empty file": b"",
    "half of one": handed_in(RIGHT)[:5000],
    "no text": bytes(range(256)),
    "a list": b"[]",
    "no cells": b"{}",
    "cells that are none": b'{"cells": [1, null, {"cell_type": "code"}, {"cell_type": "code", "source": 3, "outputs": 4}]}',
    "depth without end": b"[" * 10**6,
    "of the old format": b'{"worksheets": [], "nbformat": 3}',
    "another notebook": json.dumps(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])).encode(),
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_told(content, tmp_path):
    put(tmp_path / "in", "anna/03_color.ipynb", content)
    put(tmp_path / "in", "ben/03_color.ipynb", handed_in(RIGHT))
    ((name, why),) = collected(tmp_path / "in").passed_over
    assert name == "anna/03_color.ipynb" and why.startswith(
        ("is no notebook", "asks no exercise", "has the old format 3")
    )
    students, page = told(tmp_path)
    assert [row["03_color state"] or row["03_color right"] for row in students] == ["unreadable", "1"] and why in page


def test_who_handed_in_something_else_is_told_and_files_beside_a_notebook_are_not(tmp_path):
    put(tmp_path / "in", "Anna_1_assignsubmission_file_/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path / "in", "Anna_1_assignsubmission_file_/data/notes.txt", b"mine")
    put(tmp_path / "in", "Ben_2_assignsubmission_file_/03_color.ipynb.txt", handed_in(RIGHT))
    put(tmp_path / "in", "Cem_3_assignsubmission_file_/03_color.ipynb.json", handed_in(RIGHT))
    put(tmp_path / "in", "Dora_4_assignsubmission_file_/lesson.rar", b"Rar!")
    put(tmp_path / "in", "Emil_5_assignsubmission_file_/print.pdf", b"%PDF")
    put(tmp_path / "in", "Fay_6_assignsubmission_file_/work.zip", b"no zip")
    put(tmp_path / "in", "grades.csv", b"mine")
    students, page = told(tmp_path)
    assert [row["student"] for row in students] == ["Anna", "Ben", "Cem", "Dora", "Emil", "Fay"]
    assert [row["03_color right"] for row in students] == ["1"] * 3 + [""] * 3
    assert [row["03_color state"] for row in students] == [""] * 3 + ["unreadable"] * 3
    assert "Of no known lesson: 3 handed in" in page
    for why in ("lesson.rar is packed", "print.pdf is no notebook", "work.zip is no zip"):
        assert why in page


def test_a_zip_that_holds_itself_ends(tmp_path):
    inner = io.BytesIO()
    for _ in range(10):
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as archive:
            archive.writestr("again.zip", inner.getvalue())
        inner = outer
    put(tmp_path, "anna.zip", inner.getvalue())
    put(tmp_path, "ben/03_color.ipynb", handed_in(RIGHT))
    ((name, why),) = collected(tmp_path).passed_over
    assert name.startswith("anna/again/") and why == "lies in too many other zips"


SHAPES = {  # of who, the number of a student, and of an assignment
    "moodle/week {sheet}.zip": "{who}_{sheet}{number}_assignsubmission_file_/{lesson}.ipynb",
    "canvas submissions {sheet}.zip": "{short}_{number}_{sheet}{number}_{lesson}-1.ipynb",
    "blackboard.zip": "Sheet {sheet}_u{number}_attempt_2026-11-{sheet}1-10-00-00_{lesson}.ipynb",
    "brightspace/sheet {sheet}/all.zip": "{number}-{sheet}77 - {who} - Nov {sheet}1, 2026 1000 AM/my work/{lesson}.ipynb",
}


def line(answers, lesson=LESSON):
    """As web/answers/storing.js writes it."""
    short = {name: [report["outcome"], report["mistake"], report["version"]] for name, (report,) in answers.items()}
    packed = base64.b64encode(json.dumps({"lesson": lesson, "answers": short}).encode()).decode()
    return f"answers:{packed}:{reading.check_sum(packed)}"


def test_every_answer_has_a_row_and_so_has_what_is_unreadable_or_missing(tmp_path):
    put(tmp_path, f"in/anna/{LESSON}.ipynb", handed_in(WRONG))
    put(tmp_path, f"in/ben/{LESSON}.ipynb", b"damaged")
    put(tmp_path, "class.csv", b"name\nanna\nben\ncem\n")
    told(tmp_path, "--students", tmp_path / "class.csv")
    table = list(csv.DictReader((tmp_path / "out" / "class.csv").read_text(encoding="utf-8-sig").splitlines()))
    rows = {(row["student"], row["exercise"]): (row["outcome"], row["mistake"], row["same version"]) for row in table}
    assert rows["anna", "separable"] == ("wrong", "separable_without_bias", "yes")
    assert rows["anna", "output_shape"][0] == "open" and len(rows) == len(SHEET) + 2
    assert rows["ben", ""][0] == "unreadable" and rows["cem", ""][0] == "missing"


def test_thirty_lines_tell_what_thirty_notebooks_tell(tmp_path):
    people = {f"Student {number:02}": (RIGHT, WRONG, {})[number % 3] for number in range(30)}
    for name, answers in people.items():
        put(tmp_path, f"notebooks/in/{name}/{LESSON}.ipynb", handed_in(answers))
        put(tmp_path, f"folders/in/{name}/my answers.txt", line(answers).encode())
        put(
            tmp_path,
            f"moodle/in/{name}_77_assignsubmission_onlinetext_/onlinetext.html",
            f"<p>{line(answers)}</p>".encode(),
        )
    text = "\n".join(f"{name}: {line(answers)}" for name, answers in people.items())
    put(tmp_path, "text/in/forum.txt", text.encode())
    places = ("notebooks", "folders", "moodle", "text")
    notebooks, *others = [
        {
            (each.student, name, answer.outcome, answer.mistake, answer.version)
            for each in collected(tmp_path / place / "in").hand_ins
            for name, answer in each.answers.items()
        }
        for place in places
    ]
    assert len(notebooks) == 20 and others == [notebooks] * 3
    assert [len(told(tmp_path / place)[0]) for place in places] == [30] * 4


def test_a_line_that_was_forged_breaks_nothing(tmp_path):
    put(tmp_path / "in", "anna/line.txt", line({"separable": [report("separable", "wrong", ["a list"])]}).encode())
    put(tmp_path / "in", "ben/line.txt", line(WRONG).encode())
    assert [row["student"] for row in told(tmp_path)[0]] == ["anna", "ben"]


@pytest.mark.parametrize(
    "damage", [lambda text: text[:-1] + "x", lambda text: text.replace("A", "B", 1), lambda text: text[:40] + ":7"]
)
def test_a_line_that_was_damaged_is_told(tmp_path, damage):
    put(tmp_path, "anna/line.txt", line(RIGHT).encode())
    put(tmp_path, "ben/line.txt", damage(line(WRONG)).encode())
    faults = {each.student: each.fault for each in collected(tmp_path).hand_ins}
    assert faults == {"anna": "", "ben": "holds a line of answers that is damaged: ask for it again"}


def class_of_120(folder):
    """Thirty students of each platform, with a right answer in each of two lessons. Returns the list of the class.

    The first and the last of each platform have one name.
    """
    rows = [["Name", "ID", "Login"]]
    for place, (archive, shape) in enumerate(SHAPES.items()):
        for number in range(30):
            first, last = (
                "Ann Kim Max Zoë Bo".split()[number % 29 % 5],
                "Ak Ito Lee Ode Roe Ott".split()[number % 29 % 6],
            )
            student = {
                "who": f"{first} {last}{place}",
                "short": f"{last}{place}{first}".casefold(),
                "number": 1000 * place + number + 300,
            }
            rows.append([student["who"], student["number"], f"u{student['number']}"])
            for sheet, (lesson, asked) in enumerate({"01_parameters": "linear_layer", LESSON: "separable"}.items(), 1):
                says = report("separable", version=LESSONS[lesson][asked].version) | {"exercise": asked}
                answered = cell(f"exercise.{asked}.check(1)", {"output_type": "execute_result", "data": {MIME: says}})
                path = folder / archive.format(sheet=sheet)
                path.parent.mkdir(parents=True, exist_ok=True)
                with zipfile.ZipFile(path, "a") as zipped:
                    zipped.writestr(
                        shape.format(**student, sheet=sheet, lesson=lesson), json.dumps({"cells": [answered]})
                    )
    return rows


def test_of_120_students_on_four_platforms_none_is_lost_and_every_doubt_is_told(tmp_path):
    listed = class_of_120(tmp_path / "in")
    put(tmp_path / "in", f"{LESSON}.ipynb", json.dumps(STORED).encode())
    students, page = told(tmp_path)
    assert sum(int(row[f"{lesson} right"] or 0) for row in students for lesson in ("01_parameters", LESSON)) == 240
    assert len(students) == 120 + 2  # in Moodle two of one name can't be followed from one assignment to the next
    doubt = "of one name, and counted as several students by numbers or groups: Ann Ak0, Ann Ak3, ak1ann"
    assert page.count("<li>of one name") == page.count(doubt) == 1
    with (tmp_path / "class.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(listed)
    students, page = told(tmp_path, "--students", tmp_path / "class.csv")
    names = {row["student"] for row in students if row["01_parameters right"] == row["03_color right"] == "1"}
    assert {"Ann Ak1 (1300)", "Ann Ak1 (1329)", "Ann Ak2 (2300)", "Ann Ak2 (2329)"} < names and len(names) == 118
    doubtful = "Ann Ak0 (1300), Ann Ak0 (1329), Ann Ak0 (2300), Ann Ak0 (2329), Ann Ak3 (3300) and 1 more"
    assert f"not in the list of the class, or there twice: {doubtful}" in page


def test_the_list_of_a_class_says_who_is_missing(tmp_path, capsys):
    put(tmp_path / "in", "leeanna_12_3456_03_color.ipynb", handed_in(RIGHT))
    put(tmp_path, "class.csv", b'Student,ID\n"Lee, Anna",12\n"Ode, Ben",13\n')
    students, page = told(tmp_path, "--students", tmp_path / "class.csv")
    assert [list(row.items()) for row in students] == [
        list(zip(["Student", "ID", "student", "03_color right", "03_color of", "03_color state"], row, strict=True))
        for row in (["Lee, Anna", "12", "Lee, Anna", "1", "15", ""], ["Ode, Ben", "13", "Ode, Ben", "", "", "missing"])
    ]
    assert "Missing in 03_color: Ode, Ben" in capsys.readouterr().out and "<b>1</b> missing" in page


def test_who_may_be_meant_by_a_doubtful_row_is_perhaps_missing(tmp_path):
    put(tmp_path / "in", "1-2 - Li Wei - 28 November, 2026 1011 AM/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path, "class.csv", b"Username,Last Name,First Name\nlwei,Wei,Li\nlwei2,Wei,Li\nbode,Ode,Ben\n")
    students, page = told(tmp_path, "--students", tmp_path / "class.csv")
    states = {row["student"]: row["03_color state"] for row in students}
    assert states == {"Li Wei (lwei)": "missing?", "Li Wei (lwei2)": "missing?", "Ben Ode": "missing", "Li Wei": ""}
    assert "<b>1</b> missing" in page and "<b>2</b> perhaps missing" in page


def test_two_stray_notebooks_make_no_assignment_and_a_wrong_name_is_told(tmp_path):
    other = Path("notebooks/01_parameters.ipynb").read_bytes()
    for number in range(11):
        put(tmp_path / "in", f"s{number}/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path / "in", "s0/01_parameters.ipynb", other)
    put(tmp_path / "in", "tim/03_color.ipynb", other)
    put(tmp_path, "class.csv", "\n".join(["name", "tim", *(f"s{number}" for number in range(12))]).encode())
    students, page = told(tmp_path, "--students", tmp_path / "class.csv")
    assert re.findall("<h2>(0.*) handed in", page) == ["03_color: 11", "01_parameters: 2"]
    assert {row["01_parameters state"] for row in students} == {""}
    assert [row["student"] for row in students if row["03_color state"] == "missing"] == ["tim", "s11"]
    assert "<li>tim/03_color.ipynb holds 01_parameters</li>" in page


def test_the_list_of_another_class_is_refused(tmp_path, capsys):
    put(tmp_path / "in", "anna/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path, "class.csv", b"name\nnonsense\n")
    assert main([str(tmp_path / "in"), "--students", str(tmp_path / "class.csv")]) == 1
    assert "nobody who handed in is in the list of the class" in capsys.readouterr().err


SAID = {
    "exercise.separable.check(8960 - 1)": "8960 - 1",
    "n = 3\nexercise.separable.check(n)": "3",
    "def f(x):\n    return x\nexercise.separable.check(f)": "def f(x):\n    return x",
    "exercise.separable.check(2)\nexercise.conv2d.check(1)": "2",
    "exercise.separable.check(from_above)": "",
    "exercise.separable.check(...)": "",
    "no Python; exercise.separable.check(3": "",
}


@pytest.mark.parametrize("source, said", SAID.items())
def test_what_was_answered_is_read_where_its_cell_holds_it(source, said):
    notebook = {"cells": [cell(source, result("separable", -1))]}
    assert reading.read(json.dumps(notebook).encode(), LESSONS)[1]["separable"].said == said


def test_the_page_shows_code_and_what_was_answered_in_no_known_way(tmp_path):
    cells = [cell("exercise.separable.check('<b>')", result("separable", -1))]
    put(tmp_path / "in", "anna/03_color.ipynb", json.dumps({"cells": cells}).encode())
    put(
        tmp_path / "in",
        "ben/03_color.ipynb",
        handed_in({"separable": [report("separable", "wrong", "plain_convolution")]}),
    )
    _, page = told(tmp_path)
    assert "anna: <code>&#39;&lt;b&gt;&#39;</code>" in page
    assert "the plain <code>nn.Conv2d(64, 128, 3)</code>" in page


@pytest.mark.parametrize("content", [b"", b"\n", b"Name,ID\n", b",,\n"])
def test_a_list_without_a_name_is_told(content, tmp_path, capsys):
    put(tmp_path, "in/anna/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path, "class.csv", content)
    assert main([str(tmp_path / "in"), "--students", str(tmp_path / "class.csv")]) == 1
    assert "class.csv names no student" in capsys.readouterr().err


def test_the_three_exercises_that_most_got_wrong_come_first(tmp_path, capsys):
    wrong = {"conv2d": 1, "separable": 4, "fill_in": 2, "grey_layer": 3}
    for number in range(4):
        answers = {name: [report(name, "wrong")] for name, count in wrong.items() if number < count}
        put(tmp_path / "in", f"s{number}/03_color.ipynb", handed_in(answers))
    _, page = told(tmp_path)
    first = page.partition("To discuss first")[2].partition("<h2>")[0]
    titles = [SHEET[name].title for name in ("separable", "grey_layer", "fill_in")]
    assert [title for title in re.findall(r"<h3>\d+\. (.*)</h3>", first)] == titles
    assert "<p>s0, s1, s2, s3</p>" in first


def test_more_mistakes_than_letters(tmp_path):
    question = questions.Question("q", "Q", "v", {f"m{number}": "because" for number in range(30)})
    answers = {f"s{number}": reading.Answer("wrong", f"m{number}", "v") for number in range(30)}
    letters = [mistake.letter for mistake in counting.Column(question, answers).mistakes]
    assert letters[:2] + letters[25:28] == ["a", "b", "z", "aa", "ab"] and len(set(letters)) == 30


def test_what_systems_put_beside_it_is_not_looked_at(tmp_path):
    for name in (".ipynb_checkpoints/03_color-checkpoint.ipynb", "__MACOSX/03_color.ipynb", "._03_color.ipynb"):
        put(tmp_path, f"anna/{name}", b"broken")
    put(tmp_path, "anna/03_color.ipynb", handed_in(RIGHT))
    put(tmp_path, "anna/notes.txt", b"mine")
    assert whose(tmp_path) == ["anna"] and collected(tmp_path).passed_over == []


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
    assert whose(tmp_path) == ["anna", "ben"] and collected(tmp_path).passed_over == [("ben", "can't be opened")]


def test_one_notebook_alone_is_read_too(tmp_path):
    put(tmp_path, "anna.ipynb", handed_in(RIGHT))
    assert whose(tmp_path / "anna.ipynb") == ["anna"]


def test_a_file_beyond_all_size_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 1000)
    put(tmp_path, "anna/03_color.ipynb", handed_in(RIGHT))
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ben/03_color.ipynb", b" " * 10**6)
    taken = collected(tmp_path)
    assert (
        all("MB, and a lesson less than one" in each.fault for each in taken.hand_ins) and len(taken.passed_over) == 2
    )


def test_nothing_that_a_student_wrote_is_markup_or_a_formula(tmp_path, capsys):
    name = "=cmd|'calc'!A0 <script>alert(1)<" + "\x1b[2J"
    forged = report("separable", "wrong", "<img src=x onerror=alert(1)>")
    put(tmp_path / "in", f"{name}/03_color.ipynb", handed_in({"separable": [forged]}))
    put(tmp_path / "in", "ben/03_color.ipynb", handed_in(RIGHT))
    students, page = told(tmp_path)
    assert "<script" not in page and "<img" not in page and "&lt;script&gt;" in page
    assert {row["student"][:2] for row in students} == {"'=", "be"}
    shown = capsys.readouterr()
    assert "\x1b" not in page + shown.out + shown.err and "onerror" not in shown.out + page


def test_an_answer_to_another_version_of_the_question_is_told(tmp_path):
    put(tmp_path, "in/anna/03_color.ipynb", handed_in({"separable": [report("separable", version="00000000")]}))
    put(tmp_path, "in/ben/03_color.ipynb", handed_in(RIGHT))
    _, page = told(tmp_path)
    assert "1 answered another version of this question" in page


@pytest.mark.parametrize(
    "make, said", [(lambda path: None, "is not there"), (Path.mkdir, "holds no notebook of the course")]
)
def test_a_place_without_notebooks_is_told(make, said, tmp_path, capsys):
    make(tmp_path / "in")
    assert main([str(tmp_path / "in")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and said in error
