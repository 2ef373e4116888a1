"""The explorer under a real mouse and keyboard: what it shows is what filters and pooling compute."""

import re
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from coursetools.authoring.normal_form import METADATA
from lessonlib import explore
from lessonlib.filters import cross_correlate
from lessonlib.pooling import avg_pool2d, max_pool2d

SCRIPT, STYLE = (Path(explore.__file__).with_suffix(kind).read_text(encoding="utf-8") for kind in (".js", ".css"))
POOLINGS = {"max": max_pool2d, "average": avg_pool2d}
SETUP = "import numpy as np\nfrom lessonlib.explore import Explorer\n\nnumbers = np.random.default_rng(0).integers"
CELLS = {
    "convolution": "convolution = Explorer(numbers(0, 9, (6, 8)), numbers(-3, 4, (3, 2)), padding=1)\nconvolution",
    "channels": "channels = Explorer(numbers(0, 9, (3, 6, 7)), numbers(-3, 4, (3, 2, 3)), dilation=2)\nchannels",
    "largest": "largest = Explorer(numbers(-9, 9, (7, 7)), kernel_size=3, stride=2, padding=1, operation='max')\nlargest",
    "means": "means = Explorer(numbers(0, 9, (2, 6, 6)), operation='average')\nmeans",
}
EDITED = f"{SETUP}\nedited = Explorer(numbers(0, 9, (6, 8)), {{}})\nedited"
A_KERNEL = "numbers(-3, 4, (3, 2))"
RUN_IN_LAST_CELL = """async (source) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = content.widgets.length - 1;
    content.activeCell.model.sharedModel.setSource(source);
    await window.jupyterapp.commands.execute("notebook:run-cell");
}"""


@pytest.fixture(scope="module")
def page_with_explorers(lab, browser):
    """A page with a notebook of explorers, one a cell, all run."""
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *CELLS.values(), "")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), lab.folder / "explorers.ipynb")
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    lab.open(page, "explorers.ipynb")
    lab.run_all(page)
    page.locator(".explorer .stage").nth(len(CELLS) - 1).wait_for()
    yield page
    page.close()


def explorer_in(page, cell):
    node = page.locator(".jp-CodeCell").nth(cell).locator(".explorer:has(.stage)")
    node.scroll_into_view_if_needed()
    return node


@pytest.fixture(params=CELLS)
def explored(request, page_with_explorers):
    """An explorer on the page, and the same one here: (page, its node, the Explorer, its name in the kernel)."""
    namespace = {}
    exec("\n".join([SETUP, *CELLS.values()]), namespace)
    node = explorer_in(page_with_explorers, 1 + list(CELLS).index(request.param))
    return page_with_explorers, node, namespace[request.param], request.param


@pytest.fixture
def edited(page_with_explorers, lab):
    """A fresh explorer, in the last cell: (page, its node, the same Explorer here)."""

    def build(window=A_KERNEL):
        page, source, namespace = page_with_explorers, EDITED.format(window), {}
        exec(source, namespace)
        page.evaluate(RUN_IN_LAST_CELL, source)
        return page, explorer_in(page, 1 + len(CELLS)), namespace["edited"]

    return build


def channels_of(array):
    return array if np.ndim(array) == 3 else array[None]


def arithmetic(explorer, row, column):
    """By the library, for each channel: what is under the window, its products with the kernel, and the answer."""
    images, step = channels_of(explorer.image), explorer.dilation
    outside = -np.inf if explorer.operation == "max" else 0
    padded = np.pad(images.astype(float), [(0, 0), *[(explorer.padding,) * 2] * 2], constant_values=outside)
    if explorer.operation in POOLINGS:
        kernels, rows, columns = None, explorer.kernel_size, explorer.kernel_size
        maps = POOLINGS[explorer.operation](images, rows, explorer.stride, explorer.padding)
    else:
        kernels = channels_of(explorer.kernel)
        rows, columns = kernels.shape[-2:]
        settings = explorer.stride, explorer.padding, step
        maps = np.stack([cross_correlate(*pair, *settings) for pair in zip(images, kernels, strict=True)])
    top, left = row * explorer.stride, column * explorer.stride
    windows = padded[:, top : top + rows * step : step, left : left + columns * step : step]
    return windows, None if kernels is None else windows * kernels, maps[:, row, column]


def read(node, label):
    """The numbers of all blocks with this label, block after block."""
    texts = node.locator(f".numbers[aria-label^='{label}'] .cell").all_text_contents()
    return [float(text.replace("∞", "inf")) for text in texts]


def says(node):
    return node.locator(".says").text_content()


def check(node, explorer, row, column):
    """What is shown for a place is what the library computes there."""
    windows, products, contributions = arithmetic(explorer, row, column)
    assert says(node).startswith(f"row {row}, column {column}: the ")
    assert read(node, "window") == windows.ravel().tolist()
    if products is not None:
        assert read(node, "products") == products.ravel().tolist()
    np.testing.assert_allclose(read(node, "answer"), contributions, atol=0.005)
    last = contributions.sum() if explorer.operation == "convolution" else contributions[-1]
    assert float(says(node).split()[-1]) == pytest.approx(last, abs=0.005)


def map_of(node):
    """The map's canvas, and how many rows and columns it has."""
    canvas = node.get_by_role("application").first
    return canvas, [int(number) for number in re.findall(r"\d+", canvas.get_attribute("aria-label"))]


def tells(lab, page, expression, expected):
    """Whether the kernel says so, at once or soon: the page's message may still be on its way."""
    deadline = time.monotonic() + 10
    while (said := lab.python(page, f"print({expression})").strip()) != expected and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    return said == expected


def test_hovering_over_map_and_image_shows_the_arithmetic_of_each_place(explored, lab):
    page, node, explorer, name = explored
    canvas, size = map_of(node)
    box = canvas.bounding_box()
    for row, column in np.random.default_rng(1).integers(size, size=(4, 2)):
        x = box["x"] + (column + 0.5) / size[1] * box["width"]
        page.mouse.move(x, box["y"] + (row + 0.5) / size[0] * box["height"])
        check(node, explorer, row, column)
        assert tells(lab, page, f"{name}.place", f"({row}, {column})")
    box = node.get_by_role("img").first.bounding_box()
    page.mouse.move(box["x"] + 1, box["y"] + 1)
    check(node, explorer, 0, 0)
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] - 1)
    check(node, explorer, size[0] - 1, size[1] - 1)


def test_the_arrow_keys_move_in_the_map_and_not_in_the_notebook(edited):
    page, node, explorer = edited()
    active = "window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    canvas, size = map_of(node)
    canvas.click(position={"x": 2, "y": 2})
    cell = page.evaluate(active)
    for key, place in [("ArrowDown", (1, 0)), ("ArrowRight", (1, 1)), ("ArrowUp", (0, 1)), ("ArrowUp", (0, 1))]:
        page.keyboard.press(key)
        check(node, explorer, *place)
    for _ in range(size[1]):
        page.keyboard.press("ArrowRight")
    check(node, explorer, 0, size[1] - 1)
    assert page.evaluate(active) == cell
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(active) != cell


def test_a_kernel_is_edited_with_the_keyboard_alone(edited, lab):
    page, node, explorer = edited()
    node.get_by_role("textbox", name="kernel, row 0, column 0").focus()
    page.keyboard.press("ArrowUp")
    explorer.kernel[0, 0] += 1
    check(node, explorer, 0, 0)
    page.keyboard.press("Tab")
    page.keyboard.type("-0.5")
    page.keyboard.press("Enter")
    explorer.kernel = explorer.kernel.astype(float)
    explorer.kernel[0, 1] = -0.5
    check(node, explorer, 0, 0)
    assert tells(lab, page, "edited.kernel.tolist()", f"{explorer.kernel.tolist()}")


def test_a_number_keeps_all_its_digits_and_what_is_none_is_refused_with_a_reason(edited, lab):
    page, node, _ = edited()
    first = node.get_by_role("textbox", name="kernel, row 0, column 0")
    first.fill("0,125")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    assert first.input_value() == "1.125" and tells(lab, page, "edited.kernel[0, 0]", "1.125")
    page.keyboard.press("Shift+ArrowDown")
    assert first.input_value() == "1.025" and tells(lab, page, "edited.kernel[0, 0]", "1.025")
    for written in ("two", ""):
        first.fill(written)
        page.keyboard.press("Tab")
        assert "is no number" in says(node) and first.input_value() == written
        assert tells(lab, page, "edited.kernel[0, 0]", "1.025")


def test_sliders_are_moved_with_the_keyboard_python_hears_of_it_and_what_does_not_fit_is_refused(edited, lab):
    page, node, explorer = edited()
    slider = node.get_by_role("slider", name="dilation")
    slider.focus()
    page.keyboard.press("End")
    assert says(node) == "The window would span 7 x 4 pixels, and the padded image has 6 x 8."
    assert tells(lab, page, "edited.dilation", "1") and slider.input_value() == "1"
    for label, value in [("padding", 1), ("stride", 2), ("dilation", 2), ("stride", 3)]:
        node.get_by_role("slider", name=label).focus()
        page.keyboard.press("ArrowRight")
        setattr(explorer, label, value)
        assert tells(lab, page, f"f'{{edited.{label}}} {{edited}}'", f"{value} {explorer}")
        check(node, explorer, 0, 0)
    slider.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Reset
    assert tells(lab, page, "[edited.stride, edited.padding, edited.dilation]", "[1, 0, 1]")
    page.keyboard.press("Tab")  # from there to the map, and not through every field
    assert page.evaluate("document.activeElement.getAttribute('role')") == "application"


def test_a_window_grows_under_its_slider(edited):
    page, node, explorer = edited("operation='max'")
    node.get_by_role("slider", name="window").focus()
    for window in (3, 4):
        page.keyboard.press("ArrowRight")
        explorer.kernel_size = window
        check(node, explorer, 0, 0)


def test_python_changes_image_kernel_and_stride_and_the_place_stays_in_the_map(edited, lab):
    page, node, explorer = edited()
    change = "edited.image, edited.kernel = np.eye(9), [[1, 2], [-3, 4]]"
    exec(change, {"edited": explorer, "np": np})
    lab.python(page, f"{change}; edited.place = (7, 6)")
    node.get_by_text("map 8 x 8").wait_for()
    check(node, explorer, 7, 6)
    explorer.stride = 3
    lab.python(page, "edited.stride = 3")
    node.get_by_text("map 3 x 3").wait_for()
    check(node, explorer, 2, 2)
    assert tells(lab, page, "edited.place", "(2, 2)")


# On a telephone: in a page of its own, from the settings that Python sends

ALONE = """async ([source, style]) => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { alone } = await import(address);
    const still = document.querySelector("[data-explorer]");
    still.replaceChildren();
    alone(still, JSON.parse(still.dataset.explorer));
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".explorer .body *")]
    .filter((node) => !node.closest(".numbers") && node.textContent.trim() && !node.children.length)
    .map((node) => parseFloat(getComputedStyle(node).fontSize)))"""


@pytest.fixture
def on_a_phone(new_context):
    """Shows an explorer alone on a narrow page that is touched: page."""

    def build(channels=1, operation="convolution", width=390):
        page = new_context(viewport={"width": width, "height": 800}, has_touch=True, is_mobile=True).new_page()
        image = np.arange(channels * 9 * 12).reshape(channels, 9, 12) % 7
        window = {"kernel": np.ones((channels, 3, 3))} if operation == "convolution" else {"kernel_size": 3}
        explorer = explore.Explorer(image, **window, stride=1, operation=operation)
        head = "<meta name=viewport content='width=device-width'>"
        page.set_content(f"<head>{head}</head><body>{explorer._still()}<div style='height: 3000px'></div></body>")
        page.evaluate(ALONE, [SCRIPT, STYLE])
        return page

    return build


def draw(page, points):
    """A finger from the first to the last of these points."""
    client = page.context.new_cdp_session(page)
    kinds = ["touchStart", *["touchMove"] * (len(points) - 1), "touchEnd"]
    for kind, point in zip(kinds, [*points, None], strict=True):
        touched = [dict(zip("xy", point, strict=True))] if point else []
        client.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})


def place_of(page):
    return [int(number) for number in re.match(r"row (\d+), column (\d+)", says(page)).groups()]


def test_a_tap_and_a_finger_drawn_along_a_row_choose_a_place(on_a_phone):
    page = on_a_phone()
    canvas = page.get_by_role("application").first
    box = canvas.bounding_box()
    canvas.tap(position={"x": box["width"] * 0.55, "y": box["height"] * 0.95})
    assert place_of(page) == [6, 5]
    page.get_by_role("img").first.tap(position={"x": 2, "y": 2})
    assert place_of(page) == [0, 0]
    draw(page, [(box["x"] + share * box["width"], box["y"] + 5) for share in (0.1, 0.3, 0.5, 0.7, 0.9)])
    assert place_of(page) == [0, 9]


def test_sliders_have_room_for_a_finger_and_fields_letters_that_a_phone_does_not_enlarge(on_a_phone):
    page = on_a_phone()
    tops = page.locator("label:not([hidden])").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().y)"
    )
    assert min(np.diff(tops)) >= 44
    field = page.locator(".numbers input").first
    field.focus()
    assert field.evaluate("node => [getComputedStyle(node).fontSize, node.inputMode]") == ["16px", ""]


def test_a_finger_drawn_upwards_on_the_image_scrolls_the_page(on_a_phone):
    page = on_a_phone()
    box = page.get_by_role("img").first.bounding_box()
    draw(page, [(box["x"] + 50, box["y"] + box["height"] - 5 - 20 * step) for step in range(11)])
    page.wait_for_function("window.scrollY > 100", timeout=5000)


@pytest.mark.parametrize(
    "width, channels, operation", [(320, 3, "convolution"), (390, 1, "convolution"), (640, 3, "max"), (900, 1, "max")]
)
def test_on_a_narrow_page_everything_is_inside_and_large_enough_to_read(on_a_phone, width, channels, operation):
    page = on_a_phone(channels, operation, width)
    page.wait_for_timeout(100)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(SMALLEST) >= 14
    image, map_ = (page.get_by_role(role).first.bounding_box() for role in ("img", "application"))
    wide = image["x"] + image["width"] < map_["x"]
    assert wide or image["y"] < map_["y"] < page.locator(".numbers[aria-label^=window]").first.bounding_box()["y"]


def test_opened_again_without_a_kernel_it_is_a_still_image_and_no_error(lab, page):
    page.goto(f"{lab.address}/lab/tree/04_pooling.ipynb?reset")
    still = page.locator(".explorer-still img").first
    still.wait_for(state="attached", timeout=60_000)
    still.scroll_into_view_if_needed()
    assert still.evaluate("image => image.naturalWidth") > 300
    assert still.get_attribute("alt").startswith("Explorer: max pooling")
    assert page.get_by_text("Error displaying widget").count() == 0


def test_window_kernel_and_products_are_tables_with_rows(edited):
    _, node, explorer = edited()
    for name in ("window", "kernel", "products"):
        table = node.get_by_role("table", name=name, exact=True)
        assert table.get_by_role("row").count() == len(explorer.kernel)
        assert table.get_by_role("cell").count() == explorer.kernel.size
    assert node.get_by_role("img", name="image, 6 x 8 pixels").count() == 1


def test_what_is_read_aloud_is_the_last_place_alone(edited):
    page, node, _ = edited()
    map_, status = node.get_by_role("application").first, node.get_by_role("status")
    status.get_by_text("row 0, column 0").wait_for(state="attached")
    map_.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "column 0" in status.text_content() and says(node).startswith("row 0, column 3")
    status.get_by_text("row 0, column 3").wait_for(state="attached")


def test_after_the_kernel_has_ended_each_place_is_still_shown(page_with_explorers):
    """The last of those that use this page."""
    page, raised = page_with_explorers, []
    page.on("pageerror", lambda error: raised.append(str(error)))
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    node = explorer_in(page, 1)
    map_ = node.get_by_role("application").first
    map_.click(position={"x": 2, "y": 2})
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert says(node).startswith("row 0, column 2: ") and raised == []
