"""The page where questions come back: days, whose mistake it was, a file to take along, a sheet to print."""

import json
from datetime import datetime

import pytest

from coursetools.classroom.questions import questions
from coursetools.classroom.reading import read
from coursetools.lesson import lessons
from lessonlib.checking import whose_mistake

COLOR = lessons()[2].sheet
STORED = "convolution-course/practice"


@pytest.fixture
def at(site, page, load):
    """Opens a page of the site on a day."""

    def visit(day, name="practice"):
        page.clock.set_fixed_time(datetime.fromisoformat(f"2026-12-{day:02}T09:00"))
        assert load(page, site / f"{name}.html") == []

    return visit


def diary_of(page):
    return json.loads(page.evaluate(f"localStorage.getItem('{STORED}')"))


def test_what_was_answered_in_a_lesson_comes_back_tomorrow_with_other_numbers(at, page):
    at(1, "03_color")
    section = page.locator("#question-separable")
    section.get_by_role("textbox").fill("8,960")
    section.get_by_role("button", name="Check").click()
    at(1)
    page.get_by_text("Nothing is due today: here are some of yours").wait_for()
    at(2)
    page.get_by_text("1 of 1 left today.").wait_for()
    asked = COLOR.separable.another(1)
    page.get_by_text(asked.text(asked.task).replace("`", "")).wait_for()
    page.get_by_label("Your answer").fill(str(asked.key.right.item()))
    page.keyboard.press("Enter")
    page.get_by_text(asked.key.fact).wait_for()
    page.get_by_text("It comes back on December 5.").wait_for()
    page.get_by_text("Done for today.").wait_for()
    assert (
        diary_of(page)["color.separable"] | {"due": "2026-12-05", "step": 1, "asked": 1}
        == diary_of(page)["color.separable"]
    )
    at(3)
    page.get_by_text("Nothing is due today").wait_for()


def test_what_was_answered_is_one_line_that_the_class_report_reads(at, page):
    at(1, "03_color")
    for name, answer in (("separable", "8,960"), ("output-shape", "28, 28, 10"), ("weight-shape", "1")):
        section = page.locator(f"#question-{name}")
        section.get_by_role("textbox").fill(answer)
        section.get_by_role("button", name="Check").click()
    line = page.locator("#hand-in textarea").input_value()
    lesson, answers = read(line.encode(), questions())
    assert lesson == "03_color" and {name: (answer.outcome, answer.mistake) for name, answer in answers.items()} == {
        "separable": ("right", None),
        "output_shape": ("wrong", "channels_last"),
        "weight_shape": ("wrong", None),
    }
    assert {answer.version for answer in answers.values()} == {getattr(COLOR, name).version for name in answers}


def test_whose_mistake_it_was_is_asked_after_the_answer(at, page, faults):
    at(1)
    page.evaluate(f"""localStorage.setItem('{STORED}', JSON.stringify({{"color.separable": {{due: "2026-12-01"}}}}))""")
    at(1)
    answer, mistakes, made = whose_mistake(COLOR.separable.another(1))
    assert not page.get_by_text("Whose mistake is this?").count()
    page.get_by_label("Your answer").fill("3")
    page.get_by_role("button", name="Check").click()
    assert not page.get_by_text("Whose mistake is this?").count()  # it would help
    page.get_by_role("button", name="Solution").click()
    page.get_by_text("Whose mistake is this?").click()
    for name, _, gives in mistakes:
        says = f"Right: this mistake gives {answer}." if name == made else f"gets {gives}, and not {answer}."
        page.locator("details input").nth([other for other, *_ in mistakes].index(name)).check()
        page.locator("details button").click()
        page.get_by_text(says).wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert faults(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    touched = page.locator("#practice :is(button, summary, label:has(input))")
    assert min(touched.evaluate_all("nodes => nodes.map((node) => node.offsetHeight)")) >= 32


def test_what_is_due_can_be_taken_along_and_forgotten(at, page, tmp_path):
    at(1)
    entries = {"color.separable": {"due": "2026-12-01", "step": 1, "wrong": True, "asked": 2, "last": ""}}
    page.evaluate(f"text => localStorage.setItem('{STORED}', text)", json.dumps(entries))
    at(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save my practice as a file").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Forget all").click()
    page.get_by_text("Nothing is due today").wait_for()
    page.get_by_label("Read a saved file").set_input_files(saved)
    page.get_by_text("1 of 1 left today.").wait_for()
    assert diary_of(page) == entries
    saved.write_text('{"thesis": 3}')
    page.get_by_label("Read a saved file").set_input_files(saved)
    page.get_by_text("is not a file that this page has saved. Nothing has changed.").wait_for()
    assert diary_of(page) == entries


def test_a_solution_that_was_seen_counts_as_not_known_and_more_than_ten_wait(at, page):
    at(1)
    entry = {"due": "2026-12-01", "step": 0, "wrong": False, "asked": 0, "last": ""}
    names = [exercise.full_name for lesson in lessons()[:4] for exercise in lesson.sheet.with_others][:12]
    text = json.dumps({name: entry for name in names})
    page.evaluate(f"text => localStorage.setItem('{STORED}', text)", text)
    at(1)
    page.get_by_text("10 of 10 left today.").wait_for()
    for section in page.locator("section.exercise").all():
        section.get_by_role("button", name="Solution").click()
        section.get_by_text("It comes back tomorrow.").wait_for()
    assert sum(entry["wrong"] for entry in diary_of(page).values()) == 10
    at(1)
    page.get_by_text("Ten are enough for today: 2 more can wait until tomorrow.").wait_for()
    assert not page.locator("section.exercise").count()


def test_a_sheet_of_ten_questions_has_its_answers_on_the_last_page(at, page):
    at(1)
    page.evaluate("window.print = () => {}")
    page.get_by_role("button", name="Print ten questions").click()
    page.get_by_text("Ten questions.").wait_for()
    page.emulate_media(media="print")
    assert page.locator("section.exercise").count() == page.locator(".answers li:visible").count() == 10
    assert not page.get_by_role("button", name="Check").first.is_visible()
    page.emulate_media(media="screen")
    assert not page.locator(".answers").is_visible()


def test_a_browser_that_stores_nothing_asks_all_the_same(site, page, load):
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked') } })")
    load(page, site / "practice.html")
    page.get_by_text("This browser keeps no answers").wait_for()
    assert page.locator("section.exercise").count() == 5
