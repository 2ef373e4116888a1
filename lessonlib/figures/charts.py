"""Numbers as lines and bars."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from lessonlib.claims import interval
from lessonlib.figures import palette
from lessonlib.figures.canvas import BEHIND_TEXT, WIDTH, CaptionedFigure, as_array, in_course_style

HATCHES = ["", "//", "..", "xx", "--"]  # with the colours, so that bars are told apart without them
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
    x = as_array(x)
    figure = Figure(figsize=(WIDTH, 3.2))
    axis = figure.subplots()
    ends = {}
    for name, y in lines.items():
        y = as_array(y)
        (line,) = axis.plot(x, y)
        ends[name] = (y[-1], line.get_color())
    if chance is not None:
        axis.plot(x[[0, -1]], [chance, chance], color=palette.CHANCE, linestyle=":", linewidth=1.4)
        ends["chance"] = (chance, palette.CHANCE)
    if chance is not None or bottom is not None:
        first = min([bottom or 0, *(line.get_ydata().min() for line in axis.lines)])
        if first > 0.5:
            axis.yaxis.set_major_locator(MultipleLocator(0.05))  # so that whole percents say where a tick stands
        axis.set_ylim(first, 1 + 0.05 * (1 - first))
        axis.yaxis.set_major_formatter(PERCENT)
    if log:
        axis.set(xscale="log", yscale="log")
    if x_ticks is not None:
        axis.set_xticks(x_ticks, [f"{tick:,}" for tick in x_ticks])
        axis.minorticks_off()
    axis.grid(color=palette.GRID, linewidth=0.8)
    axis.set(xlabel=x_label, ylabel=y_label)
    _label_ends(axis, x[-1], ends)
    return CaptionedFigure(figure, caption)


@in_course_style
def bars(groups, *, caption, y_label, chance=None, examples=None):
    """Grouped bars of shares from 0 to 1, told apart by colours and hatches.

    Parameters
    ----------
    groups : dict
        {group: {series: share, or the shares of several runs}}: of runs the bar is the mean, with a dot for each.
    y_label : str
    chance : float, optional
        The accuracy of guessing, as a dotted line.
    examples : dict, optional
        {group: how many independent examples its shares are of}: each bar gets its interval of 95 %.
    """
    series, shares = table(groups)
    runs = shares.reshape(*shares.shape[:2], -1)
    heights = runs.mean(axis=2)
    figure = Figure(figsize=(WIDTH, 2.9))
    axis = figure.subplots()
    width = 0.8 / len(series)
    for i, name in enumerate(series):
        places = np.arange(len(groups)) + (i - (len(series) - 1) / 2) * width
        style = {"color": f"C{i}", "hatch": HATCHES[i % len(HATCHES)], "edgecolor": "white"}
        style["error_kw"] = {"elinewidth": 1.4, "ecolor": palette.OUTLINE}
        style["yerr"] = _reach(heights[:, i], groups, examples)
        drawn = axis.bar(places, heights[:, i], 0.94 * width, label=name, **style)
        axis.bar_label(drawn, [f"{height:.0%}" for height in heights[:, i]], padding=2, bbox=BEHIND_TEXT)
        for place, dots in zip(places, runs[:, i], strict=True):
            if len(dots) > 1:
                axis.plot(
                    np.full(len(dots), place), dots, "o", color="white", markeredgecolor=palette.OUTLINE, markersize=4
                )
    if chance is not None:
        axis.axhline(chance, color=palette.CHANCE, linestyle=":", linewidth=1.4)
        axis.text(1, chance, " chance", transform=axis.get_yaxis_transform(), va="center")
    axis.set_xticks(range(len(groups)), groups)
    axis.set(ylim=(0, 1.1), ylabel=y_label)
    axis.yaxis.set_major_formatter(PERCENT)
    figure.legend(loc="outside upper center", ncols=len(series))
    return CaptionedFigure(figure, caption)


@in_course_style
def runs(groups, *, caption, x_label, chance=None):
    """A line for each group of runs, with a dot for every run, a bar to their median, and the median in figures.

    Parameters
    ----------
    groups : dict
        {name: shares from 0 to 1, one for each run}.
    x_label : str
    chance : float, optional
        The accuracy of guessing, as a dotted line.
    """
    figure = Figure(figsize=(WIDTH, 0.36 * len(groups) + 0.8))
    axis = figure.subplots()
    for line, results in enumerate(map(as_array, groups.values())):
        median = np.median(results)
        bar = {"color": palette.MEDIAN, "linewidth": 9, "linestyle": "-", "solid_capstyle": "butt"}
        axis.plot([0, median], [line, line], **bar)
        axis.plot(results.ravel(), np.full(results.size, line), "o", color="C0", alpha=0.6, markersize=6)
        axis.text(1.02, line, f"{median:.0%}", va="center")
    if chance is not None:
        axis.axvline(chance, color=palette.CHANCE, linestyle=":", linewidth=1.4)
        axis.text(chance, -0.65, "chance", ha="center", va="bottom", size=9, color=palette.CHANCE)
    axis.set_yticks(range(len(groups)), groups)
    axis.set(xlim=(0, 1), ylim=(len(groups) - 0.5, -0.6), xlabel=x_label)
    axis.xaxis.set_major_formatter(PERCENT)
    return CaptionedFigure(figure, caption)


def table(rows):
    """The names of the columns, and the numbers as an array, of rows that map a row's name to {column: number}."""
    columns = list(next(iter(rows.values())))
    return columns, as_array([[cells[column] for column in columns] for cells in rows.values()])


def _reach(shares, groups, examples):
    """How far the interval of each share reaches below and above it: an array (2, groups), or None without examples."""
    if examples is None:
        return None
    ends = [
        interval(share, examples[group]) if group in examples else (share, share)
        for share, group in zip(shares, groups, strict=True)
    ]
    return np.abs(np.transpose(ends) - shares)


def _label_ends(axis, x, ends):
    """A label at the right end of each line, moved up where it would cover the one below; ends: {label: (y, colour)}."""
    lowest = -np.inf
    for label, (y, colour) in sorted(ends.items(), key=lambda end: end[1][0]):
        height = axis.transData.transform((x, y))[1] * 72 / axis.figure.dpi  # in points, as the size of the font
        lowest = max(height, lowest + 13)
        style = {"color": colour, "va": "center", "bbox": BEHIND_TEXT, "annotation_clip": False}
        axis.annotate(f" {label}", (x, y), (0, lowest - height), textcoords="offset points", **style)
