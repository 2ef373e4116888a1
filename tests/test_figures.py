"""figures: every drawing has a caption, shows itself as a PNG, and refuses what it can't draw by name."""

import inspect
import subprocess
import sys
from io import BytesIO
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
import torch
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image
from torch import nn

from lessonlib import figures
from lessonlib.figures import charts

CAPTION = "The right pixel is white, the left one black."
SMALLEST = {
    figures.arrows: {"layers": [nn.Conv2d(1, 1, 1)]},
    figures.bank: {
        **{"image": [[[0]], [[0]], [[1]]], "filters": {"blue": [[[0]], [[0]], [[1]]]}, "maps": [[[1]]]},
        **{"places": [(0, 0)], "patch_size": 1},
    },
    figures.one_sum: {
        **{"channels": [[[0, 1]]], "slices": [[[1]]], "contributions": [[[0, 1]]], "total": [[0, 1]]},
    },
    figures.images: {"images": [[[0, 1]]]},
    figures.maps: {"arrays": [[[0, 1]]]},
    figures.numbers: {"arrays": [[[0, 1]]]},
    figures.zoom: {"image": [[0, 1]], "top": 0, "left": 0, "size": 1},
    figures.detector: {"image": [[0, 1]], "kernel": [[1]], "places": [(0, 0)], "responses": [0]},
    figures.curves: {"x": [1, 2], "lines": {"loss": [2, 1]}, "x_label": "epoch", "y_label": "loss"},
    figures.bars: {"groups": {"left": {"CNN": 0.9}}, "y_label": "accuracy"},
    figures.stacked_shares: {"rows": {"LeNet": {"convolution": 1, "linear": 2}}, "x_label": "share of the parameters"},
    figures.responses: {"cell": [[-1, 1]], "stimuli": [[[0, 1]]], "answers": [1], "titles": ["an edge"]},
    figures.tuning: {"angles": [0, 90], "cells": {"cell": ([[-1, 1]], [0, 1])}},
    figures.window: {"image": [[0, 1]], "kernel": [[2]], "result": [[0, 2]], "places": [(0, 1)]},
    figures.window_places: {"size": 2, "kernel_size": 1, "settings": [(1, 0, 1)]},
    figures.gallery: {"kernels": {"double": [[2]]}, "maps": [[[0, 1]]]},
    figures.filter_as_matrix: {"kernel": [[2]], "weights": [[2, 0], [0, 2]], "image_shape": (1, 2)},
    figures.to_scale: {"maps": [[[0, 1]]], "titles": ["map"]},
    figures.receptive_fields: {
        "image": np.ones((3, 1, 2)),
        "reached": [[[0, 1]]],
        "sizes": [1],
        "titles": ["conv1"],
    },
    figures.place_and_angle: {"offsets": [0, 1], "angles": [0, 90], "cells": {"cell": [[0, 1], [1, 0]]}},
    figures.network: {"steps": [("image", (1, 2, 2), 0, (1, 1)), ("linear", (2,), 10, (2, 2))]},
    figures.timeline: {"events": [(1998, "LeCun", "LeNet-5")]},
    figures.runs: {"groups": {"CNN": [0.8, 0.9]}, "x_label": "accuracy"},
    figures.maps_below: {"images": [[[0, 1]]], "maps": {"block 1": [[[0, 1]]]}},
    figures.confusion_matrix: {"counts": [[2, 1], [0, 3]], "digits": [[1, 1], [0, 2]]},
}
every_drawing = pytest.mark.parametrize("function", SMALLEST, ids=lambda function: function.__name__)


def draw(function, **changes):
    return function(**{**SMALLEST[function], "caption": CAPTION, **changes})


@pytest.fixture
def published(monkeypatch):
    """What a notebook would receive, as a list of outputs."""
    publisher = CapturingDisplayPublisher()
    monkeypatch.setattr(InteractiveShell, "initialized", lambda: True)
    monkeypatch.setattr(InteractiveShell, "instance", lambda: SimpleNamespace(display_pub=publisher))
    return publisher.outputs


def test_no_drawing_is_left_out_of_the_tests_below():
    functions = dict(inspect.getmembers(figures, inspect.isfunction))
    drawings = {name for name, each in functions.items() if "caption" in inspect.signature(each).parameters}
    assert drawings == {function.__name__ for function in SMALLEST}


@every_drawing
def test_the_smallest_input_gives_a_valid_png_with_the_same_bytes_each_time(function):
    drawing = draw(function)
    image = Image.open(BytesIO(drawing.png))
    image.load()
    assert image.format == "PNG" and min(image.size) > 50
    assert draw(function).png == drawing.png


@every_drawing
def test_a_caption_is_required(function):
    with pytest.raises(TypeError, match="caption"):
        function(**SMALLEST[function])


@pytest.mark.parametrize("caption", ["", " \n", None])
def test_a_caption_that_says_nothing_is_refused_before_anything_is_drawn(caption):
    for function in SMALLEST:
        with pytest.raises(ValueError, match="caption is"):
            function(*["nothing that could be drawn"], caption=caption)
    with pytest.raises(ValueError, match="caption is"):
        figures.CaptionedFigure(Figure(), caption)


def test_a_figure_shows_its_png_with_the_caption_as_alternative_text(published):
    drawing = draw(figures.images)
    drawing._ipython_display_()
    assert published[0]["data"] == {"image/png": drawing.png, "text/plain": f"Figure: {CAPTION}"}
    assert published[0]["metadata"] == {"image/png": {"alt": CAPTION}}


def test_the_caption_stands_below_the_figure_as_emphasised_text(published):
    draw(figures.images)._ipython_display_()
    assert [output["data"].get("text/markdown") for output in published] == [None, f"*{CAPTION}*"]


def test_a_figure_is_its_caption_where_only_text_can_be_shown():
    assert repr(draw(figures.images)) == f"Figure: {CAPTION}"


def test_drawing_never_imports_pyplot():
    code = (
        "import sys; from lessonlib import figures; figures.images([[[0, 1]]], caption='Black and white.');"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@every_drawing
def test_drawing_leaves_the_settings_of_matplotlib_as_they_were(function):
    before = matplotlib.rcParams.copy()
    draw(function)
    assert matplotlib.rcParams.copy() == before


SQUARE = np.array([[0.0, 0.5], [1.0, 0.25]])


@pytest.mark.parametrize(
    "convert",
    [
        pytest.param(np.ndarray.tolist, id="lists"),
        pytest.param(torch.from_numpy, id="tensors"),
        pytest.param(lambda array: nn.Parameter(torch.from_numpy(array)), id="weights"),
    ],
)
@pytest.mark.parametrize(
    "function, inputs",
    [
        pytest.param(figures.images, lambda square: {"images": [square]}, id="images"),
        pytest.param(figures.numbers, lambda square: {"arrays": [square]}, id="numbers"),
        pytest.param(figures.zoom, lambda square: {"image": square}, id="zoom"),
        pytest.param(figures.detector, lambda square: {"image": square, "kernel": square}, id="detector"),
        pytest.param(
            figures.one_sum,
            lambda square: {"channels": [square], "slices": [square], "contributions": [square], "total": square},
            id="one_sum",
        ),
        pytest.param(figures.curves, lambda square: {"x": square[0], "lines": {"loss": square[1]}}, id="curves"),
    ],
)
def test_lists_tensors_and_weights_are_drawn_as_arrays_are(function, inputs, convert):
    assert draw(function, **inputs(convert(SQUARE))).png == draw(function, **inputs(SQUARE)).png


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (3, 2, 3)], ids=str)
def test_images_may_be_grey_or_coloured(shape):
    black, white = draw(figures.images, images=[np.zeros(shape)]), draw(figures.images, images=[np.ones(shape)])
    assert black.png != white.png


NAN = [[0, np.nan]]
NAN_IN_COLOUR = np.full((3, 2, 2), np.nan)


@pytest.mark.parametrize(
    "function, named, changes",
    [
        (figures.images, "images", {"images": [np.zeros((2, 4, 4))]}),
        (figures.images, "images", {"images": [NAN]}),
        (figures.images, "images", {"images": [NAN_IN_COLOUR]}),
        (figures.images, "images", {"images": []}),
        (figures.images, "titles", {"titles": ["one", "two"]}),
        (figures.images, "columns", {"columns": -1}),
        (figures.maps, "arrays", {"arrays": []}),
        (figures.maps, "arrays", {"arrays": [NAN]}),
        (figures.maps, "titles", {"titles": []}),
        (figures.numbers, "arrays", {"arrays": [[0, 1]]}),
        (figures.numbers, "arrays", {"arrays": [NAN]}),
        (figures.numbers, "arrays", {"arrays": []}),
        (figures.numbers, "titles", {"titles": []}),
        (figures.numbers, "mark", {"mark": [None, None]}),
        (figures.zoom, "image", {"image": np.zeros((3, 4, 4))}),
        (figures.zoom, "image", {"image": NAN}),
        (figures.zoom, "size", {"size": 2}),
        (figures.zoom, "size", {"size": 0}),
        (figures.zoom, "top", {"image": np.eye(4), "top": -2}),
        (figures.detector, "image", {"image": [0, 1]}),
        (figures.detector, "image", {"image": NAN}),
        (figures.detector, "kernel", {"kernel": 1}),
        (figures.detector, "kernel", {"kernel": NAN}),
        (figures.detector, "places", {"places": [(0, 2)]}),
        (figures.detector, "places", {"places": []}),
        (figures.detector, "responses", {"responses": [1, 2]}),
        (figures.detector, "responses", {"responses": [np.nan]}),
        (figures.curves, "lines", {"lines": {"loss": [1]}}),
        (figures.curves, "lines", {"lines": {"loss": [[2, 1], [2, 1]]}}),
        (figures.curves, "lines", {"lines": {"loss": [2, np.nan]}}),
        (figures.curves, "x", {"x": [1, np.nan]}),
        (figures.bars, "groups", {"groups": {"left": {"CNN": np.nan}}}),
        (figures.bars, "groups", {"groups": {}}),
        (figures.bars, "groups", {"groups": {"left": {"CNN": 1}, "right": {"FFNN": 1}}}),
        (figures.stacked_shares, "rows", {"rows": {"LeNet": {"convolution": np.nan}}}),
        (figures.stacked_shares, "rows", {"rows": {}}),
        (figures.stacked_shares, "rows", {"rows": {"LeNet": {"convolution": 0}}}),
        (figures.responses, "stimuli", {"stimuli": []}),
        (figures.responses, "answers", {"answers": [1, 2]}),
        (figures.responses, "answers", {"answers": [np.nan]}),
        (figures.responses, "titles", {"titles": []}),
        (figures.tuning, "cells", {"cells": {}}),
        (figures.tuning, "cells", {"cells": {"cell": ([[-1, 1]], [0])}}),
        (figures.tuning, "angles", {"angles": [0, np.nan]}),
        (figures.window, "places", {"places": []}),
        (figures.window, "places", {"places": [(0, 2)]}),
        (figures.window, "places", {"places": [(-1, 0)]}),
        (figures.window, "result", {"result": NAN}),
        (figures.window_places, "settings", {"settings": []}),
        (figures.window_places, "size", {"size": 0}),
        (figures.window_places, "settings", {"settings": [(0, 0, 1)]}),
        (figures.window_places, "settings", {"settings": [(1, 0)]}),
        (figures.gallery, "kernels", {"kernels": {}}),
        (figures.gallery, "maps", {"maps": []}),
        (figures.filter_as_matrix, "weights", {"weights": [[1, 0, 0]]}),
        (figures.filter_as_matrix, "kernel", {"kernel": NAN}),
        (figures.network, "steps", {"steps": []}),
        (figures.network, "steps", {"steps": [("linear", (2,), 10, (2, 2))]}),
        (figures.network, "steps", {"steps": [("image", (2, 2), 0, (1, 1))]}),
        (figures.runs, "groups", {"groups": {}}),
        (figures.runs, "groups", {"groups": {"CNN": [np.nan]}}),
        (figures.maps_below, "images", {"images": []}),
        (figures.maps_below, "maps", {"maps": {"block 1": [NAN]}}),
        (figures.maps_below, "titles", {"titles": []}),
        (figures.confusion_matrix, "counts", {"counts": [[1, 2]]}),
        (figures.confusion_matrix, "counts", {"counts": NAN}),
        (figures.to_scale, "maps", {"maps": []}),
        (figures.to_scale, "maps", {"maps": [NAN]}),
        (figures.to_scale, "titles", {"titles": []}),
        (figures.receptive_fields, "image", {"image": np.ones(3)}),
        (figures.receptive_fields, "reached", {"reached": []}),
        (figures.receptive_fields, "reached", {"reached": [[[0, 0]]]}),
        (figures.receptive_fields, "reached", {"reached": [[[0, 1, 0]]]}),
        (figures.receptive_fields, "sizes", {"sizes": [1, 2]}),
        (figures.receptive_fields, "sizes", {"sizes": [np.nan]}),
        (figures.receptive_fields, "titles", {"titles": []}),
        (figures.place_and_angle, "cells", {"cells": {}}),
        (figures.place_and_angle, "cells", {"cells": {"cell": [[0, 1]]}}),
        (figures.place_and_angle, "angles", {"angles": [0, np.inf]}),
        (figures.place_and_angle, "offsets", {"offsets": [0, np.nan]}),
        (figures.arrows, "layers", {"layers": []}),
        (figures.arrows, "layers", {"layers": [nn.Linear(1, 1)]}),
        (figures.arrows, "layers", {"layers": [nn.Conv2d(1, 64, 1)]}),
        (figures.bank, "image", {"image": np.zeros((2, 4, 4))}),
        (figures.bank, "filters", {"filters": {"blue": [[1]]}}),
        (figures.bank, "filters", {"filters": {}}),
        (figures.bank, "maps", {"maps": []}),
        (figures.bank, "maps", {"maps": [NAN]}),
        (figures.bank, "places", {"places": []}),
        (figures.bank, "patch_size", {"patch_size": 2}),
        (figures.bank, "patch_size", {"patch_size": 0}),
        (figures.one_sum, "channels", {"channels": [[0, 1]]}),
        (figures.one_sum, "channels", {"channels": [[[0]], [[0, 1]]]}),
        (figures.one_sum, "slices", {"slices": np.ones((2, 1, 1))}),
        (figures.one_sum, "contributions", {"contributions": [NAN]}),
        (figures.one_sum, "contributions", {"contributions": []}),
        (figures.one_sum, "total", {"total": [0, 1]}),
    ],
)
def test_what_can_not_be_drawn_is_refused_by_name(function, named, changes):
    with pytest.raises(ValueError, match=rf"\b{named}\b"):
        draw(function, **changes)


@pytest.fixture
def lines():
    return matplotlib.rc_params_from_file(figures.STYLE, use_default_template=False)["axes.prop_cycle"].by_key()


def contrast_with_white(colour):
    """The contrast ratio of WCAG 2, from 1 to 21."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 1.05 / (np.dot(linear, [0.2126, 0.7152, 0.0722]) + 0.05)


def test_every_line_colour_stands_out_from_white(lines):
    assert min(map(contrast_with_white, lines["color"])) >= 3


def test_no_two_lines_share_a_colour_or_a_style(lines):
    assert len(set(lines["color"])) == len(set(map(str, lines["linestyle"]))) == len(lines["color"])


def test_lines_that_end_at_one_place_are_labelled_one_above_the_other():
    axis = Figure().subplots()
    charts._label_ends(axis, 1, {"third": (0.9, "k"), "first": (0.5, "k"), "second": (0.5, "k")})
    assert [label.get_text() for label in axis.texts] == [" first", " second", " third"]
    assert [label.xyann[1] for label in axis.texts] == pytest.approx([0, 13, 0])


def test_chance_is_drawn_and_the_shares_are_in_percent():
    lines = {"CNN": [0.9, 0.9]}
    assert draw(figures.curves, lines=lines, chance=0.1).png != draw(figures.curves, lines=lines).png


def test_an_axis_of_shares_begins_where_it_is_told_unless_a_line_goes_lower():
    high, low = ({"CNN": [share, 0.95]} for share in (0.9, 0.1))
    assert draw(figures.curves, lines=high, bottom=0.8).png != draw(figures.curves, lines=high, bottom=0).png
    assert draw(figures.curves, lines=low, bottom=0.8).png == draw(figures.curves, lines=low, bottom=0.1).png


def test_small_arrays_are_grey_from_0_on():
    drawn = figures.numbers([[[2, 4]]], caption=CAPTION).png
    brightness = np.asarray(Image.open(BytesIO(drawn)).convert("L")).astype(int)
    assert (abs(brightness - 127) < 4).sum() > 300  # the cell of the 2, half way to the white one
