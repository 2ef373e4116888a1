"""The exported slides: each fits with all its fragments, notes reach the speaker, and nothing is fetched."""

import subprocess
import sys
from pathlib import Path

import pytest

from coursetools import notebooks

ROOT = Path(__file__).parents[2]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FETCHED = ROOT / "build" / "slides" / "node_modules"
each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)

# Every slide with its fragments shown: [name, height, width], and what is cut off or needs a scroll bar on it.
SLIDES = """() => {
    Reveal.configure({ fragments: false });
    return Reveal.getSlides().map((slide) => {
        const { h, v } = Reveal.getIndices(slide);
        Reveal.slide(h, v);
        const isCut = (each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible";
        const seen = [...slide.querySelectorAll("div, pre, table")].filter((each) => !each.closest(".notes"));
        const name = slide.querySelector("[id^=cell-id]").id.replace("cell-id=", "");
        return [name, slide.scrollHeight, slide.scrollWidth, seen.filter(isCut).map((each) => each.className)];
    });
}"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """The folder with all decks, freshly exported."""
    if not FETCHED.is_dir():
        pytest.skip("reveal.js has not been fetched here: make slides does so")
    folder = tmp_path_factory.mktemp("slides")
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--config",
        "coursetools/slides/nbconvert.py",
        "--output-dir",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (folder / "node_modules").symlink_to(FETCHED)
    return folder


@pytest.fixture
def show(decks, page):
    """Opens a lesson's deck, as a file and without a network. Returns what it tried to fetch, and what went wrong."""

    def shown(lesson):
        troubles = []
        page.set_viewport_size({"width": 1280, "height": 720})
        page.on("request", lambda request: request.url.startswith("http") and troubles.append(request.url))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto((decks / f"{lesson.stem}.slides.html").as_uri())
        page.wait_for_function("window.Reveal?.isReady() && window.MathJax?.startup?.promise")
        page.evaluate("MathJax.startup.promise.then(() => true)")
        return troubles

    return shown


@each_lesson
def test_every_slide_fits_with_all_its_fragments(show, page, lesson):
    assert show(lesson) == []
    slides = page.evaluate(SLIDES)
    kinds = [cell.metadata.slideshow.slide_type for cell in notebooks.read(lesson).cells]
    assert len(slides) == sum(kind in ("slide", "subslide") for kind in kinds)
    too_full = {
        name: (height, width, cut) for name, height, width, cut in slides if height > 720 or width > 1280 or cut
    }
    assert not too_full


@each_lesson
def test_figures_formulas_and_notes_are_all_there(show, page, lesson):
    assert show(lesson) == []
    cells = [cell for cell in notebooks.read(lesson).cells if cell.metadata.slideshow.slide_type != "skip"]
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


def test_a_slide_with_room_is_shown_larger_and_a_key_reveals_what_follows(show, page):
    show(LESSONS[0])
    size = "getComputedStyle(Reveal.getCurrentSlide().querySelector('p')).fontSize"
    assert page.evaluate(size) == "23px"
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
