"""checking: an answer is compared, a wrong one is explained by the mistake behind it, and none can break a lesson."""

import threading

import numpy as np
import pytest
import torch

from lessonlib.checking import NOTE, OPEN, RIGHT, WRONG, Call, Exercise, Report, Sheet

DOUBLED = "You multiplied by two."
ROUNDED = "You rounded down: use / and not //."


def exercise(reference, **changes):
    data = {"title": "A title", "task": "The task.", "fact": "The fact.", "hints": ["The hint."]}
    return Exercise(reference, **{**data, **changes})


@pytest.fixture
def half():
    """An exercise answered with a function, and with two mistakes."""

    @Sheet().exercise(
        title="Half",
        task="Write `half(number)`.",
        fact="Halves are exact in binary.",
        hints=["Divide.", "Divide by two.", "`return number / 2`"],
        cases=[Call(4), Call(3), Call(7), Call(number=-5)],
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
    """An exercise answered with a number."""
    return exercise(lambda: 5)


@pytest.fixture
def word():
    """An exercise answered with a choice, and with one mistake."""
    result = exercise(lambda: "most", choices=("few", "half", "most"))
    result.mistake("You counted the ink alone.")(lambda: "few")
    return result


def ends(number):
    return number / 2


def never_ends(number):
    while True:
        number += 1


def never_ends_and_catches_exceptions(number):
    while True:
        try:
            number += 1
        except Exception:
            number = 0


def leaves(number):
    raise SystemExit


def test_dots_are_not_answered_yet_and_repeat_the_task(half, five):
    for each in (half, five):
        report = each.check(...)
        assert (report.symbol, report.message) == (OPEN, f"Not answered yet. {each.task}")


def test_a_function_that_gives_dots_is_not_answered_yet(half):
    assert half.check(lambda number: ...).symbol == OPEN


def test_the_reference_is_right_and_tells_a_fact(half):
    assert half.check(half.reference) == Report(RIGHT, "Half", "Halves are exact in binary.")


@pytest.mark.parametrize(
    "answer", [lambda number: number / 2, lambda number: 0.5 * number, lambda number: number * 2**-1]
)
def test_every_way_to_write_it_is_right(answer, half):
    assert half.check(answer).symbol == RIGHT


def test_each_mistake_is_wrong_with_the_sentence_that_explains_it(half):
    for mistake in half.mistakes:
        report = half.check(mistake.answer)
        assert report.symbol == WRONG and report.message.endswith(mistake.because)


def test_a_wrong_function_is_shown_the_first_call_that_went_wrong(half):
    def halve(number):
        return number // 2

    assert half.check(halve).message == f"`halve(3)` gives 1: {ROUNDED}"


def test_a_mistake_is_recognised_where_some_cases_are_handled_rightly(half):
    report = half.check(lambda number: 1.5 if number == 3 else number // 2)
    assert report.message == f"`your function(7)` gives 3: {ROUNDED}"


def test_of_two_mistakes_that_explain_an_answer_the_one_that_agrees_with_more_of_it_is_named():
    each = exercise(lambda number: number, cases=[Call(1), Call(2), Call(3)])
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


def test_an_exception_is_told_with_its_call_type_and_message(half):
    assert half.check(lambda number: number / 0).message == (
        "`your function(4)` raised ZeroDivisionError: division by zero"
    )


def test_a_forgotten_return_is_named(half):
    assert half.check(lambda number: None).message == "`your function(4)` gives None: is there a `return`?"


@pytest.mark.parametrize("answer", [2, "half", None, [ends]])
def test_where_a_function_is_asked_anything_else_is_told_so(answer, half):
    report = half.check(answer)
    assert report.symbol == WRONG and "hand over the function itself" in report.message


def test_where_a_value_is_asked_a_function_is_told_so(five):
    assert five.check(ends).message == "This is a function: hand over its result, `check(ends(...))`."


@pytest.mark.parametrize("answer", [never_ends, never_ends_and_catches_exceptions])
def test_an_endless_loop_is_stopped_for_good(answer, half):
    before = threading.enumerate()
    report = half.check(answer)
    assert (report.symbol, "did not end" in report.message) == (WRONG, True)
    assert set(threading.enumerate()) <= set(before)


def test_an_answer_that_leaves_the_program_is_only_wrong(half):
    assert half.check(leaves) == Report(WRONG, "Half", "Your code raised SystemExit.")


def test_an_answer_that_changes_its_arguments_changes_no_case():
    def largest(numbers, order):
        return max(numbers)

    def largest_and_clear(numbers, order):
        result = max(numbers)
        numbers.clear()
        order["by"] = "nothing"
        return result

    each = exercise(largest, cases=[Call([3, 1, 2], order={"by": "size"})])
    before = repr(each.cases[0])
    assert [each.check(largest_and_clear).symbol for _ in range(2)] == [RIGHT, RIGHT]
    assert repr(each.cases[0]) == before == "([3, 1, 2], order={'by': 'size'})"


@pytest.mark.parametrize(
    "answer", [5, 5.0, 5 + 1e-9, np.int64(5), np.float32(5), np.array([5]), torch.tensor(5), torch.tensor([[5.0]]), [5]]
)
def test_a_number_is_welcome_in_every_form(answer, five):
    assert five.check(answer).symbol == RIGHT


@pytest.mark.parametrize(
    "convert", [np.array, torch.tensor, list, lambda rows: torch.tensor(rows, dtype=torch.float32, requires_grad=True)]
)
def test_an_array_is_welcome_in_every_form(convert):
    rows = [[1, 2], [3, 4]]
    assert exercise(lambda: np.array(rows)).check(convert(rows)).symbol == RIGHT


@pytest.mark.parametrize("convert", [np.float32, torch.tensor, lambda number: [number]])
def test_a_function_may_answer_in_every_form(convert, half):
    assert half.check(lambda number: convert(number / 2)).symbol == RIGHT


@pytest.mark.parametrize(
    "answer",
    [
        *(None, [None], float("nan"), 5j, np.array([5j]), "5", np.str_("5"), np.array(["5"]), {"a": 5}, [[1], [2, 3]]),
        pytest.param(10**400, id="a number beyond all floats"),
    ],
    ids=repr,
)
def test_what_is_no_number_is_neither_called_an_exception_nor_too_small(answer, five):
    report = five.check(answer)
    assert report.symbol == WRONG
    assert "raised" not in report.message and "too small" not in report.message


@pytest.mark.parametrize("answer", ["most", "MOST", "  Most\n", np.str_("most")])
def test_a_choice_is_right_regardless_of_case_and_blanks(answer, word):
    assert word.check(answer).symbol == RIGHT


@pytest.mark.parametrize("answer", ["few", "FEW "])
def test_a_wrong_choice_is_explained_regardless_of_case_and_blanks(answer, word):
    assert word.check(answer).message == f'"{answer}": You counted the ink alone.'


@pytest.mark.parametrize("answer", ["half", " HALF"])
def test_a_wrong_choice_that_no_mistake_explains_is_not_called_unknown(answer, word):
    assert "that is not it" in word.check(answer).message


@pytest.mark.parametrize("answer", ["all", 3, None, np.array([1, 2])], ids=repr)
def test_what_can_not_be_chosen_is_answered_with_the_choices(answer, word):
    assert 'choose one of "few", "half", "most"' in word.check(answer).message


def on_flat_grey_and_on_an_edge(kernel):
    kernel = np.asarray(kernel)
    if kernel.shape != (2,):
        raise ValueError("Give two weights.")
    return {"on flat grey": kernel @ [1, 1], "on an edge": abs(kernel @ [0, 1])}


@pytest.fixture
def edge():
    """An exercise answered with a kernel that is judged by what it does."""
    return exercise(lambda: [-1, 1], view=on_flat_grey_and_on_an_edge)


@pytest.mark.parametrize("kernel", [[-1, 1], [1, -1], np.array([1.0, -1.0]), torch.tensor([-1, 1])])
def test_every_kernel_that_does_the_same_is_right(kernel, edge):
    assert edge.check(kernel).symbol == RIGHT


@pytest.mark.parametrize(
    "kernel, why", [([1, 1], "On flat grey: 2, but it should be 0."), ([-2, 2], "On an edge: 2, but it should be 1.")]
)
def test_a_kernel_is_told_what_it_does_wrong(kernel, why, edge):
    assert edge.check(kernel) == Report(WRONG, "A title", why)


def test_a_view_that_can_not_judge_an_answer_says_why_in_its_own_words(edge):
    assert edge.check([1, 2, 3]) == Report(WRONG, "A title", "Give two weights.")


@pytest.fixture
def size():
    """An exercise answered with a function whose results have names."""
    return exercise(lambda area: {"rows": area, "columns": 1}, cases=[Call(3)])


def test_a_result_with_names_may_come_in_any_order(size):
    assert size.check(lambda area: {"columns": 1, "rows": area}).symbol == RIGHT


def test_a_result_in_which_a_name_is_missing_is_told_which(size):
    assert "columns: None, but it should be 1" in size.check(lambda area: {"rows": area}).message


def test_a_result_without_names_is_not_called_an_exception(size):
    report = size.check(lambda area: area)
    assert report.symbol == WRONG and "raised" not in report.message


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


REPORT = Report(WRONG, "1 < 2", "`a < b` & c\nis <b>not</b>", 'print("<i>")')


def test_a_report_as_text_is_its_symbol_and_title_with_all_else_indented():
    assert repr(REPORT) == '✗ 1 < 2\n  `a < b` & c\n  is <b>not</b>\n    print("<i>")'


def test_a_report_in_a_notebook_escapes_what_it_was_given():
    html = REPORT._repr_html_()
    assert "<code>a &lt; b</code> &amp; c<br>is &lt;b&gt;not&lt;/b&gt;" in html
    assert "1 &lt; 2" in html and "<pre>print(&quot;&lt;i&gt;&quot;)</pre>" in html


def test_the_progress_of_a_sheet_lists_each_exercise_in_order_with_its_latest_symbol():
    sheet = Sheet()
    data = {"task": "", "fact": "", "hints": [""]}
    first, second, third = [sheet.exercise(title=title, **data)(lambda: 1) for title in ("One", "Two", "Three")]
    first.check(1)
    second.check(1)
    second.check(2)
    progress = sheet.progress()
    assert progress[""] == [RIGHT, WRONG, OPEN]
    assert progress["exercise"] == ["One", "Two", "Three"]
