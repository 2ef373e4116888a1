"""The exported slides: each fits with all its fragments, notes reach the speaker, and nothing is fetched."""

import os
from operator import attrgetter
from types import SimpleNamespace

import pytest

from coursetools.lesson import lessons
from coursetools.pages.decks import NEW_SLIDE, lecture, slide_type

SCREEN = {"width": 1280, "height": 720}
TEXT, CODE, FIGURE = 22, 18, 820  # pixels on such a screen, at least; in a figure of 820, 9 points are 14

# Every slide with its fragments shown: what is on it, how large, and what is cut off or needs a scroll bar on it.
SLIDES = """() => Reveal.getSlides().map((slide) => {
    const { h, v } = Reveal.getIndices(slide);
    Reveal.slide(h, v);
    const isCut = (node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== "visible";
    const seen = [...slide.querySelectorAll("*")].filter((node) => !node.closest(".notes, .heard"));
    const letters = (css) => seen.filter((node) => node.matches(css) && node.offsetParent)
        .map((node) => parseFloat(getComputedStyle(node).fontSize));
    return {
        name: slide.querySelector("[id^=cell-id]").id.replace("cell-id=", ""),
        heading: slide.querySelector("h1, h2, h3")?.textContent ?? "",
        height: slide.scrollHeight,
        width: slide.scrollWidth,
        cut: seen.filter((node) => node.matches("div, pre, table") && isCut(node)).map((node) => node.className),
        text: Math.min(99, ...letters(".jp-RenderedMarkdown :is(p, li)")),
        code: Math.min(99, ...letters("pre, td, th")),
        figure: Math.min(9999, ...seen.filter((node) => node.matches("img")).map((node) => node.clientWidth)),
        open: slide.textContent.includes("Not answered yet"),
    };
})"""
GO_TO = "(node) => Reveal.slide(...Object.values(Reveal.getIndices(node.closest('section'))))"
KINDS = ["h1", "mjx-container", "pre", "img", ".explorer", "[id$='-answer']", "table"]  # what makes a slide
THOROUGH = "THOROUGH" in os.environ


@pytest.fixture(scope="module", params=lessons(), ids=attrgetter("name"))
def deck(request, decks, browser, load):
    """A lesson's slide show with all fragments shown, the cells that it is made of, and what went wrong on its page."""
    page = browser.new_page(viewport=SCREEN)
    troubles = load(page, decks / f"{request.param.name}.slides.html")
    page.evaluate("Reveal.configure({ fragments: false })")
    yield SimpleNamespace(page=page, cells=lecture(request.param).cells, troubles=troubles)
    page.close()


def test_every_slide_fits_and_can_be_read_from_the_last_row(deck):
    slides = deck.page.evaluate(SLIDES)
    assert len(slides) == sum(slide_type(cell) in NEW_SLIDE for cell in deck.cells)
    faults = []
    for slide in slides:
        if slide["height"] > 720 or slide["width"] > 1280:
            faults.append(f"{slide['name']} has {slide['width']} x {slide['height']} pixels")
        if slide["cut"]:
            faults.append(f"{slide['name']} cuts off {slide['cut']}")
        for kind, least in (("text", TEXT), ("code", CODE), ("figure", FIGURE)):
            if slide[kind] < least:
                faults.append(f"{slide['name']}: its {kind} has {slide[kind]} pixels, fewer than {least}")
        if slide["text"] < 28 and slide["figure"] == 9999 and slide["height"] < 580:
            faults.append(f"{slide['name']}: its text has {slide['text']} pixels, and room for larger ones")
        if not slide["heading"]:
            faults.append(f"{slide['name']} has no heading")
        if slide["open"]:
            faults.append(f"{slide['name']} asks a question twice")
    assert not faults, "\n".join(faults)


def test_figures_formulas_and_notes_are_all_there_and_nothing_is_fetched(deck):
    cells = [cell for cell in deck.cells if slide_type(cell) != "skip"]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    captions = [output.metadata["image/png"]["alt"] for output in outputs if "image/png" in output.get("data", {})]
    assert [image.get_attribute("alt") for image in deck.page.locator(".slides img").all()] == captions
    notes = sum(slide_type(cell) == "notes" for cell in cells)
    assert deck.page.locator(".slides aside.notes").count() == notes
    formulas = any("$" in cell.source for cell in cells if cell.cell_type == "markdown")
    assert bool(deck.page.locator("mjx-container").count()) == formulas
    assert not deck.page.locator("mjx-merror").count()
    assert deck.troubles == []


def test_explorers_are_alive_in_a_deck(deck):
    explorers = deck.page.locator(".slides .explorer").all()
    assert len(explorers) == sum("Explorer(" in cell.source for cell in deck.cells)
    for explorer in explorers:
        explorer.evaluate(GO_TO)
        here = deck.page.evaluate("Reveal.getIndices()")
        explorer.get_by_role("application").first.focus()
        deck.page.keyboard.press("ArrowRight")
        assert explorer.locator(".says").text_content().startswith("row 0, column 1: ")
        assert deck.page.evaluate("Reveal.getIndices()") == here  # an arrow moves in the map alone
        slider = explorer.locator("label:not([hidden]) input[type=range]").first
        value = slider.input_value()
        slider.focus()
        deck.page.keyboard.press("PageDown")  # as a clicker does
        assert deck.page.evaluate("Reveal.getIndices()") != here and slider.input_value() == value


# For axe one slide of a kind tells the same as all of them, and of this lesson there is one of each.
@pytest.mark.parametrize("deck", lessons() if THOROUGH else [lessons()[3]], ids=attrgetter("name"), indirect=True)
def test_no_slide_has_a_fault_for_a_screen_reader_or_a_pale_letter(deck, faults):
    slides = deck.page.locator(".slides section section")
    for slide in slides.all() if THOROUGH else [slides.filter(has=deck.page.locator(kind)).first for kind in KINDS]:
        slide.evaluate(GO_TO)
        assert faults(deck.page, ".slides section.present section.present") == []


@pytest.fixture
def first(decks, page, load):
    """The page of the first lesson's slide show, as a lecture begins."""
    page.set_viewport_size(SCREEN)
    load(page, decks / f"{lessons()[0].name}.slides.html")
    return page


def test_the_speaker_sees_the_notes_of_the_slide(first):
    notes = first.locator(".slides aside.notes").first
    notes.evaluate(GO_TO)
    with first.expect_popup() as speaker:
        first.keyboard.press("s")
    shown = speaker.value.locator(".speaker-controls-notes .value")
    shown.get_by_text(notes.locator("p").first.text_content()).wait_for()


def test_a_slide_with_room_has_larger_letters_and_a_key_reveals_what_follows(first):
    assert first.evaluate("getComputedStyle(Reveal.getCurrentSlide().querySelector('p')).fontSize") == "28px"
    first.locator(".slides .fragment").first.evaluate(GO_TO)
    hidden = first.locator("section.present section.present .fragment:not(.visible)")
    before = hidden.count()
    first.keyboard.press("ArrowRight")
    assert hidden.count() == before - 1
