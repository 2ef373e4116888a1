"""The drawings of lesson 04: maps at the sizes that they have, receptive fields, and what a cell tolerates."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lessonlib.arguments import shape_text
from lessonlib.figures import palette
from lessonlib.figures.canvas import WIDTH, CaptionedFigure, as_array, as_image, frame, grid, in_course_style, show


@in_course_style
def to_scale(maps, *, caption, titles):
    """Feature maps from 0: above, all of them with pixels of one size; below, enlarged to one width.

    Parameters
    ----------
    maps : list of arrays (height, width)
    titles : list of str
    """
    maps = [as_array(array) for array in maps]
    gap = 0.06 * maps[0].shape[1]
    heights, widths = zip(*(shown.shape for shown in maps), strict=True)
    total = sum(widths) + gap * (len(maps) - 1)
    above = WIDTH * max(heights) / total
    below = WIDTH / len(maps) * max(height / width for height, width in zip(heights, widths, strict=True))
    figure = Figure(figsize=(WIDTH, above + below + 0.8))
    top, bottom = figure.subfigures(2, 1, height_ratios=[above + 0.5, below + 0.3])
    style = {"cmap": palette.FEATURES, "vmin": 0, "vmax": max(shown.max() for shown in maps) or 1}
    axis, left = top.subplots(), 0
    for shown, title, axis_below in zip(maps, titles, bottom.subplots(1, len(maps), squeeze=False)[0], strict=True):
        rows, columns = shown.shape
        axis.imshow(shown, extent=(left, left + columns, rows, 0), **style)
        axis.text(left, 0, f"{title}\n{shape_text(shown.shape)}", va="bottom", size=9)
        left += columns + gap
        show(axis_below, shown, title, palette.FEATURES, (0, style["vmax"]))
        axis_below.title.set_size(9)
    axis.set(xlim=(0, total), ylim=(max(heights), 0))
    axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def receptive_fields(image, reached, sizes, *, caption, titles, columns=4):
    """An image for each layer: in colour what one number of its map depends on, framed what the formula says.

    The frame begins at the first pixel that counts.

    Parameters
    ----------
    image : array (3, height, width)
        In [0, 1].
    reached : list of arrays (height, width)
        For each layer, not 0 where a pixel counts.
    sizes : array (n,)
        The side of each receptive field by the formula.
    titles : list of str
    columns : int
        How many in a row.
    """
    image, reached = as_image(image), [as_array(layer) != 0 for layer in reached]
    rows = -(-len(reached) // columns)
    figure, axes = grid(rows, columns, rows * (WIDTH / columns * image.shape[0] / image.shape[1] + 0.25))
    grey = np.broadcast_to(0.7 + 0.3 * image.mean(axis=2, keepdims=True), image.shape)
    for axis, inside, size, title in zip(axes.flat[: len(reached)], reached, sizes, titles, strict=True):
        show(axis, np.where(inside[:, :, None], image, grey), title)
        frame(axis, inside.any(axis=1).argmax(), inside.any(axis=0).argmax(), size, size, linewidth=1.5)
    for axis in axes.flat[len(reached) :]:
        axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def place_and_angle(offsets, angles, cells, *, caption):
    """The responses of cells to a bar at each place and angle.

    Parameters
    ----------
    offsets, angles : array (n,)
        In order.
    cells : dict
        {label: responses (angles, offsets)}.
    """
    offsets, angles = as_array(offsets), as_array(angles)
    responses = {label: as_array(given) for label, given in cells.items()}
    strongest = max(given.max() for given in responses.values()) or 1
    figure, axes = grid(1, len(responses), 2.7)
    for axis, (label, given) in zip(axes, responses.items(), strict=True):
        colours = {"cmap": palette.FEATURES, "vmin": 0, "vmax": strongest}
        drawn = axis.pcolormesh(offsets, angles, given, shading="nearest", **colours)
        axis.set(title=label, xlabel="place of the bar in pixels", yticks=angles[:: max(len(angles) // 4, 1)])
        axis.xaxis.set_major_locator(MaxNLocator(4, prune="both"))  # so that neighbours' ends do not touch
    axes[0].set_ylabel("angle of the bar in degrees")
    figure.colorbar(drawn, ax=axes, label="response")
    return CaptionedFigure(figure, caption)
