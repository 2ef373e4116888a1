"""The drawings of lesson 01: an image zoomed to its pixels, a detector on patches, and shares of a whole."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch
from matplotlib.ticker import FuncFormatter

from lessonlib.arguments import shape_text
from lessonlib.figures import palette
from lessonlib.figures.canvas import (
    WIDTH,
    CaptionedFigure,
    as_array,
    frame,
    grid,
    in_course_style,
    limits_of,
    print_values,
    show,
)
from lessonlib.figures.charts import table


@in_course_style
def zoom(image, top, left, size, *, caption):
    """An image with a framed square, and that square as numbers from 0 to 255.

    Parameters
    ----------
    image : array (height, width)
        In [0, 1].
    top, left : int
        The square's first row and column.
    size : int
        Its side, in pixels.
    """
    image = as_array(image)
    patch = np.round(255 * image[top : top + size, left : left + size])
    figure, (whole, part) = grid(1, 2, 2.8, width_ratios=[1.25, 1])
    show(whole, image, f"{shape_text(image.shape)} pixels")
    frame(whole, top, left, size, size)
    show(part, patch, f"the framed {size} x {size} pixels", palette.IMAGE, (0, 255))
    print_values(part, patch)
    for y in (0, 1):  # from the frame's right corners to the corners of the enlarged square
        corner = (left + size - 0.5, top - 0.5 + (1 - y) * size)
        ends = {"axesA": whole, "axesB": part, "color": palette.MARK, "linewidth": 1}
        figure.add_artist(ConnectionPatch(corner, (0, y), "data", "axes fraction", **ends))
    return CaptionedFigure(figure, caption)


@in_course_style
def detector(image, kernel, places, responses, *, caption):
    """One small detector applied to patches of an image: each patch, the weights, and the response as a bar.

    Parameters
    ----------
    image : array (height, width)
        In [0, 1].
    kernel : array (rows, columns)
        The same for every patch.
    places : list of (row, column)
        Of each patch's first pixel.
    responses : array (n,)
    """
    image, kernel = as_array(image), as_array(kernel)
    rows, columns = kernel.shape
    patches = [image[row : row + rows, column : column + columns] for row, column in places]
    responses = np.round(as_array(responses), 2) + 0.0  # no negative zero
    reach = 1.1 * np.abs(responses).max() or 1
    figure = Figure(figsize=(WIDTH, 3.1))
    left, right = figure.subfigures(1, 2, width_ratios=[1.2, 1])
    whole, cells = left.subplots(), right.subplots(len(places), 3, squeeze=False, width_ratios=[1, 1, 2])
    show(whole, image)
    for number, ((row, column), patch, response, (seen, weights, bar)) in enumerate(
        zip(places, patches, responses, cells, strict=True), start=1
    ):
        frame(whole, row, column, rows, columns)
        whole.text(column + columns + 2, row, number, color="white", backgroundcolor=palette.MARK, size=9, va="center")
        show(seen, patch, border=True)
        show(weights, kernel, colours=palette.SIGNED, limits=limits_of(kernel, True), border=True)
        seen.set_ylabel(number, rotation=0, va="center", labelpad=8)
        _signed_bar(bar, response, reach)
    for axis, title in zip(cells[0], ("patch", "weights", "response"), strict=True):
        axis.set_title(title)
    return CaptionedFigure(figure, caption)


@in_course_style
def closed_boxes(image, counts, inside, *, caption):
    """A row for each network: an image goes into a closed box, and ten scores come out.

    Parameters
    ----------
    image : array (height, width)
        In [0, 1].
    counts : dict
        {name of a network: its number of parameters}.
    inside : dict
        {name of a network: what is in its box, in a few words}.
    """
    figure, axes = grid(len(counts), 1, 0.8 * len(counts))
    for axis, (name, count) in zip(axes.ravel(), counts.items(), strict=True):
        axis.set(xlim=(0, 10), ylim=(0, 1))
        axis.set_axis_off()
        axis.inset_axes([0, 0.08, 0.1, 0.84]).imshow(as_array(image), cmap=palette.IMAGE)
        axis.child_axes[0].set(xticks=[], yticks=[])
        frame(axis, 0.58, 2, 0.84, 5.4, facecolor=palette.PIXEL, edgecolor=palette.QUIET, linewidth=1, fill=True)
        axis.text(1.65, 0.75, name, weight="bold", va="center")
        axis.text(1.65, 0.36, inside[name], va="center", size=9)
        for start, end in ((1.05, 1.5), (6.9, 7.35)):
            axis.annotate("", (end, 0.5), (start, 0.5), arrowprops={"arrowstyle": "-|>", "color": palette.OUTLINE})
        axis.text(7.4, 0.66, "10 scores", va="center")
        axis.text(7.4, 0.3, f"{count:,} parameters", va="center", size=9)
    return CaptionedFigure(figure, caption)


@in_course_style
def stacked_shares(rows, *, caption, x_label):
    """One horizontal bar a row, 0 to 100 %, split into its parts.

    Parameters
    ----------
    rows : dict
        {name: {part: count}}.
    x_label : str
    """
    parts, counts = table(rows)
    shares = counts / counts.sum(axis=1, keepdims=True)
    figure = Figure(figsize=(WIDTH, 0.5 * len(rows) + 1.1))
    axis = figure.subplots()
    for i, part in enumerate(parts):
        if shares[:, i].max() < 0.005:
            continue  # a part that can't be seen in any row needs no place in the legend
        colour, on_it = palette.PARTS[i]
        starts = shares[:, :i].sum(axis=1)
        drawn = axis.barh(range(len(rows)), shares[:, i], left=starts, label=part, color=colour)
        labels = [f"{share:.0%}" if share > 0.06 else "" for share in shares[:, i]]
        axis.bar_label(drawn, labels, label_type="center", color=on_it)
    axis.set_yticks(range(len(rows)), rows)
    axis.invert_yaxis()
    axis.set(xlim=(0, 1), xlabel=x_label)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    figure.legend(loc="outside upper center", ncols=3)
    return CaptionedFigure(figure, caption)


def _signed_bar(axis, value, reach):
    """A number from -reach to reach as a bar to the left or right of a line at 0, with its value in front."""
    axis.barh([0], [value], height=0.9, color=palette.POSITIVE if value > 0 else palette.NEGATIVE)
    axis.axvline(0, color=palette.OUTLINE, linewidth=0.8)
    axis.set(xlim=(-1.8 * reach, reach), ylim=(-1, 1), xticks=[], yticks=[])
    axis.spines[:].set_visible(False)
    axis.text(-1.8 * reach, 0, f"{value:+.2f}", va="center")
