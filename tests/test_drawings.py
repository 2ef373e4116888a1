"""What each drawing shows, read from its figure: one that is transposed, mirrored, shifted or swapped fails here.

A picture that is wrong under a right caption is seen by nobody else. Each drawing has a test of its name.
"""

import sys

import matplotlib.patches
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.container import BarContainer
from matplotlib.text import Annotation, Text
from torch import nn

from lessonlib import figures
from lessonlib.figures.canvas import is_drawing

CAPTION = "What there is to see."
LEFT_DARK = np.array([[0.0, 0.5, 1.0], [0.2, 0.4, 0.6]])  # no row, column or turn of it is like another
SIGNED = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -0.25]])


def shown(figure):
    """The arrays of all images of a figure, axis by axis."""
    return [np.asarray(image.get_array()) for axis in figure.axes for image in axis.images]


def written(thing):
    """All that is written into a figure or an axis."""
    return [text.get_text().strip() for text in thing.findobj(Text) if text.get_text().strip()]


def in_cells(axis):
    """{(row, column): what is written there}."""
    return {(round(y), round(x)): text.get_text() for text in axis.texts for x, y in [text.get_position()]}


def boxes(axis):
    """(row, column, height, width) of each frame around pixels."""
    rectangles = [each for each in axis.patches if isinstance(each, matplotlib.patches.Rectangle)]
    return [(r.get_y() + 0.5, r.get_x() + 0.5, r.get_height(), r.get_width()) for r in rectangles]


def heights(axis):
    return [bar.get_height() for group in axis.containers if isinstance(group, BarContainer) for bar in group]


def widths(axis):
    return [bar.get_width() for group in axis.containers if isinstance(group, BarContainer) for bar in group]


def lines(axis):
    return [np.asarray(line.get_xydata()) for line in axis.lines]


def stands_upright(axis):
    """The first row above, the first column on the left."""
    return axis.yaxis_inverted() and not axis.xaxis_inverted()


def test_every_drawing_has_a_test_of_its_name():
    drawings = [name for name in figures.__all__ if is_drawing(getattr(figures, name))]
    tests = [name.removeprefix("test_") for name in vars(sys.modules[__name__]) if name.startswith("test_")]
    assert len(drawings) > 20
    assert [name for name in drawings if not any(test.startswith(f"{name}_shows") for test in tests)] == []


def test_a_figure_can_be_saved_in_another_form(tmp_path):
    drawing = figures.images([LEFT_DARK], caption=CAPTION)
    drawing.figure.savefig(tmp_path / "image.svg")
    assert (tmp_path / "image.svg").read_text().startswith("<?xml")


def test_images_shows_grey_and_colour_upright_from_0_to_1():
    colour = np.stack([LEFT_DARK, 0 * LEFT_DARK, 1 - LEFT_DARK])
    figure = figures.images([LEFT_DARK, colour], titles=["grey", "colour"], caption=CAPTION).figure
    grey, coloured = shown(figure)
    assert (grey == LEFT_DARK).all() and (coloured == colour.transpose(1, 2, 0)).all()
    assert all(map(stands_upright, figure.axes)) and figure.axes[0].images[0].get_clim() == (0, 1)
    assert [axis.get_title() for axis in figure.axes] == ["grey", "colour"]


def test_maps_shows_all_in_one_scale_around_0_where_there_are_signs():
    figure = figures.maps([SIGNED, 2 * SIGNED], caption=CAPTION).figure
    assert all((found == right).all() for found, right in zip(shown(figure), [SIGNED, 2 * SIGNED], strict=True))
    assert {axis.images[0].get_clim() for axis in figure.axes} == {(-6, 6)} and all(map(stands_upright, figure.axes))
    (of_one_sign,) = figures.maps([LEFT_DARK], caption=CAPTION).figure.axes
    assert of_one_sign.images[0].get_clim() == (0, 1)


def test_numbers_shows_each_value_in_its_cell_and_the_frame_around_its_part():
    (axis,) = figures.numbers([SIGNED], signed=True, digits=2, mark=(0, 1, 2, 1), caption=CAPTION).figure.axes
    assert in_cells(axis) == {place: f"{value:.2f}" for place, value in np.ndenumerate(SIGNED)}
    assert (0, 1, 2, 1) in boxes(axis) and stands_upright(axis) and axis.images[0].get_clim() == (-3, 3)


def test_zoom_shows_the_pixels_of_the_frame():
    image = np.arange(12).reshape(3, 4) / 255
    whole, part = figures.zoom(image, 1, 2, 2, caption=CAPTION).figure.axes
    assert (whole.images[0].get_array() == image).all() and boxes(whole) == [(1, 2, 2, 2)]
    assert in_cells(part) == {(0, 0): "6", (0, 1): "7", (1, 0): "10", (1, 1): "11"} and stands_upright(part)


def test_detector_shows_each_patch_with_its_own_response():
    image, kernel = np.arange(20).reshape(4, 5) / 20, np.array([[-1.0, 1.0]])
    figure = figures.detector(image, kernel, [(0, 1), (3, 2)], [0.25, -0.5], caption=CAPTION).figure
    whole, *rows = figure.axes
    assert boxes(whole) == [(0, 1, 1, 2), (3, 2, 1, 2)]
    for (patch, weights, bar), (row, column), response in zip(
        [rows[:3], rows[3:]], [(0, 1), (3, 2)], [0.25, -0.5], strict=True
    ):
        assert (patch.images[0].get_array() == image[row : row + 1, column : column + 2]).all()
        assert (weights.images[0].get_array() == kernel).all()
        assert widths(bar) == [response] and f"{response:+.2f}" in written(bar)


def test_curves_shows_each_line_with_its_name_at_its_end():
    figure = figures.curves(
        [1, 10], {"a": [0.2, 0.9], "b": [0.4, 0.1]}, chance=0.5, x_label="x", y_label="y", caption=CAPTION
    )
    (axis,) = figure.figure.axes
    assert [line.tolist() for line in lines(axis)] == [
        [[1, 0.2], [10, 0.9]],
        [[1, 0.4], [10, 0.1]],
        [[1, 0.5], [10, 0.5]],
    ]
    ends = {text.get_text().strip(): text.xy[1] for text in axis.texts if isinstance(text, Annotation)}
    assert ends == {"a": 0.9, "b": 0.1, "chance": 0.5}
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("x", "y") and not axis.yaxis_inverted()


def test_curves_shows_powers_at_equal_distances_where_log_is_true():
    (axis,) = figures.curves(
        [1, 10, 100], {"a": [1, 10, 100]}, log=True, x_label="x", y_label="y", caption=CAPTION
    ).figure.axes
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log")


def test_bars_shows_each_share_above_the_name_of_its_group():
    groups = {"left": {"FFNN": 0.9, "CNN": 0.5}, "right": {"FFNN": 0.1, "CNN": 0.7}}
    (axis,) = figures.bars(groups, y_label="accuracy", chance=0.3, caption=CAPTION).figure.axes
    bars = {
        (container.get_label(), round(bar.get_x() + bar.get_width() / 2)): bar.get_height()
        for container in axis.containers
        for bar in container
    }
    assert bars == {("FFNN", 0): 0.9, ("FFNN", 1): 0.1, ("CNN", 0): 0.5, ("CNN", 1): 0.7}
    assert [label.get_text() for label in axis.get_xticklabels()] == ["left", "right"]
    assert {"90%", "10%", "50%", "70%", "chance"} <= set(written(axis)) and lines(axis)[0][:, 1].tolist() == [0.3, 0.3]
    assert len({container[0].get_hatch() for container in axis.containers}) == 2  # told apart without colours


def test_runs_shows_a_dot_for_each_run_and_their_mean():
    (axis,) = figures.runs(
        {"CNN": [0.8, 0.9], "FFNN": [0.2, 0.4]}, x_label="accuracy", chance=0.1, caption=CAPTION
    ).figure.axes
    mean, dots, other_mean, other_dots, chance = lines(axis)
    assert mean[-1].tolist() == pytest.approx([0.85, 0]) and dots.tolist() == [[0.8, 0], [0.9, 0]]
    assert other_mean[-1].tolist() == pytest.approx([0.3, 1]) and other_dots.tolist() == [[0.2, 1], [0.4, 1]]
    assert chance[:, 0].tolist() == [0.1, 0.1] and {"85%", "30%"} <= set(written(axis))
    assert [label.get_text() for label in axis.get_yticklabels()] == ["CNN", "FFNN"]


def test_stacked_shares_shows_the_parts_one_after_the_other():
    rows = {"LeNet": {"convolution": 1, "linear": 3}, "VGG": {"convolution": 1, "linear": 1}}
    (axis,) = figures.stacked_shares(rows, x_label="share", caption=CAPTION).figure.axes
    starts = [(bar.get_x(), bar.get_width()) for container in axis.containers for bar in container]
    assert starts == [(0, 0.25), (0, 0.5), (0.25, 0.75), (0.5, 0.5)]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["LeNet", "VGG"] and axis.yaxis_inverted()
    lightness = [
        np.dot(to_rgb(container[0].get_facecolor()), [0.2126, 0.7152, 0.0722]) for container in axis.containers
    ]
    assert lightness == sorted(lightness) and np.diff(lightness).min() > 0.1  # told apart in grey, too


def test_responses_shows_each_answer_below_its_stimulus():
    figure = figures.responses(SIGNED, [LEFT_DARK, 1 - LEFT_DARK], [0.5, 2], titles=["a", "b"], caption=CAPTION).figure
    cell, *above = figure.axes[:3]
    assert (cell.images[0].get_array() == SIGNED).all()
    assert [axis.get_title() for axis in above] == ["a", "b"]
    assert (above[1].images[0].get_array() == 1 - LEFT_DARK).all()
    assert [heights(axis) for axis in figure.axes[4:]] == [[0.5], [2]]


def test_tuning_shows_the_preferred_angle_of_each_cell():
    cells = {"a": (SIGNED, [0, 2, 1]), "b": (LEFT_DARK, [3, 0, 1])}
    *weights, axis = sorted(
        figures.tuning([0, 45, 90], cells, caption=CAPTION).figure.axes, key=lambda each: not each.images
    )
    assert all((each.images[0].get_array() == of).all() for each, (of, _) in zip(weights, cells.values(), strict=True))
    assert [line[:, 1].tolist() for line in lines(axis)] == [[0, 2, 1], [3, 0, 1]]
    assert {"a: 45°", "b: 0°"} <= set(written(axis))


def test_window_shows_the_sum_of_its_place_and_nothing_of_the_places_to_come():
    image, kernel = np.arange(9.0).reshape(3, 3), np.array([[0.0, 1.0], [2.0, 3.0]])
    result = np.array([[19.0, 25.0], [37.0, 43.0]])
    whole, patch, weights, products, found = figures.window(
        image, kernel, result, [(0, 1)], caption=CAPTION
    ).figure.axes[::2]
    assert boxes(whole) == [(0, 1, 2, 2)] and boxes(found) == [(0, 1, 1, 1)]
    assert patch.images[0].get_array().tolist() == [[1, 2], [4, 5]] and weights.images[0].get_array().tolist() == [
        [0, 1],
        [2, 3],
    ]
    assert products.images[0].get_array().tolist() == [[0, 2], [8, 15]]
    assert in_cells(found) == {(0, 0): "19", (0, 1): "25"}
    assert weights.get_xlabel() == "1 × 0 + 2 × 1 + 4 × 2 + 5 × 3 = 25"


def test_window_places_shows_where_the_weights_lie():
    (axis,) = figures.window_places(5, 2, [(2, 1, 3)], caption=CAPTION).figure.axes
    assert [(box[1], patch.get_fill()) for box, patch in zip(boxes(axis), axis.patches, strict=True)] == [
        (at, 0 <= at < 5) for at in range(-1, 6)
    ]
    assert [(line[:, 0] + 0.05).round(2).tolist() for line in lines(axis)] == [[-1, 2], [1, 4]]
    assert axis.get_title().endswith(": 2 places")


def test_gallery_shows_each_kernel_above_its_map():
    kernels = {"edge": [[1, -1]], "half": [[0.5, 0.5]]}
    figure = figures.gallery(kernels, [SIGNED, LEFT_DARK], columns=2, caption=CAPTION).figure
    first, second, below_first, below_second = figure.axes
    assert [first.get_title(), second.get_title()] == ["edge", "half"] and written(second)[:2] == ["1/2", "1/2"]
    assert (below_first.images[0].get_array() == SIGNED).all() and below_first.images[0].get_clim()[0] < 0
    assert (below_second.images[0].get_array() == LEFT_DARK).all() and below_second.images[0].get_clim() == (0, 1)


def test_filter_as_matrix_shows_a_line_after_each_row_of_the_image():
    weights = np.arange(12).reshape(2, 6)
    left, right = figures.filter_as_matrix(SIGNED, weights, (2, 3), caption=CAPTION).figure.axes
    assert (left.images[0].get_array() == SIGNED).all() and (right.images[0].get_array() == weights).all()
    assert boxes(right) == [(0, 0, 1, 6)] and stands_upright(right)
    upright = [
        segment[:, 0].tolist()
        for lines in right.collections
        for segment in lines.get_segments()
        if segment[0, 0] == segment[1, 0]
    ]
    assert upright == [[2.5, 2.5]]


def test_to_scale_shows_pixels_of_one_size_above():
    top, *below = figures.to_scale([LEFT_DARK, np.ones((4, 6))], titles=["small", "large"], caption=CAPTION).figure.axes
    extents = [image.get_extent() for image in top.images]
    assert [(right - left, bottom - above) for left, right, bottom, above in extents] == [(3, 2), (6, 4)]
    assert extents[0][1] < extents[1][0] and {"small\n2 x 3", "large\n4 x 6"} <= set(written(top))
    assert [axis.get_title() for axis in below] == ["small", "large"]


def test_receptive_fields_shows_in_colour_what_is_reached_and_frames_what_the_formula_says():
    image, reached = np.zeros((3, 4, 5)), np.zeros((4, 5))
    image[0], reached[1:3, 2:4] = 1, 1
    (axis,) = figures.receptive_fields(image, [reached], [2], titles=["conv"], columns=1, caption=CAPTION).figure.axes
    pixels = axis.images[0].get_array()
    assert ((pixels == [1, 0, 0]).all(axis=2) == reached.astype(bool)).all() and boxes(axis) == [(1, 2, 2, 2)]


def test_place_and_angle_shows_places_to_the_right_and_angles_upwards():
    responses = np.array([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]])
    axis, _ = figures.place_and_angle([-1, 0, 1], [0, 90], {"cell": responses}, caption=CAPTION).figure.axes
    (mesh,) = axis.collections
    assert np.asarray(mesh.get_array()).reshape(2, 3).tolist() == responses.tolist()
    corners = mesh.get_coordinates()
    assert corners[0, 0].tolist() == [-1.5, -45] and corners[-1, -1].tolist() == [1.5, 135]
    assert not axis.yaxis_inverted() and not axis.xaxis_inverted()


def test_network_shows_shapes_to_scale_with_what_they_cost_and_see():
    steps = [("image", (1, 8, 4), 0, (1, 1)), ("conv", (2, 4, 2), 1234, (3, 3)), ("linear", (10,), 50, (8, 4))]
    (axis,) = figures.network(steps, caption=CAPTION).figure.axes
    faces = [each for each in axis.patches if isinstance(each, matplotlib.patches.Rectangle)]
    image, conv = faces[0], faces[3]
    assert image.get_height() == pytest.approx(2 * conv.get_height()) and image.get_height() == 2 * image.get_width()
    assert {"1,234", "50", "1 map\n8 x 4", "2 maps\n4 x 2", "10\nvalues", "3 x 3", "all"} <= set(written(axis))


def test_timeline_shows_the_years_true_to_time_from_top_to_bottom():
    events = [(1959, "Hubel", "cells"), (1969, "Fukushima", "layers"), (1999, "Riesenhuber", "HMAX")]
    (axis,) = figures.timeline(events, caption=CAPTION).figure.axes
    first, second, third = [line[0, 1] for line in lines(axis) if len(line) == 1]
    assert first > second > third and (second - third) / (first - second) == pytest.approx(3)
    rows = {text.get_text(): text.get_position()[1] for text in axis.texts}
    assert rows["1959"] == rows["Hubel"] == rows["cells"] > rows["1969"] == rows["layers"] > rows["HMAX"]


def test_one_sum_shows_each_channel_with_its_slice_and_its_contribution():
    channels, slices = np.stack([LEFT_DARK, LEFT_DARK / 2]), np.stack([SIGNED, -SIGNED])
    figure = figures.one_sum(channels, slices, slices * 2, SIGNED * 3, caption=CAPTION).figure
    found = shown(figure)
    right = [channels[0], slices[0], 2 * slices[0], channels[1], slices[1], 2 * slices[1], SIGNED * 3]
    assert all((one == other).all() for one, other in zip(found, right, strict=True))
    assert figure.axes[-1].get_title() == "one sum, one map"


def test_bank_shows_each_map_with_its_slices_and_the_patch_around_its_place():
    image = np.arange(75).reshape(3, 5, 5) / 75
    filters = {"a": np.ones((3, 2, 1)), "b": -np.ones((3, 2, 1))}
    maps, places = [np.eye(4, 5), 2 * np.eye(4, 5)], [(1, 1), (3, 4)]
    figure = figures.bank(image, filters, maps, places, 2, caption=CAPTION).figure
    slices, found, patches = figure.axes[:2], figure.axes[2:4], figure.axes[4:]
    assert [axis.get_title() for axis in slices] == ["a", "b"]
    assert [np.nanmax(axis.images[0].get_array()) for axis in slices] == [1, -1]
    assert all((axis.images[0].get_array() == right).all() for axis, right in zip(found, maps, strict=True))
    assert [boxes(axis) for axis in found] == [[(0, 0, 2, 2)], [(2, 3, 2, 2)]]
    assert (patches[1].images[0].get_array() == image.transpose(1, 2, 0)[2:4, 3:5]).all()
    assert boxes(patches[1])[0] == (1, 1, 2, 1)


def test_arrows_shows_which_maps_each_filter_looks_at():
    (axis,) = figures.arrows([nn.Conv2d(4, 2, 3, groups=2)], caption=CAPTION).figure.axes
    arrows = [(text.xyann[1], text.xy[1]) for text in axis.texts if isinstance(text, Annotation)]
    assert [(round(start, 3), round(end, 3)) for start, end in arrows] == [
        (0.875, 0.75), (0.625, 0.75), (0.375, 0.25), (0.125, 0.25)
    ]  # fmt: skip
    assert axis.get_xlabel() == "4 arrows of 3 x 3 weights\n+ 2 biases = 38 parameters"
    assert axis.get_title() == "Conv2d(4, 2, 3, groups=2)"


def test_maps_below_shows_the_maps_of_a_row_below_their_images():
    figure = figures.maps_below(
        [LEFT_DARK, 1 - LEFT_DARK], {"conv": [SIGNED, 2 * SIGNED]}, titles=["a", "b"], caption=CAPTION
    ).figure
    right = [LEFT_DARK, 1 - LEFT_DARK, SIGNED, 2 * SIGNED]
    assert all((one == other).all() for one, other in zip(shown(figure), right, strict=True))
    assert figure.axes[2].get_ylabel() == "conv" and figure.axes[2].images[0].get_clim() == (-6, 6)


def test_confusion_matrix_shows_labels_downwards_and_answers_to_the_right():
    (axis,) = figures.confusion_matrix([[5, 2], [1, 7]], [[5, 1], [1, 6]], caption=CAPTION).figure.axes
    assert in_cells(axis) == {(0, 0): "5", (0, 1): "2 (1)", (1, 0): "1 (1)", (1, 1): "7"}
    assert (axis.get_xlabel(), axis.get_ylabel()) == ("answer of the network", "label") and stands_upright(axis)
    assert axis.images[0].get_array().tolist() == [[0, 2], [1, 0]]
