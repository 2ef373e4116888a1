"""The exported slides: each fits with all its fragments, notes reach the speaker, and nothing is fetched."""

import importlib
from pathlib import Path

import pytest

from coursetools import notebooks
from coursetools.slides.lecture import Lecture

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)

# Every slide with its fragments shown: what is on it, how large, and what is cut off or needs a scroll bar on it.
SLIDES = """() => {
    Reveal.configure({ fragments: false });
    return Reveal.getSlides().map((slide) => {
        const { h, v } = Reveal.getIndices(slide);
        Reveal.slide(h, v);
        const isCut = (each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible";
        const seen = [...slide.querySelectorAll("*")].filter((each) => !each.closest(".notes, .heard"));
        const letters = (css) => seen.filter((each) => each.matches(css) && each.offsetParent)
            .map((each) => parseFloat(getComputedStyle(each).fontSize));
        return {
            name: slide.querySelector("[id^=cell-id]").id.replace("cell-id=", ""),
            heading: slide.querySelector("h1, h2, h3")?.textContent ?? "",
            height: slide.scrollHeight,
            width: slide.scrollWidth,
            cut: seen.filter((each) => each.matches("div, pre, table") && isCut(each)).map((each) => each.className),
            text: Math.min(99, ...letters(".jp-RenderedMarkdown :is(p, li)")),
            code: Math.min(99, ...letters("pre, td, th")),
            figure: Math.min(9999, ...seen.filter((each) => each.matches("img")).map((each) => each.clientWidth)),
            open: slide.textContent.includes("Not answered yet"),
        };
    });
}"""
TEXT, CODE, FIGURE = 22, 18, 820  # pixels on a slide of 1280 x 720, at least; in a figure of 820, 9 points are 14


def lecture(lesson):
    """The cells of a lesson as they become slides."""
    return Lecture().preprocess(notebooks.read(lesson), {"metadata": {"name": lesson.stem}})[0].cells


@each_lesson
def test_every_slide_fits_and_can_be_read_from_the_last_row(show, page, lesson):
    assert show(lesson) == []
    slides = page.evaluate(SLIDES)
    assert len(slides) == sum(cell.metadata.slideshow.slide_type in ("slide", "subslide") for cell in lecture(lesson))
    faults = []
    for slide in slides:
        if slide["height"] > 720 or slide["width"] > 1280:
            faults.append(f"{slide['name']} has {slide['width']} x {slide['height']} pixels")
        if slide["cut"]:
            faults.append(f"{slide['name']} cuts off {slide['cut']}")
        for kind, least in (("text", TEXT), ("code", CODE), ("figure", FIGURE)):
            if slide[kind] < least:
                faults.append(f"{slide['name']}: its {kind} has {slide[kind]} pixels, fewer than {least}")
        if not slide["heading"]:
            faults.append(f"{slide['name']} has no heading")
        if slide["open"]:
            faults.append(f"{slide['name']} asks a question twice")
    assert not faults, "\n".join(faults)


@each_lesson
def test_each_question_is_followed_by_its_answer_and_mistakes(lesson):
    sheet = importlib.import_module(f"lessonlib.exercises.{lesson.stem.split('_')[1]}").sheet
    cells = lecture(lesson)
    answers = {cell.id: cell.source for cell in cells if cell.id.endswith("-answer")}
    assert list(answers) == [f"{exercise.name.replace('_', '-')}-answer" for exercise in sheet.exercises]
    for exercise, said in zip(sheet.exercises, answers.values(), strict=True):
        assert exercise.key.fact in said and exercise.key.mistakes[0].because in said
    asked = [cell for cell in cells if "exercise" in cell.metadata.get("tags", [])]
    assert len(asked) == len(answers) and not any(cell.outputs for cell in asked)


@each_lesson
def test_what_stands_between_the_slides_is_told_by_the_speaker(lesson):
    before, after = (
        {cell.id: cell.metadata.slideshow.slide_type for cell in cells if cell.cell_type == "markdown"}
        for cells in (notebooks.read(lesson).cells, lecture(lesson))
    )
    between = [name for name, kind in before.items() if kind == "skip" and name not in ("further", "reading")]
    assert between and {after[name] for name in between} == {"notes"} and after["reading"] == "skip"


@each_lesson
def test_figures_formulas_and_notes_are_all_there(show, page, lesson):
    assert show(lesson) == []
    cells = [cell for cell in lecture(lesson) if cell.metadata.slideshow.slide_type != "skip"]
    captions = [
        output.metadata["image/png"]["alt"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert [image.get_attribute("alt") for image in page.locator(".slides img").all()] == captions
    assert page.locator(".slides aside.notes").count() == sum(
        cell.metadata.slideshow.slide_type == "notes" for cell in cells
    )
    assert not page.locator("mjx-merror").count()
    formulas = any("$" in cell.source for cell in cells if cell.cell_type == "markdown")
    assert bool(page.locator("mjx-container").count()) == formulas


def test_the_speaker_sees_the_notes_of_the_slide(show, page):
    show(LESSONS[0])
    slide, notes = page.evaluate("""() => {
        const notes = document.querySelector(".slides aside.notes");
        const { h, v } = Reveal.getIndices(notes.closest("section"));
        Reveal.slide(h, v);
        return [h, notes.querySelector("p").textContent];
    }""")
    assert slide and notes
    with page.expect_popup() as speaker:
        page.keyboard.press("s")
    speaker.value.locator(".speaker-controls-notes .value").get_by_text(notes).wait_for()


def test_a_slide_with_room_has_larger_letters_and_a_key_reveals_what_follows(show, page):
    show(LESSONS[0])
    size = "getComputedStyle(Reveal.getCurrentSlide().querySelector('p')).fontSize"
    assert page.evaluate(size) == "28px"
    page.evaluate(
        "Reveal.slide(...Object.values(Reveal.getIndices(document.querySelector('.fragment').closest('section'))))"
    )
    hidden = page.locator("section.present section.present .fragment:not(.visible)")
    before = hidden.count()
    page.keyboard.press("ArrowRight")
    assert hidden.count() == before - 1


@each_lesson
def test_explorers_are_alive_in_a_deck(show, page, lesson):
    assert show(lesson) == []
    for index in range(page.locator(".slides .explorer").count()):
        explorer = page.locator(".slides .explorer").nth(index)
        slide = "Reveal.slide(...Object.values(Reveal.getIndices(node.closest('section'))))"
        explorer.evaluate(f"node => {{ Reveal.configure({{ fragments: false }}); {slide} }}")
        map_ = explorer.get_by_role("application").first
        map_.focus()
        page.keyboard.press("ArrowRight")
        assert explorer.locator(".says").text_content().startswith("row 0, column 1: ")
    assert page.locator(".slides .explorer").count() == sum(
        "Explorer(" in cell.source for cell in notebooks.read(lesson).cells
    )
