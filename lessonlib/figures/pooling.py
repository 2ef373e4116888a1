"""The drawings of lesson 04: maps at the sizes that they have, receptive fields, and what a cell tolerates."""

import numpy as np
from matplotlib.figure import Figure

from lessonlib.figures.canvas import (
    FEATURES,
    WIDTH,
    CaptionedFigure,
    at_least_one,
    frame,
    grid,
    in_course_style,
    matrix,
    one_each,
    pixels,
    show,
    values,
)


@in_course_style
def to_scale(maps, *, caption, titles):
    """Feature maps (h, w) from 0: above, all of them with pixels of one size; below, enlarged to one width."""
    maps = [matrix("maps", each) for each in at_least_one("maps", maps)]
    titles = one_each("titles", titles, maps)
    gap = 0.06 * maps[0].shape[1]
    heights, widths = zip(*(each.shape for each in maps))
    total = sum(widths) + gap * (len(maps) - 1)
    above, below = WIDTH * max(heights) / total, WIDTH / len(maps) * max(h / w for h, w in zip(heights, widths))
    figure = Figure(figsize=(WIDTH, above + below + 0.8))
    top, bottom = figure.subfigures(2, 1, height_ratios=[above + 0.5, below + 0.3])
    style = {"cmap": FEATURES, "vmin": 0, "vmax": max(each.max() for each in maps) or 1}
    axis, left = top.subplots(), 0
    for each, title, axis_below in zip(maps, titles, bottom.subplots(1, len(maps), squeeze=False)[0]):
        rows, columns = each.shape
        axis.imshow(each, extent=(left, left + columns, rows, 0), **style)
        axis.text(left, 0, f"{title}\n{rows} x {columns}", va="bottom", size=9)
        left += columns + gap
        show(axis_below, each, title, FEATURES, (0, style["vmax"]))
        axis_below.title.set_size(9)
    axis.set(xlim=(0, total), ylim=(max(heights), 0))
    axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def receptive_fields(image, reached, sizes, *, caption, titles, columns=4):
    """An image for each layer: in colour what one number of its map depends on, framed what the formula says.

    image (3, h, w) in [0, 1]; reached: an array (h, w) for each layer, not 0 where a pixel counts; sizes: the side
    of each receptive field by the formula. The frame begins at the first pixel that counts.
    """
    image, sizes = pixels("image", image), values("sizes", sizes)
    reached = [values("reached", each, image.shape[:2]) != 0 for each in at_least_one("reached", reached)]
    sizes, titles = one_each("sizes", sizes, reached), one_each("titles", titles, reached)
    if not all(map(np.any, reached)):
        raise ValueError("reached holds a layer without any pixel: there is no field to draw")
    rows = -(-len(reached) // columns)
    figure, axes = grid(rows, columns, rows * (WIDTH / columns * image.shape[0] / image.shape[1] + 0.25))
    grey = np.broadcast_to(0.7 + 0.3 * image.mean(axis=2, keepdims=True), image.shape)
    for axis, inside, size, title in zip(axes.flat, reached, sizes, titles):
        show(axis, np.where(inside[:, :, None], image, grey), title)
        frame(axis, inside.any(axis=1).argmax(), inside.any(axis=0).argmax(), size, size, linewidth=1.5)
    for axis in axes.flat[len(reached) :]:
        axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def place_and_angle(offsets, angles, cells, *, caption):
    """The responses of cells to a bar at each offset and angle: cells maps a label to its responses (angles, offsets)."""
    offsets, angles = values("offsets", offsets), values("angles", angles)
    responses = {
        label: values(f"cells[{label!r}]", each, angles.shape + offsets.shape) for label, each in cells.items()
    }
    strongest = max(each.max() for each in at_least_one("cells", responses.values())) or 1
    figure, axes = grid(1, len(responses), 2.7)
    for axis, (label, each) in zip(axes, responses.items()):
        drawn = axis.pcolormesh(offsets, angles, each, cmap=FEATURES, vmin=0, vmax=strongest, shading="nearest")
        axis.set(title=label, xlabel="place of the bar in pixels", yticks=angles[:: max(len(angles) // 4, 1)])
    axes[0].set_ylabel("angle of the bar in degrees")
    figure.colorbar(drawn, ax=axes, label="response")
    return CaptionedFigure(figure, caption)
