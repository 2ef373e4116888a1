"""What the library shows in JupyterLab - explorers, reports, tables, figures - has no fault for axe in either theme."""

import nbformat
import pytest

from coursetools.authoring.normal_form import METADATA

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
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), lab.folder / "outputs.ipynb")
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    lab.open(page, "outputs.ipynb")
    lab.run_all(page)
    page.locator(".explorer .stage").nth(1).wait_for()
    yield page
    page.close()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_what_the_library_shows_has_no_fault_in_either_theme(page_of_outputs, faults, theme):
    page = page_of_outputs
    page.evaluate(f"window.jupyterapp.commands.execute('apputils:change-theme', {{ theme: '{theme}' }})")
    page.wait_for_function(f"document.body.dataset.jpThemeName === '{theme}'")
    page.wait_for_timeout(500)  # what is drawn anew fades in
    assert page.locator(".jp-OutputArea-output").count() >= len(SOURCES) - 1
    # JupyterLab shows no alternative text of a figure: there its caption, right below, stands for it.
    assert faults(page, ".jp-OutputArea-output", without=["image-alt"]) == []
