"""The drawings of lesson 05: a network step by step, runs with their spread, maps below pictures, confusions."""

import math
import textwrap

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from lessonlib.arguments import pair, whole_number
from lessonlib.figures.canvas import (
    FEATURES,
    QUIET,
    SIGNED,
    WIDTH,
    CaptionedFigure,
    at_least_one,
    grid,
    in_course_style,
    matrix,
    one_each,
    picture,
    show,
    values,
)
from lessonlib.figures.charts import CHANCE, PERCENT

MOST_STEPS = 10  # side by side, with texts that can be read
LINE, MARGIN = 2.5, 0.75  # inches: the height of a line of steps, and the width of its labels
LARGEST, DEEPEST, LONGEST = 0.5, 0.3, 0.8  # inches: the side of a map, the depth of a block, the length of a vector
LABELS = {"": 1.18, "shape": 1.59, "parameters": 1.9, "sees": 2.2}  # inches from the top of a line
TALLEST = 3.4  # inches: what fits below its code on a slide
LEARNS, FIXED, SEEN = "#f0b49e", "#d5e3ee", "#606060"


@in_course_style
def network(steps, *, caption):
    """A network from left to right: for each step its maps as a block, their shape, its parameters and its field.

    steps: (name, shape, parameters, sees) in the order in which they run, the picture first; shape (channels,
    height, width) or (values,); sees (rows, columns) of the picture. The sides of all blocks are to scale. Their
    depth grows with the square root of the channels, the length of a vector with that of its values.
    """
    steps = [_checked_step(step) for step in at_least_one("steps", steps)]
    picture, most = steps[0][1][1:], {}
    if not picture:
        raise ValueError("steps begin with a vector: the first one is the picture (channels, height, width)")
    for _, shape, _, _ in steps:  # maps and vectors have a scale each
        most[len(shape)] = max(shape[0], most.get(len(shape), 1))
    lines = [steps[first : first + MOST_STEPS] for first in range(0, len(steps), MOST_STEPS)]
    figure = Figure(figsize=(WIDTH, LINE * len(lines)))
    for axis, line in zip(figure.subplots(len(lines), 1, squeeze=False).flat, lines):
        axis.set(xlim=(0, WIDTH), ylim=(-LINE, 0), aspect="equal")
        axis.set_axis_off()
        for label, depth in LABELS.items():
            axis.text(0, -depth, label, va="center", size=8, color=QUIET)
        for column, (name, shape, parameters, sees) in enumerate(line):
            x = MARGIN + (column + 0.5) * (WIDTH - MARGIN) / len(lines[0])
            share = math.sqrt(shape[0] / most[len(shape)])
            _block(axis, x, shape, LARGEST / max(picture), share, LEARNS if parameters else FIXED)
            texts = ["\n".join(textwrap.wrap(name, 12)), _shape(shape), f"{parameters:,}"]
            for text, depth in zip(texts, LABELS.values()):
                axis.text(x, -depth, text, ha="center", va="center", size=7.3, linespacing=1.1)
            _field(axis, x, sees, picture)
    return CaptionedFigure(figure, caption)


@in_course_style
def runs(groups, *, caption, x_label, chance=None):
    """A line for each group of runs, with a dot for every run and the mean in figures: shares from 0 to 1.

    groups maps a name to the results of its runs; chance draws a dotted line.
    """
    names = at_least_one("groups", groups)
    figure = Figure(figsize=(WIDTH, 0.42 * len(names) + 0.8))
    axis = figure.subplots()
    for line, name in enumerate(names):
        results = values("groups", groups[name])
        axis.plot([0, results.mean()], [line, line], color="#dbe6ee", linewidth=9, solid_capstyle="butt", linestyle="-")
        axis.plot(results.ravel(), np.full(results.size, line), "o", color="C0", alpha=0.6, markersize=6)
        axis.text(1.02, line, f"{results.mean():.0%}", va="center")
    if chance is not None:
        axis.axvline(chance, color=CHANCE, linestyle=":", linewidth=1.4)
        axis.text(chance, -0.65, "chance", ha="center", va="bottom", size=9, color=CHANCE)
    axis.set_yticks(range(len(names)), names)
    axis.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.6), xlabel=x_label)
    axis.xaxis.set_major_formatter(PERCENT)
    return CaptionedFigure(figure, caption)


@in_course_style
def maps_below(images, maps, *, caption, titles=None):
    """Pictures in a row, and below them rows of maps, each row in one scale of colours.

    images: (h, w) or (3, h, w) in [0, 1]; titles: one for each. maps: a row's name mapped to its maps (h, w), with
    colours from 0 on, or around 0 where one of them has signs.
    """
    images = [picture("images", image) for image in at_least_one("images", images)]
    rows = {name: [matrix("maps", each) for each in at_least_one("maps", row)] for name, row in maps.items()}
    columns = max(len(row) for row in [images, *rows.values()])
    figure, axes = grid(1 + len(rows), columns, min((1 + len(rows)) * WIDTH / (columns + 1) + 0.25, TALLEST))
    axes = np.reshape(axes, (1 + len(rows), columns))
    for axis, image, title in zip(axes[0], images, one_each("titles", titles, images)):
        show(axis, image, title)
    for cells, (name, row) in zip(axes[1:], rows.items()):
        lowest, highest = min(each.min() for each in row), max(each.max() for each in row)
        largest = max(-lowest, highest) or 1
        colours, limits = (SIGNED, (-largest, largest)) if lowest < 0 else (FEATURES, (0, largest))
        for axis, each in zip(cells, row):
            show(axis, each, colours=colours, limits=limits)
        cells[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for axis in axes.flat:
        if not axis.images:
            axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def confusions(counts, *, caption):
    """Which class was taken for which: counts[label][answer] as numbers, with the wrong answers in colour."""
    counts = matrix("counts", counts)
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"counts have the shape {counts.shape}: give as many columns as rows")
    wrong = np.where(np.eye(len(counts)), 0, counts)
    figure, (axis,) = grid(1, 1, 3.4)
    axis.imshow(wrong, cmap="Oranges", vmin=0, vmax=1.5 * wrong.max() or 1)
    for (label, answer), count in np.ndenumerate(counts):
        if count:
            colour = "black" if label != answer else QUIET
            axis.text(answer, label, f"{count:.0f}", ha="center", va="center", size=8, color=colour)
    ticks = range(len(counts))
    axis.set(xticks=ticks, yticks=ticks, xlabel="answer of the network", ylabel="label")
    axis.tick_params(length=0)
    return CaptionedFigure(figure, caption)


def _checked_step(step):
    name, shape, parameters, sees = step
    if len(shape) not in (1, 3):
        raise ValueError(f"steps hold the shape {shape!r}: give (channels, height, width) or (values,)")
    shape = tuple(whole_number("steps", length, 1) for length in shape)
    return name.replace(" x ", "\u00a0x\u00a0"), shape, whole_number("steps", parameters), pair("steps", sees, 1)


def _shape(shape):
    """The shape in two lines that fit below a block."""
    if len(shape) == 1:
        return f"{shape[0]:,}\nvalues"
    return f"{shape[0]} map{'s' * (shape[0] > 1)}\n{shape[1]} x {shape[2]}"


def _block(axis, x, shape, scale, share, face):
    """Maps as a block in the middle of x, or a vector as an upright bar; share of the greatest depth or length."""
    y, style = -0.52, {"facecolor": face, "edgecolor": "#404040", "linewidth": 0.8}
    if len(shape) == 1:
        length = LONGEST * share
        axis.add_patch(Rectangle((x - 0.04, y - length / 2), 0.08, length, **style))
        return
    height, width = (max(length * scale, 0.03) for length in shape[1:])
    slant = DEEPEST * share
    left, bottom = x - (width + slant) / 2, y - (height + slant) / 2
    right, top = left + width, bottom + height
    axis.add_patch(Rectangle((left, bottom), width, height, **style))
    for near, far in (((left, top), (right, top)), ((right, bottom), (right, top))):  # the upper face, the right one
        corners = [near, far, (far[0] + slant, far[1] + slant), (near[0] + slant, near[1] + slant)]
        axis.add_patch(Polygon(corners, **style))


def _field(axis, x, sees, picture):
    """The picture as a frame, and in its middle the part that one number sees."""
    scale, y = 0.3 / max(picture), -LABELS["sees"]
    for (rows, columns), style in ((picture, {"fill": False, "edgecolor": QUIET}), (sees, {"color": SEEN})):
        corner = (x - columns * scale / 2, y - rows * scale / 2)
        axis.add_patch(Rectangle(corner, columns * scale, rows * scale, linewidth=0.8, **style))
    text = "all" if sees == picture else f"{sees[0]} x {sees[1]}"
    axis.text(x, y - 0.17, text, ha="center", va="top", size=7.3)
