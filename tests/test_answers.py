"""What a page says of an answer: what Python has foreseen, and of all else that people type the same as Python."""

import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from coursetools.lesson import lessons
from coursetools.pages.bundle import WEB
from coursetools.pages.questions import as_data, as_json, is_judged
from lessonlib.checking import Behaviour, Choice, Function, Numbers, Outcome, Sheet
from lessonlib.checking.comparing import show

EXERCISES = [exercise for lesson in lessons() for exercise in lesson.sheet.exercises + lesson.sheet.drills]
JUDGED = list(filter(is_judged, EXERCISES))
BY_NAME = {exercise.name: exercise for exercise in reversed(JUDGED)}  # of two with one name the first
DRAWS = 20 if "THOROUGH" in os.environ else 2
TYPED = Path(__file__).with_name("typed.txt").read_text(encoding="utf-8")
ENDLESS = ["9" * 9000, "(" * 999, "(" * 9000, "-" * 999, "1 " * 501, "[" * 999]


def typed():
    """(question, what is typed, what it means in Python, or ?) for all that typed.txt holds."""
    question = None
    for line in re.sub(r"\n    \|", " |", TYPED).splitlines():
        if line.startswith("  "):
            value, _, answers = line.strip().partition(" <- ")
            for answer in answers.split(" | "):
                yield question, answer.encode("latin-1", "backslashreplace").decode("unicode-escape"), value
        elif not line.startswith("#"):
            question = BY_NAME[line]


@cache
def data_of(question):
    return json.loads(as_json(as_data(question)))


def judged(asked):
    """What a page says of each (question, typed answer): [symbol, message, mistake]."""
    if (node := shutil.which("node")) is None:
        pytest.skip("no node on this machine: what a page says is tested in the browser alone")
    data = [(data_of(question), written) for question, written in asked]
    command = [node, WEB / "tests" / "judge.mjs"]
    run = subprocess.run(command, input=json.dumps(data), capture_output=True, text=True, encoding="utf-8")
    assert not run.returncode, run.stderr
    return json.loads(run.stdout)


def given_by(question):
    """An answer for each verdict on a question, as it is typed."""
    if isinstance(question.kind, Behaviour):  # there the verdict holds what a kernel does
        return [repr(kernel) for kernel in (question.reference(), *(mistake.answer for mistake in question.mistakes))]
    is_words = isinstance(question.kind, Choice)
    return [json.dumps(gives).strip("[]") if is_words else repr(gives) for gives, *_ in question.verdicts()]


def test_what_python_has_foreseen_is_told_in_its_words():
    asked = []
    for exercise in JUDGED:
        for question in (exercise, *(exercise.another(seed) for seed in range(DRAWS if exercise.draw else 0))):
            asked += [(question, *pair) for pair in zip(given_by(question), question.verdicts(), strict=True)]
    assert len(asked) > 500
    said = judged([(question, given) for question, given, _ in asked])
    for (question, given, verdict), (symbol, message, mistake) in zip(asked, said, strict=True):
        assert (symbol, mistake) == (verdict.outcome.symbol, verdict.name), (question.name, given, message)
        says = verdict.says.removeprefix("{yours}")
        assert message.removesuffix(" **Hint** helps.").endswith(says), (question.name, given, message)
        begins = {Outcome.RIGHT: "Right: ", Outcome.WRONG: "Not yet. "}.get(verdict.outcome, "")
        assert message.startswith(begins)


def agreed(question, value, said):
    """Whether the page says of an answer what Python says of its value, up to the answer that is repeated."""
    symbol, message, mistake = said
    report = question.check(value)
    if (symbol, mistake) != (report.symbol, report.mistake):
        return False
    if report.outcome == Outcome.OPEN:
        return message.startswith("Not answered yet")
    here = report.message.removesuffix(f" `{question.call}.hint()` helps.")
    tail = here.lower().removeprefix(f"{show(question.kind.observe(value))}: ".lower())
    return message.removesuffix(" **Hint** helps.").lower().endswith(tail)


def test_what_people_type_is_told_as_python_tells_its_value():
    asked = [(question, written, eval(value)) for question, written, value in typed() if value != "?"]
    assert len(asked) > 400
    said = judged([(question, written) for question, written, _ in asked])
    assert [
        (question.name, written, verdict, question.check(value))
        for (question, written, value), verdict in zip(asked, said, strict=True)
        if not agreed(question, value, verdict)
    ] == []


def test_what_lies_near_an_answer_is_told_alike():
    asked = []
    for question in JUDGED:
        for gives, *_ in data_of(question)["verdicts"][:3] if isinstance(question.kind, Numbers) else []:
            with suppress(ValueError):  # its rows differ in length
                array = np.asarray(gives, float)
                near = (array + 1, array - 15, array * 1.000437, array * 10, np.atleast_1d(array) + 30, 30 - array.T)
                asked += [(question, repr(each.tolist()), each.tolist()) for each in near]
    said = judged([(question, written) for question, written, _ in asked])
    for (question, written, value), verdict in zip(asked, said, strict=True):
        assert verdict[0] == "→" or agreed(question, value, verdict), (question.check(value), written, verdict)


def test_what_cannot_be_read_is_no_mistake_and_says_how_to_write_it():
    asked = [(question, written) for question, written, value in typed() if value == "?"]
    asked += [(BY_NAME[name], written) for name in ("linear_layer", "first_map") for written in ENDLESS]
    for (question, written), (symbol, message, mistake) in zip(asked, judged(asked), strict=True):
        assert (symbol, mistake) == ("→", None), (question.name, written, message)
        assert re.search("such as|multiple|as many", message) and len(message) < 220, message


def test_an_answer_in_per_cent_is_read_as_the_question_asks_for_it():
    asks = exercise_of(lambda: 35, task="How many per cent is it?")
    share = exercise_of(lambda: 0.35, task="Which share is it?")
    pairs = [(asks, "35"), (asks, "35%"), (asks, "35 %"), (share, "35%"), (share, "35 per cent"), (share, "0,35")]
    assert [symbol for symbol, *_ in judged(pairs)] == ["✓"] * 6
    assert [symbol for symbol, *_ in judged([(asks, "0.35"), (share, "35")])] == ["✗"] * 2


def test_no_group_of_three_follows_a_lone_zero():
    asks = exercise_of(lambda: 125, task="How many?")
    assert [symbol for symbol, *_ in judged([(asks, "0,125"), (asks, "0.125"), (asks, "125.000")])] == list("✗✗✓")


def test_a_single_whole_number_is_counted():
    pairs = [("linear_layer", "100480.0001"), ("twice_the_side", "3.9990"), ("twice_the_side", "0.1 * 40")]
    assert [symbol for symbol, *_ in judged([(BY_NAME[name], text) for name, text in pairs])] == list("✗✗✓")


def test_a_tolerance_counts_on_a_page_too():
    about = exercise_of(lambda: 5.5, task="How many?", kind=Numbers(tolerance=0.1))
    assert [symbol for symbol, *_ in judged([(about, text) for text in ("5,55", "6.1", "4.9", "6.2")])] == list("✓✓✓✗")


def exercise_of(reference, **data):
    return Sheet().exercise(title="A title", fact="Right: a fact.", hints=["The hint."], **data)(reference)


def test_a_note_shows_how_a_list_and_a_number_are_written():
    [[_, message, _]] = judged([(BY_NAME["three_groups"], "24 x 4 x 3 x 3 or 888")])
    assert message.endswith("brackets around those that belong together, such as (1, 2, 3), 4.")


def test_a_note_says_what_is_in_the_way():
    notes = [
        ("linear_layer", "22 Mio", "write all digits of a number"),
        ("twice_the_side", "four", "write digits and no words: a number, such as 12"),
        ("linear_layer", "(784*128+128", "one bracket is missing or too many"),
        ("first_map", "19, 25 37, 43", "Which numbers are a row? Put each row into a line"),
        ("first_map", "19 25)", "Write a line for each row, with commas between its numbers"),
        ("edge_filter", "1 2\n3", "The rows have different lengths"),
        ("shapes", "8*10*10; 32*5*5; 64*5*5", "a star multiplies them"),
        ("edge_filter", "0", "One number is no edge filter"),
        (
            "repair",
            '("more padding", "more epochs", "global pooling", )',
            'Not yet. "more padding", "more epochs": padding',
        ),
    ]
    said = judged([(BY_NAME[name], written) for name, written, _ in notes])
    assert [words for (*_, words), (_, message, _) in zip(notes, said, strict=True) if words not in message] == []


def test_an_answer_is_repeated_as_it_was_typed_and_as_it_was_read():
    written = ["0,125", "28*28-2", "95,958", "16 pixels", "1/3", "\n2 "]
    said = [message.split(": ")[0] for _, message, _ in judged([(BY_NAME["twice_the_side"], each) for each in written])]
    assert said == [
        "Not yet. " + each for each in ("0,125 = 0.125", "28*28-2 = 782", "95,958", "16 pixels", "1/3 = 0.333333", "2")
    ]


def test_a_page_judges_all_but_what_needs_python():
    in_python = {type(exercise.kind) for exercise in EXERCISES if not is_judged(exercise)}
    assert in_python == {Function, Behaviour} and is_judged(BY_NAME["edge_filter"])
