"""The web site, opened from disk without a network: read, explored and answered as a student does, on a phone too."""

import json
import os
from operator import attrgetter
from types import SimpleNamespace

import pytest

from coursetools.lesson import lessons, slide_type
from coursetools.pages.questions import is_judged
from lessonlib.checking import Outcome

LESSONS = lessons()
FIRST, SECOND = (lesson.sheet for lesson in LESSONS[:2])
SOME_LESSONS = (
    LESSONS if "THOROUGH" in os.environ else LESSONS[1:2]
)  # the second has every form of field, and an explorer
# The theme lets its column scroll where the page does not.
WIDTH = "Math.max(...[...document.querySelectorAll('html, .content')].map((node) => node.scrollWidth))"
PHONE, LAPTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 800}

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


@pytest.fixture
def visit(site, page, load):
    """Opens a page of the site. Returns what goes wrong there."""
    page.set_viewport_size(LAPTOP)
    return lambda name: load(page, site / f"{name}.html")


@pytest.fixture(scope="module", params=LESSONS, ids=attrgetter("name"))
def opened(request, site, browser, load):
    """The page of a lesson, what went wrong on it, and the cells of the notebook."""
    page = browser.new_page(viewport=LAPTOP)
    troubles = load(page, site / f"{request.param.name}.html")
    yield SimpleNamespace(page=page, troubles=troubles, cells=request.param.notebook().cells)
    page.close()


def test_figures_and_formulas_are_as_in_the_notebook_results_are_folded_and_nothing_is_fetched(opened):
    page, cells = opened.page, opened.cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    captions = [output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]
    assert [image.get_attribute("alt") for image in page.locator("article img").all()] == captions
    formulas = any("$" in cell.source for cell in cells if cell.cell_type == "markdown")
    assert bool(page.locator("mjx-container").count()) == formulas
    assert not page.locator("mjx-merror").count()
    what_happened = page.locator("details:not([open])", has=page.get_by_text("What happened", exact=True))
    assert what_happened.count() == sum("<summary>What happened</summary>" in cell.source for cell in cells)
    assert page.get_by_text("pip install").count() == 0
    notes = page.locator("details.for-instructors", has=page.get_by_text("For instructors"))
    assert notes.count() == sum(slide_type(cell) == "notes" for cell in cells) and not notes.first.is_visible()
    hidden = {cell.id for cell in cells if "jupyter" in cell.metadata} - {"colab"} | {"setup"}
    assert page.locator("details.hide:not([open])").count() == len(hidden)
    assert page.locator("h1").count() == 1 and page.title()
    assert opened.troubles == []


def test_a_result_opens_with_the_answer_or_by_a_tap_and_stays_open(visit, page):
    visit("01_parameters")
    opened = page.locator(":is(.tag_result details, details.result)[open]")
    told = page.get_by_text("32 of the 35 pixels with ink get another value.")
    assert opened.count() == 0 and not told.evaluate("node => node.checkVisibility()")
    page.emulate_media(media="print")
    assert told.evaluate("node => node.checkVisibility()")
    page.emulate_media(media="screen")
    early = page.locator("details.early")  # these say "answer first"
    before = early.count()
    said(page, "shift", "few")
    assert early.count() == before - 2
    assert opened.count() == 2 and told.evaluate("node => node.checkVisibility()")
    page.get_by_text("What happened", exact=True).nth(1).click()  # opens the figures of this question too
    opened.nth(4).wait_for()
    page.locator("#question-twice-the-side").get_by_role("button", name="Solution").click()
    assert opened.count() == 8
    page.reload()
    assert opened.count() == 8
    page.once("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.get_by_role("button", name="Clear my answers").click()
    assert opened.count() == 0


def test_what_waits_names_the_question_it_waits_for(visit, page):
    visit("02_filters")
    label = "node => getComputedStyle(node, '::after').content"
    named = page.locator("details.early [data-early]").evaluate_all(f"nodes => nodes.map({label})")
    assert named[0] == '" (answer “Predict: a bar across” first)"'
    solved = page.locator("details", has_text="by_places[row, column] = np.sum").locator(".collapsed")
    assert solved.evaluate(label) == '" (answer “Write cross_correlate” first)"'
    shown = page.locator("details", has_text="exercise.cell_angle.shows").locator(".collapsed")
    assert shown.evaluate(label) == "none"  # it shows what is asked
    page.locator("#question-cross-correlate").get_by_label("I have done this in the notebook").check()
    assert solved.evaluate(label) == "none"


def test_a_lesson_is_printed_with_its_results_or_as_a_sheet_to_fill_in(visit, page):
    visit("01_parameters")
    page.emulate_media(media="print")
    told = page.get_by_text("32 of the 35 pixels with ink get another value.")
    is_seen = "node => node.checkVisibility()"
    assert told.evaluate(is_seen) and not page.get_by_text("What happened", exact=True).first.evaluate(is_seen)
    page.get_by_label("Print as a work sheet, without results").evaluate("box => (box.checked = true)")
    assert not told.evaluate(is_seen) and page.locator("#question-shift input").first.evaluate(is_seen)


def test_a_work_sheet_has_lines_for_code_and_no_code_that_solves_it(site, browser, load):
    page = browser.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    load(page, site / "02_filters.html")
    written = page.locator("#question-cross-correlate form")
    solution = page.locator("details pre", has_text="by_places[row, column] = np.sum")
    is_seen, height = "node => node.checkVisibility()", "node => node.offsetHeight"
    page.emulate_media(media="print")
    before = written.evaluate(height)
    assert solution.evaluate(is_seen)
    page.emulate_media(media="screen")
    page.get_by_label("Print as a work sheet, without results").tap()
    page.emulate_media(media="print")
    assert written.evaluate(height) > before + 200 and not solution.evaluate(is_seen)
    page.close()


def test_a_phone_breaks_the_lines_of_what_is_printed_and_keeps_its_columns(opened):
    page = opened.page
    page.set_viewport_size(PHONE)
    page.locator("article details").evaluate_all("nodes => nodes.forEach((node) => (node.open = true))")
    printed = page.locator(".output.stream pre")
    cut = "nodes => nodes.filter((node) => node.scrollWidth > node.clientWidth + 1).map((node) => node.textContent)"
    assert printed.evaluate_all(cut) == []
    in_columns = page.locator(".tag_columns .output.stream pre")
    broken = "nodes => nodes.filter((node) => getComputedStyle(node).whiteSpace !== 'pre').length"
    assert in_columns.evaluate_all(broken) == 0


def test_in_the_dark_a_browser_draws_its_own_parts_dark(visit, page):
    scheme = "node => getComputedStyle(node).colorScheme"
    visit("index")
    for prefers, chosen, drawn in [("dark", "auto", "dark"), ("dark", "light", "light"), ("light", "dark", "dark")]:
        page.emulate_media(color_scheme=prefers)
        page.evaluate("theme => (document.body.dataset.theme = theme)", chosen)
        assert page.locator("#question-conv-layer").evaluate(scheme) == drawn
        assert page.locator("article .explorer").evaluate(scheme) == "light"


def test_notes_for_instructors_have_a_switch_that_is_remembered(visit, page):
    visit("01_parameters")
    page.get_by_label("Notes for instructors").check()
    assert page.locator("details.for-instructors").first.is_visible()
    visit("02_filters")
    assert page.locator("details.for-instructors").first.is_visible()
    page.get_by_label("Notes for instructors").uncheck()
    page.reload()
    assert not page.locator("details.for-instructors").first.is_visible()


def test_a_figure_is_shown_as_large_as_it_was_drawn_by_keyboard_too(visit, page):
    page.set_viewport_size(PHONE)
    visit("01_parameters")
    figure = page.get_by_role("link", name="Enlarge").first
    figure.focus()
    page.keyboard.press("Enter")
    drawn = page.get_by_role("dialog").locator("img").evaluate("image => [image.width, image.naturalWidth]")
    assert drawn[0] == drawn[1] > PHONE["width"] == page.evaluate(WIDTH)
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0 and figure.evaluate("node => node === document.activeElement")
    page.wait_for_function("history.state === null")  # Escape has taken its step back
    figure.click()
    assert page.get_by_role("dialog").evaluate("node => node.scrollLeft") == 0
    page.go_back()
    assert page.get_by_role("dialog").count() == 0 and page.url.endswith("01_parameters.html")


def test_a_word_in_the_kernel_leaves_the_pictures_as_they_are_and_a_fraction_counts(visit, page):
    visit("index")
    explorer = page.locator("article .explorer")
    field = explorer.get_by_role("textbox").first
    shown = "nodes => nodes.map((node) => node.toDataURL())"
    pictures = explorer.locator("canvas").evaluate_all(shown)
    field.fill("abc")
    field.press("Enter")
    field.press("Tab")
    assert '"abc" is no number' in explorer.locator(".says").text_content()
    assert field.input_value() == "abc" and explorer.locator("input:invalid").count() == 1
    assert explorer.locator("canvas").evaluate_all(shown) == pictures
    explorer.get_by_role("textbox").nth(1).fill("2*3")
    explorer.get_by_role("textbox").nth(2).focus()
    assert field.input_value() == "abc" and explorer.locator("canvas").evaluate_all(shown) != pictures
    field.fill("1/3")
    field.press("Enter")
    assert field.input_value() == "1/3"
    field.press("Tab")
    assert field.input_value() == "0.33" and explorer.locator("input:invalid").count() == 0
    for name in ("stride", "padding", "dilation"):
        explorer.get_by_role("slider", name=name).press("ArrowRight")
    explorer.get_by_role("button", name="Reset").click()
    assert explorer.locator("canvas").evaluate_all(shown) == pictures


def test_a_number_counts_as_soon_as_it_can_be_read_and_is_seen_whole(visit, page):
    visit("index")
    explorer = page.locator("article .explorer")
    field = explorer.get_by_role("textbox", name="kernel, row 0, column 1")
    field.fill("")
    products = explorer.locator(".numbers[aria-label=products] .cell").nth(1)
    for typed, product in [("-", "0"), ("1", "-1"), ("00.2", "-100.20"), ("5", "-100.25")]:
        page.keyboard.type(typed)
        assert products.text_content() == product
    assert field.input_value() == "-100.25" and field.evaluate("node => node.scrollWidth <= node.clientWidth")
    page.keyboard.press("Tab")
    assert field.evaluate("node => node.scrollWidth <= node.clientWidth")
    explorer.get_by_role("slider", name="padding").press("ArrowRight")
    assert explorer.get_by_text("image 4 x 5, padded to 6 x 7", exact=True).is_visible()


def test_explorers_are_alive(opened):
    opened.page.evaluate(
        "document.querySelectorAll('details').forEach(each => (each.open = true))"
    )  # a result is folded
    explorers = opened.page.locator("article .explorer").all()
    assert len(explorers) == sum("Explorer(" in cell.source for cell in opened.cells)
    for explorer in explorers:
        explorer.get_by_role("application").first.focus()
        opened.page.keyboard.press("ArrowRight")
        assert explorer.locator(".says").text_content().startswith("row 0, column 1: ")


def test_a_phone_never_scrolls_sideways(opened):
    page = opened.page
    page.set_viewport_size(PHONE)
    for solution in page.get_by_role("button", name="Solution").all():
        solution.click()
    assert page.evaluate(WIDTH) == PHONE["width"]
    touched = page.locator(
        "section.exercise :is(button, input:not([type=radio], [type=checkbox]), select, label:has(input)),"
        ".switch, article details:not(.for-instructors) > summary"
    )
    heights = touched.evaluate_all("nodes => nodes.map((node) => node.getBoundingClientRect().height)")
    assert min(heights) >= 32


def test_a_translator_may_turn_a_page_round_and_leaves_code_alone(opened):
    page = opened.page
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Solution").first.click()
    translated = "nodes => nodes.filter((node) => !node.closest('.notranslate, [translate=no]')).length"
    assert page.locator("article :is(code, pre)").evaluate_all(translated) == 0
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert page.evaluate(WIDTH) == PHONE["width"]
    assert page.locator("article pre").first.evaluate("node => getComputedStyle(node).direction") == "ltr"
    page.evaluate("document.documentElement.dir = ''")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "reference", "practice", *(lesson.name for lesson in SOME_LESSONS)])
def test_no_page_has_a_fault_for_a_screen_reader_or_a_pale_letter(visit, page, faults, name, scheme):
    page.emulate_media(color_scheme=scheme)
    assert visit(name) == []
    page.locator("article details").evaluate_all("nodes => nodes.forEach((node) => (node.open = true))")
    page.wait_for_timeout(500)  # what was opened fades in
    assert faults(page) == []


def test_what_one_looks_up_fits_on_two_sheets(visit, page):
    visit("reference")
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 2


def test_the_search_works_from_disk(visit, page):
    visit("search")
    page.goto(f"{page.url}?q=stride")
    page.locator(".search a").first.wait_for()


def said(page, name, answer):
    """(title, what is said) for an answer, written as Python writes it."""
    is_words = isinstance([answer, *(answer if isinstance(answer, list) else [])][-1], str)
    return page.evaluate(ANSWER, [name, answer if is_words else repr(answer)])


def right(exercise):
    return exercise.verdicts()[0].gives


def on_a_page(text):
    return text.replace("`", "").replace("\n", "")


@pytest.mark.parametrize("lesson", SOME_LESSONS, ids=attrgetter("name"))
def test_every_answer_and_every_mistake_is_told_in_every_form_of_field(visit, page, lesson):
    visit(lesson.name)
    for exercise in filter(is_judged, lesson.sheet.exercises):
        for gives, outcome, says, name in exercise.verdicts():
            if isinstance(gives, dict):  # what a kernel does, and not the kernel
                continue
            title, report = said(page, exercise.name, gives)
            assert title == f"{outcome.symbol} {exercise.title}"
            assert on_a_page(says.removeprefix("{yours}")) in report, name


def test_another_one_asks_with_other_numbers_and_knows_their_answers(visit, page):
    visit("01_parameters")
    section = page.locator("#question-conv-layer")
    for seed in (1, 2, 3):
        section.get_by_role("button", name="Another one").click()
        section.get_by_text(f", another ({seed})").wait_for()  # at first its numbers are fetched
        other = FIRST.conv_layer.another(seed)
        assert section.locator("p").nth(1).text_content() == on_a_page(other.to_dict()["task"])
        assert said(page, "conv_layer", right(other))[0].startswith(Outcome.RIGHT.symbol)
    section.get_by_role("button", name="The lesson's own").click()
    assert section.locator("p").nth(1).text_content() == on_a_page(FIRST.conv_layer.to_dict()["task"])


def test_the_lists_of_one_answer_have_a_label_each(visit, page):
    visit("02_filters")
    section = page.locator("#question-linear-or-not")
    first, second, _ = [section.get_by_role("combobox", name=each, exact=True) for each in "ABC"]
    first.select_option("linear")
    section.get_by_role("button", name="Check").click()  # the browser says which one is missing
    assert second.evaluate("node => node === document.activeElement")
    assert section.get_attribute("data-outcome") == "open"


def test_choices_are_not_told_twice(visit, page):
    visit("01_parameters")
    task = page.locator("#question-shift p").nth(1)
    assert task.text_content() == "Of the pixels with ink before or after the move, how many get another value?"


def test_what_is_typed_and_not_checked_comes_back(visit, page):
    visit("01_parameters")
    section = page.locator("#question-conv-layer")
    field = section.get_by_role("textbox")
    field.fill("64 * (3 *")
    section.get_by_role("button", name="Another one").click()
    section.get_by_text(", another (1)").wait_for()
    field.fill("7")
    section.get_by_role("button", name="The lesson's own").click()
    assert field.input_value() == "64 * (3 *"
    page.reload()
    assert field.input_value() == "64 * (3 *" and section.get_attribute("data-outcome") == "open"
    done = page.locator("#question-conv2d-parameters").get_by_label("I have done this in the notebook")
    done.check()
    page.reload()
    assert done.is_checked() and page.get_by_role("status").first.text_content().startswith("0 of ")
    assert page.locator(".states tr[data-exercise=conv2d_parameters] td").first.text_content() == "→ done in Python"


def test_hints_come_one_by_one_and_the_solution_when_it_is_asked_for(visit, page):
    visit("01_parameters")
    data = FIRST.conv_layer.to_dict()
    section = page.locator("#question-conv-layer")
    total = len(data["hints"])
    for number in (*range(1, total + 1), total):
        section.get_by_role("button", name="Hint").click()
        last = section.locator(".more p").nth(number - 1).text_content()
        assert last == on_a_page(f"Hint {number} of {total}: {data['hints'][number - 1]}")
    section.get_by_role("button", name="Solution").click()
    assert section.locator(".more p").text_content() == on_a_page(data["solution"]["message"])
    assert section.locator(".more pre").text_content() == data["solution"]["code"]


def test_what_needs_python_says_where_it_runs(visit, page):
    visit("02_filters")
    for exercise in SECOND.exercises:
        section = page.locator(f"#question-{exercise.name.replace('_', '-')}")
        assert section.get_by_role("button", name="Check").count() == is_judged(exercise)
        links = section.get_by_role("link", name="Download the notebook").all()
        assert [link.get_attribute("download") for link in links] == [""] * (
            not is_judged(exercise)
        )  # a file, not a page
        assert section.get_by_role("button", name="Solution").count() == 1


def test_answers_stay_in_the_browser_and_one_button_clears_them(visit, page):
    visit("01_parameters")
    for exercise in (FIRST.conv_layer, FIRST.shuffled_pixels):
        said(page, exercise.name, right(exercise))
    said(page, "linear_layer", 12)
    said(page, "conv_layer", 12)  # a later try takes nothing away
    total = sum(map(is_judged, FIRST.exercises))
    page.get_by_text(f"3 of {total} questions answered, 2 right").wait_for()
    assert page.get_by_text("Right before; this try: not yet.").count() == 1
    page.reload()
    page.get_by_text(f"3 of {total} questions answered, 2 right").wait_for()
    section = page.locator("#question-conv-layer")
    assert section.get_attribute("data-outcome") == "right"
    section.get_by_role("button", name="Solution").click()
    assert section.locator(".report").text_content() == ""  # what is right is not told twice
    assert page.locator("#question-linear-layer input").input_value() == "12"
    assert (
        page.locator(".states tr[data-exercise=conv_layer] td").first.text_content() == f"{Outcome.RIGHT.symbol} right"
    )
    assert (
        page.locator(".states tr[data-exercise=linear_layer] td").first.text_content()
        == f"{Outcome.WRONG.symbol} not yet"
    )
    visit("index")
    assert (
        page.get_by_role("row", name="01 Count the parameters").get_by_text(f"3 of {total} answered, 2 right").count()
        == 1
    )
    assert page.locator("#question-conv-layer").get_attribute("data-outcome") == "open"  # it asks with other numbers
    visit("01_parameters")
    page.get_by_role("button", name="Clear my answers").click()  # a dialog nobody answers is dismissed
    page.get_by_text("3 of").first.wait_for()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Clear my answers").click()
    page.get_by_text(f"0 of {total} questions answered").wait_for()
    page.reload()
    page.get_by_text(f"0 of {total} questions answered").wait_for()
    assert page.locator("#question-linear-layer input").input_value() == ""


FULL = "Storage.prototype.setItem = () => { throw new Error('full') }"
THROWS = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('none') } })"
SPOILED = [f"localStorage.setItem('convolution-course/01_parameters', {json.dumps(text)})" for text in ("[]", "{", "7")]


@pytest.mark.parametrize("before", [THROWS, FULL, *SPOILED])
def test_a_storage_that_is_closed_or_that_others_wrote_into_spoils_nothing(visit, page, before):
    page.add_init_script(before)
    visit("01_parameters")
    assert said(page, "conv_layer", 4864)[0].startswith(Outcome.RIGHT.symbol)
    said(page, "linear_layer", 12)
    assert page.get_by_role("status").first.text_content().startswith("2 of ")
    assert page.get_by_text("This browser keeps no answers").count() == (before in (THROWS, FULL))


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
    section = page.locator("#question-conv-layer")
    section.locator("input").focus()
    page.keyboard.type("64 * (3 * 5 * 5 + 1)")
    page.keyboard.press("Enter")
    assert section.get_attribute("data-outcome") == "right"
    assert section.locator(".report").get_attribute("role") == "status"


def test_on_the_first_page_a_finger_answers_and_moves_the_explorer(site, browser, load):
    page = browser.new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    assert load(page, site / "index.html") == []
    section = page.locator("#question-conv-layer")
    section.locator("input").tap()
    given = FIRST.conv_layer.another(1).given
    page.keyboard.type("{out_channels} * {kernel_size} * {kernel_size} + {out_channels}".format(**given))
    section.get_by_role("button", name="Check").tap()
    assert "you left out the input channels" in section.locator(".report").text_content()
    map_ = page.locator("article .explorer").get_by_role("application").first
    map_.scroll_into_view_if_needed()
    box = map_.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.9)
    assert not page.locator(".explorer .says").text_content().startswith("row 0, column 0: ")
    assert page.evaluate(WIDTH) == PHONE["width"]
    page.close()
