"""What a page says of an answer: the same symbol, words and mistake as Python, for whatever is written into the field."""

import json
import os
import shutil
import subprocess

import numpy as np
import pytest

from coursetools.lesson import lessons
from coursetools.pages.bundle import WEB
from coursetools.pages.questions import as_json, is_judged

SHEETS = {lesson.word: lesson.sheet for lesson in lessons()}
DRAWS = 10 if "THOROUGH" in os.environ else 0
each_lesson = pytest.mark.parametrize("word", SHEETS)

# Answers of all forms, in Python and in a field: the same text is read by both.
ODD = """
... | (..., 3) | [[1, ...]] | None | True | [True] | "text" | 'half' | [None] | ["a", 1] | {} | {"a": 1} | {1, 2} | () | []
0 | -1 | 3.7 | -0.0 | 1e-5 | 0.000012345 | 12345.25 | 999999.5 | 123456.789 | 1000000.0 | 1e22 | 1_000 | .5 | 5.
10**400 | -10**400 | 1e400 | -1e400 | 12345678901234567890 | 2**10 | 2**-1 | 7//2 | -7//2 | -7 % 3 | 7.5 % 2 | -7.5 % 2.0 | 7/2
28*28 - 2 | (1 + 2) * 3 | -(-5) | +5 | --5 | -2**2 | 2**3**2 | 2*-3 | True + 1 | 0.1 + 0.2 | 1e3/7
[[]] | [([[9, 6], [-6, -9]], 2.125)] | [[1, (2, 3)], 4] | [1] | (1,) | [[1]] | (1, 2) | (1, 2,) | 1, 2 | (1, 2, 3) | [1, 2, 3, 4] | [[1, 2], [3]] | ((1, 2), (3, 4, 5))
[[1, 2], [3, 4]] | [[[1, 2], [3, 4]]] | [[1, 2], [3, 4], [5, 6]] | [[1, 2, 3], [4, 5, 6], [7, 8, 9]] | [0.1, 0.25]
[[0.5, 1e-7], [1e16, 3.0]] | [0]*3 | [[0]*3]*2 | [1, 2] + [3] | (1,) + (2,) | [0]*50 | [[[[[[[[[[1]]]]]]]]]] | [-0.0, 1.5]
[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17] | (0.5, 1/3) | (0.5, 0.5, 0.5) | [1e400, 1] | (5, 5) | (5, 6)
[[1, -1]] | [[-1, 1]] | [[-1], [1]] | [[0, 0]] | [[-1, 0, 1]] | [[1, 2, -1], [3, 3, 3]] | [-1, 1] | [[[-1, 1]]]
[[[-1, 1]], [[1, 1]]] | [[-1, 1, -1, 1]] | [[-1/3, 0, 1/3]]*3 | [[-0.25, 0, 0.25], [-0.5, 0, 0.5], [-0.25, 0, 0.25]]
"both" | "BOTH." | "the both" | ("both",) | ["neither", "both"] | "linear, affine and neither" | "linear affine neither"
("linear", "affine", "neither") | ("linear", "linear") | "ReLUs" | "its ReLUs" | "pooling" | "more padding" | {"global pooling"}
"more padding, global pooling" | ("more filters", "more padding") | "A" | "a" | "d" | "a" "b" | 70 | 0.7 | "70 %" | "70%"
"it's" | {"a": [1, (2,), None], "b": "it's"} | 150 | 330 | -30 | 30 | 31 | (30, 30) | 50 | 0.5 | ["nothing"]*3
"""
# What people write by hand, and what it says in Python, where one number, rows or the side of a square are asked.
A_NUMBER = """
0,75 -> 0.75 | 3,692,640 -> 3692640 | 3.692.640 -> 3692640 | 4 864 -> 4864 | 7 × 7 -> 7 * 7 | 28^2 -> 28**2 | −3 -> -3
1 ÷ 4 -> 1/4 | 5 # because -> 5 | “half” -> 'half' | 007 -> 7 | 7x7 -> 7 * 7 | (1 + 2) x (3) -> (1 + 2) * (3) | 30° -> 30
tensor([1., 2.]) -> [1.0, 2.0] | [np.int64(3), np.float32(0.5)] -> [3, 0.5] | torch.Size([1, 2]) -> (1, 2) | … -> ...
"""
ROWS = r"19 25\n37 43 -> [[19, 25], [37, 43]] | -1 1 -> [[-1, 1]] | np.array([[1, 2], [3, 4]]) -> [[1, 2], [3, 4]]"
BY_HAND = {"conv_layer": A_NUMBER, "first_map": ROWS, "edge_filter": ROWS, "stacked_size": "5 x 5 -> (5, 5)"}
BY_HAND["output_shape"] = "10 x 28 x 28 -> (10, 28, 28) | 10 × 28 × 28 -> (10, 28, 28) | 10 * 28 * 28 -> 7840"
UNREADABLE = """
twelve | 1 2 | (1 | [1, 2 | 1 + | 1 / 0 | 0 ** -1 | open('x') | 1,,2 | 'a | [1] * 10**9 | 9**9**9 | {1: 2, 3} | a.b | 1j
1 if 2 else 3 | (-8) ** 0.5 | <b>1</b>
"""
ENDLESS = ["9" * 9000, "(" * 500, "-" * 5000 + "1"]


def answers_in(text):
    return [answer.strip() for line in text.strip().splitlines() for answer in line.split(" | ")]


def judged(asked):
    """What a page says of each (data of a question, written): [symbol, message, mistake]."""
    if (node := shutil.which("node")) is None:
        pytest.skip("no node on this machine: what a page says is tested in the browser alone")
    command = [node, WEB / "tests" / "judge.mjs"]
    run = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8")
    assert not run.returncode, run.stderr
    return json.loads(run.stdout)


def as_data(question):
    """What a page knows of it."""
    return json.loads(as_json(question.to_dict()))


def questions(word):
    """The exercises of a lesson that a page judges, as they are and as they are drawn."""
    for exercise in filter(is_judged, SHEETS[word].exercises):
        yield exercise
        yield from (exercise.another(seed) for seed in range(DRAWS if exercise.draw else 0))


def differences(asked):
    """What Python and the page say differently. asked: (question, written in the field, the same in Python)."""
    verdicts = judged([(as_data(question), written) for question, written, _ in asked])
    for (question, written, python), page in zip(asked, verdicts, strict=True):
        report = question.check(eval(python))
        here = [report.symbol, report.message, report.mistake]
        if here != page:
            yield f"{report.title}, {written}\n  Python: {here}\n  page:   {page}"


def near(data):
    """The right answer and those of the mistakes, as text, and what lies near them."""
    for answer in (data["right"], *(mistake["gives"] for mistake in data["mistakes"])):
        if isinstance(answer, dict):
            continue  # what a kernel does
        yield repr(answer)
        try:
            array = np.asarray(answer, float)
        except ValueError:
            continue  # words, or rows that differ in length
        for changed in (-array, array + 1, array * 1.0004, array * 100, array.T):
            yield repr(changed.tolist())


@each_lesson
def test_right_answers_mistakes_and_their_neighbours_are_told_alike(word):
    asked = [(question, text, text) for question in questions(word) for text in near(as_data(question))]
    assert len(asked) > 100
    assert list(differences(asked)) == []


BY_NAME = {exercise.name: exercise for sheet in SHEETS.values() for exercise in sheet.exercises}
OF_EACH_KIND = ["entries_not_zero", "first_map", "linear_or_not", "cell_angle", "stacked_size", "edge_filter"]


@pytest.mark.parametrize("name", BY_NAME if DRAWS else OF_EACH_KIND)
def test_odd_answers_are_told_alike(name):
    if is_judged(BY_NAME[name]):
        assert list(differences([(BY_NAME[name], text, text) for text in answers_in(ODD)])) == []


def test_what_people_write_by_hand_says_the_same_in_python():
    asked = []
    for name, pairs in BY_HAND.items():
        for written, python in (pair.split(" -> ") for pair in answers_in(pairs)):
            asked.append((BY_NAME[name], written.replace(r"\n", "\n"), python))
    assert list(differences(asked)) == []


def said(name, *written):
    """What a page says of these answers to an exercise: [symbol, message, mistake] of each."""
    return judged([(as_data(BY_NAME[name]), text) for text in written])


def test_what_cannot_be_read_is_no_mistake_and_says_why():
    unreadable = answers_in(UNREADABLE) + ENDLESS
    for written, (symbol, message, mistake) in zip(unreadable, said("conv_layer", *unreadable), strict=True):
        assert symbol == "→" and mistake is None and "can't be read" in message, written
        assert len(message) < 200 and message.endswith("."), written


@pytest.mark.parametrize(
    "name, form",
    [("first_map", "[[1, 2], [3, 4]]"), ("entries_not_zero", "a number such as 12"), ("output_shape", "(1, 2, 3)")],
)
def test_what_cannot_be_read_is_told_in_the_form_that_is_asked(name, form):
    ((_, message, _),) = said(name, "19 25)")
    assert form in message


def test_per_cent_are_read_as_the_question_asks_for_them():
    per_cent = {**as_data(BY_NAME["twice_the_side"]), "right": 35, "mistakes": []}
    assert judged([(per_cent, "35%")])[0][0] == "✓"
    share = {**per_cent, "right": 0.25}
    assert [symbol for symbol, *_ in judged([(share, text) for text in ("25%", "25 %", "1/4", "0,25")])] == ["✓"] * 4


def test_words_need_no_quotes_where_words_are_asked():
    (verdict, *others) = said("shuffled_pixels", "cnn", "'CNN'", '"CNN"', "CNN.", "the CNN")
    assert verdict[0] in "✓✗" and all(other == verdict for other in others)
    assert said("linear_or_not", ", ".join(as_data(BY_NAME["linear_or_not"])["right"]))[0][0] == "✓"


def test_a_page_judges_all_but_what_needs_python():
    in_python = {as_data(exercise)["kind"] for exercise in BY_NAME.values() if not is_judged(exercise)}
    assert in_python == {"function", "behaviour"} and is_judged(BY_NAME["edge_filter"])
