"""The page of a class: no fault for axe in either scheme, none in its HTML, nothing fetched, nothing cut on a phone."""

import random
import subprocess
from pathlib import Path

import pytest
from test_accessibility import AXE, RUN

from coursetools import offline
from coursetools.classroom import counting, showing
from coursetools.classroom.collecting import Answer
from coursetools.offline import FETCHED


@pytest.fixture(scope="module")
def class_page(tmp_path_factory):
    """Two lessons of thirty students with long names, and a file that was passed over."""
    choose = random.Random(0)
    students = [f"Ærvør Ångström-Nguyễn {number}" for number in range(30)]
    lessons = []
    for lesson in ("02_filters", "03_color"):
        columns = [
            counting.Column(exercise, {student: an_answer(exercise, choose) for student in choose.sample(students, 25)})
            for exercise in offline.sheet_of(lesson).exercises
        ]
        lessons.append(counting.LessonOfClass(lesson, students, columns))
    path = tmp_path_factory.mktemp("class") / "class.html"
    showing.write_page(lessons, [("ben/x.ipynb", "is no notebook")], path)
    return path


def an_answer(exercise, choose):
    mistake = choose.choice([None, *(each.name for each in exercise.mistakes)])
    version = choose.choice([exercise.version, "00000000"])
    return Answer(choose.choice(["right", "wrong"]), mistake, version, None)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_class_has_no_fault(class_page, browser, scheme, width):
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(class_page.as_uri())
    page.add_script_tag(path=AXE)
    assert page.evaluate(RUN, ["body", []]) == []
    assert asked == [class_page.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.keyboard.press("Tab")  # what is wider than the page can be scrolled from the keyboard
    assert page.evaluate("document.activeElement.matches('.scrolls')")
    page.close()


def test_a_student_s_name_stays_in_sight(class_page, browser):
    page = browser.new_page(viewport={"width": 390, "height": 800})
    page.goto(class_page.as_uri())
    name = page.locator(".students tbody th").first
    name.scroll_into_view_if_needed()
    page.locator(".students").first.evaluate("table => table.parentElement.scrollLeft = 500")
    assert page.locator(".students").first.evaluate("table => table.parentElement.scrollLeft") > 100
    assert 0 <= name.bounding_box()["x"] < 60
    page.close()


def test_its_html_is_valid(class_page):
    command = [
        FETCHED / ".bin" / "html-validate",
        "--config",
        Path(__file__).with_name("html-validate.json"),
        class_page,
    ]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
