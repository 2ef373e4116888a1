"""The drawings of lesson 04: maps at the sizes that they have, receptive fields, and what a cell tolerates."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lessonlib.arguments import whole_number
from lessonlib.figures.canvas import (
    FEATURES,
    WIDTH,
    CaptionedFigure,
    frame,
    grid,
    in_course_style,
    show,
)
from lessonlib.figures.inputs import (
    MOST_SIDE_BY_SIDE,
    arrays_of,
    checked_height,
    in_a_row,
    matrix,
    named,
    one_each,
    pixels,
    titles_of,
    values,
)

MOST_CELLS = 6  # side by side


@in_course_style
def to_scale(maps, *, caption, titles):
    """Feature maps from 0: above, all of them with pixels of one size; below, enlarged to one width.

    Parameters
    ----------
    maps : list of arrays (height, width)
    titles : list of str
    """
    maps = arrays_of(matrix, "maps", maps, most=MOST_SIDE_BY_SIDE)
    titles = titles_of(maps, one_each("titles", titles, maps))
    gap = 0.06 * maps[0].shape[1]
    heights, widths = zip(*(shown.shape for shown in maps), strict=True)
    total = sum(widths) + gap * (len(maps) - 1)
    above = WIDTH * max(heights) / total
    below = WIDTH / len(maps) * max(height / width for height, width in zip(heights, widths, strict=True))
    figure = Figure(figsize=(WIDTH, checked_height("maps", above + below + 0.8)))
    top, bottom = figure.subfigures(2, 1, height_ratios=[above + 0.5, below + 0.3])
    style = {"cmap": FEATURES, "vmin": 0, "vmax": max(shown.max() for shown in maps) or 1}
    axis, left = top.subplots(), 0
    for shown, title, axis_below in zip(maps, titles, bottom.subplots(1, len(maps), squeeze=False)[0], strict=True):
        rows, columns = shown.shape
        axis.imshow(shown, extent=(left, left + columns, rows, 0), **style)
        axis.text(left, 0, f"{title}\n{rows} x {columns}", va="bottom", size=9)
        left += columns + gap
        show(axis_below, shown, title, FEATURES, (0, style["vmax"]))
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
    image = pixels("image", image)
    if image.ndim != 3:
        raise ValueError(f"image has the shape {image.shape}: give a colour image (3, height, width)")
    reached = [layer != 0 for layer in arrays_of(matrix, "reached", reached)]
    if any(layer.shape != image.shape[:2] for layer in reached):
        raise ValueError(
            f"reached has the shapes {[layer.shape for layer in reached]}: give {image.shape[:2]} for each"
        )
    sizes, titles = in_a_row("sizes", sizes, len(reached)), titles_of(reached, one_each("titles", titles, reached))
    columns = whole_number("columns", columns, 1, MOST_SIDE_BY_SIDE)
    if not all(map(np.any, reached)):
        raise ValueError("reached holds a layer without any pixel: there is no field to draw")
    rows = -(-len(reached) // columns)
    height = checked_height("image", rows * (WIDTH / columns * image.shape[0] / image.shape[1] + 0.25))
    figure, axes = grid(rows, columns, height)
    grey = np.broadcast_to(0.7 + 0.3 * image.mean(axis=2, keepdims=True), image.shape)
    for axis, inside, size, title in zip(axes.flat, reached, sizes, titles, strict=False):
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
    offsets, angles = _in_order("offsets", offsets), _in_order("angles", angles)
    shape, cells = angles.shape + offsets.shape, named("cells", cells, most=MOST_CELLS)
    responses = {label: values(f"cells[{label!r}]", given, shape) for label, given in cells.items()}
    strongest = max(given.max() for given in responses.values()) or 1
    figure, axes = grid(1, len(responses), 2.7)
    for axis, (label, given) in zip(axes, responses.items(), strict=True):
        drawn = axis.pcolormesh(offsets, angles, given, cmap=FEATURES, vmin=0, vmax=strongest, shading="nearest")
        axis.set(title=label, xlabel="place of the bar in pixels", yticks=angles[:: max(len(angles) // 4, 1)])
        axis.xaxis.set_major_locator(MaxNLocator(4, prune="both"))  # so that neighbours' ends do not touch
    axes[0].set_ylabel("angle of the bar in degrees")
    figure.colorbar(drawn, ax=axes, label="response")
    return CaptionedFigure(figure, caption)


def _in_order(name, numbers):
    numbers = in_a_row(name, numbers)
    if not (np.diff(numbers) > 0).all():
        raise ValueError(f"{name} must increase from one number to the next")
    return numbers
