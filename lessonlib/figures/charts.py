"""Numbers as lines and bars."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from lessonlib.arguments import finite_number, share, true_or_false
from lessonlib.figures.canvas import (
    BEHIND_TEXT,
    WIDTH,
    CaptionedFigure,
    in_course_style,
)
from lessonlib.figures.inputs import (
    at_least_one,
    in_a_row,
    named,
    values,
    words,
)

HATCHES = ["", "//", "..", "xx", "--"]  # with the colours, so that bars are told apart without them
CHANCE = "#404040"
PERCENT = FuncFormatter(lambda share, _: f"{share:.0%}" if share < 1.001 else "")


@in_course_style
def curves(x, lines, *, caption, x_label, y_label, log=False, x_ticks=None, chance=None, bottom=None):
    """Lines over x, each labelled at its right end.

    Parameters
    ----------
    x : array (n,)
    lines : dict
        {label: array (n,)}.
    x_label, y_label : str
    log : bool
        Whether both axes show equal factors at equal distances.
    x_ticks : list of numbers, optional
    chance : float, optional
        The accuracy of guessing, as a dotted line; y is then a share from 0 to 1 and is shown in percent.
    bottom : float, optional
        The share at which the y axis begins, in place of 0, unless a line goes lower; it needs no chance.
    """
    x, log = in_a_row("x", x), true_or_false("log", log)
    lines = {name: in_a_row(f"lines[{name!r}]", y, len(x)) for name, y in named("lines", lines).items()}
    chance, bottom = chance_of(chance), None if bottom is None else share("bottom", bottom)
    if bottom == 1:
        raise ValueError("bottom is 1: give a share below 1, so that there is an axis")
    x_label, y_label = words("x_label", x_label), words("y_label", y_label)
    if log and min(x.max(), *(y.max() for y in lines.values())) <= 0:
        raise ValueError("log is True: x, and each of the lines, must have values above 0")
    figure = Figure(figsize=(WIDTH, 3.2))
    axis = figure.subplots()
    ends = {}
    for name, y in lines.items():
        (line,) = axis.plot(x, y)
        ends[name] = (y[-1], line.get_color())
    if chance is not None:
        axis.plot(x[[0, -1]], [chance, chance], color=CHANCE, linestyle=":", linewidth=1.4)
        ends["chance"] = (chance, CHANCE)
    if chance is not None or bottom is not None:
        first = min([bottom or 0, *(line.get_ydata().min() for line in axis.lines)])
        if first > 0.5:
            axis.yaxis.set_major_locator(MultipleLocator(0.05))  # so that whole percents say where a tick stands
        axis.set_ylim(first, 1 + 0.05 * (1 - first))
        axis.yaxis.set_major_formatter(PERCENT)
    if log:
        axis.set(xscale="log", yscale="log")
    if x_ticks is not None:
        x_ticks = at_least_one("x_ticks", x_ticks)
        for tick in x_ticks:
            finite_number("x_ticks", tick)
        axis.set_xticks(x_ticks, [f"{tick:,}" for tick in x_ticks])
        axis.minorticks_off()
    axis.grid(color="#e0e0e0", linewidth=0.8)
    axis.set(xlabel=x_label, ylabel=y_label)
    _label_ends(axis, x[-1], ends)
    return CaptionedFigure(figure, caption)


@in_course_style
def bars(groups, *, caption, y_label, chance=None):
    """Grouped bars of shares from 0 to 1, told apart by colours and hatches.

    Parameters
    ----------
    groups : dict
        {group: {series: share}}.
    y_label : str
    chance : float, optional
        The accuracy of guessing, as a dotted line.
    """
    series, heights = table("groups", groups)
    chance, y_label = chance_of(chance), words("y_label", y_label)
    figure = Figure(figsize=(WIDTH, 2.9))
    axis = figure.subplots()
    width = 0.8 / len(series)
    for i, name in enumerate(series):
        places = np.arange(len(groups)) + (i - (len(series) - 1) / 2) * width
        style = {"color": f"C{i}", "hatch": HATCHES[i % len(HATCHES)], "edgecolor": "white"}
        drawn = axis.bar(places, heights[:, i], 0.94 * width, label=name, **style)
        axis.bar_label(drawn, [f"{height:.0%}" for height in heights[:, i]], padding=2, bbox=BEHIND_TEXT)
    if chance is not None:
        axis.axhline(chance, color=CHANCE, linestyle=":", linewidth=1.4)
        axis.text(1, chance, " chance", transform=axis.get_yaxis_transform(), va="center")
    axis.set_xticks(range(len(groups)), groups)
    axis.set(ylim=(0, 1.1), ylabel=y_label)
    axis.yaxis.set_major_formatter(PERCENT)
    figure.legend(loc="outside upper center", ncols=len(series))
    return CaptionedFigure(figure, caption)


@in_course_style
def runs(groups, *, caption, x_label, chance=None):
    """A line for each group of runs, with a dot for every run, a bar to their mean, and the mean in figures.

    Parameters
    ----------
    groups : dict
        {name: shares from 0 to 1, one for each run}.
    x_label : str
    chance : float, optional
        The accuracy of guessing, as a dotted line.
    """
    names = list(named("groups", groups))
    chance, x_label = chance_of(chance), words("x_label", x_label)
    figure = Figure(figsize=(WIDTH, 0.36 * len(names) + 0.8))
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


def table(name, rows):
    """The names of the columns, and the numbers as an array, of rows that map a row's name to {column: number}."""
    columns = None
    for key, cells in named(name, rows).items():
        found = list(named(f"{name}[{key!r}]", cells))
        columns = columns or found
        if found != columns:
            raise ValueError(f"{name}[{key!r}] has {found}: give {columns}, as in the first row")
    return columns, values(name, [list(cells.values()) for cells in rows.values()])


def chance_of(chance):
    """The accuracy of guessing as a share, or None where there is none to draw."""
    return None if chance is None else share("chance", chance)


def _label_ends(axis, x, ends):
    """A label at the right end of each line, moved up where it would cover the one below; ends: {label: (y, colour)}."""
    lowest = -np.inf
    for label, (y, colour) in sorted(ends.items(), key=lambda end: end[1][0]):
        height = axis.transData.transform((x, y))[1] * 72 / axis.figure.dpi  # in points, as the size of the font
        lowest = max(height, lowest + 13)
        style = {
            "textcoords": "offset points",
            "color": colour,
            "va": "center",
            "annotation_clip": False,
            "bbox": BEHIND_TEXT,
        }
        axis.annotate(f" {label}", (x, y), (0, lowest - height), **style)
