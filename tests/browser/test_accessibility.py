"""axe-core, the checker that the web uses, over what we put on a page: decks, explorers, reports, tables, figures."""

import json
from pathlib import Path

import nbformat
import pytest

from coursetools import notebooks
from coursetools.offline import FETCHED

ROOT = Path(__file__).parents[2]
AXE = FETCHED / "axe-core" / "axe.min.js"
RUN = """async ([where, off]) => {
    const rules = Object.fromEntries(off.map((name) => [name, { enabled: false }]));
    const { violations } = await axe.run(where, { rules });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)} (${nodes[0].failureSummary})`);
}"""
SOURCES = [
    "from lessonlib import explore, figures, filters, tables\nfrom lessonlib.exercises.parameters import sheet as exercise",
    "exercise.linear_layer.check(100352)",
    "exercise.linear_layer.solution()",
    "exercise.progress()",
    "tables.Table(['layer', 'parameters'], [('conv', 80)], ('total', 80))",
    "explore.Explorer([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]], padding=1)",
    "explore.Explorer([[0, 1, 2], [3, 4, 5], [6, 7, 8]], operation='max', stride=1)",
    "figures.images([[[0, 1]]], caption='The right pixel is white, the left one black.')",
]


@pytest.fixture(scope="module")
def page_of_outputs(lab, browser):
    """A notebook with one of everything that the library shows, run."""
    cells = [nbformat.v4.new_code_cell(source) for source in SOURCES]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA), lab.folder / "outputs.ipynb")
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    lab.open(page, "outputs.ipynb")
    lab.run_all(page)
    page.locator(".explorer .stage").nth(1).wait_for()
    page.add_script_tag(path=AXE)
    yield page
    page.close()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_what_the_library_shows_has_no_fault_in_either_theme(page_of_outputs, theme):
    page = page_of_outputs
    page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {{ theme: {json.dumps(theme)} }})")
    page.wait_for_function(f"document.body.dataset.jpThemeName === {json.dumps(theme)}")
    page.wait_for_timeout(500)
    outputs = page.locator(".jp-OutputArea-output")
    assert outputs.count() >= len(SOURCES) - 1
    faults = []
    for index in range(outputs.count()):
        outputs.nth(index).scroll_into_view_if_needed()
        outputs.nth(index).evaluate("node => node.setAttribute('data-looked-at', '')")
        faults += page.evaluate(RUN, ["[data-looked-at]", OFF_IN_A_NOTEBOOK])
        outputs.nth(index).evaluate("node => node.removeAttribute('data-looked-at')")
    assert not faults, "\n".join(faults)


# JupyterLab shows no alternative text of a figure: there its caption, right below, stands for it.
OFF_IN_A_NOTEBOOK = ["image-alt"]


@pytest.mark.parametrize("lesson", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_no_slide_of_a_deck_has_a_fault(show, page, lesson):
    assert show(lesson) == []
    page.add_script_tag(path=AXE)
    page.evaluate("Reveal.configure({ fragments: false })")
    faults = []
    for index in range(page.evaluate("Reveal.getSlides().length")):
        page.evaluate(f"Reveal.slide(...Object.values(Reveal.getIndices(Reveal.getSlides()[{index}])))")
        faults += page.evaluate(RUN, [".slides section.present section.present", []])
    assert not faults, "\n".join(sorted(set(faults)))
