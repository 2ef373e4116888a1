"""The drawings of lesson 03: one filter with its slices, a bank of filters, and layers as arrows."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch
from torch import nn

from lessonlib.arguments import whole_number
from lessonlib.figures.canvas import (
    FEATURES,
    IMAGE,
    MARK,
    QUIET,
    SIGNED,
    WIDTH,
    CaptionedFigure,
    frame,
    grid,
    in_course_style,
    limits_of,
    show,
    show_array,
)
from lessonlib.figures.inputs import (
    arrays_of,
    at_least_one,
    checked_height,
    matrix,
    named,
    pixels,
    places_in,
)

RGB = {"red": "#c62828", "green": "#1b7f3b", "blue": "#1565c0"}  # the channels of an image, and nothing else
TINTS = {"red": "#ff5c5c", "green": "#5cd67f", "blue": "#6ea8ff"}  # the same at full brightness, light enough to see
# A filter among others: no colour of a channel, none of a sign.
FILTERS = [
    ("#00798c", "-"),
    ("#aa3377", "--"),
    ("#6b6b00", "-."),
    ("#404040", ":"),
    ("#8a6a55", (0, (8, 2, 1, 2, 1, 2))),
]
MAP = "#d9d9d9"
MOST_MAPS = 10  # whose arrows can be told apart
MOST_FILTERS, MOST_LAYERS = 10, 6  # in one figure


@in_course_style
def one_sum(channels, slices, contributions, total, *, caption):
    """One filter: a row for each channel, with the slice that slides over it and what this gives, and their one sum.

    Values are printed where they fit. Three channels are those of a colour image, and are tinted.

    Parameters
    ----------
    channels : array (channels, height, width)
    slices : array (channels, rows, columns)
    contributions : array (channels, *size)
        What each slice makes of its channel.
    total : array (*size)
    """
    channels, slices = _stack("channels", channels), _stack("slices", slices)
    contributions, total = _stack("contributions", contributions), matrix("total", total)
    for name, stack in (("slices", slices), ("contributions", contributions)):
        if len(stack) != len(channels):
            raise ValueError(f"{name} has {len(stack)} entries: give {len(channels)}, one for each channel")
    are_colours = len(channels) == len(RGB)
    names = RGB if are_colours else [f"channel {i}" for i in range(len(channels))]
    figure = Figure(figsize=(WIDTH, min(1.05 * len(channels) + 0.3, 3.3)))
    left, right = figure.subfigures(1, 2, width_ratios=[1.55, 1])
    axes = left.subplots(len(channels), 5, squeeze=False, width_ratios=[1.4, 0.15, 1, 0.15, 1.4])
    whole = right.subplots()
    ends = limits_of(np.concatenate([contributions.ravel(), total.ravel()]), True, share=0.98)
    for name, cells, *arrays in zip(names, axes, channels, slices, contributions, strict=True):
        for axis, sign in zip(cells[1::2], "∗=", strict=True):
            axis.set_axis_off()
            axis.text(0.5, 0.5, sign, ha="center", va="center", size=13)
        shades = _shades(TINTS[name]) if are_colours else IMAGE
        show_array(cells[0], arrays[0], shades, (0, max(1, channels.max())))
        show_array(cells[2], arrays[1], SIGNED, limits_of(slices, True))
        show_array(cells[4], arrays[2], SIGNED, ends)
        cells[0].set_ylabel(name)
        edges = {"axesA": cells[4], "axesB": whole, "color": QUIET, "arrowstyle": "->", "linewidth": 1.2}
        figure.add_artist(ConnectionPatch((1.03, 0.5), (-0.03, 0.5), *["axes fraction"] * 2, **edges))
    for axis, title in zip(axes[0, ::2], ("channel", "its slice", "contribution"), strict=True):
        axis.set_title(title)
    show_array(whole, total, SIGNED, ends)
    whole.set_title("one sum, one map")
    return CaptionedFigure(figure, caption)


@in_course_style
def bank(image, filters, maps, places, patch_size, *, caption):
    """A column for each filter of a bank: its slices, its map from 0 on, and the patch around one place and its window.

    Parameters
    ----------
    image : array (3, height, width)
        In [0, 1].
    filters : dict
        {name: weights (3, rows, columns)}.
    maps : list of arrays (height, width)
        One for each filter.
    places : list of (row, column)
        One of each map.
    patch_size : int
        Rows and columns of a patch, in whose middle the window stands, or nearer to the border of the image.
    """
    image, patch_size = pixels("image", image), whole_number("patch_size", patch_size, 1)
    names = list(named("filters", filters, most=MOST_FILTERS))
    maps, places = arrays_of(matrix, "maps", maps), places_in("places", places)
    if not len(names) == len(maps) == len(places):
        raise ValueError(f"maps and places have {len(maps)} and {len(places)} entries: give {len(names)} of each")
    for place, found in zip(places, maps, strict=True):
        if any(at >= side for at, side in zip(place, found.shape, strict=True)):
            raise ValueError(f"places holds {place}: each must lie in its map, which is {found.shape}")
    map_height = checked_height("maps", WIDTH / len(names) * maps[0].shape[0] / maps[0].shape[1])
    figure, axes = grid(3, len(names), map_height + 1.9, height_ratios=[0.45, map_height, 1.05])
    for name, result, (row, column), (slices, found, patch) in zip(names, maps, places, axes.T, strict=True):
        weights = _stack("filters", filters[name])
        rows, columns = weights.shape[1:]
        beside = np.pad(weights, [(0, 0), (0, 0), (0, 1)], constant_values=np.nan)  # an empty column after each slice
        show(slices, np.hstack(beside)[:, :-1], name, SIGNED, limits_of(weights, True))
        for first, colour in zip(range(0, beside.shape[2] * len(weights), columns + 1), RGB.values(), strict=True):
            frame(slices, 0, first, rows, columns, edgecolor=colour, linewidth=1.5, clip_on=False)
        show(found, result, colours=FEATURES, limits=(0, result.max() or 1))
        top, left = (
            min(max(at - patch_size // 2, 0), side - patch_size)
            for at, side in zip((row, column), image.shape[:2], strict=True)
        )
        if min(top, left) < 0:
            raise ValueError(f"patch_size is {patch_size}: a patch must fit into the image of {image.shape[:2]}")
        frame(found, top, left, patch_size, patch_size)
        show(patch, image[top : top + patch_size, left : left + patch_size], border=True)
        frame(patch, row - top, column - left, rows, columns, linewidth=1)
        patch.spines[:].set(color=MARK, linewidth=2)
    for axis, title in zip(axes[:, 0], ("red, green,\nblue slice", "map", "framed\npatch"), strict=True):
        axis.set_ylabel(title, rotation=0, ha="right", va="center", size=9)
    return CaptionedFigure(figure, caption)


@in_course_style
def arrows(layers, *, caption):
    """Convolutional layers side by side: a square is a map, an arrow a slice of weights.

    All arrows that end in one map are one filter, and have one of five colours and line styles. Three inputs are the
    channels of a colour image.

    Parameters
    ----------
    layers : list of nn.Conv2d
    """
    layers = at_least_one("layers", layers, MOST_LAYERS)
    if not all(isinstance(layer, nn.Conv2d) for layer in layers):
        raise ValueError("layers hold something else than nn.Conv2d: give layers such as nn.Conv2d(3, 4, 3)")
    figure, axes = grid(1, len(layers), 3.1)
    for axis, layer in zip(axes, layers, strict=True):
        inputs, outputs, groups = layer.in_channels, layer.out_channels, layer.groups
        if max(inputs, outputs) > MOST_MAPS:
            raise ValueError(f"layers hold one with {max(inputs, outputs)} maps: at most {MOST_MAPS} can be told apart")
        heights = [np.linspace(1, 0, 2 * count + 1)[1::2] for count in (inputs, outputs)]
        for output, end in enumerate(heights[1]):
            seen = np.split(heights[0], groups)[output * groups // outputs]  # the maps of its own group
            for start in seen:
                style = dict(zip(("color", "linestyle"), FILTERS[output % len(FILTERS)], strict=True))
                style |= {"arrowstyle": "-|>", "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
                axis.annotate("", (0.9, end), (0.1, start), arrowprops=style)
        for x, ends in zip((0, 1), heights, strict=True):
            faces = RGB.values() if x == 0 and inputs == len(RGB) else [MAP] * len(ends)
            for end, face in zip(ends, faces, strict=True):
                axis.plot(x, end, "s", markersize=11, color=face, markeredgecolor=QUIET)
            axis.text(x, 1.03, f"{len(ends)} map{'s' * (len(ends) > 1)}", ha="center", va="bottom")
        axis.set(xlim=(-0.25, 1.25), ylim=(0, 1), xticks=[], yticks=[], xlabel=_count(layer))
        kernel = layer.kernel_size[0] if len({*layer.kernel_size}) == 1 else layer.kernel_size
        axis.set_title(f"Conv2d({inputs}, {outputs}, {kernel}{f', groups={groups}' * (groups > 1)})", pad=22)
        axis.spines[:].set_visible(False)
    return CaptionedFigure(figure, caption)


def _stack(name, arrays):
    """Several arrays (h, w) of one shape as one array (n, h, w), or ValueError."""
    arrays = arrays_of(matrix, name, arrays, most=MOST_FILTERS)
    if len({array.shape for array in arrays}) > 1:
        raise ValueError(f"{name} have the shapes {[array.shape for array in arrays]}: give arrays of one shape")
    return np.stack(arrays)


def _shades(colour):
    """From black to this colour, as one channel of an image is seen alone."""
    return LinearSegmentedColormap.from_list("channel", ["black", colour])


def _count(layer):
    """The parameters of a layer, as it has them, told as arrows and biases."""
    arrows, (rows, columns) = layer.out_channels * layer.in_channels // layer.groups, layer.kernel_size
    biases = layer.out_channels if layer.bias is not None else 0
    total = sum(parameter.numel() for parameter in layer.parameters())
    return f"{arrows} arrows of {rows} x {columns} weights\n+ {biases} biases = {total:,} parameters"
