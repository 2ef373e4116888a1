"""The drawings of lesson 05: a network step by step, and the years of a field."""

import math
import textwrap

from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from lessonlib.arguments import shape_text
from lessonlib.figures import palette
from lessonlib.figures.canvas import SMALLEST_LETTERS, WIDTH, CaptionedFigure, in_course_style

MOST_STEPS = 10  # side by side, with texts that can be read
LINE, MARGIN = 2.55, 0.75  # inches: the height of a line of steps, and the width of its labels
LARGEST, DEEPEST, LONGEST = 0.5, 0.3, 0.8  # inches: the side of a map, the depth of a block, the length of a vector
LABELS = {"": 1.18, "shape": 1.59, "parameters": 1.9, "sees": 2.2}  # inches from the top of a line
ROW, LONGEST_LINE = 0.36, 62  # of a timeline: inches for an event, and the letters of a line of its text


@in_course_style
def network(steps, *, caption):
    """A network from left to right: for each step its maps as a block, their shape, its parameters and its field.

    The sides of all blocks are to scale. Their depth grows with the square root of the channels, the length of a vector
    with that of its values.

    Parameters
    ----------
    steps : list of (name, shape, parameters, sees)
        In the order in which they run, the image first, as cnn.steps gives them; shape (channels, height, width) or
        (values,); sees (rows, columns) of the image.
    """
    image, most = steps[0][1][1:], {}
    for _, shape, _, _ in steps:  # maps and vectors have a scale each
        most[len(shape)] = max(shape[0], most.get(len(shape), 1))
    lines = [steps[first : first + MOST_STEPS] for first in range(0, len(steps), MOST_STEPS)]
    figure = Figure(figsize=(WIDTH, LINE * len(lines)))
    for axis, line in zip(figure.subplots(len(lines), 1, squeeze=False).flat, lines, strict=True):
        axis.set(xlim=(0, WIDTH), ylim=(-LINE, 0), aspect="equal")
        axis.set_axis_off()
        for label, depth in LABELS.items():
            axis.text(0, -depth, label, va="center", size=9, color=palette.QUIET_TEXT)
        for column, (name, shape, parameters, sees) in enumerate(line):
            x = MARGIN + (column + 0.5) * (WIDTH - MARGIN) / len(lines[0])
            share = math.sqrt(shape[0] / most[len(shape)])
            _block(axis, x, shape, LARGEST / max(image), share, palette.LEARNS if parameters else palette.FIXED)
            name = textwrap.fill(name.replace(" x ", "\u00a0x\u00a0"), 8)
            texts = [name, _shape(shape), f"{parameters:,}"]
            for text, depth in zip(texts, LABELS.values(), strict=False):
                axis.text(x, -depth, text, ha="center", va="center", size=SMALLEST_LETTERS, linespacing=1.1)
            _field(axis, x, sees, image)
    return CaptionedFigure(figure, caption)


@in_course_style
def timeline(events, *, caption):
    """Years on a scale that is true to time, from top to bottom, and beside each what happened.

    Parameters
    ----------
    events : list of (year, who, what)
        In the order of the years. Each text has a row of its own, with a line to its year.
    """
    years = [year for year, _, _ in events]
    height = ROW * len(events)
    figure = Figure(figsize=(WIDTH, height + 0.2))
    axis = figure.subplots()
    axis.set(xlim=(0, WIDTH), ylim=(-height, 0))
    axis.set_axis_off()
    rows = [-ROW * (row + 0.5) for row in range(len(events))]
    years_per_inch = (years[-1] - years[0]) / (rows[0] - rows[-1]) if years[-1] > years[0] else 1
    places = [rows[0] - (year - years[0]) / years_per_inch for year in years]
    axis.plot([0.2, 0.2], [places[0], places[-1]], color=palette.QUIET, linewidth=2, linestyle="-")
    for (year, who, what), place, row in zip(events, places, rows, strict=True):
        axis.plot([0.2, 0.5, 0.6], [place, row, row], color=palette.QUIET, linewidth=0.8, linestyle="-")
        axis.plot(0.2, place, "o", color="C0", markersize=5)
        axis.text(0.68, row, year, va="center", size=10, weight="bold")
        axis.text(1.18, row, who, va="center", size=10, color="C0")
        axis.text(3.2, row, textwrap.fill(what, LONGEST_LINE), va="center", size=9, linespacing=1.1)
    return CaptionedFigure(figure, caption)


def _shape(shape):
    """The shape in two lines that fit below a block."""
    if len(shape) == 1:
        return f"{shape[0]:,}\nvalues"
    return f"{shape[0]} map{'s' * (shape[0] > 1)}\n{shape_text(shape[1:])}"


def _block(axis, x, shape, scale, share, face):
    """Maps as a block in the middle of x, or a vector as an upright bar; share of the greatest depth or length."""
    y, style = -0.52, {"facecolor": face, "edgecolor": palette.OUTLINE, "linewidth": 0.8}
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


def _field(axis, x, sees, image):
    """The image as a frame, and in its middle the part that one number sees."""
    scale, y = 0.3 / max(image), -LABELS["sees"]
    styles = {"fill": False, "edgecolor": palette.QUIET}, {"color": palette.SEEN}
    for (rows, columns), style in zip((image, sees), styles, strict=True):
        corner = (x - columns * scale / 2, y - rows * scale / 2)
        axis.add_patch(Rectangle(corner, columns * scale, rows * scale, linewidth=0.8, **style))
    text = "all" if sees == image else shape_text(sees)
    axis.text(x, y - 0.17, text, ha="center", va="top", size=SMALLEST_LETTERS)
