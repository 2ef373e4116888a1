"""The drawings of lesson 02: a cell and its activation, a window that steps, and a filter as a matrix."""

from fractions import Fraction

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from lessonlib.figures import palette
from lessonlib.figures.canvas import (
    MOST_PRINTED,
    WIDTH,
    CaptionedFigure,
    as_array,
    frame,
    grid,
    in_course_style,
    limits_of,
    print_values,
    show,
    show_array,
)


@in_course_style
def responses(cell, stimuli, activations, *, caption, titles):
    """The weights of a cell, and below each stimulus the activation of the cell, as a bar.

    Parameters
    ----------
    cell : array (height, width)
    stimuli : list of arrays (height, width)
        In [0, 1].
    activations : array (n,)
    titles : list of str
    """
    cell, activations, stimuli = as_array(cell), as_array(activations), [as_array(stimulus) for stimulus in stimuli]
    figure, axes = grid(2, len(stimuli) + 1, 2.0, height_ratios=[1.6, 1])
    show(axes[0, 0], cell, "weights", palette.SIGNED, limits_of(cell, True), border=True)
    axes[1, 0].set_axis_off()
    axes[1, 0].text(0.9, 0.35, "activation", ha="right", transform=axes[1, 0].transAxes)
    columns = zip(axes[0, 1:], axes[1, 1:], stimuli, activations, titles, strict=True)
    for above, below, stimulus, activation, title in columns:
        show(above, stimulus, title, border=True)
        drawn = below.bar([0], [activation], 0.5)
        below.bar_label(drawn, [f"{activation:.2f}"], padding=2)
        below.set(xlim=(-1, 1), ylim=(0, 1.5 * max(activations.max(), 0.01)), xticks=[], yticks=[])
        below.spines["left"].set_visible(False)
    return CaptionedFigure(figure, caption)


@in_course_style
def tuning(angles, cells, *, caption):
    """Tuning curves with the weights of each cell; the preferred angle is marked.

    Parameters
    ----------
    angles : array (n,)
        In degrees, in order, at most one turn.
    cells : dict
        {label: (weights, one activation for each angle)}.
    """
    angles = as_array(angles)
    figure = Figure(figsize=(WIDTH, 2.5))
    left, right = figure.subfigures(1, 2, width_ratios=[1, 4])
    axis = right.subplots()
    weights_axes = left.subplots(len(cells), squeeze=False).flat
    for seen, (label, (weights, activations)) in zip(weights_axes, cells.items(), strict=True):
        weights, activations = as_array(weights), as_array(activations)
        (line,) = axis.plot(angles, activations)
        best = angles[activations.argmax()]
        axis.annotate(f"{label}: {best:g}°", (best, activations.max()), (0, 5), textcoords="offset points", ha="center")
        axis.vlines(best, 0, activations.max(), color=palette.QUIET, linewidth=1)
        show(seen, weights, label, palette.SIGNED, limits_of(weights, True), border=True)
        seen.spines[:].set(color=line.get_color(), linewidth=2, linestyle=line.get_linestyle())
    axis.set(xlabel="angle of the bar in degrees", ylabel="activation", xlim=(angles[0], angles[-1]))
    axis.xaxis.set_major_locator(MultipleLocator(15))
    axis.set_ylim(0, 1.15 * axis.get_ylim()[1])
    return CaptionedFigure(figure, caption)


@in_course_style
def window(image, kernel, result, places, *, caption, digits=0):
    """A window that steps: for each place the image, the window times the kernel, and the map up to this place.

    Values are printed where they fit.

    Parameters
    ----------
    image : array (height, width)
    kernel : array (rows, columns)
    result : array
        The map.
    places : list of (row, column)
        Of numbers of the map, in reading order; at stride 1 and without padding the window's first pixel is the same
        place of the image.
    digits : int
        How many after the point.
    """
    image, kernel, result = map(as_array, (image, kernel, result))
    widths = [2.2, 0.25, 1, 0.25, 1, 0.25, 1, 0.45, 2.2]
    figure, axes = grid(len(places), len(widths), 1.45 * len(places) + 0.2, width_ratios=widths)
    for (row, column), cells in zip(places, axes.reshape(len(places), -1), strict=True):
        patch = image[row : row + len(kernel), column : column + kernel.shape[1]]
        for axis, sign in zip(cells[1::2], ("", "×", "=", "sum"), strict=True):
            axis.set_axis_off()
            axis.text(0.5, 0.5, sign, ha="center", va="center", size=13 if len(sign) < 2 else 10)
        ends = limits_of(image, False)
        show_array(cells[0], image, palette.IMAGE, ends, digits)
        frame(cells[0], row, column, *kernel.shape)
        show_array(cells[2], patch, palette.IMAGE, ends, digits)
        show_array(cells[4], kernel, palette.SIGNED, limits_of(kernel, True))
        cells[4].set_xlabel(_written_out(patch, kernel, result[row, column], digits), size=9)
        show_array(cells[6], patch * kernel, palette.SIGNED, limits_of(image.max() * kernel, True), digits)
        seen = np.arange(result.size).reshape(result.shape) <= row * result.shape[1] + column
        is_small = max(result.shape) <= MOST_PRINTED
        both_signs = bool((result < 0).any())
        shown = np.where(seen, result, np.nan) if is_small else result
        colours = palette.SIGNED if both_signs else palette.IMAGE
        show_array(cells[8], shown, colours, limits_of(result, both_signs), digits)
        frame(cells[8], row, column, 1, 1)
    for axis, title in zip(
        axes.reshape(len(places), -1)[0, ::2], ("image", "window", "kernel", "products", "map"), strict=True
    ):
        axis.set_title(title)
    return CaptionedFigure(figure, caption)


@in_course_style
def window_places(size, kernel_size, settings, *, caption):
    """All places of a window along one side of an image: for each setting a row of pixels, and below it the windows.

    All are drawn in one scale. Padding is hollow; a dot is a weight.

    Parameters
    ----------
    size, kernel_size : int
    settings : list of (stride, padding, dilation)
    """
    starts = [
        range(-padding, size + padding - dilation * (kernel_size - 1), stride) for stride, padding, dilation in settings
    ]
    widest, most = max(padding for _, padding, _ in settings), max(map(len, starts))
    figure, axes = grid(1, len(settings), 0.7 + 0.14 * most)
    for axis, (stride, padding, dilation), places in zip(axes, settings, starts, strict=True):
        for pixel in range(-padding, size + padding):
            inside = 0 <= pixel < size
            frame(axis, 0, pixel, 0.9, 0.9, edgecolor=palette.QUIET, facecolor=palette.PIXEL, fill=inside, linewidth=1)
        for line, start in enumerate(places, start=1):
            weights = np.arange(kernel_size) * dilation + start
            axis.plot(weights - 0.05, np.full(kernel_size, 0.3 + 0.75 * line), "o-", color="C0", markersize=4)
        title = f"stride {stride}, padding {padding},\ndilation {dilation}: {len(places)} places"
        limits = {"xlim": (-widest - 0.8, size + widest - 0.2), "ylim": (0.8 + 0.75 * most, -0.8)}
        axis.set(title=title, xticks=[], yticks=[], **limits)
        axis.spines[:].set_visible(False)
    return CaptionedFigure(figure, caption)


@in_course_style
def gallery(kernels, maps, *, caption, columns=4):
    """Named kernels, each above its map; kernels that sum to 0 have signed maps, the others images in [0, 1].

    Parameters
    ----------
    kernels : dict
        {name: weights (rows, columns)}.
    maps : list of arrays (height, width)
        One for each kernel.
    columns : int
        How many in a row.
    """
    maps = [as_array(array) for array in maps]
    blocks = -(-len(kernels) // columns)
    height = 1.05 + WIDTH / columns * maps[0].shape[0] / maps[0].shape[1]
    figure, axes = grid(2 * blocks, columns, blocks * height, height_ratios=[0.95, height - 0.95] * blocks)
    pairs = axes.reshape(blocks, 2, columns).swapaxes(1, 2).reshape(-1, 2)
    for (above, below), (name, kernel), result in zip(pairs[: len(kernels)], kernels.items(), maps, strict=True):
        kernel = as_array(kernel)
        is_difference = abs(kernel.sum()) < 1e-6
        show(above, kernel, colours=palette.SIGNED, limits=limits_of(kernel, True), border=True)
        print_values(above, kernel, text=lambda weight: str(Fraction(weight).limit_denominator(16)))
        above.set_title(name, size=9)
        ends = limits_of(result, True, share=0.99) if is_difference else (0, 1)
        show(below, result, colours=palette.SIGNED if is_difference else palette.IMAGE, limits=ends)
    for axis in pairs[len(kernels) :].flat:
        axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def filter_as_matrix(kernel, weights, image_shape, *, caption):
    """A kernel, and beside it the matrix that does the same: one colour for each weight. The first row is framed.

    Parameters
    ----------
    kernel : array (rows, columns)
    weights : array (outputs, inputs)
        As filters.convolution_matrix gives it.
    image_shape : (int, int)
        (height, width): a line stands after each of the image's rows.
    """
    kernel, weights, width = as_array(kernel), as_array(weights), image_shape[1]
    figure, (left, right) = grid(1, 2, 3.0, width_ratios=[1, 4.6])
    ends = limits_of(kernel, True)
    show_array(left, kernel, palette.SIGNED, ends)
    left.set_title("kernel")
    show(right, weights, "the matrix of the filter", palette.SIGNED, ends, border=True)
    rows, columns = weights.shape
    right.hlines(np.arange(1, rows) - 0.5, -0.5, columns - 0.5, color=palette.BETWEEN_ROWS, linewidth=0.5)
    right.vlines(np.arange(width, columns, width) - 0.5, -0.5, rows - 0.5, color=palette.QUIET, linewidth=1)
    frame(right, 0, 0, 1, columns)
    right.set(xlabel="pixel of the image, row after row", ylabel="place in the map")
    return CaptionedFigure(figure, caption)


def _written_out(patch, kernel, result, digits):
    """The number of the map as a student would write it: "0 × 1 + 2 × 3 = 6", or of many products these alone."""
    factors = zip(patch.flat, kernel.flat, strict=True)
    if kernel.size <= 4:
        terms = [f"{pixel:.{digits}f} × {weight:g}" for pixel, weight in factors]
    else:
        terms = [f"{product:.{digits}f}" for product in (pixel * weight for pixel, weight in factors) if product]
    return f"{' + '.join(terms)} = {result:.{digits}f}".replace("+ -", "- ")
