"""The drawings of lesson 04: maps at the sizes that they have, receptive fields, and what a cell tolerates."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from lessonlib.arguments import shape_text
from lessonlib.figures import palette
from lessonlib.figures.canvas import WIDTH, CaptionedFigure, as_array, as_image, frame, grid, in_course_style, show
from lessonlib.figures.charts import PERCENT

ONE, OTHER = "#9ecae1", palette.MARK  # of two neighbours: what the one sees is filled, what the other sees is framed


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
def neighbouring_fields(pixels, layers, *, caption):
    """A row of pixels, and above it the numbers of each layer, each over the middle of its field.

    Of two neighbours in the last layer: filled, what the left one depends on, and framed, what the right one depends on.
    Below the pixels, both fields and the jump from one to the other.

    Parameters
    ----------
    pixels : int
    layers : list of (name, kernel_size, stride)
        From the first to the last, without padding. The last leaves two numbers or more.
    """
    size, jump, rows = 1, 1, [("image", 1, 1, pixels)]
    for name, kernel_size, stride in layers:
        size, jump = size + (kernel_size - 1) * jump, jump * stride
        rows.append((name, size, jump, (rows[-1][3] - kernel_size) // stride + 1))
    figure = Figure(figsize=(WIDTH, 0.45 * len(rows) + 0.75))
    axis = figure.subplots()
    first = last = (rows[-1][3] - 2) // 2  # the numbers that the left one depends on, from row to row downwards
    step = 1
    for height in range(len(layers), -1, -1):
        name, size, jump, count = rows[height]
        for number in range(count):
            left = number * jump + (size - 1) / 2 - 0.42
            face = ONE if first <= number <= last else palette.PIXEL
            framed = first + step <= number <= last + step
            edge = {"edgecolor": OTHER, "linewidth": 2} if framed else {"edgecolor": "none"}
            axis.add_patch(Rectangle((left, height - 0.3), 0.84, 0.6, facecolor=face, **edge))
        axis.text(-0.9, height, name, ha="right", va="center")
        if height:
            _, kernel_size, stride = layers[height - 1]
            first, last, step = first * stride, last * stride + kernel_size - 1, step * stride
    _bracket(axis, -0.65, first, last, ONE, 6)
    _bracket(axis, -1.0, first + step, last + step, OTHER, 2)
    middle = {"ha": "center", "va": "top", "size": 9}
    axis.annotate("", (first - 0.5, -1.3), (first + step - 0.5, -1.3), arrowprops={"arrowstyle": "<->"})
    axis.text(first + step / 2 - 0.5, -1.4, f"jump {step}", **middle)
    axis.text(last + step + 0.8, -0.85, f"two fields of {rows[-1][1]}", ha="left", va="center", size=9)
    axis.set(xlim=(-3, pixels + 1), ylim=(-1.9, len(layers) + 0.5))
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
    """The responses of cells to a bar at each place and angle, as shares of the largest response of each cell.

    Parameters
    ----------
    offsets, angles : array (n,)
        In order.
    cells : dict
        {label: shares (angles, offsets)}, as pooling.over_bars gives them.
    """
    offsets, angles = as_array(offsets), as_array(angles)
    figure, axes = grid(1, len(cells), 2.9)
    for axis, (label, shares) in zip(axes, cells.items(), strict=True):
        colours = {"cmap": palette.FEATURES, "vmin": 0, "vmax": 1}
        drawn = axis.pcolormesh(offsets, angles, as_array(shares), shading="nearest", **colours)
        axis.set(title=label, xlabel="place in pixels", yticks=angles[:: max(len(angles) // 4, 1)])
        axis.xaxis.set_major_locator(MaxNLocator(4, prune="both"))  # so that neighbours' ends do not touch
        axis.label_outer()
    axes[0].set_ylabel("angle in degrees")
    figure.colorbar(drawn, ax=axes, label="share of the largest response", format=PERCENT)
    return CaptionedFigure(figure, caption)


@in_course_style
def over_shifts(shifts, trainings, *, caption, chance=0.1):
    """Accuracy against shift: a panel for each way of training, with a line for each network.

    Parameters
    ----------
    shifts : array (n,)
        In pixels.
    trainings : dict
        {title: {network: accuracies (n,)}}, with the same networks everywhere.
    chance : float
        The accuracy of guessing, as a dotted line.
    """
    figure, axes = grid(1, len(trainings), 3.3)
    for axis, (title, networks) in zip(axes, trainings.items(), strict=True):
        for (network, accuracies), marker in zip(networks.items(), "osD^v", strict=False):
            axis.plot(shifts, as_array(accuracies), marker=marker, markersize=5, label=network)
        axis.axhline(chance, color=palette.CHANCE, linestyle=":", linewidth=1.4)
        axis.text(shifts[0], chance - 0.02, "chance", va="top", size=9, color=palette.CHANCE)
        axis.set(title=title, xlabel="shift to the right, in pixels", xticks=shifts, ylim=(0, 1.03))
        axis.yaxis.set_major_formatter(PERCENT)
        axis.grid(color=palette.GRID, linewidth=0.8)
        axis.label_outer()
    axes[0].set_ylabel("accuracy")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, handlelength=4)
    return CaptionedFigure(figure, caption)


def _bracket(axis, height, first, last, colour, width):
    """A line below the pixels from first to last."""
    axis.plot(
        [first - 0.5, last + 0.5], [height, height], color=colour, linewidth=width, linestyle="-", solid_capstyle="butt"
    )
