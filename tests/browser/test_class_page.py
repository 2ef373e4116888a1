"""The page of a class: no fault for axe in either scheme, none in its HTML, nothing fetched, all in sight on a phone."""

import random
import subprocess

import pytest

from coursetools.classroom import counting, showing
from coursetools.classroom.collecting import Collected
from coursetools.classroom.questions import questions
from coursetools.classroom.reading import Answer
from coursetools.pages.bundle import FETCHED


@pytest.fixture(scope="module")
def class_page(tmp_path_factory):
    """Two lessons of thirty students with long names, and a file that was passed over."""
    choose = random.Random(0)
    students = [f"Ærvør Ångström-Nguyễn {number}" for number in range(30)]
    of_class = []
    for lesson, asked in list(questions().items())[1:3]:
        columns = [
            counting.Column(exercise, {student: an_answer(exercise, choose) for student in choose.sample(students, 25)})
            for exercise in asked.values()
        ]
        of_class.append(
            counting.LessonOfClass(lesson, students, columns, {"Dora": "x.rar is packed"}, ["Emil"], ["Fay"])
        )
    path = tmp_path_factory.mktemp("class") / "class.html"
    collected = Collected([], [("ben/x.ipynb", "is no notebook")], ["40 files under one name: is 'Mo' a student?"])
    showing.write_page(of_class, collected, path)
    return path


def an_answer(exercise, choose):
    mistake = choose.choice([None, *exercise.mistakes])
    version = choose.choice([exercise.version, "00000000"])
    return Answer(choose.choice(["right", "wrong", "no output"]), mistake, version, None, "[1.5, 2.5, 3.5] * 3")


@pytest.mark.parametrize("scheme, width", [("light", 1280), ("dark", 390)])
def test_the_page_of_a_class_has_no_fault(class_page, browser, load, faults, scheme, width):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    assert load(page, class_page) == []
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.locator(".scrolls").first.focus()  # what is wider than the page can be scrolled from the keyboard
    assert page.evaluate("document.activeElement.matches('.scrolls')")
    page.close()


def test_on_a_phone_the_mistakes_are_in_sight_and_a_tap_tells_who_made_one(class_page, page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(class_page.as_uri())
    mistake = page.locator(".mistakes details").first
    assert 0 < mistake.bounding_box()["x"] and mistake.bounding_box()["width"] < 390
    assert not mistake.locator("p").is_visible()
    mistake.locator("summary").click()
    assert "Ångström-Nguyễn" in mistake.locator("p").inner_text()


def test_a_student_s_name_stays_in_sight(class_page, page):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(class_page.as_uri())
    name = page.locator(".students tbody th").first
    name.scroll_into_view_if_needed()
    scrolled = "table => (table.parentElement.scrollLeft = 500, table.parentElement.scrollLeft)"
    assert page.locator(".students").first.evaluate(scrolled) > 100
    assert 0 <= name.bounding_box()["x"] < 60


def test_its_html_is_valid(class_page):
    validator = [FETCHED / ".bin" / "html-validate", "--preset", "standard"]
    run = subprocess.run([*validator, class_page], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
