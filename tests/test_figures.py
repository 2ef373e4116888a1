"""figures: every drawing has a caption, shows itself as a PNG, and looks the same whatever a student has set."""

import inspect
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import matplotlib
import numpy as np
import pytest
import torch
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from matplotlib.figure import Figure
from PIL import Image
from torch import nn

from lessonlib import figures
from lessonlib.figures import canvas, charts

CAPTION = "The right pixel is white, the left one black."
LINES = matplotlib.rc_params_from_file(figures.STYLE, use_default_template=False)["axes.prop_cycle"].by_key()


def draw():
    return figures.images([[[0, 1]]], titles=["two"], caption=CAPTION)


def test_a_figure_shows_its_png_with_the_caption_below_and_as_alternative_text(monkeypatch):
    publisher = CapturingDisplayPublisher()
    monkeypatch.setattr(InteractiveShell, "initialized", lambda: True)
    monkeypatch.setattr(InteractiveShell, "instance", lambda: SimpleNamespace(display_pub=publisher))
    draw()._ipython_display_()
    image, words = publisher.outputs
    assert image["data"] == {"image/png": draw().png, "text/plain": f"Figure\n{CAPTION}"}
    assert image["metadata"] == {"image/png": {"alt": CAPTION}}
    assert words["data"] == {"text/markdown": f"*{CAPTION}*", "text/plain": CAPTION}


def test_the_png_is_as_wide_as_a_cell_and_has_few_colours_but_where_scales_of_colours_meet():
    image = Image.open(BytesIO(draw().png))
    assert image.format == "PNG" and image.width == round(110 * canvas.WIDTH)
    assert len(image.getcolors()) <= 64
    ramp = np.linspace(-1, 1, 100).reshape(10, 10)
    mixed = figures.maps_below([abs(ramp)], {"signed": [ramp], "from 0": [abs(ramp)]}, caption=CAPTION)
    assert len(Image.open(BytesIO(mixed.png)).getcolors()) > 64


def test_every_drawing_asks_for_a_caption_by_name():
    for name in set(figures.__all__) - {"STYLE", "CaptionedFigure"}:
        caption = inspect.signature(getattr(figures, name)).parameters["caption"]
        assert caption.kind == caption.KEYWORD_ONLY and caption.default is caption.empty, name


def test_a_student_s_settings_of_matplotlib_change_no_drawing_and_stay_as_they_are():
    usual = draw().png
    with matplotlib.rc_context({"font.size": 30, "axes.titlecolor": "red"}):
        assert draw().png == usual
        assert matplotlib.rcParams["font.size"] == 30


def test_no_drawing_needs_pyplot():
    assert not any("pyplot" in path.read_text(encoding="utf-8") for path in figures.STYLE.parent.glob("*.py"))


def test_a_figure_can_be_saved_in_another_form(tmp_path):
    draw().figure.savefig(tmp_path / "image.svg")
    assert Path(tmp_path, "image.svg").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize("convert", [list, np.float32, torch.tensor, lambda rows: nn.Parameter(torch.tensor(rows))])
def test_lists_tensors_and_weights_become_arrays(convert):
    array = canvas.as_array(convert([[0.0, 0.5], [1.0, 0.25]]))
    assert type(array) is np.ndarray and array.tolist() == [[0, 0.5], [1, 0.25]]


@pytest.mark.parametrize("shape, turned", [((2, 5), (2, 5)), ((1, 2, 5), (2, 5, 1)), ((3, 2, 5), (2, 5, 3))])
def test_the_channels_of_an_image_come_last_where_it_is_drawn(shape, turned):
    assert canvas.as_image(np.zeros(shape)).shape == turned


def test_every_line_stands_out_from_white_and_from_the_others_without_its_colour(contrast_with_white):
    assert min(map(contrast_with_white, LINES["color"])) >= 3
    assert len(set(LINES["color"])) == len(set(map(str, LINES["linestyle"]))) == len(LINES["color"])


def test_lines_that_end_at_one_place_are_labelled_one_above_the_other():
    axis = Figure().subplots()
    charts._label_ends(axis, 1, {"third": (0.9, "k"), "first": (0.5, "k"), "second": (0.5, "k")})
    assert [label.get_text() for label in axis.texts] == [" first", " second", " third"]
    assert [label.xyann[1] for label in axis.texts] == pytest.approx([0, 13, 0])
