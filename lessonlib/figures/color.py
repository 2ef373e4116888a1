"""The drawings of lesson 03: filters with their slices, and layers as arrows."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch

from lessonlib.arguments import shape_text
from lessonlib.figures import palette
from lessonlib.figures.canvas import (
    WIDTH,
    CaptionedFigure,
    as_array,
    grid,
    in_course_style,
    limits_of,
    show,
    show_array,
)


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
    channels, slices, contributions, total = map(as_array, (channels, slices, contributions, total))
    are_colours = len(channels) == len(palette.RGB)
    names = palette.RGB if are_colours else [f"channel {i}" for i in range(len(channels))]
    figure = Figure(figsize=(WIDTH, min(1.05 * len(channels) + 0.3, 3.3)))
    left, right = figure.subfigures(1, 2, width_ratios=[1.55, 1])
    axes = left.subplots(len(channels), 5, squeeze=False, width_ratios=[1.4, 0.15, 1, 0.15, 1.4])
    whole = right.subplots()
    ends = limits_of(np.concatenate([contributions.ravel(), total.ravel()]), True, share=0.98)
    for name, cells, *arrays in zip(names, axes, channels, slices, contributions, strict=True):
        for axis, sign in zip(cells[1::2], "∗=", strict=True):
            axis.set_axis_off()
            axis.text(0.5, 0.5, sign, ha="center", va="center", size=13)
        shades = _shades(palette.TINTS[name]) if are_colours else palette.IMAGE
        show_array(cells[0], arrays[0], shades, (0, max(1, channels.max())))
        show_array(cells[2], arrays[1], palette.SIGNED, limits_of(slices, True))
        show_array(cells[4], arrays[2], palette.SIGNED, ends)
        cells[0].set_ylabel(name)
        edges = {"axesA": cells[4], "axesB": whole, "color": palette.QUIET, "arrowstyle": "->", "linewidth": 1.2}
        figure.add_artist(ConnectionPatch((1.03, 0.5), (-0.03, 0.5), *["axes fraction"] * 2, **edges))
    for axis, title in zip(axes[0, ::2], ("channel", "its slice", "contribution"), strict=True):
        axis.set_title(title)
    show_array(whole, total, palette.SIGNED, ends)
    whole.set_title("one sum, one map")
    return CaptionedFigure(figure, caption)


@in_course_style
def slices(weight, *, caption, titles=None):
    """A column for each filter, with its red, green and blue slice in colours around 0, in a scale of its own.

    Parameters
    ----------
    weight : array (filters, 3, rows, columns)
    titles : list of str, optional
    """
    weight = as_array(weight)
    titles = titles or [""] * len(weight)
    figure, axes = grid(3, len(weight), min(3 * WIDTH / len(weight), 2.2) + 0.3 * any(titles))
    for column, filter_slices, title in zip(axes.T, weight, titles, strict=True):
        limits = limits_of(filter_slices, True)
        for axis, weights, colour in zip(column, filter_slices, palette.RGB.values(), strict=True):
            show(axis, weights, colours=palette.SIGNED, limits=limits, border=True)
            axis.spines[:].set(color=colour, linewidth=1.5)
        column[0].set_title(title)
    for axis, name in zip(axes[:, 0], palette.RGB, strict=True):
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
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
    figure, axes = grid(1, len(layers), 3.1)
    for axis, layer in zip(axes, layers, strict=True):
        inputs, outputs, groups = layer.in_channels, layer.out_channels, layer.groups
        heights = [np.linspace(1, 0, 2 * count + 1)[1::2] for count in (inputs, outputs)]
        for output, end in enumerate(heights[1]):
            seen = np.split(heights[0], groups)[output * groups // outputs]  # the maps of its own group
            for start in seen:
                style = dict(zip(("color", "linestyle"), palette.FILTERS[output % len(palette.FILTERS)], strict=True))
                style |= {"arrowstyle": "-|>", "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
                axis.annotate("", (0.9, end), (0.1, start), arrowprops=style)
        for x, ends in zip((0, 1), heights, strict=True):
            faces = palette.RGB.values() if x == 0 and inputs == len(palette.RGB) else [palette.MAP] * len(ends)
            for end, face in zip(ends, faces, strict=True):
                axis.plot(x, end, "s", markersize=11, color=face, markeredgecolor=palette.QUIET)
            axis.text(x, 1.03, f"{len(ends)} map{'s' * (len(ends) > 1)}", ha="center", va="bottom")
        axis.set(xlim=(-0.25, 1.25), ylim=(0, 1), xticks=[], yticks=[], xlabel=_count(layer))
        kernel = layer.kernel_size[0] if len({*layer.kernel_size}) == 1 else layer.kernel_size
        axis.set_title(f"Conv2d({inputs}, {outputs}, {kernel}{f', groups={groups}' * (groups > 1)})", pad=22)
        axis.spines[:].set_visible(False)
    return CaptionedFigure(figure, caption)


def _shades(colour):
    """From black to this colour, as one channel of an image is seen alone."""
    return LinearSegmentedColormap.from_list("channel", ["black", colour])


def _count(layer):
    """What a layer has learned, told as the arrows and biases that it is drawn with."""
    (outputs, seen, *sides), biases = layer.weight.shape, layer.out_channels if layer.bias is not None else 0
    total = layer.weight.numel() + biases
    return f"{outputs * seen} arrows of {shape_text(sides)} weights\n+ {biases} biases = {total:,} parameters"
