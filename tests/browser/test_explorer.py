"""The explorer under a real mouse and keyboard: what it shows is what filters and pooling compute."""

import json
import re
import time
from pathlib import Path

import nbformat
import numpy as np
import pytest

from coursetools import notebooks
from lessonlib import explore
from lessonlib.filters import cross_correlate
from lessonlib.pooling import avg_pool2d, max_pool2d

SCRIPT, STYLE = (Path(explore.__file__).with_suffix(kind).read_text(encoding="utf-8") for kind in (".js", ".css"))
MAPS = """async ([source, cases]) => {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { Operation } = await import(address);
    return cases.map((each) => {
        const operation = new Operation(each);
        return [operation.misfit, operation.size, operation.misfit ? [] : operation.maps().map((map) => [...map])];
    });
}"""
POOLINGS = {"max": max_pool2d, "average": avg_pool2d}
SETUP = "import numpy as np\nfrom lessonlib.explore import Explorer\n\nnumbers = np.random.default_rng(0).integers"
CELLS = {
    "convolution": "convolution = Explorer(numbers(0, 9, (6, 8)), numbers(-3, 4, (3, 2)), padding=1)\nconvolution",
    "channels": "channels = Explorer(numbers(0, 9, (3, 6, 7)), numbers(-3, 4, (3, 2, 3)), dilation=2)\nchannels",
    "largest": "largest = Explorer(numbers(-9, 9, (7, 7)), kernel_size=3, stride=2, padding=1, operation='max')\nlargest",
    "means": "means = Explorer(numbers(0, 9, (2, 6, 6)), operation='average')\nmeans",
}
EDITED = {
    "convolution": f"{SETUP}\nedited = Explorer(numbers(0, 9, (6, 8)), numbers(-3, 4, (3, 2)))\nedited",
    "max": f"{SETUP}\nedited = Explorer(numbers(0, 9, (6, 8)), operation='max')\nedited",
}
RUN_IN_LAST_CELL = """async (source) => {
    const { content } = window.jupyterapp.shell.currentWidget;
    content.activeCellIndex = content.widgets.length - 1;
    content.activeCell.model.sharedModel.setSource(source);
    await window.jupyterapp.commands.execute("notebook:run-cell");
}"""


def reference(image, kernel, kernel_size, stride, padding, dilation, operation):
    """The maps by lessonlib, channels first."""
    if operation == "convolution":
        return sum(cross_correlate(*each, stride, padding, dilation) for each in zip(image, kernel, strict=True))[None]
    return POOLINGS[operation](image, kernel_size, stride, padding)


def random_case(generator):
    channels, height, width, rows, columns = generator.integers(1, [4, 12, 12, 5, 5])
    stride, padding, dilation = (int(each) for each in generator.integers([1, 0, 1], [4, 3, 3]))
    image = generator.normal(size=(channels, height, width))
    operation = str(generator.choice(["convolution", "max", "average"]))
    if operation == "convolution":
        return image, generator.normal(size=(channels, rows, columns)), None, stride, padding, dilation, operation
    return image, None, int(rows), stride, padding, 1, operation


def test_its_maps_are_those_of_the_library_over_random_cases(page):
    generator = np.random.default_rng(0)
    cases = [random_case(generator) for _ in range(300)]
    names = explore.SETTINGS
    for_browser = [
        dict(zip(names, [{"shape": each[0].shape, "values": each[0].ravel()}, *each[1:]], strict=True))
        for each in cases
    ]
    sent = json.loads(json.dumps(for_browser, default=np.ndarray.tolist))
    page.goto("about:blank")
    for case, (misfit, size, maps) in zip(cases, page.evaluate(MAPS, [SCRIPT, sent]), strict=True):
        try:
            expected = reference(*case)
        except ValueError:
            assert misfit
            continue
        assert not misfit and tuple(size) == expected.shape[1:]
        np.testing.assert_allclose(np.reshape(maps, expected.shape), expected, rtol=1e-12, atol=1e-12)


@pytest.fixture(scope="module")
def page_with_explorers(lab, browser):
    """A page with a notebook of explorers, one a cell, all run."""
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, *CELLS.values(), "")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA), lab.folder / "explorers.ipynb")
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

    def build(operation):
        page, namespace = page_with_explorers, {}
        exec(EDITED[operation], namespace)
        page.evaluate(RUN_IN_LAST_CELL, EDITED[operation])
        return page, explorer_in(page, 1 + len(CELLS)), namespace["edited"]

    return build


def channels_of(array):
    return array if np.ndim(array) == 3 else array[None]


def answers(explorer, row, column):
    """By the library: for each channel what is under the window, the products, and the answer."""
    images, outside = channels_of(explorer.image), -np.inf if explorer.operation == "max" else 0
    size = explorer.kernel.shape[-2:] if explorer.operation == "convolution" else (explorer.kernel_size,) * 2
    padded = np.pad(images.astype(float), [(0, 0), *[(explorer.padding,) * 2] * 2], constant_values=outside)
    top, left = row * explorer.stride, column * explorer.stride
    step = explorer.dilation
    windows = padded[:, top : top + size[0] * step : step, left : left + size[1] * step : step]
    settings = explorer.stride, explorer.padding, explorer.dilation
    if explorer.operation != "convolution":
        return (
            windows,
            None,
            reference(images, None, explorer.kernel_size, *settings, explorer.operation)[:, row, column],
        )
    kernels = channels_of(explorer.kernel)
    found = [cross_correlate(*each, *settings)[row, column] for each in zip(images, kernels, strict=True)]
    return windows, windows * kernels, np.array(found)


def read(node, label):
    """The numbers of all blocks with this label, block after block."""
    texts = node.locator(f".numbers[aria-label^='{label}'] .cell").all_text_contents()
    return [float(text.replace("∞", "inf")) for text in texts]


def says(node):
    return node.locator(".says").text_content()


def check(node, explorer, row, column):
    """What is shown for a place is what the library computes there."""
    windows, products, found = answers(explorer, row, column)
    assert says(node).startswith(f"row {row}, column {column}: the ")
    assert read(node, "window") == windows.ravel().tolist()
    if products is not None:
        assert read(node, "products") == products.ravel().tolist()
    np.testing.assert_allclose(read(node, "answer"), found, atol=0.005)
    shown = float(says(node).split()[-1])
    last = found.sum() if explorer.operation == "convolution" else found[-1]
    assert shown == pytest.approx(last, abs=0.005)


def map_of(node):
    """The map's canvas, and how many rows and columns it has."""
    canvas = node.get_by_role("application").first
    return canvas, [int(each) for each in re.findall(r"\d+", canvas.get_attribute("aria-label"))]


def tells(lab, page, expression, expected):
    """Whether the kernel says so, at once or soon: the page's message may still be on its way."""
    deadline = time.monotonic() + 10
    while (said := lab.python(page, f"print({expression})").strip()) != expected and time.monotonic() < deadline:
        page.wait_for_timeout(50)
    return said == expected


def test_hovering_shows_the_arithmetic_of_each_place(explored, lab):
    page, node, explorer, name = explored
    canvas, size = map_of(node)
    box = canvas.bounding_box()
    for row, column in np.random.default_rng(1).integers(size, size=(6, 2)):
        x = box["x"] + (column + 0.5) / size[1] * box["width"]
        page.mouse.move(x, box["y"] + (row + 0.5) / size[0] * box["height"])
        check(node, explorer, row, column)
        assert tells(lab, page, f"{name}.place", f"({row}, {column})")


def test_hovering_over_the_image_chooses_the_window_around_the_pointer(explored):
    page, node, explorer, _ = explored
    box = node.get_by_role("img").first.bounding_box()
    page.mouse.move(box["x"] + 1, box["y"] + 1)
    check(node, explorer, 0, 0)
    page.mouse.move(box["x"] + box["width"] - 1, box["y"] + box["height"] - 1)
    _, size = map_of(node)
    check(node, explorer, size[0] - 1, size[1] - 1)


def test_the_arrow_keys_move_in_the_map_and_not_in_the_notebook(explored):
    page, node, explorer, _ = explored
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
    page, node, explorer = edited("convolution")
    first = node.get_by_role("textbox", name="kernel, row 0, column 0")
    first.focus()
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
    page.keyboard.press("Control+A")
    page.keyboard.press("Backspace")  # no number
    page.keyboard.press("Tab")
    assert node.get_by_role("textbox", name="kernel, row 0, column 1").input_value() == "-0.50"


def test_sliders_are_moved_with_the_keyboard_and_python_hears_of_it(edited, lab):
    page, node, explorer = edited("convolution")
    for label, value in [("padding", 1), ("stride", 2), ("dilation", 2), ("stride", 3)]:
        node.get_by_role("slider", name=label).focus()
        page.keyboard.press("ArrowRight")
        setattr(explorer, label, value)
        assert tells(lab, page, f"f'{{edited.{label}}} {{edited}}'", f"{value} {explorer}")
        assert repr(explorer).endswith("map " + " x ".join(map(str, map_of(node)[1])))
        check(node, explorer, 0, 0)


def test_a_window_grows_under_its_slider(edited):
    page, node, explorer = edited("max")
    node.get_by_role("slider", name="window").focus()
    for window in (3, 4):
        page.keyboard.press("ArrowRight")
        explorer.kernel_size = window
        check(node, explorer, 0, 0)


@pytest.mark.parametrize(
    "operation, label, complaint",
    [
        ("convolution", "dilation", "The window would span 7 x 4 pixels, and the padded image has 6 x 8."),
        ("max", "padding", "The padding is half of the window at most."),
    ],
)
def test_what_does_not_fit_is_refused_in_words(edited, lab, operation, label, complaint):
    page, node, _ = edited(operation)
    before = lab.python(page, "print(edited)")
    slider = node.get_by_role("slider", name=label)
    slider.focus()
    page.keyboard.press("End")
    assert says(node) == complaint and lab.python(page, "print(edited)") == before
    assert int(slider.input_value()) == {"dilation": 1, "padding": 0}[label]


def test_the_place_stays_in_a_map_that_shrinks(edited, lab):
    page, node, explorer = edited("convolution")
    lab.python(page, "edited.place = (3, 6)")
    check(node, explorer, 3, 6)
    lab.python(page, "edited.stride = 3")
    explorer.stride = 3
    check(node, explorer, 1, 2)
    assert tells(lab, page, "edited.place", "(1, 2)")


def test_python_changes_image_and_kernel_under_the_mouse(edited, lab):
    page, node, explorer = edited("convolution")
    change = "edited.image, edited.kernel = np.eye(9), [[1, 2], [-3, 4]]"
    exec(change, {"edited": explorer, "np": np})
    lab.python(page, change)
    node.get_by_text("map 8 x 8").wait_for()
    check(node, explorer, 0, 0)


@pytest.mark.parametrize("written, value", [("\u22122", -2), ("3,5", 3.5), (".125", 0.125), ("1e-9", 1e-9)])
def test_a_number_is_read_as_people_write_it_and_kept_with_all_its_digits(edited, lab, written, value):
    page, node, _ = edited("convolution")
    first = node.get_by_role("textbox", name="kernel, row 0, column 0")
    first.fill(written)
    page.keyboard.press("Tab")
    assert tells(lab, page, "float(edited.kernel[0, 0])", str(float(value)))
    assert float(first.input_value()) == pytest.approx(value, rel=0.05)
    first.focus()
    assert float(first.input_value()) == value


def test_the_arrow_keys_add_one_to_all_digits(edited, lab):
    page, node, _ = edited("convolution")
    first = node.get_by_role("textbox", name="kernel, row 0, column 0")
    first.fill("0.125")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    assert first.input_value() == "1.125" and tells(lab, page, "edited.kernel[0, 0]", "1.125")
    page.keyboard.press("Shift+ArrowDown")
    assert first.input_value() == "1.025" and tells(lab, page, "edited.kernel[0, 0]", "1.025")


@pytest.mark.parametrize("written, why", [("two", "is no number"), ("1e308", "is too large"), ("", "is no number")])
def test_what_can_t_stand_in_a_kernel_is_refused_with_a_reason(edited, lab, written, why):
    page, node, explorer = edited("convolution")
    before = explorer.kernel[0, 0]
    first = node.get_by_role("textbox", name="kernel, row 0, column 0")
    first.fill(written)
    page.keyboard.press("Tab")
    assert why in says(node) and float(first.input_value()) == before
    assert tells(lab, page, "edited.kernel[0, 0]", str(before))


# On a telephone: in a page of its own, from the settings that Python sends

PHONE = {"width": 390, "height": 844}
ALONE = """async ([source, style]) => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: style }));
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const { alone } = await import(address);
    const still = document.querySelector("[data-explorer]");
    still.replaceChildren();
    alone(still, JSON.parse(still.dataset.explorer));
}"""
OUTSIDE = """() => [...document.querySelectorAll(".explorer *")].filter(
    (each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1).length"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".explorer .body *")]
    .filter((each) => !each.closest(".numbers") && each.textContent.trim() && !each.children.length)
    .map((each) => parseFloat(getComputedStyle(each).fontSize)))"""


@pytest.fixture
def on_a_phone(browser):
    """Shows an explorer alone on a narrow page that is touched: page."""
    contexts = []

    def build(channels=1, operation="convolution", viewport=PHONE):
        context = browser.new_context(viewport=viewport, has_touch=True, is_mobile=True)
        contexts.append(context)
        page = context.new_page()
        image = np.arange(channels * 9 * 12).reshape(channels, 9, 12) % 7
        window = {"kernel": np.ones((channels, 3, 3))} if operation == "convolution" else {"kernel_size": 3}
        explorer = explore.Explorer(image, **window, stride=1, operation=operation)
        head = "<meta name=viewport content='width=device-width'>"
        page.set_content(f"<head>{head}</head><body>{explorer._still()}<div style='height: 3000px'></div></body>")
        page.evaluate(ALONE, [SCRIPT, STYLE])
        return page

    yield build
    for context in contexts:
        context.close()


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
    touch = {"y": box["y"] + 5}
    client = page.context.new_cdp_session(page)
    points = [{**touch, "x": box["x"] + share * box["width"]} for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert place_of(page) == [0, 9]


def test_a_finger_drawn_upwards_on_the_image_scrolls_the_page(on_a_phone):
    page = on_a_phone()
    box = page.get_by_role("img").first.bounding_box()
    client = page.context.new_cdp_session(page)
    at = {"x": box["x"] + 50, "y": box["y"] + box["height"] - 5}
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
    for step in range(1, 11):
        moved = {"x": at["x"], "y": at["y"] - 20 * step}
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [moved]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("window.scrollY > 100", timeout=5000)


@pytest.mark.parametrize("width", [320, 390, 640, 900])
@pytest.mark.parametrize("channels, operation", [(1, "convolution"), (3, "convolution"), (1, "max"), (3, "max")])
def test_on_a_narrow_page_everything_is_inside_and_large_enough_to_read(on_a_phone, width, channels, operation):
    page = on_a_phone(channels, operation, {"width": width, "height": 800})
    page.wait_for_timeout(100)
    assert page.evaluate(OUTSIDE) == 0
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert page.evaluate(SMALLEST) >= 14
    image, map_ = (page.get_by_role(role).first.bounding_box() for role in ("img", "application"))
    wide = image["x"] + image["width"] < map_["x"]
    assert wide or image["y"] < map_["y"] < page.locator(".numbers[aria-label^=window]").first.bounding_box()["y"]


def test_after_the_kernel_has_ended_each_place_is_still_shown(lab, browser):
    cells = [nbformat.v4.new_code_cell(source) for source in (SETUP, CELLS["convolution"])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=notebooks.METADATA), lab.folder / "ended.ipynb")
    page, raised = browser.new_page(viewport={"width": 1280, "height": 1000}), []
    page.on("pageerror", lambda error: raised.append(str(error)))
    lab.open(page, "ended.ipynb")
    lab.run_all(page)
    node = explorer_in(page, 1)
    map_ = node.get_by_role("application").first
    map_.hover(position={"x": 2, "y": 2})
    page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    map_.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert says(node).startswith("row 0, column 2: ") and raised == []
    page.close()


def test_opened_again_without_a_kernel_it_is_a_still_image_and_no_error(lab, browser):
    name = "04_pooling.ipynb"
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{lab.address}/lab/tree/{name}?reset")
    still = page.locator(".explorer-still img").first
    still.wait_for(state="attached", timeout=60_000)
    still.scroll_into_view_if_needed()
    assert still.evaluate("image => image.naturalWidth") > 300
    assert still.get_attribute("alt").startswith("Explorer: max pooling")
    assert page.get_by_text("Error displaying widget").count() == 0
    page.close()


def test_the_tab_key_leads_from_the_sliders_to_the_map_and_not_through_every_field(edited):
    page, node, _ = edited("convolution")
    node.get_by_role("slider", name="dilation").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "application"


def test_window_kernel_and_products_are_tables_with_rows(edited):
    _, node, explorer = edited("convolution")
    for name in ("window", "kernel", "products"):
        table = node.get_by_role("table", name=name, exact=True)
        assert table.get_by_role("row").count() == len(explorer.kernel)
        assert table.get_by_role("cell").count() == explorer.kernel.size
    assert node.get_by_role("img", name="image, 6 x 8 pixels").count() == 1


def test_what_is_read_aloud_is_the_last_place_alone(edited):
    page, node, _ = edited("convolution")
    map_, status = node.get_by_role("application").first, node.get_by_role("status")
    status.get_by_text("row 0, column 0").wait_for(state="attached")
    map_.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert "column 0" in status.text_content() and says(node).startswith("row 0, column 3")
    status.get_by_text("row 0, column 3").wait_for(state="attached")
