"""Each lesson in JupyterLab: every cell runs, every figure shows, explorers are alive, and it can be presented."""

import os
import re
from operator import attrgetter
from types import SimpleNamespace

import nbformat
import pytest

from coursetools.authoring.storing import author
from coursetools.lesson import lessons, read

LESSONS, SCREENS = lessons(), [(1280, 720), (1920, 1080)]
if "THOROUGH" not in os.environ:  # two with an explorer and a training tell nearly all: nbval runs each lesson's cells
    LESSONS, SCREENS = [LESSONS[1], LESSONS[3]], SCREENS[:1]

# Of every cell: its id, the errors and words on stderr in its outputs, and how many figures it shows.
CELLS = """() => window.jupyterapp.shell.currentWidget.content.widgets.map(({ model, node }) => [
    model.id,
    (model.sharedModel.getOutputs?.() ?? []).filter((output) => output.output_type === "error" || output.name === "stderr"),
    [...node.querySelectorAll(".jp-RenderedImage img")].filter((image) => image.naturalWidth > 0).length,
])"""
# Also what a callback of a widget raised, which no notebook file tells.
TROUBLE = ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error'], [data-mime-type$='.stderr']"

# In the deck: how high the cells on the screen are, the smallest letters of their texts and codes, and what is cut.
GO = "(index) => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = index; }"
SLIDE = """() => {
    const { content } = window.jupyterapp.shell.currentWidget;
    const shown = content.widgets.map(({ node }) => node).filter((node) => node.matches(".jp-deck-mod-onscreen"));
    const boxes = shown.map((node) => node.getBoundingClientRect());
    const isCut = (node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== "visible";
    const cut = shown.flatMap((node) => [...node.querySelectorAll("div:not(.heard), pre")].filter(isCut));
    const smallest = (css) => Math.min(...shown.flatMap((node) => [...node.querySelectorAll(css)])
        .filter((letters) => letters.offsetParent).map((letters) => parseFloat(getComputedStyle(letters).fontSize)));
    return {
        height: Math.round(Math.max(...boxes.map((box) => box.bottom)) - Math.min(...boxes.map((box) => box.top))),
        text: smallest(".jp-RenderedMarkdown :is(p, li)") || null,
        code: smallest(".jp-InputArea-editor .cm-line, .jp-OutputArea-output pre, .jp-OutputArea-output td") || null,
        cut: cut.map((node) => node.className),
    };
}"""
RESULTS = {  # what is hidden, and the cell that shows it
    "51": 'print("Right:", 50 + 1, sep="\\n")',
    "52": 'from lessonlib import figures\n\nfigures.images([[[0, 1]]], titles=["two"], caption=str(50 + 2))',
    "53": 'from lessonlib.tables import Table\n\nTable(["right"], [[50 + 3]])',
}
TEXT, CODE = 22, 18  # pixels on a screen of 720 rows, at least: what the last row of a room can read


@pytest.fixture(scope="module", params=LESSONS, ids=attrgetter("name"))
def opened(request, lab, browser):
    """A lesson that has been run in JupyterLab from top to bottom: its page, its notebook, and what the page raised."""
    page, raised = browser.new_page(viewport={"width": 1280, "height": 720}), []
    page.on("pageerror", lambda error: raised.append(str(error)))
    lab.open(page, request.param.path.name)
    lab.run_all(page)
    yield SimpleNamespace(page=page, notebook=read(lab.folder / request.param.path.name), raised=raised)
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    page.close()


def figures_of(cell):
    return sum("image/png" in output.get("data", {}) for output in cell.get("outputs", []))


def test_every_cell_runs_without_an_error_and_shows_its_figures(opened):
    opened.page.wait_for_timeout(500)  # images are painted after their cell has run
    cells = opened.page.evaluate(CELLS)
    assert [(name, errors, figures) for name, errors, figures in cells] == [
        (cell.id, [], figures_of(cell)) for cell in opened.notebook.cells
    ]
    assert opened.page.locator(TROUBLE).count() == 0 and opened.raised == []


def test_every_explorer_is_alive(opened):
    explorers = opened.page.locator(".explorer")
    assert explorers.count() == sum(bool(re.search(r"\bExplorer\(", cell.source)) for cell in opened.notebook.cells)
    for explorer in explorers.all():
        explorer.scroll_into_view_if_needed()
        explorer.get_by_role("application").first.hover()
        assert re.match(r"row \d+, column \d+: the .* is ", explorer.locator(".says").text_content())


@pytest.fixture
def deck(opened):
    """The lesson as a live slide show, from its first slide on."""
    opened.page.evaluate(GO, 1)
    opened.page.evaluate("window.jupyterapp.commands.execute('deck:start')")
    opened.page.locator("body[data-jp-deck-mode=presenting] .jp-deck-mod-onscreen").first.wait_for()
    yield opened
    opened.page.evaluate("window.jupyterapp.commands.execute('deck:stop')")


@pytest.mark.parametrize("width, height", SCREENS)
def test_every_slide_fits_and_can_be_read_from_the_last_row(deck, width, height):
    deck.page.set_viewport_size({"width": width, "height": height})
    faults = []
    for index, cell in enumerate(deck.notebook.cells):
        if cell.metadata.slideshow.slide_type in ("slide", "subslide"):
            deck.page.evaluate(GO, index)
            deck.page.locator(f".jp-Cell[data-windowed-list-index='{index}'].jp-deck-mod-visible").wait_for()
            slide = deck.page.evaluate(SLIDE)
            if slide["height"] > height:
                faults.append(f"the slide of cell {cell.id} is {slide['height'] - height} pixels too high")
            for kind, least in (("text", TEXT), ("code", CODE)):
                if slide[kind] and slide[kind] < least * height / 720 - 0.5:
                    faults.append(f"the {kind} on the slide of cell {cell.id} has {slide[kind]:.0f} pixels")
            if slide["cut"]:
                faults.append(f"the slide of cell {cell.id} is too wide: {slide['cut']}")
    deck.page.set_viewport_size({"width": 1280, "height": 720})
    assert not faults, "\n".join(faults)


def test_a_result_is_hidden_until_it_is_run_and_nothing_of_it_stands_beside_its_dots(lab, page):
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(source, metadata={"tags": ["result"]}) for source in RESULTS.values()]
    nbformat.write(notebook, lab.folder / "results.ipynb")
    author(lab.folder / "results.ipynb")
    lab.open(page, "results.ipynb")
    cells = page.locator(".jp-CodeCell")
    assert [answer in text for answer, text in zip(RESULTS, cells.all_inner_texts(), strict=True)] == [False] * 3
    assert page.locator(".jp-OutputArea-output").count() == 0
    lab.run_all(page)
    assert [answer in text for answer, text in zip(RESULTS, cells.all_inner_texts(), strict=True)] == [True] * 3
