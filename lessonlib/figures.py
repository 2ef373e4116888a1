"""Every drawing of the course, in one style; each shows itself as a PNG with its caption below.

One colour map for each role, in every lesson: pictures grey or as they are, signed values (kernels,
weights, filtered maps) diverging around 0, feature maps sequential from 0.
"""

import functools
from io import BytesIO
from pathlib import Path

import matplotlib.style
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch, Rectangle
from matplotlib.ticker import FuncFormatter
from PIL import Image

STYLE = Path(__file__).with_name("course.mplstyle")
WIDTH = 7.4  # inches: the width of a notebook's cell on a laptop
PICTURE, SIGNED, FEATURES = "gray", "RdBu_r", "viridis"
MARK = "#c1440e"  # boxes and arrows that say: look here
POSITIVE, NEGATIVE = "#b2182b", "#2166ac"  # a signed number as a bar: the ends of the SIGNED map
BEHIND_TEXT = {"facecolor": "white", "edgecolor": "none", "pad": 0.8}
BARS = {"FFNN": "#c1440e", "CNN": "#0072b2", "CNN with flatten": "#7fb2d9"}  # the networks keep their colours


class CaptionedFigure:
    """A finished figure. In a notebook it shows its PNG, and below it the caption that says what to see."""

    def __init__(self, figure, caption):
        if not isinstance(caption, str) or not caption.strip():
            raise ValueError(f"caption is {caption!r}: say in a sentence what there is to see")
        self.caption, self.png = caption, _png(figure)

    def __repr__(self):
        return f"Figure: {self.caption}"

    def _ipython_display_(self):
        alternative_text = {"image/png": {"alt": self.caption}}
        display({"image/png": self.png, "text/plain": repr(self)}, metadata=alternative_text, raw=True)
        display({"text/markdown": f"*{self.caption}*", "text/plain": self.caption}, raw=True)


def in_course_style(draw):
    """Decorator for a function that returns a CaptionedFigure: everything in it is drawn in the one style."""

    @functools.wraps(draw)
    def drawn(*args, **kwargs):
        with matplotlib.style.context(STYLE):
            return draw(*args, **kwargs)

    return drawn


@in_course_style
def pictures(images, *, caption, titles=None, columns=None):
    """Pictures side by side: arrays (h, w), (1, h, w) or (3, h, w) in [0, 1]; columns in a row, all by default."""
    images = [_picture("images", image) for image in images]
    titles = _one_each("titles", titles, images)
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    height = rows * (WIDTH / columns * images[0].shape[0] / images[0].shape[1] + (0.3 if any(titles) else 0.05))
    figure, axes = _grid(rows, columns, min(height, 6))
    for axis, image, title in zip(axes.flat, images, titles):
        _show(axis, image, title)
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def numbers(arrays, *, caption, titles=None, signed=False, digits=0, mark=None):
    """Small arrays (h, w) with their values printed in the cells.

    signed: diverging colours around 0 in place of grey from the smallest to the largest value; one bool for
    all arrays or one for each. digits: how many behind the point. mark: a (row, column, height, width) to frame,
    one for all arrays or a list with one, or None, for each.
    """
    arrays = [_matrix("arrays", array) for array in arrays]
    titles = _one_each("titles", titles, arrays)
    marks = _one_each("mark", mark if isinstance(mark, list) else [mark] * len(arrays), arrays)
    is_signed = _one_each("signed", signed if isinstance(signed, list) else [signed] * len(arrays), arrays)
    widths = [array.shape[1] for array in arrays]
    cell = min(WIDTH / (sum(widths) + 0.6 * len(arrays)), 0.34)
    figure, axes = _grid(1, len(arrays), cell * max(len(array) for array in arrays) + 0.4, width_ratios=widths)
    for axis, array, title, box, both_signs in zip(axes, arrays, titles, marks, is_signed):
        _show(axis, array, title, SIGNED if both_signs else PICTURE, _limits(array, both_signs))
        _print_values(axis, array, digits, size=min(10, 30 * cell))
        if box is not None:
            _frame(axis, *box)
    return CaptionedFigure(figure, caption)


@in_course_style
def zoom(image, top, left, size, *, caption):
    """A picture (h, w) in [0, 1] with a framed square of size pixels, and that square as numbers from 0 to 255."""
    image = _matrix("image", image)
    patch = np.round(255 * image[top : top + size, left : left + size])
    if patch.shape != (size, size):
        raise ValueError(
            f"size is {size!r} at ({top}, {left}): the square must lie inside the picture of {image.shape}"
        )
    figure, (whole, part) = _grid(1, 2, 2.8, width_ratios=[1.25, 1])
    _show(whole, image, f"{image.shape[0]} x {image.shape[1]} pixels", PICTURE, (0, 1))
    _frame(whole, top, left, size, size)
    _show(part, patch, f"the framed {size} x {size} pixels", PICTURE, (0, 255))
    _print_values(part, patch, 0, size=8)
    for y in (0, 1):  # from the frame's right corners to the corners of the enlarged square
        corner = (left + size - 0.5, top - 0.5 + (1 - y) * size)
        line = ConnectionPatch(
            corner, (0, y), "data", "axes fraction", axesA=whole, axesB=part, color=MARK, linewidth=1
        )
        figure.add_artist(line)
    return CaptionedFigure(figure, caption)


@in_course_style
def detector(image, kernel, places, *, caption):
    """One small detector applied to patches of a picture: each patch, the weights, and the response as a bar.

    image (h, w) in [0, 1]; kernel (kh, kw), the same for every patch; places: the (row, column) of each patch's
    first pixel.
    """
    image, kernel = _matrix("image", image), _matrix("kernel", kernel)
    rows, columns = kernel.shape
    patches = [image[row : row + rows, column : column + columns] for row, column in places]
    if any(patch.shape != kernel.shape for patch in patches):
        raise ValueError(
            f"places is {places!r}: each patch of {kernel.shape} must lie inside the picture of {image.shape}"
        )
    responses = [round((patch * kernel).sum(), 2) + 0.0 for patch in patches]  # + 0.0: no negative zero
    reach = 1.1 * np.abs(responses).max() or 1
    figure = Figure(figsize=(WIDTH, 3.1))
    left, right = figure.subfigures(1, 2, width_ratios=[1.2, 1])
    whole, cells = left.subplots(), right.subplots(len(places), 3, squeeze=False, width_ratios=[1, 1, 2])
    _show(whole, image)
    for i, (seen, weights, bar) in enumerate(cells):
        (row, column), number, response = places[i], i + 1, responses[i]
        _frame(whole, row, column, rows, columns)
        whole.text(column + columns + 2, row, number, color="white", backgroundcolor=MARK, size=8, va="center")
        _show(seen, patches[i], border=True)
        _show(weights, kernel, colours=SIGNED, limits=_limits(kernel, True), border=True)
        seen.set_ylabel(number, rotation=0, va="center", labelpad=8)
        bar.barh([0], [response], height=0.9, color=POSITIVE if response > 0 else NEGATIVE)
        bar.axvline(0, color="#404040", linewidth=0.8)
        bar.set(xlim=(-1.8 * reach, reach), ylim=(-1, 1), xticks=[], yticks=[])
        bar.spines[:].set_visible(False)
        bar.text(-1.8 * reach, 0, f"{response:+.2f}", va="center")
    for axis, title in zip(cells[0], ("patch", "weights", "response")):
        axis.set_title(title)
    return CaptionedFigure(figure, caption)


@in_course_style
def curves(x, lines, *, caption, x_label, y_label, log=False, x_ticks=None):
    """Lines over x, each labelled at its right end: lines maps a label to its y values; log scales both axes."""
    figure = Figure(figsize=(WIDTH, 3.4))
    axis = figure.subplots()
    for label, y in lines.items():
        if len(y) != len(x):
            raise ValueError(f"lines[{label!r}] has {len(y)} values: give {len(x)}, one for each x")
        (line,) = axis.plot(x, y)
        axis.annotate(f" {label}", (x[-1], y[-1]), color=line.get_color(), va="center", annotation_clip=False)
    if log:
        axis.set(xscale="log", yscale="log")
    if x_ticks is not None:
        axis.set_xticks(x_ticks, [f"{tick:,}" for tick in x_ticks])
        axis.minorticks_off()
    axis.grid(color="#e0e0e0", linewidth=0.8)
    axis.set(xlabel=x_label, ylabel=y_label)
    return CaptionedFigure(figure, caption)


@in_course_style
def bars(groups, *, caption, y_label, chance=None):
    """Grouped bars of shares from 0 to 1: groups maps a group's name to {series: value}; chance draws a dashed line."""
    figure = Figure(figsize=(WIDTH, 3.0))
    axis = figure.subplots()
    series = list(next(iter(groups.values())))
    width = 0.8 / len(series)
    for i, name in enumerate(series):
        places = np.arange(len(groups)) + (i - (len(series) - 1) / 2) * width
        values = [group[name] for group in groups.values()]
        drawn = axis.bar(places, values, 0.94 * width, label=name, color=BARS.get(name, f"C{i}"))
        axis.bar_label(drawn, [f"{value:.0%}" for value in values], padding=2, bbox=BEHIND_TEXT)
    if chance is not None:
        axis.axhline(chance, color="#404040", linestyle=":", linewidth=1.4)
        axis.text(1, chance, " chance", transform=axis.get_yaxis_transform(), va="center")
    axis.set_xticks(range(len(groups)), groups)
    axis.set(ylim=(0, 1.1), ylabel=y_label)
    axis.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}" if share <= 1 else ""))
    figure.legend(loc="outside upper center", ncols=len(series))
    return CaptionedFigure(figure, caption)


@in_course_style
def stacked_shares(rows, *, caption, x_label):
    """One horizontal bar a row, 0 to 100 %, split into its parts: rows maps a name to {part: count}."""
    figure = Figure(figsize=(WIDTH, 0.5 * len(rows) + 1.1))
    axis = figure.subplots()
    starts = np.zeros(len(rows))
    for i, part in enumerate(next(iter(rows.values()))):
        shares = np.array([row[part] / sum(row.values()) for row in rows.values()])
        if shares.max() < 0.005:
            continue  # a part that can't be seen in any row needs no place in the legend
        drawn = axis.barh(range(len(rows)), shares, left=starts, label=part, color=["#0072b2", "#c1440e", "#8a8a8a"][i])
        labels = [f"{share:.0%}" if share > 0.06 else "" for share in shares]
        axis.bar_label(drawn, labels, label_type="center", color="white")
        starts += shares
    axis.set_yticks(range(len(rows)), rows)
    axis.invert_yaxis()
    axis.set(xlim=(0, 1), xlabel=x_label)
    axis.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{share:.0%}"))
    figure.legend(loc="outside upper center", ncols=3)
    return CaptionedFigure(figure, caption)


def _png(figure):
    """PNG bytes of at most 64 colours, a quarter of the size; no time and no version inside, so bytes stay the same."""
    raw, small = BytesIO(), BytesIO()
    figure.savefig(raw, format="png", metadata={"Software": None})
    Image.open(raw).convert("RGB").quantize(64, kmeans=1, dither=Image.Dither.NONE).save(
        small, format="png", optimize=True
    )
    return small.getvalue()


def _grid(rows, columns, height, **ratios):
    """A figure of the course's width, and its axes as an array (rows, columns), or (columns,) for one row."""
    figure = Figure(figsize=(WIDTH, height))
    axes = figure.subplots(rows, columns, squeeze=False, gridspec_kw=ratios)
    return figure, axes if rows > 1 else axes[0]


def _show(axis, image, title="", colours=PICTURE, limits=(0, 1), border=False):
    axis.imshow(image, cmap=colours, vmin=limits[0], vmax=limits[1])
    axis.set(xticks=[], yticks=[], title=title)
    axis.spines[:].set(visible=border, color="#8a8a8a")


def _frame(axis, row, column, height, width):
    axis.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, fill=False, edgecolor=MARK, linewidth=2))


def _print_values(axis, array, digits, size):
    """Each value in its cell, dark on light and light on dark."""
    image = axis.images[0]
    for (row, column), value in np.ndenumerate(array):
        brightness = np.dot(image.cmap(image.norm(value))[:3], [0.299, 0.587, 0.114])
        axis.text(
            column,
            row,
            f"{value:.{digits}f}",
            ha="center",
            va="center",
            size=size,
            color="black" if brightness > 0.5 else "white",
        )


def _limits(array, signed):
    largest = float(np.abs(array).max()) or 1.0
    return (-largest, largest) if signed else (float(array.min()), float(array.max()))


def _picture(name, image):
    """A picture as matplotlib wants it: (h, w) or (h, w, 3), from channels first."""
    image = np.asarray(image)
    if image.ndim == 3 and image.shape[0] == 3:
        return image.transpose(1, 2, 0)
    return _matrix(name, image)


def _matrix(name, array):
    array = np.asarray(array, dtype=np.float64)
    array = array[0] if array.ndim == 3 and len(array) == 1 else array
    if array.ndim != 2 or not array.size:
        raise ValueError(f"{name} has the shape {array.shape}: give (height, width)")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: every value must be a finite number")
    return array


def _one_each(name, texts, images):
    if texts is None:
        return [""] * len(images)
    if len(texts) != len(images):
        raise ValueError(f"{name} has {len(texts)} entries: give {len(images)}, one for each picture")
    return texts
