"""What a page says of an answer: the same symbol, words and mistake as Python, for whatever is written into the field."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from coursetools import notebooks
from coursetools.offline import sheet_of
from coursetools.site.lessons import form_of
from coursetools.site.questions import as_json, is_judged

LESSONS = sorted(path.stem for path in notebooks.LESSONS.glob("*.ipynb"))
each_lesson = pytest.mark.parametrize("lesson", LESSONS)

# Answers of all forms, in Python and in a field: the same text is read by both.
ODD = """
... | (..., 3) | [[1, ...]] | None | True | [True] | "text" | 'half' | [None] | ["a", 1] | {} | {"a": 1} | {1, 2} | () | []
0 | -1 | 1 | 3.7 | -0.0 | 1e-5 | 0.000012345 | 12345.25 | 999999.5 | 123456.789 | 1000000.0 | 1e15 | 1e22 | 1_000 | .5 | 5.
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
"it's" | {"a": [1, (2,), None], "b": "it's"} | "x" * 70 | 150 | 330 | -30 | 30 | 31 | (30, 30) | 50 | 0.5 | ["nothing"]*3
"""
SAME_IN_BOTH = [text.strip() for line in ODD.strip().splitlines() for text in line.split(" | ") if "* 70" not in text]
# What people write by hand, and what it says in Python.
BY_HAND = {
    "": "...",
    "  12  ": "12",
    "0,75": "0.75",
    "-0,5": "-0.5",
    "3,692,640": "3692640",
    "7 × 7": "7 * 7",
    "28^2": "28**2",
    "−3": "-3",
    "1 ÷ 4": "1/4",
    "5 # because": "5",
    "np.array([[1, 2], [3, 4]])": "[[1, 2], [3, 4]]",
    "tensor([1., 2.])": "[1.0, 2.0]",
    "[np.int64(3), np.float32(0.5)]": "[3, 0.5]",
    "torch.Size([1, 2])": "(1, 2)",
    "“half”": "'half'",
    "[1;2]": "[1, 2]",
    "007": "7",
    "7x7": "7 * 7",
    "(1 + 2) x (3)": "(1 + 2) * (3)",
    "30°": "30",
    "4 864": "4864",
    "3.692.640": "3692640",
    "19 25\n37 43": "[[19, 25], [37, 43]]",
    "-1 1": "[[-1, 1]]",
    "5 x 5": "(5, 5)",
    "…": "...",
}
UNREADABLE = [
    "twelve",
    "1 2",
    "(1",
    "1)",
    "[1, 2",
    "1 +",
    "* 2",
    "1 / 0",
    "0 ** -1",
    "1 % 0",
    "open('x')",
    "__import__('os')",
]
UNREADABLE += [
    "[1] * 10**9",
    "9**9**9",
    "9" * 9000,
    "(" * 500,
    "-" * 5000 + "1",
    "1,,2",
    "'a",
    "{1: 2, 3}",
    "a.b",
    "1 if 2 else 3",
]
UNREADABLE += [
    "[1] + 2",
    "(-8) ** 0.5",
    "1j",
    "lambda: 1",
    "1; 2 x",
    "$",
    "<b>1</b>",
    "ﬁ",
    "𝟙",
    "½",
    "1 == 1",
    "... + 1",
]


def judged(asked):
    """What a page says of each [question, written]."""
    if (node := shutil.which("node")) is None:
        pytest.skip("no node on this machine: what a page says is tested in the browser alone")
    driver = Path(__file__).with_name("judge.mjs")
    run = subprocess.run([node, driver], input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8")
    assert not run.returncode, run.stderr
    return [tuple(each) for each in json.loads(run.stdout)]


def questions(lesson, seeds=0):
    """(question, its data as a page has them) for each exercise of a lesson that a page judges, and its draws."""
    for exercise in filter(is_judged, sheet_of(lesson).exercises):
        drawn = [exercise.another(seed) for seed in range(seeds)] if exercise.draw else []
        for each in (exercise, *drawn):
            yield each, json.loads(as_json(each.to_dict()))


def near(question):
    """The right answer and those of the mistakes, as text, and what lies near them."""
    exercise = question
    for function in (exercise.reference, *(mistake.answer for mistake in exercise.mistakes)):
        answer = question.answer(function)
        if isinstance(answer, dict):
            continue  # a mistake that is told by what it does
        yield repr(_as_lists(answer))
        try:
            array = np.asarray(answer, float)
        except ValueError:
            continue  # words, or rows that differ in length
        changed = [-array, array + 1, array * 1.0004, array + 0.0001, array / 100, array * 100, np.trunc(array)]
        for each in (*changed, np.flip(array), array.T, array.ravel(), array[None]):
            yield repr(each.tolist())


def _as_lists(answer):
    if isinstance(answer, (list, tuple)):
        return type(answer)(map(_as_lists, answer))
    return answer.tolist() if hasattr(answer, "tolist") else answer


def differences(asked):
    """What Python and the page say differently. asked: (question, data, written in the field, the same in Python)."""
    said = judged([(data, written) for _, data, written, _ in asked])
    for (question, data, written, python), page in zip(asked, said, strict=True):
        report = question.check(eval(python))
        here = (report.symbol, report.message, report.mistake)
        if here != page:
            yield f"{data['name']}, {written}\n  Python: {here}\n  page:   {page}"


@each_lesson
def test_right_answers_mistakes_and_their_neighbours_are_told_alike(lesson):
    asked = [(question, data, text, text) for question, data in questions(lesson, seeds=10) for text in near(question)]
    assert len(asked) > 200
    assert not (found := list(differences(asked))), "\n".join(found[:5])


@each_lesson
def test_odd_answers_are_told_alike(lesson):
    asked = [(question, data, text, text) for question, data in questions(lesson) for text in SAME_IN_BOTH]
    assert not (found := list(differences(asked))), "\n".join(found[:5])


TEXTS = st.text(st.sampled_from("aZé ß'\"\\,;_%7."), max_size=9)
SINGLE = st.one_of(
    st.integers(),
    st.integers(-(10**330), 10**330),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-99, 99).map(lambda number: number / 8),
    TEXTS,
    st.booleans(),
    st.none(),
    st.just(...),
)
ANSWERS = st.recursive(
    SINGLE,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.lists(st.lists(st.integers(-9, 9), min_size=2, max_size=2), min_size=2, max_size=2),
        st.dictionaries(TEXTS, inner, max_size=2),
    ),
    max_leaves=9,
)
NAMES = {"01_parameters": "alexnet_share", "02_filters": "edge_filter", "03_color": "three_groups", "05_cnn": "repair"}
NAMES |= {"04_pooling": "verdicts", "06_inspection": "cam_by_hand"}


@each_lesson
@settings(
    max_examples=8, phases=[Phase.explicit, Phase.generate], deadline=None, suppress_health_check=list(HealthCheck)
)
@given(answers=st.lists(ANSWERS, min_size=20, max_size=60))
def test_answers_that_nobody_thought_of_are_told_alike(lesson, answers):
    first = next(filter(is_judged, sheet_of(lesson).exercises))
    exercise = getattr(sheet_of(lesson), NAMES.get(lesson, first.name))
    texts = [repr(answer).replace("Ellipsis", "...") for answer in answers]
    asked = [(exercise, as_data(exercise), text, text) for text in texts]
    assert not (found := list(differences(asked))), "\n".join(found[:5])


@each_lesson
def test_what_people_write_by_hand_says_the_same_in_python(lesson):
    asked = [
        (question, data, written, python)
        for question, data in questions(lesson)
        for written, python in BY_HAND.items()
        if _asks_for(data, written)
    ]
    assert not (found := list(differences(asked))), "\n".join(found[:5])


def _asks_for(data, written):
    """Whether something is read that way there: commas where one number is asked, and words as they are."""
    if data["kind"] == "choice":
        return not any(sign.isdigit() for sign in written)
    if re.search(r"\d x \d", written) or data["kind"] == "side":
        return written == "5 x 5" and data["kind"] == "side"
    is_table = data["kind"] == "behaviour" or (isinstance(data["right"], list) and isinstance(data["right"][0], list))
    if re.fullmatch(r"-?\d+ \d+(\n.*)?", written) and written != "4 864":
        return is_table
    return (
        not re.search(r"\d[,. ]\d{2,}", written)
        and not re.search(r"\d,\d", written)
        or not isinstance(data["right"], (list, dict))
        and data["kind"] != "side"
    )


def the(lesson, name):
    return as_data(getattr(sheet_of(lesson), name))


def as_data(exercise):
    return json.loads(as_json(exercise.to_dict()))


def test_what_cannot_be_read_is_no_mistake_and_says_why():
    question = the("01_parameters", "conv_layer")
    for written, (symbol, message, mistake) in zip(
        UNREADABLE, judged([(question, each) for each in UNREADABLE]), strict=True
    ):
        assert symbol == "→" and mistake is None and "can't be read" in message, written
        assert len(message) < 200 and message.endswith("."), written


def test_what_cannot_be_read_is_told_in_the_form_that_is_asked():
    asked = {
        "first_map": "[[1, 2], [3, 4]]",
        "edge_filter": "[[1, 2], [3, 4]]",
        "entries_not_zero": "a number such as 12",
    }
    for name, form in asked.items():
        ((_, message, _),) = judged([(the("02_filters", name), "19 25)")])
        assert form in message
    ((_, message, _),) = judged([(the("03_color", "output_shape"), "10 28 28")])
    assert "(1, 2, 3)" in message


@pytest.mark.parametrize(
    "source, form",
    [
        ("exercise.a.check(...)", ""),
        ("exercise.a.check(...)  # (..., ..., ...)", "`(..., ..., ...)`"),
        (
            "exercise.a.check((..., ...))  # (convolutions, linear layers)",
            "`(..., ...)`: (convolutions, linear layers)",
        ),
        ("exercise.a.check(...)  # in pixels", "in pixels"),
        ("# before\nexercise.a.check([..., ...])", "`[..., ...]`"),
    ],
)
def test_a_page_says_how_an_answer_is_written_as_the_notebook_does(source, form):
    assert form_of(source) == form


def test_per_cent_are_read_as_the_question_asks_for_them():
    per_cent = the("01_parameters", "alexnet_share")
    (right,) = judged([(per_cent, f"{per_cent['right']:.1f}%")])
    assert right[0] == "✓"
    share = {**per_cent, "right": 0.25, "mistakes": []}
    assert [symbol for symbol, *_ in judged([(share, each) for each in ("25%", "25 %", "1/4", "0,25")])] == ["✓"] * 4


def test_words_need_no_quotes_where_words_are_asked():
    question = the("01_parameters", "shuffled_pixels")
    said = judged([(question, each) for each in ("cnn", "'CNN'", '"CNN"', "CNN.", "the CNN")])
    assert len(set(said)) == 1 and said[0][0] in "✓✗"
    three = the("02_filters", "linear_or_not")
    assert judged([(three, ", ".join(three["right"]))])[0][0] == "✓"


def test_a_page_judges_what_issue_and_lesson_promise():
    exercises = [exercise for lesson in LESSONS for exercise in sheet_of(lesson).exercises]
    python = {exercise.name for exercise in exercises if not is_judged(exercise)}
    kinds = {type(exercise.kind).__name__ for exercise in exercises if not is_judged(exercise)}
    assert kinds == {"Function", "Behaviour"} and "edge_filter" not in python
    assert len(exercises) - len(python) >= 50


def test_json_refuses_what_a_browser_cannot_read():
    with pytest.raises(ValueError):
        as_json({"right": float("nan")})
    assert as_json({"task": "</script>"}) == '{"task":"\\u003c/script>"}'
