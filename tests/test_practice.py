"""What was answered comes back with other numbers, and whose mistake is this?"""

import json
import random
import shutil
import subprocess
from dataclasses import asdict
from datetime import date, timedelta

import pytest
from test_exercises import DRAWN, SHEETS

from coursetools.pages.bundle import WEB
from lessonlib.checking import practice, whose_mistake
from lessonlib.checking.comparing import show
from lessonlib.checking.practice import DRAWS, MOST, Diary
from lessonlib.checking.whose import CHOICES

MONDAY = date(2026, 11, 30)


@pytest.fixture
def on(monkeypatch):
    """Sets the clock to so many days after a Monday."""

    def turn(days):
        monkeypatch.setattr(practice, "today", lambda: (MONDAY + timedelta(days)).isoformat())

    turn(0)
    return turn


@pytest.fixture
def diary(on, tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONLIB_PRACTICE", str(tmp_path / "own" / "practice.json"))
    for sheet in SHEETS.values():
        monkeypatch.setattr(sheet, "_practised", None)
        monkeypatch.setattr(sheet, "_outcomes", {})
    return Diary()


def days_due(diary, on, name, until=20):
    """The days on which a question is due, each answered rightly as it comes."""
    days = []
    for day in range(until):
        on(day)
        if name in diary.due():
            days.append(day)
            diary.note(name, is_right=True, came_back=True)
    return days


def test_a_right_answer_comes_back_after_one_three_and_seven_days_and_then_rests(diary, on):
    diary.note("color.separable", is_right=True, came_back=False)
    assert diary.due() == [] and days_due(diary, on, "color.separable") == [1, 1 + 3, 1 + 3 + 7]


def test_a_wrong_answer_begins_again_tomorrow_and_comes_first(diary, on):
    for name in ("color.separable", "pooling.pooled_side", "filters.first_map"):
        diary.note(name, is_right=True, came_back=False)
    on(1)
    diary.note("pooling.pooled_side", is_right=True, came_back=True)
    diary.note("filters.first_map", is_right=False, came_back=True)
    diary.note("filters.first_map", is_right=True, came_back=True)  # at the second try: it still comes tomorrow
    assert diary.due() == ["color.separable"]
    on(2)
    assert diary.due() == ["filters.first_map", "color.separable"]
    on(4)
    assert set(diary.due()) == {"filters.first_map", "color.separable", "pooling.pooled_side"}


def test_ten_a_day_are_enough_and_lessons_are_mixed(diary, on):
    names = [f"{word}.{each.name}" for word, sheet in SHEETS.items() for each in sheet.with_others]
    for name in names:
        diary.note(name, is_right=True, came_back=False)
    on(1)
    first = diary.due()
    assert len(first) == MOST and len({name.partition(".")[0] for name in first}) > 2
    diary.note(first[0], is_right=True, came_back=True)
    assert len(diary.due()) == MOST - 1 and first == [first[0], *diary.due()]


def test_a_question_comes_back_with_other_numbers_in_whatever_lesson_one_is(diary, on, capsys):
    color, pooling = SHEETS["color"], SHEETS["pooling"]
    color.separable.check(color.separable.key.right)
    on(1)
    asked = pooling.practice()
    assert (asked.name, asked.seed) == ("separable", 1) and capsys.readouterr().out == "1 due today.\n"
    assert (
        "exercise.practice().check(...)" in repr(asked)
        and "`exercise.practice().hint()` helps" in asked.check(1).message
    )
    assert pooling.practice() is asked  # until it is right, or its solution is seen
    asked.check(asked.key.right)
    assert diary.entries["color.separable"].due == "2026-12-02"  # the first answer of a day counts
    again = pooling.practice()
    assert capsys.readouterr().out == "Nothing is due today. Here is one at random.\n"
    assert again.draw and again.seed and again is not asked


def test_who_has_seen_the_solution_did_not_know_it(diary, on):
    color = SHEETS["color"]
    color.separable.solution()
    color.three_groups.check(color.three_groups.key.right)
    color.three_groups.solution()
    assert {name: entry.wrong for name, entry in diary.entries.items()} == {
        "color.separable": True,
        "color.three_groups": False,
    }
    on(1)
    asked = color.practice()
    asked.solution()
    assert diary.entries[asked.full_name].due == "2026-12-02" and color.practice() is not asked


def test_what_is_no_answer_comes_back_to_nobody(diary):
    color, filters = SHEETS["color"], SHEETS["filters"]
    color.three_groups.check((24, 4, 3, 3), 888)
    filters.first_map.check((19, 25, 37, 43))
    color.separable.check(...)
    color.separable.hint()
    assert diary.entries == {}


def test_numbers_begin_anew_after_the_last_of_them(diary, on):
    for day in range(DRAWS):
        on(day)
        diary.note("color.separable", is_right=False, came_back=True)
    assert diary.entries["color.separable"].seed == 1


def test_what_is_not_due_has_yet_other_numbers_and_does_not_count(diary, on):
    color = SHEETS["color"]
    for exercise in color.with_others:
        diary.note(exercise.full_name, is_right=True, came_back=False)
    before = diary.entries
    asked = color.practice()
    assert asked.seed == before[asked.full_name].seed + 10
    asked.check(-1)
    asked.solution()
    assert diary.entries == before


@pytest.mark.parametrize("text", ["", "[]", "{", '{"color.separable": 3}', '{"color.separable": {"day": 3}}'])
def test_a_file_that_is_none_of_ours_is_no_trouble(diary, text):
    diary.path.parent.mkdir()
    diary.path.write_text(text)
    assert diary.due() == [] and SHEETS["color"].practice().draw
    diary.note("color.separable", is_right=False, came_back=False)
    assert json.loads(diary.path.read_text()).keys() == {"color.separable"}


def test_an_exercise_that_the_course_has_no_more_is_not_asked(diary, on, capsys):
    diary.note("color.of_old", is_right=False, came_back=False)
    diary.note("nothing.of_old", is_right=False, came_back=False)
    on(1)
    assert SHEETS["color"].practice().name != "of_old" and "Nothing is due" in capsys.readouterr().out


def test_a_home_that_cannot_be_written_to_is_no_trouble(diary, tmp_path):
    (tmp_path / "own").write_text("a file where the folder should be")
    diary.note("color.separable", is_right=True, came_back=False)
    assert diary.entries == {}


@pytest.mark.parametrize("exercise", DRAWN.values(), ids=DRAWN)
def test_of_four_sentences_one_is_true_of_somebody_s_answer(exercise):
    for seed in range(1, DRAWS + 1):
        asked = exercise.another(seed)
        answer, mistakes, made = whose = whose_mistake(asked)
        names, sentences, gives = zip(*mistakes, strict=True)
        assert len(set(sentences)) == len(set(names)) == CHOICES and whose == whose_mistake(exercise.another(seed))
        assert [name for name, _, theirs in mistakes if theirs == answer] == [made]
        assert gives == tuple(show(asked.kind.observe(asked.answer(mistake_of(asked, name)))) for name in names)
        assert show(asked.key.right) not in gives and answer.strip("[]()") not in sentences[names.index(made)].split()


def mistake_of(exercise, name):
    return next(mistake.answer for mistake in exercise.mistakes if mistake.name == name)


def test_whose_mistake_is_asked_and_answered_with_a_letter():
    asked = SHEETS["parameters"].linear_layer.another(3)
    whose = whose_mistake(asked)
    report = asked.whose_mistake()
    assert report.outcome == "open" and f"Somebody answered {whose.answer}." in report.message
    made = [name for name, *_ in whose.mistakes].index(whose.made)
    right, wrong = "ABCD"[made], "ABCD"[made - 1]
    assert asked.whose_mistake(right.lower()).outcome == "right" and asked.whose_mistake(wrong).outcome == "wrong"
    assert "Who makes this mistake gets" in asked.whose_mistake(wrong).message
    assert asked.whose_mistake("E").outcome == "open"
    assert SHEETS["parameters"].shift.whose_mistake().outcome == "note"


def test_a_page_keeps_the_same_diary(diary, on):
    if (node := shutil.which("node")) is None:
        pytest.skip("no node on this machine: the days of a page are tested in the browser alone")
    choose = random.Random(0)
    names = [f"color.question_{number}" for number in range(14)]
    answers, due = [], []
    for day in sorted(choose.choices(range(40), k=300)):
        on(day)
        name = choose.choice(diary.due() or names)
        due.append(sorted(diary.due()))
        answers.append((practice.today(), name, choose.random() < 0.7, choose.random() < 0.7))
        diary.note(*answers[-1][1:])
    run = subprocess.run(
        [node, WEB / "tests" / "diary.mjs"], input=json.dumps(answers), capture_output=True, text=True, check=True
    )
    theirs, entries = json.loads(run.stdout)
    assert [len(names) for names in theirs] == list(map(len, due)) and 0 < max(map(len, due)) <= MOST
    assert entries == {name: asdict(entry) for name, entry in diary.entries.items()}
