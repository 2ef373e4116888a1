"""The web site, opened from disk without a network: read, explored and answered as a student does, on a phone too."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from coursetools import notebooks
from coursetools.offline import FETCHED, ROOT, sheet_of
from coursetools.site.questions import OTHERS, as_json, is_judged
from lessonlib.checking import Outcome

LESSONS = sorted(path.stem for path in notebooks.LESSONS.glob("*.ipynb"))
PAGES = ["index", *LESSONS]
each_lesson = pytest.mark.parametrize("lesson", LESSONS)
each_page = pytest.mark.parametrize("name", PAGES)
PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
LARGEST = 1_000_000  # bytes of a lesson's page with its images

# Writes into the field of an exercise, or chooses, checks it, and returns what is said.
ANSWER = """([name, written]) => {
    const section = document.getElementById(`question-${name.replaceAll("_", "-")}`);
    const field = section.querySelector("input[type=text], textarea");
    if (field) field.value = written;
    for (const box of section.querySelectorAll("input[type=radio], input[type=checkbox]"))
        box.checked = [written].flat().includes(box.value);
    section.querySelectorAll("select").forEach((select, i) => (select.value = written[i]));
    section.querySelector("form").requestSubmit();
    return [section.querySelector(".title").textContent, section.querySelector(".report").textContent];
}"""
AXE = """async () => (await axe.run(document, { preload: false })).violations.map(
    ({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 160)} (${nodes[0].failureSummary}) and ${nodes.length - 1} more`)"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site, freshly built."""
    made = subprocess.run(["make", "build/node_modules"], cwd=ROOT, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"what the site is made of could not be fetched: {made.stderr.strip().splitlines()[-1]}")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "coursetools.site", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0 and not built.stderr, built.stderr
    return folder


@pytest.fixture
def visit(site, context, page):
    """Opens a page of the site. What it tries to fetch and what goes wrong is collected in visit.troubles."""
    context.set_offline(True)
    troubles = []
    page.on("request", lambda request: request.url.startswith("http") and troubles.append(request.url))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: message.type in ("error", "warning") and troubles.append(message.text))

    def visited(name):
        page.goto((site / f"{name}.html").as_uri())
        page.wait_for_function("!window.MathJax || MathJax.startup?.promise")
        page.evaluate("window.MathJax?.startup.promise.then(() => true)")
        return troubles

    return visited


def test_the_site_holds_a_page_for_each_lesson_and_the_notebooks_themselves(site):
    assert {path.stem for path in site.glob("*.html")} >= set(PAGES)
    for lesson in LESSONS:
        assert (site / "notebooks" / f"{lesson}.ipynb").read_bytes() == (
            notebooks.LESSONS / f"{lesson}.ipynb"
        ).read_bytes()
    assert not list((site / "_sources").iterdir())


@each_page
def test_a_page_opens_from_disk_and_fetches_nothing(visit, page, name):
    assert visit(name) == []
    assert page.locator("h1").count() == 1 and page.title()


@each_lesson
def test_figures_formulas_notes_and_set_up_are_as_in_the_notebook(visit, page, lesson):
    visit(lesson)
    cells = notebooks.read(notebooks.LESSONS / f"{lesson}.ipynb").cells
    captions = [
        output.metadata["image/png"]["alt"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert [image.get_attribute("alt") for image in page.locator("article img").all()] == captions
    assert not page.locator("mjx-merror").count()
    formulas = any("$" in cell.source for cell in cells if cell.cell_type == "markdown")
    assert bool(page.locator("mjx-container").count()) == formulas
    told = "For instructors"
    notes = page.locator("details:not([open])", has=page.get_by_text(told))
    assert notes.count() == sum(told in cell.source for cell in cells)
    assert page.get_by_text("pip install").count() == 0, "the cell for Colab is on the page"
    assert page.locator("details.hide:not([open])").count() == 1


@each_lesson
def test_a_page_with_its_images_is_small(site, lesson):
    html = (site / f"{lesson}.html").read_text(encoding="utf-8")
    images = set(re.findall(r'src="(_images/[^"]+)"', html))
    assert len(html.encode()) + sum((site / image).stat().st_size for image in images) < LARGEST


@pytest.mark.parametrize("name", PAGES)
def test_explorers_are_alive(visit, page, name):
    visit(name)
    explorers = page.locator("article .explorer")
    for index in range(explorers.count()):
        map_ = explorers.nth(index).get_by_role("application").first
        map_.focus()
        page.keyboard.press("ArrowRight")
        assert explorers.nth(index).locator(".says").text_content().startswith("row 0, column 1: ")
    cells = [] if name == "index" else notebooks.read(notebooks.LESSONS / f"{name}.ipynb").cells
    assert explorers.count() == (sum("Explorer(" in cell.source for cell in cells) if cells else 1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@each_page
def test_no_page_has_a_fault_for_a_screen_reader_or_a_pale_letter(visit, page, name, scheme):
    page.emulate_media(color_scheme=scheme)
    visit(name)
    for details in page.locator("article details").all():
        details.evaluate("node => (node.open = true)")
    page.wait_for_timeout(500)  # what was opened fades in
    page.add_script_tag(path=FETCHED / "axe-core" / "axe.min.js")
    assert not (faults := page.evaluate(AXE)), "\n".join(faults)


@each_page
def test_a_phone_never_scrolls_sideways(visit, page, name):
    page.set_viewport_size(PHONE)
    visit(name)
    page.locator("section.exercise button").evaluate_all(
        "buttons => buttons.filter(({ textContent }) => textContent === 'Solution').forEach((button) => button.click())"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    small = page.locator("section.exercise :is(button, input:not([type=radio], [type=checkbox]), select)")
    assert all(box["height"] >= 32 for box in (each.bounding_box() for each in small.all()))


def test_the_search_works_from_disk(visit, page):
    visit("search")
    page.goto(f"{page.url}?q=stride")
    page.locator(".search a").first.wait_for()


def said(page, name, answer):
    """(title, what is said) for an answer of Python, written as Python writes it."""
    is_words = isinstance(answer, str) or (isinstance(answer, tuple) and isinstance(answer[0], str))
    return page.evaluate(ANSWER, [name, answer if is_words else repr(_as_lists(answer))])


def _as_lists(answer):
    if isinstance(answer, (list, tuple)):
        return type(answer)(map(_as_lists, answer))
    return answer.tolist() if hasattr(answer, "tolist") else answer


def as_shown(report):
    """A report's sentence as the page shows it."""
    return (
        re.sub(r"`exercise\.\w+(\.another\(\d+\))?\.hint\(\)`", "Hint", report.message)
        .replace("`", "")
        .replace("\n", "")
    )


@each_lesson
def test_every_answer_and_every_mistake_is_told_as_in_the_notebook(visit, page, lesson):
    visit(lesson)
    for exercise in filter(is_judged, sheet_of(lesson).exercises):
        for function in (exercise.reference, *(mistake.answer for mistake in exercise.mistakes)):
            answer = exercise.answer(function)
            if isinstance(answer, dict):
                continue
            report = exercise.check(answer)
            title = f"{report.symbol} {report.title}"
            assert said(page, exercise.name, answer) == [title, as_shown(report)], exercise.name


@each_lesson
def test_another_one_asks_with_other_numbers_and_knows_their_answers(visit, page, lesson):
    visit(lesson)
    for exercise in filter(is_judged, sheet_of(lesson).exercises):
        section = page.locator(f"#question-{exercise.name.replace('_', '-')}")
        button = section.get_by_role("button", name="Another one")
        assert button.count() == (exercise.draw is not None)
        if exercise.draw is None:
            continue
        seen = set()
        for _ in OTHERS:
            button.click()
            section.get_by_text(", another (").wait_for()
            seed = int(re.search(r"another \((\d+)\)", section.locator(".title").text_content())[1])
            seen.add(seed)
            question = exercise.another(seed)
            assert section.locator("p").nth(1).text_content() == question.text(question.task).replace("`", "")
            if len(seen) > 10:
                continue  # all are asked, and ten are answered
            for function in (exercise.reference, *(mistake.answer for mistake in exercise.mistakes[:3])):
                report = question.check(answer := question.answer(function))
                told = [f"{report.symbol} {report.title}", as_shown(report)]
                assert said(page, exercise.name, answer) == told, (exercise.name, seed)
        assert seen == set(OTHERS)
        section.get_by_role("button", name="The lesson's own").click()
        assert section.locator("p").nth(1).text_content() == exercise.text(exercise.task).replace("`", "")


@each_lesson
def test_a_page_knows_of_an_exercise_what_its_data_hold_and_nothing_else(visit, site, lesson):
    html = (site / f"{lesson}.html").read_text(encoding="utf-8")
    stored = [json.loads(each) for each in re.findall(r'<script type="application/json">(.*?)</script>', html)]
    exercises = sheet_of(lesson).exercises
    assert [each["name"] for each in stored] == [exercise.name for exercise in exercises]
    for exercise, data in zip(exercises, stored, strict=True):
        own = json.loads(as_json(exercise.to_dict()))
        assert {key: data[key] for key in own} == own and set(data) - set(own) == {"form", "judged", "others"}


def test_hints_come_one_by_one_and_the_solution_when_it_is_asked_for(visit, page):
    visit("01_parameters")
    exercise = sheet_of("01_parameters").conv_layer
    section = page.locator("#question-conv-layer")
    hints = exercise.to_dict()["hints"]
    for number in (*range(1, len(hints) + 1), len(hints)):
        section.get_by_role("button", name="Hint").click()
        assert section.locator(".more p").count() == number
        last = section.locator(".more p").last.text_content()
        assert last == f"Hint {number} of {len(hints)}: {hints[number - 1]}".replace("`", "")
    section.get_by_role("button", name="Solution").click()
    assert section.locator(".more code").text_content() == exercise.to_dict()["solution"]


@each_lesson
def test_what_needs_python_says_where_it_runs(visit, page, lesson):
    visit(lesson)
    for exercise in sheet_of(lesson).exercises:
        section = page.locator(f"#question-{exercise.name.replace('_', '-')}")
        if is_judged(exercise):
            assert section.get_by_role("button", name="Check").count() == 1
        else:
            assert section.get_by_role("button", name="Check").count() == 0
            assert section.get_by_role("link", name="Download the notebook").count() == 1
            assert section.get_by_role("button", name="Solution").count() == 1


def test_answers_stay_in_the_browser_and_one_button_clears_them(visit, page):
    visit("01_parameters")
    exercise = sheet_of("01_parameters").conv_layer
    said(page, "conv_layer", exercise.key.right.item())
    said(page, "shuffled_pixels", sheet_of("01_parameters").shuffled_pixels.key.right)
    said(page, "linear_layer", 12)
    total = sum(map(is_judged, sheet_of("01_parameters").exercises))
    page.get_by_text(f"2 of {total} questions answered").wait_for()
    page.reload()
    page.get_by_text(f"2 of {total} questions answered").wait_for()
    assert page.locator("#question-conv-layer").get_attribute("data-outcome") == "right"
    assert page.locator("#question-linear-layer input").input_value() == "12"
    assert (
        page.locator(".states tr[data-exercise=conv_layer] td").first.text_content() == f"{Outcome.RIGHT.symbol} right"
    )
    assert (
        page.locator(".states tr[data-exercise=linear_layer] td").first.text_content()
        == f"{Outcome.WRONG.symbol} wrong"
    )
    visit("index")
    assert (
        page.get_by_role("row", name="01 Count the parameters")
        .get_by_text(f"{Outcome.RIGHT.symbol} 2 of {total}")
        .count()
        == 1
    )
    assert page.locator("#question-conv-layer").get_attribute("data-outcome") == "right"
    visit("01_parameters")
    page.get_by_role("button", name="Clear my answers").click()
    page.get_by_text(f"0 of {total} questions answered").wait_for()
    assert page.locator("#question-linear-layer input").input_value() == ""
    page.reload()
    page.get_by_text(f"0 of {total} questions answered").wait_for()


@pytest.mark.parametrize("stored", ["[]", "{", "null", '{"answers": 7}', '{"answers": {"conv_layer": 5}}', '"x"'])
def test_a_storage_that_others_wrote_into_spoils_nothing(visit, page, stored):
    page.add_init_script(f"localStorage.setItem('convolution-course/01_parameters', {json.dumps(stored)})")
    assert visit("01_parameters") == []
    assert said(page, "conv_layer", 4864)[0].startswith(Outcome.RIGHT.symbol)


def test_a_browser_without_storage_judges_as_well(visit, page):
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('none') } })")
    visit("01_parameters")
    assert said(page, "conv_layer", 4864)[0].startswith(Outcome.RIGHT.symbol)


def test_a_question_is_answered_by_keyboard_alone(visit, page):
    visit("01_parameters")
    section = page.locator("#question-shuffled-pixels")
    section.get_by_role("radio").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert section.get_attribute("data-outcome") in ("right", "wrong")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert section.locator(".more p").count() == 1
    field = page.locator("#question-conv-layer input")
    field.focus()
    page.keyboard.type("64 * (3 * 5 * 5 + 1)")
    page.keyboard.press("Enter")
    assert page.locator("#question-conv-layer").get_attribute("data-outcome") == "right"
    assert page.locator("#question-conv-layer .report").get_attribute("role") == "status"


def test_a_finger_answers_and_moves_the_explorer(visit, browser, site):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, offline=True)
    page = context.new_page()
    page.goto((site / "index.html").as_uri())
    section = page.locator("#question-conv-layer")
    section.locator("input").tap()
    page.keyboard.type("64 * 5 * 5 + 64")
    section.get_by_role("button", name="Check").tap()
    assert "you left out the input channels" in section.locator(".report").text_content()
    page.locator(".explorer .stage [role=application]").first.scroll_into_view_if_needed()
    box = page.locator(".explorer .stage [role=application]").first.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.9)
    assert not page.locator(".explorer .says").text_content().startswith("row 0, column 0: ")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    context.close()


class Links(HTMLParser):
    """The addresses and the anchors of a page."""

    def __init__(self):
        super().__init__()
        self.addresses, self.anchors = [], {""}

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors |= {given[key] for key in ("id", "name") if given.get(key)}
        self.addresses += [given[key] for key in ("href", "src") if given.get(key)]


def test_every_link_inside_leads_somewhere(site):
    pages = {}
    for path in site.glob("*.html"):
        pages[path.name] = Links()
        pages[path.name].feed(path.read_text(encoding="utf-8"))
    broken = []
    for name, links in pages.items():
        for address in links.addresses:
            parts = urlsplit(address)
            if parts.scheme or name == "404.html":  # which is asked for from anywhere
                continue
            target = site / unquote(parts.path) if parts.path else site / name
            anchors = pages[target.name].anchors if target.name in pages else {parts.fragment}
            if not target.is_file() or parts.fragment not in anchors:
                broken.append(f"{name}: {address}")
    assert pages.keys() > {f"{page}.html" for page in PAGES} and not broken, "\n".join(broken)


def test_the_html_is_valid(site):
    validator = FETCHED / ".bin" / "html-validate"
    rules = Path(__file__).with_name("html-validate.json")
    run = subprocess.run(
        [validator, "--config", rules, "--formatter", "text", *sorted(site.glob("*.html"))],
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
