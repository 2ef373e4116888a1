"""explore: what goes to the browser and comes back, and what is refused. Its arithmetic is tested in tests/browser."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex

from coursetools.lesson import ROOT, lessons
from lessonlib import explore
from lessonlib.checking import Outcome
from lessonlib.explore import Explorer
from lessonlib.figures import palette

IMAGE, KERNEL = np.arange(48).reshape(6, 8), [[0, 1], [2, 3]]
COLOUR, COLOUR_KERNEL = np.ones((3, 6, 8)), np.ones((3, 2, 2))
POOLING = {"operation": "max", "kernel": None}
SCRIPT = Path(explore.__file__).with_suffix(".js").read_text(encoding="utf-8")


def values_of(explorer):
    image = explorer.get_state()["image"]
    return np.frombuffer(image["values"]).reshape(image["shape"])


@pytest.mark.parametrize("convert", [list, np.array, np.float32, torch.tensor])
def test_the_browser_gets_channels_whatever_the_image_came_as(convert):
    explorer = Explorer(convert(IMAGE.tolist()), convert(KERNEL))
    assert np.array_equal(values_of(explorer), IMAGE[None])
    assert explorer.get_state()["kernel"] == [KERNEL]
    assert np.array_equal(explorer.image, IMAGE) and np.array_equal(explorer.kernel, KERNEL)


def test_channels_arrive_in_their_order():
    image, kernel = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    explorer = Explorer(image, kernel[:, :2, :3])
    assert np.array_equal(values_of(explorer), image)
    assert np.array_equal(explorer.get_state()["kernel"], kernel[:, :2, :3])


def test_what_was_chosen_in_the_browser_can_be_read():
    explorer = Explorer(IMAGE, KERNEL)
    assert explorer.place == (0, 0)
    explorer.set_state({"place": [2, 3], "kernel": [[[0, 1], [2, -0.5]]], "stride": 2, "padding": 1, "dilation": 2})
    assert explorer.place == (2, 3) and explorer.kernel.tolist() == [[0, 1], [2, -0.5]]
    assert (explorer.stride, explorer.padding, explorer.dilation) == (2, 1, 2)
    pooling = Explorer(IMAGE, operation="max")
    pooling.set_state({"kernel_size": 3, "place": [1, 1]})
    assert pooling.kernel_size == 3 and pooling.place == (1, 1)


def test_python_may_change_a_setting_and_is_refused_what_does_not_fit():
    explorer = Explorer(IMAGE, KERNEL)
    explorer.kernel = torch.ones(3, 3)
    explorer.stride = np.int64(2)
    assert explorer.kernel.shape == (3, 3) and type(explorer.stride) is int
    with pytest.raises(ValueError, match="kernel_size is 3: with dilation 4 the kernel spans 9 pixels"):
        explorer.dilation = 4
    assert explorer.dilation == 1


def test_a_pooling_window_is_two_wide_and_steps_by_its_own_size_unless_told():
    assert Explorer(IMAGE, operation="max").kernel_size == Explorer(IMAGE, operation="max").stride == 2
    three = Explorer(IMAGE, kernel_size=3, operation="average")
    assert three.kernel_size == three.stride == 3 and three.kernel is None
    assert Explorer(IMAGE, kernel_size=3, stride=1, operation="average").stride == 1
    assert Explorer(IMAGE, KERNEL).stride == 1


@pytest.mark.parametrize(
    "explorer, text",
    [
        (Explorer(IMAGE, KERNEL, dilation=2), "convolution, image 6 x 8, window 2 x 2, stride 1, padding 0, map 4 x 6"),
        (Explorer(IMAGE, operation="max"), "max pooling, image 6 x 8, window 2 x 2, stride 2, padding 0, map 3 x 4"),
        (
            Explorer(COLOUR, COLOUR_KERNEL, padding=1),
            "convolution, image 3 x 6 x 8, window 2 x 2, stride 1, padding 1, map 7 x 9",
        ),
    ],
)
def test_its_text_says_what_it_explores(explorer, text):
    assert repr(explorer) == explorer._repr_mimebundle_()[0]["text/plain"] == f"Explorer: {text}"


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        ({"image": np.ones((6, 8, 3))}, r"image has the shape \(6, 8, 3\): channels come first, give \(3, 6, 8\)"),
        ({"image": np.ones((17, 6, 8)), "kernel": np.ones((17, 2, 2))}, "image has 17 channels: 16 can be explored"),
        ({"image": np.ones((999, 999)), "padding": 1}, "image has 1,002,001 pixels, with its padding: 1,000,000 can"),
        ({"image": np.ones((999, 999)), "kernel": np.ones((9, 9))}, "image has .* products under this window"),
        ({"kernel": None}, "kernel came as NoneType"),
        ({"kernel": COLOUR_KERNEL}, r"kernel has the shape \(3, 2, 2\): for an image of \(6, 8\) give \(rows, columns"),
        ({"image": COLOUR}, r"kernel has the shape \(2, 2\): .* give \(3, rows, columns\)"),
        ({"image": COLOUR, "kernel": COLOUR_KERNEL[:2]}, r"kernel has the shape \(2, 2, 2\): .* give \(3, rows"),
        ({"kernel": np.ones((7, 2))}, "kernel_size is 7: with dilation 1 the kernel spans 7 pixels"),
        ({"image": np.ones((30, 30)), "kernel": np.ones((21, 20))}, "kernel has 420 places in its window: 400 can be"),
        ({"stride": (1, 2)}, r"stride is \(1, 2\): give a whole number, 1 or larger"),
        ({"operation": "min"}, "operation is 'min': give one of convolution, max, average"),
        ({"operation": "max"}, "pooling has neither a kernel nor a dilation: give kernel_size"),
        (POOLING | {"dilation": 2}, "pooling has neither a kernel nor a dilation: give kernel_size"),
        (POOLING | {"kernel_size": 2.5}, "kernel_size is 2.5: give a whole number, 1 or larger"),
        (POOLING | {"kernel_size": 7}, r"kernel_size is \(7, 7\): a map of \(6, 8\)"),
        (POOLING | {"padding": 2}, r"padding is \(2, 2\): give at most half of kernel_size"),
    ],
)
def test_what_can_not_be_explored_is_refused_by_name(arguments, complaint):
    with pytest.raises(ValueError, match=complaint):
        Explorer(**{"image": IMAGE, "kernel": KERNEL} | arguments)


@pytest.mark.parametrize("name, steps", [("IMAGE", 2), ("SIGNED", 11), ("FEATURES", 11)])
def test_the_browser_paints_in_the_colours_of_the_course(name, steps):
    colours = matplotlib.colormaps[getattr(palette, name)](np.linspace(0, 1, steps))
    assert f'const {name} = ramp("{" ".join(map(to_hex, colours))}");' in SCRIPT
    assert f'const MARK = "{palette.MARK}";' in SCRIPT


def test_style_sheets_have_the_colours_of_figures_and_reports():
    for sheet in ("lessonlib/explore.css", "web/course.css"):
        assert palette.MARK in (ROOT / sheet).read_text(encoding="utf-8")
    assert all(outcome.colour in (ROOT / "web" / "course.css").read_text(encoding="utf-8") for outcome in Outcome)


def test_explorers_are_stored_as_words_that_stay_the_same():
    cells = [cell for lesson in lessons() for cell in lesson.notebook().cells]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    words = [output.data for output in outputs if output.get("data", {}).get("text/plain", "").startswith("Explorer:")]
    assert len(words) == sum("Explorer(" in cell.source for cell in cells) >= 3
    assert all(set(each) == {"text/plain", "text/html"} for each in words)
    assert not any(re.search("0x[0-9a-f]{6}|model_id", text) for each in words for text in each.values())


@pytest.mark.parametrize(
    "explorer", [Explorer(COLOUR, COLOUR_KERNEL, padding=1, dilation=2), Explorer(IMAGE, operation="average")]
)
def test_without_a_kernel_a_page_has_an_image_and_all_that_it_takes_to_run(explorer):
    still = ElementTree.fromstring(explorer._repr_mimebundle_()[0]["text/html"].replace("></div>", "/></div>"))
    image, settings, state = still.find("img"), json.loads(still.get("data-explorer")), explorer.get_state()
    assert image.get("src").startswith("data:image/png;base64,") and image.get("alt") == repr(explorer)
    pixels = settings.pop("image")
    assert np.array_equal(np.reshape(pixels["values"], pixels["shape"]), values_of(explorer))
    assert settings == {name: state[name] for name in explore.SETTINGS[1:]}


def test_a_large_image_is_stored_as_an_image_alone():
    assert "data-explorer" not in Explorer(np.ones((100, 100)), KERNEL)._still()
