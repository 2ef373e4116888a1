"""Arrays as images, and arrays as numbers."""

from lessonlib.figures import palette
from lessonlib.figures.canvas import (
    SMALLEST_LETTERS,
    WIDTH,
    CaptionedFigure,
    as_array,
    as_image,
    frame,
    grid,
    in_course_style,
    limits_of,
    print_values,
    scale_of,
    show,
)

TALLEST = 2.6  # inches: an image among others


@in_course_style
def images(images, *, caption, titles=None, columns=None):
    """Images side by side.

    Parameters
    ----------
    images : list of arrays (height, width), (1, height, width) or (3, height, width)
        In [0, 1].
    titles : list of str, optional
    columns : int, optional
        How many in a row, by itself all.
    """
    images = [as_image(image) for image in images]
    return CaptionedFigure(_side_by_side(images, titles, columns, palette.IMAGE, (0, 1)), caption)


@in_course_style
def maps(arrays, *, caption, titles=None, signed=None):
    """Maps side by side in one scale of colours: diverging around 0 where one has signs, else from 0.

    Parameters
    ----------
    arrays : list of arrays (height, width)
    titles : list of str, optional
    signed : bool, optional
        Whether the colours diverge around 0, so that 0 is white, by itself where one has signs.
    """
    arrays = [as_array(array) for array in arrays]
    return CaptionedFigure(_side_by_side(arrays, titles, None, *scale_of(arrays, signed)), caption)


@in_course_style
def numbers(arrays, *, caption, titles=None, signed=False, digits=0, mark=None):
    """Small arrays with their values printed in the cells.

    Parameters
    ----------
    arrays : list of arrays (height, width)
    titles : list of str, optional
    signed : bool or list of bool
        Diverging colours around 0 in place of grey from 0, or what lies below it, to the largest value.
    digits : int
        How many after the point.
    mark : (row, column, height, width) or list of these or None, optional
        What to frame, in all arrays or in each.
    """
    arrays = [as_array(array) for array in arrays]
    titles = titles or [""] * len(arrays)
    marks = mark if isinstance(mark, list) else [mark] * len(arrays)
    signs = signed if isinstance(signed, list) else [signed] * len(arrays)
    widths = [array.shape[1] for array in arrays]
    cell = min(WIDTH / (sum(widths) + 0.6 * len(arrays)), 0.34)  # inches
    figure, axes = grid(1, len(arrays), cell * max(map(len, arrays)) + 0.4, width_ratios=widths)
    for axis, array, title, box, both_signs in zip(axes, arrays, titles, marks, signs, strict=True):
        limits = limits_of(array, True) if both_signs else (min(0, array.min()), array.max())
        show(axis, array, title, palette.SIGNED if both_signs else palette.IMAGE, limits)
        axis.set_ylim(max(map(len, arrays)) - 0.5, -0.5)  # so that all arrays have cells of one size
        frame(axis, 0, 0, *array.shape, edgecolor=palette.QUIET, linewidth=0.8, clip_on=False)
        print_values(axis, array, digits, size=min(10, max(30 * cell, SMALLEST_LETTERS)))
        if box is not None:
            frame(axis, *box)
    return CaptionedFigure(figure, caption)


def _side_by_side(images, titles, columns, colours, limits):
    columns = columns or len(images)
    rows = -(-len(images) // columns)
    height, width = images[0].shape[:2]
    row_height = min(WIDTH / columns * height / width, TALLEST) + (0.3 if titles else 0.05)
    figure, axes = grid(rows, columns, min(rows * row_height, 6))
    titles = titles or [""] * len(images)
    for axis, image, title in zip(axes.flat[: len(images)], images, titles, strict=True):
        show(axis, image, title, colours, limits, border=True)
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    return figure
