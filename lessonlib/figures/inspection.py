"""The drawings of lesson 06: maps below images, and confusions."""

import numpy as np

from lessonlib.figures.canvas import (
    FEATURES,
    SIGNED,
    WIDTH,
    CaptionedFigure,
    grid,
    in_course_style,
    show,
)
from lessonlib.figures.inputs import (
    MOST_SIDE_BY_SIDE,
    arrays_of,
    matrix,
    named,
    pixels,
    printable,
    titles_of,
)

GREY = "#5f5f5f"  # the right answers: quieter than the wrong ones, and still read
TALLEST = 2.95  # inches: what fits below its code on a slide

MOST_ROWS = 8  # of maps, in that height


@in_course_style
def maps_below(images, maps, *, caption, titles=None):
    """Images in a row, and below them rows of maps, each row in one scale of colours: from 0, or around 0 with signs.

    Parameters
    ----------
    images : list of arrays (height, width) or (3, height, width)
        In [0, 1].
    maps : dict
        {name of a row: its maps (height, width)}.
    titles : list of str, optional
    """
    images = arrays_of(pixels, "images", images, most=MOST_SIDE_BY_SIDE)
    maps = named("maps", maps, most=MOST_ROWS)
    rows = {name: arrays_of(matrix, "maps", row, most=MOST_SIDE_BY_SIDE) for name, row in maps.items()}
    columns = max(len(row) for row in [images, *rows.values()])
    figure, axes = grid(1 + len(rows), columns, min((1 + len(rows)) * WIDTH / (columns + 1) + 0.25, TALLEST))
    axes = np.reshape(axes, (1 + len(rows), columns))
    for axis, image, title in zip(axes[0], images, titles_of(images, titles), strict=False):
        show(axis, image, title)
    for cells, (name, row) in zip(axes[1:], rows.items(), strict=True):
        lowest, highest = min(map(np.min, row)), max(map(np.max, row))
        largest = max(-lowest, highest) or 1
        colours, limits = (SIGNED, (-largest, largest)) if lowest < 0 else (FEATURES, (0, largest))
        for axis, found in zip(cells, row, strict=False):
            show(axis, found, colours=colours, limits=limits)
        cells[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for axis in axes.flat:
        if not axis.images:
            axis.set_axis_off()
    return CaptionedFigure(figure, caption)


@in_course_style
def confusion_matrix(counts, digits=None, *, caption):
    """Which class was taken for which: numbers, with the wrong answers in colour.

    Parameters
    ----------
    counts : array (n, n)
        counts[label][answer].
    digits : array (n, n), optional
        How many different digits stand for each number of wrong answers: in brackets after it.
    """
    (counts,) = printable("counts", [matrix("counts", counts)])
    if counts.shape[0] != counts.shape[1]:
        raise ValueError(f"counts have the shape {counts.shape}: give as many columns as rows")
    digits = None if digits is None else matrix("digits", digits)
    if digits is not None and digits.shape != counts.shape:
        raise ValueError(f"digits have the shape {digits.shape}: give {counts.shape}, as the counts have")
    wrong = np.where(np.eye(len(counts)), 0, counts)
    figure, (axis,) = grid(1, 1, TALLEST)
    axis.imshow(wrong, cmap="Oranges", vmin=0, vmax=1.5 * wrong.max() or 1, aspect="auto")
    for (label, answer), count in np.ndenumerate(counts):
        is_wrong = label != answer
        text = f"{count:.0f} ({digits[label, answer]:.0f})" if is_wrong and digits is not None else f"{count:.0f}"
        if count:
            axis.text(answer, label, text, ha="center", va="center", size=9, color="black" if is_wrong else GREY)
    ticks = range(len(counts))
    axis.set(xticks=ticks, yticks=ticks, xlabel="answer of the network", ylabel="label")
    axis.tick_params(length=0)
    return CaptionedFigure(figure, caption)
