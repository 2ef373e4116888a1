"""The drawings of lesson 06: maps below images, and confusions."""

import numpy as np

from lessonlib.figures import palette
from lessonlib.figures.canvas import WIDTH, CaptionedFigure, as_array, as_image, grid, in_course_style, scale_of, show

TALLEST = 2.95  # inches: what fits below its code on a slide


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
    images = [as_image(image) for image in images]
    titles = titles or [""] * len(images)
    rows = {name: [as_array(array) for array in row] for name, row in maps.items()}
    columns = max(len(row) for row in [images, *rows.values()])
    figure, axes = grid(1 + len(rows), columns, min((1 + len(rows)) * WIDTH / (columns + 1) + 0.25, TALLEST))
    axes = np.reshape(axes, (1 + len(rows), columns))
    for axis, image, title in zip(axes[0, : len(images)], images, titles, strict=True):
        show(axis, image, title)
    for cells, (name, row) in zip(axes[1:], rows.items(), strict=True):
        colours, limits = scale_of(row)
        for axis, array in zip(cells, row, strict=False):
            show(axis, array, colours=colours, limits=limits)
        cells[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for axis in axes.flat:
        if not axis.images:
            axis.set_axis_off()
    return CaptionedFigure(figure, caption, colours=256)  # several scales of colours: 64 would mix them


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
    counts, digits = as_array(counts), None if digits is None else as_array(digits)
    wrong = np.where(np.eye(len(counts)), 0, counts)
    figure, (axis,) = grid(1, 1, TALLEST)
    axis.imshow(wrong, cmap=palette.WRONG, vmin=0, vmax=1.5 * wrong.max() or 1, aspect="auto")
    for (label, answer), count in np.ndenumerate(counts):
        is_wrong = label != answer
        colour = "black" if is_wrong else palette.RIGHT
        text = f"{count:.0f} ({digits[label, answer]:.0f})" if is_wrong and digits is not None else f"{count:.0f}"
        if count:
            axis.text(answer, label, text, ha="center", va="center", size=9, color=colour)
    ticks = range(len(counts))
    axis.set(xticks=ticks, yticks=ticks, xlabel="answer of the network", ylabel="label")
    axis.tick_params(length=0)
    return CaptionedFigure(figure, caption)
