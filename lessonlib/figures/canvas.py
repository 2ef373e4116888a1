"""What all drawings share: the one style, a figure with its caption, and the strokes that they are made of."""

import functools
from io import BytesIO
from pathlib import Path

import matplotlib.style
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image

from lessonlib.figures import palette

STYLE = Path(__file__).with_name("course.mplstyle")
WIDTH = 7.4  # inches: the width of a notebook's cell on a laptop
SMALLEST_LETTERS = 9  # points, at the size at which a figure is shown
MOST_PRINTED = 8  # rows and columns of an array whose values still fit into its cells
BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}


class CaptionedFigure:
    """A finished figure. In a notebook it shows its PNG, and below it the caption that says what to see.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
        What was drawn, for whoever wants to save it in another form or to draw more into it.
    caption : str
        One sentence or two, also the alternative text.
    png : bytes
        The figure as it is shown.
    """

    def __init__(self, figure, caption, colours=64):
        self.figure, self.caption, self.png = figure, caption, _png(figure, colours)

    def __repr__(self):
        return f"Figure\n{self.caption}"  # JupyterLab shows the first line of a hidden output: it gives nothing away

    def _ipython_display_(self):
        alternative_text = {"image/png": {"alt": self.caption}}
        display({"image/png": self.png, "text/plain": repr(self)}, metadata=alternative_text, raw=True)
        display({"text/markdown": f"*{self.caption}*", "text/plain": self.caption}, raw=True)


def in_course_style(draw):
    """Decorator for a function that returns a CaptionedFigure: everything in it is drawn in the one style.

    It begins from matplotlib's own settings, whatever a student has set.
    """

    @functools.wraps(draw)
    def drawn(*args, **kwargs):
        with matplotlib.style.context(STYLE, after_reset=True):
            return draw(*args, **kwargs)

    drawn.is_drawing = True
    return drawn


def is_drawing(thing):
    """Whether this is a function that in_course_style has decorated."""
    return getattr(thing, "is_drawing", False) is True


def as_array(values):
    """Numbers of a list, an array or a tensor, weights too, as an array of floats."""
    return np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, float)


def as_image(values):
    """An image as matplotlib wants it, channels last: (height, width) or (height, width, channels)."""
    image = as_array(values)
    return np.moveaxis(image, 0, -1) if image.ndim == 3 else image


def grid(rows, columns, height, **ratios):
    """A figure of the course's width, and its axes as an array (rows, columns), or (columns,) for one row."""
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=ratios)
    return figure, axes if rows > 1 else axes[0]


def show(axis, image, title="", colours=palette.IMAGE, limits=(0, 1), border=False):
    """An image or map on its axis, without ticks; limits are the values at the ends of the colours."""
    axis.imshow(image, cmap=colours, vmin=limits[0], vmax=limits[1])
    axis.set(xticks=[], yticks=[], title=title)
    axis.spines[:].set(visible=border, color=palette.QUIET)


def frame(axis, row, column, height, width, **style):
    """A box around pixels of an image, of which (row, column) is the first."""
    style = {"fill": False, "edgecolor": palette.MARK, "linewidth": 2} | style
    axis.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, **style))


def print_values(axis, array, digits=0, size=SMALLEST_LETTERS, text=None):
    """Each value in its cell, dark on light and light on dark; NaN is a cell that is still empty.

    digits: how many after the point; text: what to print for a value, in place of that.
    """
    image = axis.images[0]
    for (row, column), value in np.ndenumerate(array):
        if np.isnan(value):
            continue
        brightness = np.dot(image.cmap(image.norm(value))[:3], [0.299, 0.587, 0.114])
        colour = "black" if brightness > 0.5 else "white"
        printed = text(value) if text else f"{round(value, digits) + 0.0:.{digits}f}"  # + 0.0: no negative zero
        axis.text(column, row, printed, ha="center", va="center", size=size, color=colour)


def show_array(axis, array, colours, limits, digits=0):
    """An array on its axis, with its values in the cells where they fit."""
    show(axis, array, colours=colours, limits=limits, border=True)
    if max(array.shape) <= MOST_PRINTED:
        print_values(axis, array, digits)


def limits_of(array, signed, share=1):
    """The values at the ends of the colours: the same distance on both sides of 0, or smallest and largest.

    share: of the values that the colours around 0 tell apart; the strongest beyond them look alike.
    """
    largest = float(np.quantile(np.abs(array), share)) or 1.0
    return (-largest, largest) if signed else (float(array.min()), float(array.max()))


def scale_of(maps, signed=None):
    """The colours of several maps in one scale, and the values at their ends: around 0 if signed, else from 0.

    signed: by itself whether one of the maps has signs.
    """
    largest = max(np.abs(array).max() for array in maps) or 1
    if signed is None:
        signed = min(array.min() for array in maps) < 0
    return (palette.SIGNED, (-largest, largest)) if signed else (palette.FEATURES, (0, largest))


def _png(figure, colours):
    """PNG bytes of few colours, a quarter of the size; no time and no version inside, so bytes stay the same."""
    raw, small = BytesIO(), BytesIO()
    figure.savefig(raw, format="png", metadata={"Software": None})
    reduced = Image.open(raw).convert("RGB").quantize(colours, kmeans=1, dither=Image.Dither.NONE)
    reduced.save(small, format="png", optimize=True)
    return small.getvalue()
