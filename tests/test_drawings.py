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
from lessonlib.claims import interval
from lessonlib.figures.canvas import is_drawing

LEFT_DARK = np.array([[0.0, 0.5, 1.0], [0.2, 0.4, 0.6]])  # no row, column or turn of it is like another
SIGNED = np.array([[1.0, -2.0, 3.0], [0.5, 0.0, -0.25]])


def axes_of(drawing, *inputs, **settings):
    return drawing(*inputs, **settings, caption="What there is to see.").figure.axes


def show(axes, *arrays):
    """Do the axes show these arrays, in this order, and all of them upright?"""
    images = [image for axis in axes for image in axis.images]
    upright = all(image.axes.yaxis_inverted() and not image.axes.xaxis_inverted() for image in images)
    pairs = zip(images, arrays, strict=True)
    return upright and all(np.array_equal(image.get_array(), array) for image, array in pairs)


def limits(axis):
    """The values at the ends of its colours."""
    return axis.images[0].get_clim()


def written(axis):
    return {text.get_text().strip() for text in axis.findobj(Text)}


def in_cells(axis):
    """{(row, column): what is written there}."""
    return {(round(y), round(x)): text.get_text() for text in axis.texts for x, y in [text.get_position()]}


def frames(axis):
    """(row, column, height, width) of each frame around pixels."""
    boxes = [each for each in axis.patches if isinstance(each, matplotlib.patches.Rectangle)]
    return [(box.get_y() + 0.5, box.get_x() + 0.5, box.get_height(), box.get_width()) for box in boxes]


def bars(axis):
    return [bar for group in axis.containers if isinstance(group, BarContainer) for bar in group]


def lines(axis):
    return [line.get_xydata().tolist() for line in axis.lines]


def test_every_drawing_has_a_test_of_its_name():
    drawings = [name for name in figures.__all__ if is_drawing(getattr(figures, name))]
    tests = [name.removeprefix("test_") for name in vars(sys.modules[__name__]) if name.startswith("test_")]
    assert len(drawings) > 20
    assert [name for name in drawings if not any(test.startswith(f"{name}_shows") for test in tests)] == []


def test_images_shows_grey_and_colour_upright_from_0_to_1():
    colour = np.stack([LEFT_DARK, 0 * LEFT_DARK, 1 - LEFT_DARK])
    axes = axes_of(figures.images, [LEFT_DARK[None], colour], titles=["grey", "colour"])
    assert show(axes, LEFT_DARK, colour.transpose(1, 2, 0)) and limits(axes[0]) == (0, 1)
    assert [axis.get_title() for axis in axes] == ["grey", "colour"]


def test_maps_shows_all_in_one_scale_around_0_where_there_are_signs():
    axes = axes_of(figures.maps, [SIGNED, 2 * SIGNED])
    assert show(axes, SIGNED, 2 * SIGNED) and {limits(axis) for axis in axes} == {(-6, 6)}
    assert limits(*axes_of(figures.maps, [LEFT_DARK])) == (0, 1)


def test_maps_shows_0_white_where_it_is_asked_to():
    axes = axes_of(figures.maps, [0 * LEFT_DARK, LEFT_DARK], signed=True)
    assert {limits(axis) for axis in axes} == {(-1, 1)}
    image = axes[0].images[0]
    assert np.allclose(image.cmap(image.norm(0.0))[:3], 1, atol=0.05)


def test_numbers_shows_each_value_in_its_cell_and_the_frame_around_its_part():
    (axis,) = axes_of(figures.numbers, [SIGNED], signed=True, digits=2, mark=(0, 1, 2, 1))
    assert in_cells(axis) == {place: f"{value:.2f}" for place, value in np.ndenumerate(SIGNED)}
    assert (0, 1, 2, 1) in frames(axis) and show([axis], SIGNED) and limits(axis) == (-3, 3)
    assert limits(*axes_of(figures.numbers, [[[2, 4]]])) == (0, 4)


def test_zoom_shows_the_pixels_of_the_frame():
    whole, part = axes_of(figures.zoom, np.arange(12).reshape(3, 4) / 255, 1, 2, 2)
    assert frames(whole) == [(1, 2, 2, 2)] and show([part], [[6, 7], [10, 11]])
    assert in_cells(part) == {(0, 0): "6", (0, 1): "7", (1, 0): "10", (1, 1): "11"}


def test_detector_shows_each_patch_with_its_own_response():
    image, kernel = np.arange(20).reshape(4, 5) / 20, np.array([[-1.0, 1.0]])
    whole, *cells = axes_of(figures.detector, image, kernel, [(0, 1), (3, 2)], [0.25, -0.5])
    assert frames(whole) == [(0, 1, 1, 2), (3, 2, 1, 2)]
    assert show(cells, image[:1, 1:3], kernel, image[3:, 2:4], kernel)
    assert [bar.get_width() for bar in [*bars(cells[2]), *bars(cells[5])]] == [0.25, -0.5]
    assert "+0.25" in written(cells[2]) and "-0.50" in written(cells[5])


def test_closed_boxes_shows_what_is_inside_and_how_many_parameters():
    axes = axes_of(figures.closed_boxes, LEFT_DARK, {"A": 1234, "B": 5}, {"A": "filters", "B": "weights"})
    first, second = axes
    assert {"A", "filters", "1,234 parameters"} <= written(first) and {"B", "weights", "5 parameters"} <= written(
        second
    )
    assert show([*first.child_axes, *second.child_axes], LEFT_DARK, LEFT_DARK)


def test_curves_shows_each_line_with_its_name_at_its_end():
    shares = {"a": [0.2, 0.9], "b": [0.4, 0.1]}
    (axis,) = axes_of(figures.curves, [1, 10], shares, chance=0.5, x_label="x", y_label="y")
    assert lines(axis) == [[[1, 0.2], [10, 0.9]], [[1, 0.4], [10, 0.1]], [[1, 0.5], [10, 0.5]]]
    ends = {text.get_text().strip(): text.xy[1] for text in axis.texts if isinstance(text, Annotation)}
    assert ends == {"a": 0.9, "b": 0.1, "chance": 0.5} and not axis.yaxis_inverted()
    assert {"x", "y", "0%", "100%"} <= written(axis)


@pytest.mark.parametrize("lowest, begins", [(0.9, 0.8), (0.1, 0.1)])
def test_curves_shows_shares_from_the_bottom_that_is_told_unless_a_line_goes_lower(lowest, begins):
    (axis,) = axes_of(figures.curves, [1, 2], {"a": [lowest, 0.95]}, bottom=0.8, x_label="x", y_label="y")
    assert axis.get_ylim()[0] == begins


def test_curves_shows_powers_at_equal_distances_where_log_is_true():
    (axis,) = axes_of(figures.curves, [1, 10], {"a": [1, 10]}, log=True, x_ticks=[1, 10], x_label="x", y_label="y")
    assert (axis.get_xscale(), axis.get_yscale()) == ("log", "log") and axis.get_xticks().tolist() == [1, 10]


def test_bars_shows_each_share_above_the_name_of_its_group():
    groups = {"left": {"FFNN": 0.9, "CNN": 0.5}, "right": {"FFNN": 0.1, "CNN": 0.7}}
    (axis,) = axes_of(figures.bars, groups, y_label="accuracy", chance=0.3)
    heights = {
        (group.get_label(), round(bar.get_center()[0])): bar.get_height() for group in axis.containers for bar in group
    }
    assert heights == {("FFNN", 0): 0.9, ("FFNN", 1): 0.1, ("CNN", 0): 0.5, ("CNN", 1): 0.7}
    assert [label.get_text() for label in axis.get_xticklabels()] == ["left", "right"]
    assert {"90%", "10%", "50%", "70%", "chance"} <= written(axis) and lines(axis) == [[[0, 0.3], [1, 0.3]]]
    assert len({group[0].get_hatch() for group in axis.containers}) == 2  # told apart without colours


def test_bars_shows_the_interval_of_a_share_where_its_examples_are_counted():
    groups = {"known": {"CNN": 0.9}, "new": {"CNN": 0.95}}
    (axis,) = axes_of(figures.bars, groups, y_label="accuracy", examples={"new": 360})
    _, (low, high) = [whisker[:, 1] for group in axis.collections for whisker in group.get_segments()]
    assert (low, high) == pytest.approx(interval(0.95, 360))


def test_bars_shows_the_mean_of_runs_and_a_dot_for_each():
    (axis,) = axes_of(figures.bars, {"new": {"CNN": [0.9, 0.8], "FFNN": [0.1, 0.3]}}, y_label="accuracy")
    assert [bar.get_height() for bar in bars(axis)] == pytest.approx([0.85, 0.2])
    assert [[share for _, share in dots] for dots in lines(axis)] == [[0.9, 0.8], [0.1, 0.3]]


def test_runs_shows_a_dot_for_each_run_and_their_median():
    groups = {"CNN": [0.8, 0.9, 0.1], "FFNN": [0.2, 0.5]}
    (axis,) = axes_of(figures.runs, groups, x_label="accuracy", chance=0.1)
    median, dots, other_median, other_dots, chance = lines(axis)
    assert median[-1] == pytest.approx([0.8, 0]) and dots == [[0.8, 0], [0.9, 0], [0.1, 0]]
    assert other_median[-1] == pytest.approx([0.35, 1]) and other_dots == [[0.2, 1], [0.5, 1]]
    assert chance == [[0.1, 0], [0.1, 1]] and {"80%", "35%"} <= written(axis)
    assert [label.get_text() for label in axis.get_yticklabels()] == ["CNN", "FFNN"]


def test_stacked_shares_shows_the_parts_one_after_the_other():
    rows = {"LeNet": {"convolution": 1, "linear": 3}, "VGG": {"convolution": 1, "linear": 1}}
    (axis,) = axes_of(figures.stacked_shares, rows, x_label="share")
    assert [(bar.get_x(), bar.get_width()) for bar in bars(axis)] == [(0, 0.25), (0, 0.5), (0.25, 0.75), (0.5, 0.5)]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["LeNet", "VGG"] and axis.yaxis_inverted()
    lightness = [np.dot(to_rgb(group[0].get_facecolor()), [0.2126, 0.7152, 0.0722]) for group in axis.containers]
    assert np.diff(lightness).min() > 0.1  # told apart in grey, too


def test_responses_shows_each_activation_below_its_stimulus():
    axes = axes_of(figures.responses, SIGNED, [LEFT_DARK, 1 - LEFT_DARK], [0.5, 2], titles=["a", "b"])
    assert show(axes, SIGNED, LEFT_DARK, 1 - LEFT_DARK)
    assert [bar.get_height() for axis in axes[4:] for bar in bars(axis)] == [0.5, 2]


def test_tuning_shows_the_preferred_angle_of_each_cell():
    cells = {"a": (SIGNED, [0, 2, 1]), "b": (LEFT_DARK, [3, 0, 1])}
    axes = axes_of(figures.tuning, [0, 45, 90], cells)
    assert show(axes, SIGNED, LEFT_DARK)
    (axis,) = [each for each in axes if each.lines]
    assert lines(axis) == [[[0, 0], [45, 2], [90, 1]], [[0, 3], [45, 0], [90, 1]]]
    assert {"a: 45°", "b: 0°"} <= written(axis)


def test_window_shows_the_sum_of_its_place_and_nothing_of_the_places_to_come():
    image, kernel, result = np.arange(9).reshape(3, 3), np.arange(4).reshape(2, 2), np.array([[19, 25], [37, 43]])
    axes = axes_of(figures.window, image, kernel, result, [(0, 1)])[::2]
    assert show(axes[:4], image, [[1, 2], [4, 5]], kernel, [[0, 2], [8, 15]])
    assert frames(axes[0]) == [(0, 1, 2, 2)] and frames(axes[4]) == [(0, 1, 1, 1)]
    assert in_cells(axes[4]) == {(0, 0): "19", (0, 1): "25"}
    assert axes[2].get_xlabel() == "1 × 0 + 2 × 1 + 4 × 2 + 5 × 3 = 25"


def test_window_places_shows_where_the_weights_lie():
    (axis,) = axes_of(figures.window_places, 5, 2, [(2, 1, 3)])
    pixels = [(column, patch.get_fill()) for (_, column, *_), patch in zip(frames(axis), axis.patches, strict=True)]
    assert pixels == [(column, 0 <= column < 5) for column in range(-1, 6)]
    assert [np.add(line, 0.05)[:, 0].round(2).tolist() for line in lines(axis)] == [[-1, 2], [1, 4]]
    assert axis.get_title().endswith(": 2 places")


def test_gallery_shows_each_kernel_above_its_map():
    axes = axes_of(figures.gallery, {"edge": [[1, -1]], "half": [[0.5, 0.5]]}, [SIGNED, LEFT_DARK], columns=2)
    assert show(axes, [[1, -1]], [[0.5, 0.5]], SIGNED, LEFT_DARK)
    assert limits(axes[2])[0] < 0 and limits(axes[3]) == (0, 1) and {"half", "1/2"} <= written(axes[1])


def test_filter_as_matrix_shows_a_line_after_each_row_of_the_image():
    weights = np.arange(12).reshape(2, 6)
    axes = axes_of(figures.filter_as_matrix, SIGNED, weights, (2, 3))
    assert show(axes, SIGNED, weights) and frames(axes[1]) == [(0, 0, 1, 6)]
    between_rows, upright = [group.get_segments() for group in axes[1].collections]
    assert [line.tolist() for line in upright] == [[[2.5, -0.5], [2.5, 1.5]]]


def test_to_scale_shows_pixels_of_one_size_above():
    top, *below = axes_of(figures.to_scale, [LEFT_DARK, np.ones((4, 6))], titles=["small", "large"])
    extents = [image.get_extent() for image in top.images]
    assert [(right - left, bottom - above) for left, right, bottom, above in extents] == [(3, 2), (6, 4)]
    assert extents[0][1] < extents[1][0] and {"small\n2 x 3", "large\n4 x 6"} <= written(top)
    assert show(below, LEFT_DARK, np.ones((4, 6)))


def test_receptive_fields_shows_in_colour_what_is_reached_and_frames_what_the_formula_says():
    image, reached = np.zeros((3, 4, 5)), np.zeros((4, 5))
    image[0], reached[1:3, 2:4] = 1, 1
    (axis,) = axes_of(figures.receptive_fields, image, [reached], [2], titles=["conv"], columns=1)
    is_red = (axis.images[0].get_array() == [1, 0, 0]).all(axis=2)
    assert np.array_equal(is_red, reached != 0) and frames(axis) == [(1, 2, 2, 2)]


def test_neighbouring_fields_shows_numbers_over_their_fields_and_the_jump_between_two():
    (axis,) = axes_of(figures.neighbouring_fields, 8, [("conv", 3, 1), ("pool", 2, 2)])
    middles = {}  # of the boxes in each row, from the image upwards
    for row, column, height, width in frames(axis):
        middles.setdefault(round(row + height / 2 - 0.5), []).append(column + width / 2 - 0.5)
    expected = {0: [0, 1, 2, 3, 4, 5, 6, 7], 1: [1, 2, 3, 4, 5, 6], 2: [1.5, 3.5, 5.5]}
    assert middles == {row: pytest.approx(numbers) for row, numbers in expected.items()}
    assert [[x for x, _ in line] for line in lines(axis)] == [[-0.5, 3.5], [1.5, 5.5]]
    boxes = [box for box in axis.patches if isinstance(box, matplotlib.patches.Rectangle)]
    seen = {box.get_x(): box for box in boxes if box.get_y() < 0}  # the pixels
    assert [place for place, box in enumerate(seen.values()) if box.get_facecolor() != boxes[-1].get_facecolor()] == [
        0,
        1,
        2,
        3,
    ]
    assert [place for place, box in enumerate(seen.values()) if box.get_linewidth() == 2] == [2, 3, 4, 5]
    assert {"jump 2", "two fields of 4", "image", "conv", "pool"} <= written(axis)


def test_over_shifts_shows_a_panel_for_each_training_and_a_line_for_each_network():
    trainings = {"here": {"a": [0.9, 0.5], "b": [0.8, 0.7]}, "there": {"a": [0.6, 0.6], "b": [0.4, 0.3]}}
    here, there = axes_of(figures.over_shifts, [0, 1], trainings)
    assert [axis.get_title() for axis in (here, there)] == ["here", "there"]
    assert lines(here)[:2] == [[[0, 0.9], [1, 0.5]], [[0, 0.8], [1, 0.7]]]
    assert lines(there)[:2] == [[[0, 0.6], [1, 0.6]], [[0, 0.4], [1, 0.3]]]
    assert [text.get_text() for text in here.figure.legends[0].get_texts()] == ["a", "b"]


def test_place_and_angle_shows_places_to_the_right_and_angles_upwards():
    axis, _ = axes_of(figures.place_and_angle, [-1, 0, 1], [0, 90], {"cell": [[0, 1, 2], [3, 4, 5]]})
    (mesh,), corners = axis.collections, axis.collections[0].get_coordinates()
    assert mesh.get_array().tolist() == [[0, 1, 2], [3, 4, 5]]
    assert corners[0, 0].tolist() == [-1.5, -45] and corners[-1, -1].tolist() == [1.5, 135]
    assert not axis.yaxis_inverted() and not axis.xaxis_inverted()


def test_network_shows_shapes_to_scale_with_what_they_cost_and_see():
    steps = [("image", (1, 8, 4), 0, (1, 1)), ("conv", (2, 4, 2), 1234, (3, 3)), ("linear", (10,), 50, (8, 4))]
    (axis,) = axes_of(figures.network, steps)
    (_, _, height, width), _, _, (_, _, conv_height, _), *_ = frames(axis)
    assert height == pytest.approx(2 * conv_height) and height == 2 * width
    assert {"1,234", "50", "1 map\n8 x 4", "2 maps\n4 x 2", "10\nvalues", "3 x 3", "all"} <= written(axis)


def test_timeline_shows_the_years_true_to_time_from_top_to_bottom():
    (axis,) = axes_of(figures.timeline, [(1959, "Hubel", "cells"), (1969, "Fukushima", "layers"), (1999, "R", "HMAX")])
    first, second, third = [line[0][1] for line in lines(axis) if len(line) == 1]
    assert first > second > third and (second - third) / (first - second) == pytest.approx(3)
    rows = {text.get_text(): text.get_position()[1] for text in axis.texts}
    assert rows["1959"] == rows["Hubel"] == rows["cells"] > rows["1969"] == rows["layers"] > rows["HMAX"]


def test_one_sum_shows_each_channel_with_its_slice_and_its_contribution():
    channels, slices = np.stack([LEFT_DARK, LEFT_DARK / 2]), np.stack([SIGNED, -SIGNED])
    axes = axes_of(figures.one_sum, channels, slices, slices * 2, SIGNED * 3)
    rows = zip(channels, slices, slices * 2, strict=True)
    assert show(axes, *[array for row in rows for array in row], SIGNED * 3)


def test_slices_shows_a_column_of_three_for_each_filter():
    weight = np.arange(24).reshape(2, 3, 2, 2) - 11.5
    axes = axes_of(figures.slices, weight, titles=["a", "b"])
    assert show(axes, *weight.swapaxes(0, 1).reshape(6, 2, 2))
    assert axes[1].get_title() == "b" and axes[4].get_ylabel() == "blue" and limits(axes[0]) == (-11.5, 11.5)


def test_arrows_shows_which_maps_each_filter_looks_at():
    (axis,) = axes_of(figures.arrows, [nn.Conv2d(4, 2, 3, groups=2)])
    arrows = [(text.xyann[1], text.xy[1]) for text in axis.texts if isinstance(text, Annotation)]
    assert np.allclose(arrows, [(0.875, 0.75), (0.625, 0.75), (0.375, 0.25), (0.125, 0.25)])
    assert axis.get_xlabel() == "4 arrows of 3 x 3 weights\n+ 2 biases = 38 parameters"
    assert axis.get_title() == "Conv2d(4, 2, 3, groups=2)"


def test_maps_below_shows_the_maps_of_a_row_below_their_images():
    rows = {"conv": [SIGNED, 2 * SIGNED]}
    axes = axes_of(figures.maps_below, [LEFT_DARK, 1 - LEFT_DARK], rows, titles=["a", "b"])
    assert show(axes, LEFT_DARK, 1 - LEFT_DARK, SIGNED, 2 * SIGNED)
    assert axes[1].get_title() == "b" and axes[2].get_ylabel() == "conv" and limits(axes[2]) == (-6, 6)


def test_confusion_matrix_shows_labels_downwards_and_answers_to_the_right():
    (axis,) = axes_of(figures.confusion_matrix, [[5, 2], [1, 7]], [[5, 1], [1, 6]])
    assert in_cells(axis) == {(0, 0): "5", (0, 1): "2 (1)", (1, 0): "1 (1)", (1, 1): "7"}
    assert show([axis], [[0, 2], [1, 0]]) and {"answer of the network", "label"} <= written(axis)
