"""checking: an answer is observed, compared and explained; none can break a lesson, and none leaves a trace."""

import io
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
    MIME,
    Behaviour,
    Call,
    Choice,
    Function,
    Numbers,
    Outcome,
    Report,
    Seen,
    Sheet,
    Side,
    apart,
)
from lessonlib.checking.comparing import difference, phrase, show
from lessonlib.checking.observing import numbers
from lessonlib.exercises import cnn, color, pooling

OPEN, RIGHT, WRONG = Outcome.OPEN, Outcome.RIGHT, Outcome.WRONG


def exercise(reference, **changes):
    data = {"title": "A title", "task": "The task.", "fact": "The fact.", "hints": ["The hint."], "seconds": 0.3}
    return Sheet().exercise(**{**data, **changes})(reference)


def asked_of(*values, reference=lambda number: number, **changes):
    """An exercise answered with a function, tried on each of the values."""
    return exercise(reference, kind=Function(cases=tuple(map(Call, values))), **changes)


def half_of(number):
    return number / 2


def half():
    mistakes = {
        "doubled": (lambda number: number * 2, "You doubled."),
        "floored": (lambda number: number // 2, "Use /."),
    }
    return asked_of(4, 3, 7, -5, reference=half_of, mistakes=mistakes, hints=["Divide.", "Divide by two."])


def area():
    """An exercise whose numbers can be others."""
    return exercise(
        area_of,
        task="How large is a field of {width} x {height}?",
        hints=["Multiply.", "{width} * {height}"],
        fact="It has {width * height:,} pixels.",
        given={"width": 30, "height": 40},
        draw=lambda choose: {"width": choose.randint(1, 3), "height": choose.randint(1, 3)},
        mistakes={"added": (lambda width, height: width + height, "you added {width} and {height}.")},
    )


def area_of(width, height):
    return width * height


def on_flat_grey_and_on_an_edge(kernel):
    kernel = np.asarray(kernel)
    if kernel.shape != (2,):
        raise ValueError("Give two weights.")
    return {"on flat grey": kernel @ [1, 1], "on an edge": abs(kernel @ [0, 1])}


BLIND = {"blind": (Seen({"on an edge": 0}), "It sees no edge.")}
EDGE = exercise(lambda: [-1, 1], kind=Behaviour(on_flat_grey_and_on_an_edge), mistakes=BLIND)
FIVE, PAIR, SIDE = exercise(lambda: 5), exercise(lambda: (1, 2)), exercise(lambda: 5, kind=Side())
ROWS, THIRD = exercise(lambda: np.array([[1, 2], [3, 4]])), exercise(lambda: 1 / 3)
WORD = exercise(lambda: "most", kind=Choice(("few", "half", "most")))
BOTH = exercise(lambda: ("few", "most"), kind=Choice(("few", "half", "most"), labels=("first", "second")))
ANY = exercise(lambda: ("few", "most"), kind=Choice(("few", "half", "most"), any_of=True))
DOUBLE = asked_of(np.ones((2, 3)), np.ones((1, 3)), reference=lambda image: 2 * image)


# What is not answered, what is right


def test_dots_are_not_answered_yet_and_repeat_the_task():
    for report in (FIVE.check(...), FIVE.check([..., {"a": [...]}]), FIVE.check([*range(2000), ...])):
        assert (report.outcome, report.message) == (OPEN, "Not answered yet. The task.")
    assert half().check(...).outcome == half().check(lambda number: ...).outcome == OPEN


KEPT = np.empty((9, 9))


def reuses(image):
    result = KEPT[: len(image), : image.shape[1]]
    result[:] = 2 * image
    return result


@pytest.mark.parametrize(
    "asked, answers",
    [
        (
            FIVE,
            [5, 5.0, 5 + 1e-9, 5 + 0j, Fraction(5), Decimal(5), np.int64(5), np.float16(5), [5], (5,), np.array([5])],
        ),
        (FIVE, [torch.tensor([[5.0]], requires_grad=True), torch.tensor(5.0, dtype=torch.bfloat16), range(5, 6)]),
        (FIVE, [torch.tensor(5 + 0j).conj(), np.array([5], dtype=object)]),
        (ROWS, [form([[1, 2], [3, 4]]) for form in (np.array, torch.tensor, list, tuple)]),
        (THIRD, [kind(1 / 3) for kind in (np.float64, np.float32, np.float16)]),
        (exercise(lambda: 1_849_688_064), [torch.tensor(1_849_688_064.0)]),
        (WORD, ["MOST", "  Most\n", np.str_("most"), "'most'", "most.", ["most"], np.array(["most"])]),
        (BOTH, [("few", "most"), ["few", "Most"], np.array(["few", "most"]), "few, most"]),
        (ANY, ["few", "Most", ["most", "few"], "most and few", {"most"}]),
        (SIDE, [5, (5, 5)]),
        (EDGE, [[-1, 1], [1, -1], np.array([1.0, -1.0]), torch.tensor([-1, 1])]),
        (half(), [half_of, lambda number: 0.5 * number, lambda number: number * 2**-1]),
        (DOUBLE, [lambda image: (2 * image)[None, None], reuses]),
    ],
)
def test_a_right_answer_is_welcome_in_every_form_and_tells_a_fact(asked, answers):
    for answer in answers:
        report = asked.check(answer)
        assert (report.outcome, report.message) == (RIGHT, "The fact."), answer


# What is wrong, and the sentence that explains it

ENDLESS = []
ENDLESS.append(ENDLESS)


def fails(error):
    raise error


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def recurses(number):
    return recurses(number + 1)


def overwrites(image):
    result = 2 * image
    image[:] = 0
    return result


@pytest.mark.parametrize(
    "asked, answer, words",
    [
        (FIVE, 6, "6: that is too large"),
        (FIVE, 4, "4: that is too small"),
        (FIVE, -5, "the sign is the other way round"),
        (FIVE, [1, 2], "it should be one number, not 2 numbers."),
        (exercise(lambda: 60_965_224), 60_965_225, "too large"),
        (THIRD, np.float16(0.34), "too large"),
        (exercise(lambda: 2.75), 2, "the fraction is cut off"),
        (exercise(lambda: 25.0, task="How many per cent?"), 0.25, "this is a share, and per cent are asked"),
        (exercise(lambda: 25.0), 0.25, "too small"),
        (exercise(lambda: [1, 2, 3]), [3, 2, 1], "in reverse order"),
        (exercise(lambda: [1, -2]), [1, 2], "the sign is lost"),
        (ROWS, [[1, 3], [2, 4]], "rows and columns are swapped"),
        (ROWS, [1, 2, 3, 4], "but it should be 2 rows of 2 numbers."),
        (ROWS, "1", "give a list of rows"),
        (PAIR, "1, 2", "give 2 numbers in one tuple"),
        (FIVE, None, "This is None"),
        (FIVE, "5", "This is text: give a number, without quotes"),
        (FIVE, 5j, "imaginary"),
        (FIVE, {"a": 5}, "dictionary"),
        (FIVE, {5}, "A set has no order"),
        (FIVE, itertools.count(), "hands out its values later"),
        (FIVE, float("nan"), "no number"),
        (FIVE, 1 << 10**7, "A number of 3,010,300 digits: that is too large"),
        (FIVE, nn.Linear(1, 1), "This is a layer"),
        (FIVE, half_of, "This is a function: hand over its result, `check(half_of(...))`"),
        (FIVE, np.zeros(10**7), "array of shape"),
        (FIVE, ENDLESS, "without end"),
        (FIVE, [1] * 10**6, "a list of length 1,000,000"),
        (FIVE, range(2 * 10**8), "a range of length 200,000,000"),
        (SIDE, (5, 4), "it should be one number"),
        (WORD, "all", '"all": choose one of "few", "half", "most".'),
        (WORD, "half", '"half": that is not it.'),
        (BOTH, ("most", "few"), "the first and the second value are wrong"),
        (BOTH, "few", "choose two of these words"),
        (BOTH, {"few", "most"}, "choose two of these words"),
        (ANY, ["few", "half"], "that is not it"),
        (EDGE, [1, 1], "On flat grey: 2, but it should be 0."),
        (EDGE, [3, 0], "It sees no edge."),
        (EDGE, [1, 2, 3], "Give two weights."),
        (EDGE, [{}, {}], "Your code raised TypeError: unsupported operand"),
        (half(), [half_of], "hand over the function itself"),
        (half(), lambda number: 9, "`your function(4)` gives 9: it should be 2. `exercise.half_of.hint()` helps."),
        (half(), lambda number: number / 0, "`your function(4)` raised ZeroDivisionError: division by zero"),
        (half(), lambda number: fails(Silent), "raised Silent."),
        (half(), lambda number: fails(SystemExit), "`your function(4)` raised SystemExit."),
        (half(), lambda number: fails(KeyboardInterrupt), "raised KeyboardInterrupt."),
        (half(), lambda number: input("a number"), "no keyboard inside a check"),
        (half(), recurses, "calls itself without end"),
        (half(), lambda number: None, "gives None: is there a `return`?"),
        (half(), lambda: 1, "Keep the arguments of the task"),
        (half(), lambda number: "1", "this is text: give a number"),
        (half(), lambda number: half().check(half_of), "calls `check` itself"),
        (DOUBLE, overwrites, "writes into its argument"),
        (DOUBLE, lambda image: (2 * image).squeeze(), "its shape is (3,), but it should be (1, 3)."),
        (DOUBLE, lambda image: len, "gives a function, `len`"),
        (DOUBLE, lambda image: (image, 0), "its rows have different lengths."),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) > 5 else "",
)
def test_a_wrong_answer_is_told_why(asked, answer, words):
    report = asked.check(answer)
    is_form = words == "but it should be 2 rows of 2 numbers."
    assert report.outcome == ("note" if is_form else WRONG) and words in report.message


@pytest.mark.parametrize("right, wrong", [(4.0, 400.0), (0.4, 0.0), (200.0, 2.0), (1728.0, 17.28)])
def test_no_slip_is_told_that_was_not_made(right, wrong):
    message = exercise(lambda: right).check(wrong).message
    assert "per cent" not in message and "fraction" not in message


def test_several_answers_in_place_of_a_tuple_are_told_so():
    assert (
        FIVE.check(1.5, 2).message
        == "`check` takes one answer. If it has 2 values, put them in one tuple: `check((..., ...))`."
    )
    assert "If you mean one number, write `check(100480)`" in FIVE.check(100, 480).message
    assert "put them in one tuple" in FIVE.check(0, 5).message and FIVE.check(0, 5).outcome == "note"


@pytest.mark.parametrize(
    "results, is_named",
    [
        ({}, True),
        ({3: 1.5}, True),  # one case is right
        ({-5: 99}, True),  # a later one differs
        ({-5: "a word"}, True),  # or can't be judged
        ({7: 3.5, -5: -2.5}, False),  # the first wrong one agrees by chance
        ({3: 99}, False),  # the first wrong one differs
    ],
)
def test_the_first_wrong_results_of_a_function_name_its_mistake(results, is_named):
    report = half().check(lambda number: results.get(number, number // 2 if number != 4 else 2))
    assert report.outcome == WRONG and report.mistake == ("floored" if is_named else None)
    assert report.message.endswith(": Use /.") is is_named


def test_of_two_mistakes_that_explain_an_answer_the_one_that_agrees_with_more_of_it_is_named():
    each = asked_of(1, 2, 3)
    each.mistake("You gave nothing at all.")(lambda number: 0)
    each.mistake("You forgot three.")(lambda number: number % 3)
    assert each.check(lambda number: {1: 1, 2: 2, 3: 0}[number]).message.endswith("You forgot three.")


def test_an_error_in_a_mistake_of_ours_is_never_the_student_s():
    each = asked_of(1, 0)
    each.mistake("Divided.", name="divided")(lambda number: 2 / number)
    assert each.check(lambda number: 2).message.endswith(": Divided.")
    assert "it should be 0" in each.check(lambda number: number or 2).message


# It always ends

in_a_child = pytest.mark.skipif(not apart.CAN_FORK, reason="only a process can be killed, and this system has no fork")


@pytest.fixture
def in_a_thread(monkeypatch):
    monkeypatch.setattr(apart, "CAN_FORK", False)


def loops(*_):
    while True:
        pass


def loops_and_catches(number):
    while True:
        try:
            number += 1
        except BaseException:
            number = 0


@in_a_child
@pytest.mark.parametrize(
    "answer, words",
    [
        (loops_and_catches, "did not end"),
        (lambda number: sum(range(10**18)), "did not end"),
        (lambda number: time.sleep(60), "did not end"),
        (lambda number: os.kill(os.getpid(), signal.SIGSTOP), "did not end"),
        (lambda number: list(range(3 * 10**8)), "memory"),
        (lambda number: os.abort(), "ended Python"),
    ],
)
def test_a_check_ends_whatever_the_answer_does(answer, words):
    begun = time.monotonic()
    report = half().check(answer)
    assert report.outcome == WRONG and words in report.message
    assert time.monotonic() - begun < 30  # not a measurement: without an end it would be hours


def leaves(*_):
    raise SystemExit


def an_object(name, does):
    """An object whose method or attribute of this name runs a student's code."""
    is_attribute = name in ("__name__", "__class__")
    return type("Odd", (str,) if name == "lower" else (), {name: property(does) if is_attribute else does})()


@in_a_child
@pytest.mark.parametrize("does", [loops, leaves, lambda *_: 1 / 0], ids=["loops", "leaves", "raises"])
@pytest.mark.parametrize(
    "name", ["__array__", "__float__", "__iter__", "__getattr__", "__name__", "__class__", "__repr__", "lower"]
)
def test_an_object_with_odd_methods_is_wrong_whatever_they_do(name, does):
    odd = an_object(name, does)
    assert [asked.check(odd).outcome for asked in (FIVE, WORD, half())] == [WRONG] * 3
    assert FIVE.check([odd]).outcome == WRONG


@in_a_child
@pytest.mark.parametrize("away", [False, True])
def test_a_process_that_an_answer_leaves_behind_holds_nothing_up_and_is_ended_with_it(away, tmp_path):
    left = tmp_path / "left"

    def starts(number):
        if not os.fork():
            if away:  # from the group that is ended: it lives on
                os.setsid()
            left.write_text(str(os.getpid()))
            time.sleep(60)
        while not left.exists() or not left.read_text():
            time.sleep(0.001)
        return number

    begun = time.monotonic()
    assert asked_of(1).check(starts).outcome == RIGHT
    if away:
        os.kill(int(left.read_text()), signal.SIGKILL)
    stat = Path(f"/proc/{left.read_text()}/stat")
    while stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() - begun < 30


@pytest.mark.parametrize("answer", [loops, loops_and_catches])
def test_without_a_process_a_loop_in_python_is_stopped_too(answer, in_a_thread):
    before = threading.enumerate()
    assert "did not end" in half().check(answer).message
    assert "did not end" in FIVE.check(an_object("__array__", loops)).message
    assert FIVE.check(an_object("__class__", leaves)).outcome == WRONG
    assert half().check(half_of).outcome == FIVE.check(np.array(5)).outcome == RIGHT
    assert answer is loops_and_catches or set(threading.enumerate()) <= set(before)


@in_a_child
def test_time_that_the_answer_does_not_have_does_not_count():
    """A busy machine: the child gets a small part of one processor."""

    def busy(number):
        ends_at = time.process_time() + 0.4
        while time.process_time() < ends_at:
            pass
        return number

    loop = [sys.executable, "-c", "while True: pass"]
    others = [subprocess.Popen(loop) for _ in range(3 * (os.cpu_count() or 1))]
    try:
        assert asked_of(1, seconds=1).check(busy).outcome == RIGHT
    finally:
        for other in others:
            other.kill()
            other.wait()


def children():
    """The processes that this one has started and not seen end."""
    return {child for each in Path("/proc/self/task").glob("*/children") for child in each.read_text().split()}


@pytest.fixture
def stop_button():
    """Presses it: KeyboardInterrupt as in a kernel, also where the tests run in a background that has none."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: os.kill(os.getpid(), signal.SIGINT)
    signal.signal(signal.SIGINT, before)


@in_a_child
def test_the_stop_button_stops_the_work_and_the_cell(stop_button):
    before = children()
    threading.Timer(0.2, stop_button).start()
    with pytest.raises(KeyboardInterrupt):
        asked_of(1, seconds=60).check(lambda number: time.sleep(60))
    assert children() == before


@in_a_child
def test_a_stop_button_pressed_while_the_child_is_made_leaves_none(stop_button, monkeypatch):
    before, fork = children(), os.fork
    monkeypatch.setattr(os, "fork", lambda: stop_button() or fork())
    with pytest.raises(KeyboardInterrupt):
        half().check(lambda number: time.sleep(60))
    assert children() == before and signal.getsignal(signal.SIGINT) is signal.default_int_handler


KINDS = {
    "numbers": Numbers(),
    "function": Function(cases=(Call(1),)),
    "behaviour": Behaviour(lambda train: {"is": train()}),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_stop_button_pressed_while_a_key_is_made_spoils_no_later_check(kind, stop_button):
    presses = iter([stop_button])

    def right(*_):
        next(presses, int)()
        return 5

    behaves = isinstance(kind, Behaviour)
    asked = exercise((lambda: type("Network", (), {"__call__": right})()) if behaves else right, kind=kind)
    with pytest.raises(KeyboardInterrupt):
        assert asked.key
    assert asked.check(6 if isinstance(kind, Numbers) else lambda number: 6).outcome == WRONG
    assert "5" in str(asked.key.right)


# It leaves no trace


def chatty(number):
    print("hello " * 10**5)
    return number / 2


@in_a_child
def test_what_an_answer_prints_is_shown_up_to_a_limit(capsys):
    assert half().check(chatty).outcome == RIGHT
    printed = capsys.readouterr().out
    assert printed.startswith("hello hello") and len(printed) < 2 * apart.PRINTED


CLOSED = io.StringIO()
CLOSED.close()


@pytest.mark.parametrize("console", [None, CLOSED], ids=["none", "closed"])
def test_without_a_console_a_right_answer_is_right(console, monkeypatch):
    monkeypatch.setattr("sys.stdout", console)
    assert half().check(chatty).outcome == RIGHT and half().check(lambda number: 9).outcome == WRONG


def everything():
    generators = random.getstate(), str(np.random.get_state()), torch.get_rng_state().tolist()
    defaults = torch.get_default_dtype(), torch.get_default_device(), torch.is_grad_enabled(), torch.get_num_threads()
    return generators, defaults, np.get_printoptions(), os.getcwd()


def meddles(number):
    random.seed(1)
    np.random.rand()
    torch.rand(3)
    torch.set_default_dtype(torch.float64)
    torch.set_grad_enabled(False)
    torch.set_num_threads(3)
    np.set_printoptions(precision=1)
    print("meddled")
    return number / 2


def makes_a_key():
    return exercise(lambda: meddles(10)).check(5)


@pytest.mark.parametrize("check", [lambda: half().check(meddles), makes_a_key], ids=["answer", "key"])
@pytest.mark.parametrize("has_fork", [True, False])
def test_a_check_changes_no_generator_and_no_setting(check, has_fork, monkeypatch, capsys):
    monkeypatch.setattr(apart, "CAN_FORK", has_fork and apart.CAN_FORK)
    before = everything()
    assert check().outcome == RIGHT
    assert everything() == before and (check is not makes_a_key or not capsys.readouterr().out)


@pytest.mark.parametrize(
    "asked",
    [color.grey_layer, pooling.average_as_convolution, cnn.mended, cnn.small_network],
    ids=lambda each: each.name,
)
def test_a_student_s_default_type_makes_no_right_answer_wrong(asked, monkeypatch):
    monkeypatch.setattr(cnn, "_accuracy", lambda network: (network(torch.ones(1, 1, 20, 20)) * 0 + 0.95).mean())
    torch.set_default_dtype(torch.float64)
    try:
        assert asked.check(asked.reference()).outcome == RIGHT
    finally:
        torch.set_default_dtype(torch.float32)


def test_a_check_computes_on_the_cpu_and_leaves_the_default_device_as_it_was():
    torch.set_default_device("meta")
    outcome, device = half().check(lambda number: torch.tensor(number) / 2).outcome, torch.empty(0).device.type
    torch.set_default_device(None)
    assert (outcome, device) == (RIGHT, "meta")


def test_an_answer_that_changes_its_arguments_changes_no_case(in_a_thread):
    def largest_and_clear(numbers, order):
        result = max(numbers)
        numbers.clear()
        order["by"] = "nothing"
        return result

    each = exercise(lambda numbers, order: 3, kind=Function(cases=(Call([3, 1, 2], order={"by": "size"}),)))
    assert [each.check(largest_and_clear).outcome for _ in range(2)] == [RIGHT, RIGHT]
    assert repr(each.kind.cases[0]) == "([3, 1, 2], order={'by': 'size'})"


def test_a_layer_is_afterwards_what_it_was(in_a_thread):
    def view(layer):
        layer(torch.rand(4, 3, 5, 5)).sum().backward()
        return {"channels": 3}

    layer = nn.Sequential(nn.Conv2d(3, 3, 1), nn.BatchNorm2d(3)).double()
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    assert exercise(lambda: Seen({"channels": 3}), kind=Behaviour(view)).check(layer).outcome == RIGHT
    assert layer.training and layer[0].weight.grad is None and layer[0].weight.dtype == torch.float64
    assert all(torch.equal(value, before[name]) for name, value in layer.state_dict().items())


# Hints, solutions, other numbers


def test_hints_come_in_turn_and_the_last_one_stays():
    asked = half()
    assert [asked.hint().message for _ in range(3)] == [
        *("Hint 1 of 2: Divide.", "Hint 2 of 2: Divide by two.", "Hint 2 of 2: Divide by two."),
    ]


def test_the_solution_is_code_without_a_decorator_that_can_be_run_and_is_right():
    @Sheet().exercise(title="", task="", fact="", hints=[], kind=half().kind)
    def halved(number):
        return number / 2

    solution, names = halved.solution(), {}
    assert solution.outcome == Outcome.NOTE and solution.code.startswith("def halved(number):")
    exec(solution.code, names)
    assert half().check(names["halved"]).outcome == RIGHT


@pytest.mark.parametrize(
    "asked, message, code",
    [
        (area(), "The answer: 1,200\nIt has 1,200 pixels.\nOne way to write it:", "def area_of"),
        (exercise(lambda: "most", kind=WORD.kind, fact="Right: of 9, 8 are."), 'The answer: "most"\nOf 9, 8 are.', ""),
        (half(), "One way to write it:", "def half_of"),
    ],
)
def test_a_solution_tells_the_answer_and_its_reason_and_where_it_is_written_the_code(asked, message, code):
    solution = asked.solution()
    assert solution.message == message and solution.code.startswith(code) and bool(solution.code) == bool(code)
    assert asked.to_dict()["solution"] == {"message": message, "code": solution.code}


def test_what_takes_seconds_to_be_told_of_the_reference_may_be_given():
    right = Seen({"learns": "well"})
    each = exercise(lambda: fails(MemoryError), kind=Behaviour(lambda learns: {"learns": learns}), right=right)
    assert [each.check(answer).outcome for answer in ("well", "little")] == [RIGHT, WRONG]


def test_the_lesson_s_own_numbers_stand_in_all_texts():
    asked = area()
    assert repr(asked) == "○ A title\n  How large is a field of 30 x 40?"
    assert asked.check(...).message == "Not answered yet. How large is a field of 30 x 40?"
    assert asked.check(1200).message == "It has 1,200 pixels."
    assert asked.check(70).message == "70: you added 30 and 40."
    assert [asked.hint().message for _ in range(2)][1] == "Hint 2 of 2: 30 * 40"
    assert asked.solution().code.endswith("area_of(width=30, height=40)")


def test_other_numbers_are_brought_back_by_their_seed_and_no_mistake_is_right_with_them():
    asked = area()
    asked.hint()
    others = [asked.another(seed) for seed in range(30)]
    assert len({str(other.given) for other in others}) > 3 and asked.another().seed is not None
    for other in others:
        assert repr(other) == repr(asked.another(other.seed)) and f"A title, another ({other.seed})" in repr(other)
        assert f"exercise.area_of.another({other.seed}).check(...)" in other._repr_html_()
        right, added = other.key.right.item(), other.key.mistakes[0].gives.item()
        assert other.check(right).outcome == RIGHT and other.check(right).draw == other.seed
        assert other.check(added).mistake == "added" and "Hint 1" in other.hint().message


def test_where_there_are_no_other_numbers_it_says_so():
    assert "has no other numbers" in FIVE.another().message
    with pytest.raises(ValueError, match="seed is True"):
        area().another(True)


def test_a_mistake_that_is_right_or_another_one_is_a_fault_of_the_exercise():
    asked, edge = half(), exercise(lambda: [-1, 1], kind=EDGE.kind, mistakes={**BLIND, "turned": ([1, -1], "No.")})
    assert EDGE.faults() == half().faults() == []
    asked.mistake("No mistake.", name="halved")(lambda number: number * 0.5)
    asked.mistake("Once more.", name="cut")(lambda number: number // 2)
    assert asked.faults() == [
        "half_of: halved gives the same as the right answer",
        "half_of: cut gives the same as floored",
    ]
    assert edge.faults() == ["<lambda>: turned gives the same as the right answer"]
    assert "its reference fails" in asked_of(1, reference=lambda number: 1 / 0).faults()[0]


# The report


REPORT = Report(WRONG, "1 < 2", "`a < b` & c\nis <b>not</b>", 'print("<i>")', "compare", "00112233", None, "swapped")


def test_a_report_is_its_symbol_and_title_with_all_else_indented_and_escapes_what_it_was_given():
    assert repr(REPORT) == '✗ 1 < 2\n  `a < b` & c\n  is <b>not</b>\n    print("<i>")'
    html = REPORT._repr_html_()
    assert "<code>a &lt; b</code> &amp; c<br>is &lt;b&gt;not&lt;/b&gt;" in html and WRONG.colour in html
    assert "✗ 1 &lt; 2" in html and "<pre>print(&quot;&lt;i&gt;&quot;)</pre>" in html


def test_a_report_carries_its_exercise_and_mistake_as_data():
    stored = '{"exercise": "compare", "version": "00112233", "draw": null, "outcome": "wrong", "mistake": "swapped"}'
    assert json.dumps(REPORT._repr_mimebundle_()[MIME]) == stored
    report = half().check(lambda number: number * 2)
    assert (report.exercise, report.mistake, report.outcome) == ("half_of", "doubled", "wrong")


def test_progress_lists_each_exercise_and_keeps_what_was_right():
    first, second = half(), area()
    sheet = first.sheet
    second.sheet = sheet
    sheet.exercises += [second, exercise(lambda: 5, title="Five")]
    first.check(half_of)
    first.check(...)
    second.check(...)
    second.check(70)
    second.another(3).check(second.another(3).key.right)
    second.another(4).check(-1)
    assert sheet.progress().rows == [("✓ right", "A title"), ("✗ wrong", "A title"), ("○ open", "Five")]
    assert [each.outcome for each in sheet.exercises] == ["right", "wrong", "open"]


def test_what_is_said_of_an_answer_can_be_had_before_it_is_given():
    right, added, *slips = area().verdicts()
    assert tuple(right) == (1200, RIGHT, "It has 1,200 pixels.", None)
    assert tuple(added) == (70, WRONG, "{yours}: you added 30 and 40.", "added")
    assert [(slip.gives, slip.name) for slip in slips] == [(-1200, None)]
    assert slips[0].says == "{yours}: the sign is the other way round."
    assert json.loads(json.dumps(slips[0])) == [-1200, "wrong", slips[0].says, None]
    assert [verdict.outcome for verdict in ROWS.verdicts()[1:]] == [
        WRONG,
        WRONG,
        WRONG,
        "note",
    ] and half().verdicts() == []


def test_of_words_a_verdict_on_each_choice_can_be_had():
    assert [verdict.gives for verdict in WORD.verdicts()] == ["most", "few", "half"]
    assert [(verdict.gives, verdict.outcome) for verdict in ANY.verdicts()] == [
        (["few"], RIGHT),
        (["most"], RIGHT),
        (["half"], WRONG),
    ]
    told = {tuple(verdict.gives): verdict.says for verdict in BOTH.verdicts()}
    assert len(told) == 9 and told["half", "half"] == "{yours}: the first and the second value are wrong."


def test_a_sheet_offers_its_exercises_and_gives_no_answer_away():
    assert dir(half().sheet) == ["half_of", "practice", "progress"] and dir(half()) == ["check", "hint", "solution"]
    assert dir(area()) == dir(area().another(1)) == ["another", "check", "hint", "solution", "whose_mistake"]


def test_a_name_that_the_sheet_has_not_is_told_with_the_nearest():
    sheet = half().sheet
    with pytest.raises(AttributeError, match="no exercise 'half': do you mean half_of"):
        assert sheet.half
    with pytest.raises(AttributeError, match="no exercise 'xyz': there are half_of, practice, progress"):
        assert sheet.xyz
    with pytest.raises(ValueError, match="half_of is taken on this sheet"):
        sheet.exercise(title="A", task="B", fact="C", hints=["D"])(half_of)


# Comparing


finite_arrays = arrays.arrays(
    np.float64, arrays.array_shapes(max_dims=3, max_side=3), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
)


@given(finite_arrays)
def test_an_array_equals_itself_in_every_form_and_no_other(array):
    assert all(
        difference(numbers(form), numbers(array)) is None for form in (array, array.tolist(), torch.from_numpy(array))
    )
    changed = array.copy()
    changed.flat[-1] += 1 + abs(changed.flat[-1])
    assert difference(changed, array)


@pytest.mark.parametrize("right", [5.0, 5.5])
def test_a_tolerance_counts_for_whole_numbers_too(right):
    asked = exercise(lambda: right, kind=Numbers(tolerance=0.1))
    assert asked.check(right + 0.09).outcome == RIGHT and asked.check(right + 0.7).outcome == WRONG


@pytest.mark.parametrize(
    "got, right, sentence",
    [
        ([[1, 2], 3], [[1, 2], 4], "the second value is wrong."),
        (
            [[1, 2], [0, 0]],
            [[1, 2], [3, 4]],
            "2 of 4 values are wrong; the first wrong one is in the second row, first column: yours is 0, but it should be 3.",
        ),
        (
            [1000.002, 0],
            [1000, 0],
            "1 of 2 values is wrong; the first wrong one is the first number: yours is 1000, but it should be 1,000.",
        ),
    ],
)
def test_a_difference_is_told_in_a_sentence(got, right, sentence):
    assert phrase(difference(numbers(got), numbers(right)), tell=True) == sentence


def test_a_value_is_shown_briefly():
    values = [1792.0, 0.1 + 0.2, float("nan"), True, np.int64(1792), np.str_("most"), torch.tensor(2.5), (64, 3)]
    assert ", ".join(map(show, values)) == '1,792, 0.3, nan, True, 1,792, "most", 2.5, (64, 3)'
    values = [np.array([[1.0, 2.0]]), np.array([0.5, 1]), torch.zeros(4, 5), 10**400, ["a" * 100], "a" * 100]
    assert ", ".join(map(show, values[:3])) == "[[1, 2]], (0.5, 1.0), an array of shape (4, 5)"
    assert ", ".join(map(show, values[3:])) == "1e+400, a list of length 1, a text of 100 characters"
