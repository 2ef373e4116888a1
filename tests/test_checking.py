"""checking: an answer is observed, compared and explained; none can break a lesson, and none leaves a trace."""

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from lessonlib.checking import (
    NOTE,
    OPEN,
    RIGHT,
    WRONG,
    Behaviour,
    Call,
    Choice,
    Function,
    Numbers,
    Refused,
    Report,
    Seen,
    Sheet,
    Side,
    apart,
)
from lessonlib.checking.comparing import difference, phrase, same, show
from lessonlib.checking.observing import numbers
from lessonlib.checking.report import MIME, printable

DOUBLED = "You multiplied by two."
ROUNDED = "You rounded down: use / and not //."


def exercise(reference, **changes):
    data = {"title": "A title", "task": "The task.", "fact": "The fact.", "hints": ["The hint."]}
    return Sheet().exercise(**{**data, **changes})(reference)


def said(report):
    """What a report says, without its name and version."""
    return report.symbol, report.message


@pytest.fixture
def half():
    """An exercise answered with a function, and with two mistakes."""

    @Sheet().exercise(
        title="Half",
        task="Write `half(number)`.",
        fact="Halves are exact in binary.",
        hints=["Divide.", "Divide by two.", "`return number / 2`"],
        kind=Function(cases=(Call(4), Call(3), Call(7), Call(number=-5))),
        seconds=0.3,
    )
    def half(number):
        return number / 2

    @half.mistake(DOUBLED)
    def double(number):
        return number * 2

    @half.mistake(ROUNDED)
    def rounded(number):
        return number // 2

    return half


@pytest.fixture
def five():
    return exercise(lambda: 5)


@pytest.fixture
def word():
    """An exercise answered with a choice, and with one mistake."""
    mistakes = {"ink": ("few", "You counted the ink alone.")}
    return exercise(lambda: "most", kind=Choice(("few", "half", "most")), mistakes=mistakes)


def ends(number):
    return number / 2


# What is not answered, what is right


def test_dots_are_not_answered_yet_and_repeat_the_task(half, five):
    assert said(half.check(...)) == (OPEN, "Not answered yet. Write `half(number)`.")
    assert said(five.check(...)) == (OPEN, "Not answered yet. The task.")
    assert five.check([..., [...]]).symbol == half.check(lambda number: ...).symbol == OPEN


@pytest.mark.parametrize("answer", [ends, lambda number: 0.5 * number, lambda number: number * 2**-1])
def test_every_way_to_write_it_is_right_and_tells_a_fact(answer, half):
    assert said(half.check(answer)) == (RIGHT, "Halves are exact in binary.")


ONE = np.array([5])


@pytest.mark.parametrize(
    "answer",
    [
        *(5, 5.0, 5 + 1e-9, 5 + 0j, Fraction(5), Decimal(5), np.int64(5), np.float32(5), np.float16(5), [5], (5,), ONE),
        *(torch.tensor(5), torch.tensor([[5.0]], requires_grad=True), torch.tensor(5.0, dtype=torch.bfloat16)),
        *(torch.tensor(5 + 0j).conj(), np.ma.array([5]), np.array([5], dtype=object), range(5, 6)),
        torch.tensor([5.0]).to_sparse(),
    ],
    ids=repr,
)
def test_a_number_is_welcome_in_every_form(answer, five):
    assert five.check(answer).symbol == RIGHT


@pytest.mark.parametrize(
    "convert", [np.array, torch.tensor, list, tuple, lambda rows: torch.tensor(rows, dtype=torch.bfloat16)]
)
def test_an_array_is_welcome_in_every_form(convert):
    rows = [[1, 2], [3, 4]]
    assert exercise(lambda: np.array(rows)).check(convert(rows)).symbol == RIGHT


def test_a_number_of_16_bits_is_right_as_near_as_it_can_come():
    third = exercise(lambda: 1 / 3)
    assert [third.check(kind(1 / 3)).symbol for kind in (np.float64, np.float32, np.float16)] == [RIGHT] * 3
    assert third.check(np.float16(0.34)).symbol == WRONG
    assert exercise(lambda: 1_849_688_064).check(torch.tensor(1_849_688_064.0)).symbol == RIGHT
    assert exercise(lambda: 60_965_224).check(60_965_225).symbol == WRONG


@pytest.mark.parametrize(
    "answer", ["most", "MOST", "  Most\n", np.str_("most"), "'most'", "most.", ["most"], np.array(["most"])]
)
def test_a_choice_is_right_in_every_form(answer, word):
    assert word.check(answer).symbol == RIGHT


def test_several_words_come_in_every_form_of_a_list():
    both = exercise(lambda: ("few", "most"), kind=Choice(("few", "half", "most"), count=2))
    assert {
        both.check(each).symbol for each in (("few", "most"), ["few", "Most"], np.array(["few", "most"]), "few, most")
    } == {RIGHT}
    assert "choose two of these words" in both.check("few").message.lower()
    assert (
        said(both.check(("most", "few")))[1].startswith("the value at position 0 is wrong")
        or both.check(("most", "few")).symbol == WRONG
    )


def test_where_several_words_are_right_one_is_enough_and_so_are_all():
    repair = exercise(
        lambda: ("pooling", "shifts"),
        kind=Choice(("pooling", "shifts", "filters"), any_of=True),
        mistakes={"more_filters": (("filters",), "Filters don't help.")},
    )
    for answer in ("pooling", "Shifts", ["shifts", "pooling"], "pooling and shifts", {"pooling"}):
        assert repair.check(answer).symbol == RIGHT, answer
    assert "Filters don't help." in repair.check("filters").message
    assert repair.check(["pooling", "filters"]).symbol == WRONG


# What is wrong, and the sentence that explains it


def test_each_mistake_is_wrong_with_its_sentence_and_its_name(half):
    for mistake in half.mistakes:
        report = half.check(mistake.answer)
        assert report.symbol == WRONG and report.message.endswith(mistake.because) and report.mistake == mistake.name


def test_a_wrong_function_is_shown_the_first_call_that_went_wrong(half):
    def halve(number):
        return number // 2

    assert half.check(halve).message == f"`halve(3)` gives 1: {ROUNDED}"


def test_a_mistake_is_recognised_where_some_cases_are_handled_rightly(half):
    report = half.check(lambda number: 1.5 if number == 3 else number // 2)
    assert report.message == f"`your function(7)` gives 3: {ROUNDED}"


def test_of_two_mistakes_that_explain_an_answer_the_one_that_agrees_with_more_of_it_is_named():
    each = exercise(lambda number: number, kind=Function(cases=(Call(1), Call(2), Call(3))))
    each.mistake("You gave nothing at all.")(lambda number: 0)
    each.mistake("You forgot three.")(lambda number: number % 3)
    assert each.check(lambda number: {1: 1, 2: 2, 3: 0}[number]).message.endswith("You forgot three.")


def test_a_wrong_answer_that_nobody_foresaw_is_told_the_right_value_and_where_to_find_help(half):
    assert half.check(lambda number: 9).message == (
        "`your function(4)` gives 9: it should be 2. `exercise.half.hint()` helps."
    )


def test_a_wrong_number_is_told_its_direction_and_not_the_answer(five):
    assert "6: that is too large" in five.check(6).message
    assert "4: that is too small" in five.check(4).message


@pytest.mark.parametrize(
    "right, answer, words",
    [
        (5, -5, "the sign is the other way round"),
        (2.75, 2, "cut off the fraction"),
        ([1, 2, 3], [3, 2, 1], "in reverse order"),
        ([[1, 2], [3, 4]], [[1, 3], [2, 4]], "rows and columns are swapped"),
        ([[1, 2], [3, 4]], [1, 2, 3, 4], "the shape should be (2, 2)"),
        ([1, -2], [1, 2], "the sign is lost"),
    ],
)
def test_slips_that_can_happen_everywhere_are_named(right, answer, words):
    assert words in exercise(lambda: right).check(answer).message


def test_several_answers_in_place_of_a_tuple_are_told_so(five):
    report = five.check(1, 2, 3)
    assert report.symbol == WRONG and "Put your 3 values in one tuple" in report.message


class Nasty:
    def __getattr__(self, name):
        raise RuntimeError("no")

    def __repr__(self):
        raise RuntimeError("no")


ENDLESS = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    "answer, words",
    [
        (None, "none"),
        ("5", "this is text: give a number, without quotes"),
        (np.array(["5"]), "this is text"),
        (5j, "imaginary"),
        (True, "this is True"),
        ({"a": 5}, "dictionary"),
        ({5}, "a set has no order"),
        (map(int, "5"), "hands out its values later"),
        (itertools.count(), "hands out its values later"),
        ([[1], [2, 3]], ""),
        (float("nan"), "no number"),
        (float("inf"), "too large"),
        (10**400, "too large"),
        (1 << 10**7, "a number of 3,010,300 digits"),
        (nn.Linear(1, 1), "this is a layer"),
        (ends, "this is a function: hand over its result, `check(ends(...))`"),
        (np.ma.array([5], mask=[True]), "hides"),
        (torch.zeros(1, device="meta"), "meta"),
        (np.zeros(10**7), "array of shape"),
        (ENDLESS, "without end"),
        (Nasty(), ""),
        (b"5", ""),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_no_number_is_told_what_it_is(answer, words, five):
    report = five.check(answer)
    assert report.symbol == WRONG and words.lower() in report.message.lower()
    assert "raised" not in report.message or "can't be read" in report.message


@pytest.mark.parametrize(
    "answer", ["all", 3, None, np.array([1, 2]), ends, Nasty()], ids=lambda value: type(value).__name__
)
def test_what_can_not_be_chosen_is_wrong(answer, word):
    assert word.check(answer).symbol == WRONG


def test_what_can_not_be_chosen_is_answered_with_the_choices(word):
    assert word.check("all").message == '"all": choose one of "few", "half", "most".'


def test_a_wrong_choice_that_no_mistake_explains_is_not_called_unknown(word):
    assert "that is not it" in word.check("half").message


@pytest.mark.parametrize("answer", [2, "half", None, [ends]])
def test_where_a_function_is_asked_anything_else_is_told_so(answer, half):
    report = half.check(answer)
    assert report.symbol == WRONG and "hand over the function itself" in report.message


def test_an_exception_is_told_with_its_call_type_and_message(half):
    assert half.check(lambda number: number / 0).message == (
        "`your function(4)` raised ZeroDivisionError: division by zero"
    )


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def raises_silently(number):
    raise Silent


def leaves(number):
    raise SystemExit


def stops(number):
    raise KeyboardInterrupt


def asks(number):
    return input("a number")


def recurses(number):
    return recurses(number + 1)


@pytest.mark.parametrize(
    "answer, words",
    [
        (raises_silently, "raised Silent."),
        (leaves, "raised SystemExit."),
        (stops, "raised KeyboardInterrupt."),
        (asks, "no keyboard inside a check"),
        (recurses, "calls itself without end"),
        (lambda number: None, "gives None: is there a `return`?"),
        (lambda: 1, "Keep the arguments of the task"),
        (lambda number: "1", "this is text: give a number"),
    ],
)
def test_a_function_that_can_not_be_judged_is_told_why(answer, words, half):
    report = half.check(answer)
    assert report.symbol == WRONG and words in report.message


def test_an_error_in_a_mistake_of_ours_is_never_the_student_s():
    each = exercise(lambda number: number, kind=Function(cases=(Call(0), Call(1))))
    each.mistake("Divided.")(lambda number: 1 / (number + 1))
    assert "ZeroDivisionError" not in each.check(lambda number: number + 1).message


# It always ends


def never_ends(number):
    while True:
        number += 1


def never_ends_and_catches(number):
    while True:
        try:
            number += 1
        except BaseException:
            number = 0


def crashes(number):
    import ctypes

    return ctypes.string_at(0)


ENDLESS_CODE = [
    never_ends,
    never_ends_and_catches,
    lambda number: sum(range(10**18)),
    lambda number: 7 ** (10**8),
    lambda number: max(itertools.count()),
    lambda number: time.sleep(60),
    lambda number: __import__("re").match(r"(a+)+$", "a" * 40 + "b"),
    lambda number: np.ones((10**4, 10**4)) @ np.ones((10**4, 10**4)),
    lambda number: torch.ones(5 * 10**8).sum(),
    lambda number: list(range(3 * 10**8)),
    crashes,
]
in_a_child = pytest.mark.skipif(not apart.CAN_FORK, reason="only a process can be killed, and this system has no fork")


@in_a_child
@pytest.mark.parametrize("answer", ENDLESS_CODE)
def test_a_check_ends_whatever_the_answer_does(answer, half):
    begun = time.monotonic()
    report = half.check(answer)
    assert report.symbol == WRONG and any(each in report.message for each in ("did not end", "memory", "ended Python"))
    assert time.monotonic() - begun < 30  # not a measurement: without an end it would be hours


@pytest.mark.parametrize("answer", [never_ends, never_ends_and_catches])
def test_without_a_process_a_loop_in_python_is_stopped_too(answer, half, monkeypatch):
    monkeypatch.setattr(apart, "CAN_FORK", False)
    before = threading.enumerate()
    assert "did not end" in half.check(answer).message
    assert half.check(ends).symbol == RIGHT
    assert answer is never_ends_and_catches or set(threading.enumerate()) <= set(before)


@in_a_child
def test_time_that_the_answer_does_not_have_does_not_count():
    """A busy machine: the child gets a small part of one processor."""
    each = exercise(lambda number: number, kind=Function(cases=(Call(1),)), seconds=1)

    def busy(number):
        ends_at = time.process_time() + 0.4
        while time.process_time() < ends_at:
            pass
        return number

    loop = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(loop) for _ in range(3 * (os.cpu_count() or 1))]
    try:
        assert each.check(busy).symbol == RIGHT
    finally:
        for other in others:
            other.kill()
            other.wait()


def children():
    """The processes that this one has started and not seen end."""
    return {child for each in Path("/proc/self/task").glob("*/children") for child in each.read_text().split()}


@pytest.fixture
def stop_button():
    """It raises KeyboardInterrupt, as in a kernel, also where the tests run in a background that has none."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@in_a_child
@pytest.mark.usefixtures("stop_button")
def test_the_stop_button_stops_the_work_and_the_cell(half):
    before = children()
    threading.Timer(0.2, lambda: os.kill(os.getpid(), 2)).start()
    waits = exercise(lambda number: number, kind=Function(cases=(Call(1),)), seconds=60)
    with pytest.raises(KeyboardInterrupt):
        waits.check(lambda number: time.sleep(60))
    assert children() == before


@in_a_child
@pytest.mark.usefixtures("stop_button")
def test_a_stop_button_pressed_while_the_child_is_made_leaves_none(half, monkeypatch):
    before, fork = children(), os.fork

    def slow_fork():
        os.kill(os.getpid(), signal.SIGINT)
        return fork()

    monkeypatch.setattr(os, "fork", slow_fork)
    with pytest.raises(KeyboardInterrupt):
        half.check(lambda number: time.sleep(60))
    assert children() == before and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_check_inside_the_checked_function_is_told_so(half):
    assert "calls `check` itself" in half.check(lambda number: half.check(ends)).message


@in_a_child
def test_what_an_answer_prints_is_shown_up_to_a_limit(half, capsys):
    def chatty(number):
        print("hello " * 10**5)
        return number / 2

    assert half.check(chatty).symbol == RIGHT
    shown = capsys.readouterr().out
    assert shown.startswith("hello hello") and len(shown) < 2 * apart.PRINTED


# It leaves no trace


def everything():
    return (
        random.getstate(),
        str(np.random.get_state()),
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        np.get_printoptions(),
        str(torch._tensor_str.PRINT_OPTS),
        torch.get_num_threads(),
        os.getcwd(),
    )


def meddles(number):
    random.seed(1)
    np.random.rand()
    torch.rand(3)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    np.set_printoptions(precision=1)
    torch.set_printoptions(precision=1)
    return number / 2


@pytest.mark.parametrize("has_fork", [True, False])
def test_a_check_changes_no_generator_and_no_setting(has_fork, half, monkeypatch):
    monkeypatch.setattr(apart, "CAN_FORK", has_fork and apart.CAN_FORK)
    before = everything()
    assert half.check(meddles).symbol == RIGHT
    layers = exercise(lambda: nn.Linear(2, 1), kind=Behaviour(lambda layer: {"inputs": layer.in_features}))
    layers.check(nn.Linear(2, 1, dtype=torch.float64))
    torch.set_rng_state(torch.tensor(before[2], dtype=torch.uint8))  # the line above drew the weights
    assert everything() == before


def test_an_answer_that_changes_its_arguments_changes_no_case():
    def largest(numbers, order):
        return max(numbers)

    def largest_and_clear(numbers, order):
        result = max(numbers)
        numbers.clear()
        order["by"] = "nothing"
        return result

    each = exercise(largest, kind=Function(cases=(Call([3, 1, 2], order={"by": "size"}),)))
    assert [each.check(largest_and_clear).symbol for _ in range(2)] == [RIGHT, RIGHT]
    assert repr(each.kind.cases[0]) == "([3, 1, 2], order={'by': 'size'})"


def test_a_layer_is_afterwards_what_it_was():
    def view(layer):
        layer(torch.rand(4, 3, 5, 5)).sum().backward()
        return {"channels": 3}

    each = exercise(lambda: Seen({"channels": 3}), kind=Behaviour(view))
    layer = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)).double()
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    assert each.check(layer).symbol == RIGHT
    assert layer.training and layer[0].weight.grad is None and layer[0].weight.dtype == torch.float64
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())


def test_a_default_type_of_the_student_s_does_not_change_the_verdict():
    each = exercise(lambda: [0.1, 0.2], kind=Behaviour(lambda values: {"sum": torch.tensor(values).sum()}))
    torch.set_default_dtype(torch.float64)
    try:
        assert each.check([0.2, 0.1]).symbol == RIGHT
        assert torch.get_default_dtype() == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


# Kernels, layers and networks


def on_flat_grey_and_on_an_edge(kernel):
    kernel = np.asarray(kernel)
    if kernel.shape != (2,):
        raise ValueError("Give two weights.")
    return {"on flat grey": kernel @ [1, 1], "on an edge": abs(kernel @ [0, 1])}


@pytest.fixture
def edge():
    """An exercise answered with a kernel that is judged by what it does."""
    mistakes = {"blind": (Seen({"on an edge": 0}), "It sees no edge.")}
    return exercise(lambda: [-1, 1], kind=Behaviour(on_flat_grey_and_on_an_edge), mistakes=mistakes)


@pytest.mark.parametrize("kernel", [[-1, 1], [1, -1], np.array([1.0, -1.0]), torch.tensor([-1, 1])])
def test_every_kernel_that_does_the_same_is_right(kernel, edge):
    assert edge.check(kernel).symbol == RIGHT


@pytest.mark.parametrize(
    "kernel, why",
    [
        ([1, 1], "On flat grey: 2, but it should be 0."),
        ([-2, 2], "On an edge: 2, but it should be 1."),
        ([3, 0], "It sees no edge."),
        ([1, 2, 3], "Give two weights."),
        ("kernel", "Give two weights."),
    ],
)
def test_a_kernel_is_told_what_it_does_wrong(kernel, why, edge):
    assert said(edge.check(kernel)) == (WRONG, why)


def test_a_view_that_fails_is_told_as_the_answer_s_error():
    each = exercise(lambda: Seen({"rows": 2}), kind=Behaviour(lambda layer: {"rows": len(layer.weight)}))
    assert said(each.check("layer")) == (
        WRONG,
        "Your code raised AttributeError: 'str' object has no attribute 'weight'",
    )


def test_a_result_with_names_may_come_in_any_order_and_a_missing_name_is_told():
    size = exercise(lambda area: (area, 1), kind=Function(cases=(Call(3),)))
    assert size.check(lambda area: [area, 1.0]).symbol == RIGHT
    assert "values" in size.check(lambda area: area).message or "shape" in size.check(lambda area: area).message


def test_the_side_of_a_square_may_be_a_pair():
    side = exercise(lambda: 5, kind=Side())
    assert [side.check(answer).symbol for answer in (5, (5, 5), (5, 4))] == [RIGHT, RIGHT, WRONG]


# Hints, solutions, other numbers


def test_hints_come_in_turn_and_the_last_one_stays(half):
    messages = [half.hint().message for _ in range(4)]
    assert messages == [
        "Hint 1 of 3: Divide.",
        "Hint 2 of 3: Divide by two.",
        "Hint 3 of 3: `return number / 2`",
        "Hint 3 of 3: `return number / 2`",
    ]


def test_the_solution_is_code_without_a_decorator_that_can_be_run_and_is_right(half):
    solution, names = half.solution(), {}
    assert solution.symbol == NOTE and solution.code.startswith("def half(number):")
    exec(solution.code, names)
    assert half.check(names["half"]).symbol == RIGHT


@pytest.fixture
def area():
    """An exercise whose numbers can be others."""

    @Sheet().exercise(
        title="Area",
        task="How large is a field of {width} x {height}?",
        hints=["Multiply.", "{width} * {height}"],
        fact="It has {width * height:,} pixels.",
        given={"width": 30, "height": 40},
        draw=lambda choose: {"width": choose.randint(1, 3), "height": choose.randint(1, 3)},
        mistakes={"added": (lambda width, height: width + height, "you added {width} and {height}.")},
    )
    def area(width, height):
        return width * height

    return area


def test_the_lesson_s_own_numbers_stand_in_all_texts(area):
    assert area.check(...).message == "Not answered yet. How large is a field of 30 x 40?"
    assert area.check(1200).message == "It has 1,200 pixels."
    assert area.check(70).message == "70: you added 30 and 40."
    assert [area.hint().message for _ in range(2)][1] == "Hint 2 of 2: 30 * 40"
    assert area.solution().code.endswith("area(width=30, height=40)")


def test_another_question_has_other_numbers_which_its_seed_brings_back(area):
    first, again = area.another(seed=7), area.another(seed=7)
    assert repr(first) == repr(again) and "another (7)" in repr(first) and "30" not in repr(first)
    right = first.key.right.item()
    assert first.check(right).symbol == RIGHT and first.check(right).draw == 7
    assert len({repr(area.another(seed=seed)).splitlines()[1] for seed in range(20)}) > 3


def test_another_question_never_lets_a_mistake_be_right(area):
    for seed in range(100):
        question = area.another(seed)
        assert question.tells_mistakes_apart()
        assert question.check(question.key.mistakes[0].gives).symbol == WRONG


def test_where_there_are_no_other_numbers_it_says_so(five, area):
    with pytest.raises(ValueError, match="no numbers that could be others"):
        five.another()
    with pytest.raises(ValueError, match="seed is True"):
        area.another(True)


def test_completion_offers_what_a_student_calls(half, area):
    assert dir(half) == ["check", "hint", "solution"]
    assert dir(area) == dir(area.another(1)) == ["another", "check", "hint", "solution"]


# The report


REPORT = Report(WRONG, "1 < 2", "`a < b` & c\nis <b>not</b>", 'print("<i>")', "compare", "00112233", None, "swapped")


def test_a_report_as_text_is_its_symbol_and_title_with_all_else_indented():
    assert repr(REPORT) == '✗ 1 < 2\n  `a < b` & c\n  is <b>not</b>\n    print("<i>")'


def test_a_report_in_a_notebook_escapes_what_it_was_given():
    html = REPORT._repr_html_()
    assert "<code>a &lt; b</code> &amp; c<br>is &lt;b&gt;not&lt;/b&gt;" in html
    assert "1 &lt; 2" in html and "<pre>print(&quot;&lt;i&gt;&quot;)</pre>" in html


def test_a_report_carries_its_exercise_and_mistake_as_data(half):
    assert REPORT._repr_mimebundle_() == {
        MIME: {"exercise": "compare", "version": "00112233", "draw": None, "outcome": "wrong", "mistake": "swapped"}
    }
    report = half.check(lambda number: number * 2)
    assert (report.exercise, report.mistake, report.outcome) == ("half", "double", "wrong") and len(report.version) == 8


def test_a_console_without_the_symbols_gets_others(monkeypatch):
    class Console:
        encoding = "cp1252"

    monkeypatch.setattr("sys.stdout", Console())
    assert printable("✗ wrong") == "x wrong" and printable("grey") == "grey"


def test_a_question_is_data_that_json_can_hold(half, area, word):
    for each in (half, area, word):
        data = json.loads(json.dumps(each.to_dict()))
        assert {"name", "version", "kind", "task", "hints", "right", "mistakes", "solution"} <= set(data)
        assert len(data["mistakes"]) == len(each.mistakes)


def test_progress_lists_each_exercise_with_its_latest_symbol_and_practice_those_with_others():
    sheet = Sheet()
    data = {"task": "", "fact": "", "hints": [""]}
    for title in ("one", "two", "three"):
        draw = (lambda choose: {"n": choose.randint(2, 9)}) if title == "two" else None
        reference = (lambda n: n) if draw else (lambda: 1)
        reference.__name__ = title
        sheet.exercise(title=title.capitalize(), draw=draw, given={"n": 1} if draw else {}, **data)(reference)
    first, second, _ = sheet.exercises
    first.check(1)
    second.check(1)
    second.check(2)
    second.another(3).check(second.another(3).key.right)
    assert sheet.progress()["state"] == ["✓ right", "✗ wrong", "○ open"]
    assert sheet.progress()["exercise"] == ["One", "Two", "Three"]
    assert sheet.practice().rows == [("Two", "exercise.two.another()", 1)]


# Comparing


finite_arrays = arrays.arrays(
    np.float64, arrays.array_shapes(max_dims=3, max_side=3), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
)


@given(finite_arrays)
def test_an_array_equals_itself_as_a_list_and_as_a_tensor(array):
    assert all(same(numbers(form), numbers(array)) for form in (array, array.tolist(), torch.from_numpy(array)))


@given(finite_arrays)
def test_an_array_with_one_changed_value_differs(array):
    changed = array.copy()
    changed.flat[-1] += 1 + abs(changed.flat[-1])
    assert not same(changed, array)


@pytest.mark.parametrize("right", [5.0, 5.5])
@pytest.mark.parametrize("off, agrees", [(0.09, True), (0.7, False)])
def test_a_tolerance_counts_for_whole_numbers_too(right, off, agrees):
    assert (exercise(lambda: right, kind=Numbers(tolerance=0.1)).check(right + off).symbol == RIGHT) is agrees


@pytest.mark.parametrize(
    "got, right, sentence",
    [
        (6, 5, "it should be 5."),
        ([1, 2, 3], [1, 2], "it should be 2 numbers, not 3."),
        ([1, [2, 3]], [1, 2], "its rows have different lengths."),
        ([[1, 2], 3], [[1, 2], 4], "the value at position 1 is wrong."),
        ([[1, 2], [0, 0]], [[1, 2], [3, 4]], "2 of 4 values are wrong; the first is at (1, 0): 0, but it should be 3."),
        ([1000.002, 0], [1000, 0], "1 of 2 values is wrong; the first is at position 0: 1000, but it should be 1,000."),
    ],
)
def test_a_difference_is_told_in_a_sentence(got, right, sentence):
    assert phrase(difference(numbers(got), numbers(right)), tell=True) == sentence


@pytest.mark.parametrize(
    "value, text",
    [
        (1792, "1,792"),
        (1792.0, "1,792"),
        (0.30000000000000004, "0.3"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        (True, "True"),
        (None, "None"),
        ("most", '"most"'),
        (np.int64(1792), "1,792"),
        (np.str_("most"), '"most"'),
        (torch.tensor(2.5), "2.5"),
        (np.array([[1.0, 2.0]]), "[[1, 2]]"),
        (np.array([0.5, 1]), "[0.5, 1.0]"),
        (torch.zeros(4, 5), "an array of shape (4, 5)"),
        ((64, 3), "(64, 3)"),
        (10**400, "1e+400"),
        ([Nasty()], "a list of length 1"),
        ("a" * 100, "a text of 100 characters"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_shown_briefly(value, text):
    assert show(value) == text


def test_a_refusal_fills_in_the_form_that_is_asked():
    assert "give 2 numbers in one tuple" in exercise(lambda: (1, 2)).check("1, 2").message
    assert "give a list of rows" in exercise(lambda: [[1, 2], [3, 4]]).check("1").message
    assert isinstance(Refused("a"), Exception)


# A function is judged by its results and by what it does to its arguments


DOUBLE = exercise(lambda image: 2 * image, kind=Function(cases=(Call(np.ones((2, 3))), Call(np.ones((1, 3))))))


def test_a_function_that_writes_into_its_argument_is_told_so():
    def overwrites(image):
        result = 2 * image
        image[:] = 0
        return result

    report = DOUBLE.check(overwrites)
    assert report.symbol == WRONG and "writes into its argument" in report.message


def test_results_kept_in_one_array_are_each_seen_as_they_came():
    kept = np.empty((9, 9))

    def reuses(image):
        result = kept[: len(image), : image.shape[1]]
        result[:] = 2 * image
        return result

    assert DOUBLE.check(reuses).symbol == RIGHT


@pytest.mark.parametrize(
    "answer, sentence",
    [
        (lambda image: (2 * image).squeeze(), "its shape is (3,), but it should be (1, 3)."),
        (lambda image: len, "gives a function, `len`"),
        (lambda image: (image, 0), "its rows have different lengths."),
    ],
)
def test_a_map_has_as_many_axes_as_the_task_asks_for(answer, sentence):
    report = DOUBLE.check(answer)
    assert report.symbol == WRONG and sentence in report.message


def test_a_map_may_stand_in_a_batch_of_one():
    assert DOUBLE.check(lambda image: (2 * image)[None, None]).symbol == RIGHT


@pytest.mark.parametrize("right, wrong", [(4.0, 400.0), (25.0, 0.25), (0.4, 0.0), (200.0, 2.0), (1728.0, 17.28)])
def test_no_slip_is_told_that_was_not_made(right, wrong):
    message = exercise(lambda: right).check(wrong).message
    assert ("per cent" in message) is (right == 25.0)
    assert "fraction" not in message


def test_several_numbers_in_place_of_one_are_told_so():
    assert "it should be one number, not 2." in exercise(lambda: 3).check([1, 2]).message


# What Tab shows


def test_a_sheet_offers_its_exercises_and_gives_no_answer_away():
    def two():
        return 2

    sheet = Sheet()
    sheet.exercise(title="A", task="B", fact="C", hints=["D"], mistakes={"three": (3, "one too many.")})(two)
    assert dir(sheet) == ["practice", "progress", "two"]
    assert dir(sheet.two) == ["check", "hint", "solution"]


def test_a_name_that_the_sheet_has_not_is_told_with_the_nearest():
    def convolve():
        return 1

    sheet = Sheet()
    sheet.exercise(title="A", task="B", fact="C", hints=["D"])(convolve)
    with pytest.raises(AttributeError, match="no exercise 'convolv': do you mean convolve"):
        assert sheet.convolv
    with pytest.raises(AttributeError, match="no exercise 'xyz': there are convolve, practice, progress"):
        assert sheet.xyz
    with pytest.raises(ValueError, match="convolve is taken on this sheet"):
        sheet.exercise(title="A", task="B", fact="C", hints=["D"])(convolve)


def test_a_check_computes_on_the_cpu_and_leaves_the_default_device_as_it_was(half):
    with torch.device("meta"):
        assert half.check(lambda number: number / 2).symbol == RIGHT
        assert torch.empty(0).device.type == "meta"
    assert torch.empty(0).device.type == "cpu"
