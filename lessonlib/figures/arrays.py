"""Arrays as images, and arrays as numbers."""

from lessonlib.arguments import true_or_false, whole_number
from lessonlib.figures.canvas import (
    FEATURES,
    IMAGE,
    QUIET,
    SIGNED,
    SMALLEST_LETTERS,
    WIDTH,
    CaptionedFigure,
    frame,
    grid,
    in_course_style,
    limits_of,
    print_values,
    show,
)
from lessonlib.figures.inputs import (
    MOST_SIDE_BY_SIDE,
    arrays_of,
    matrix,
    one_each,
    parts,
    pixels,
    printable,
    titles_of,
)

TALLEST = 2.6  # inches: an image among others
MOST_DIGITS = 6  # after the point


@in_course_style
def images(images, *, caption, titles=None, columns=None):
    """Images side by side, at most 100, 25 in a row.

    Parameters
    ----------
    images : list of arrays (height, width), (1, height, width) or (3, height, width)
        In [0, 1].
    titles : list of str, optional
    columns : int, optional
        How many in a row, by itself all.
    """
    images = arrays_of(pixels, "images", images)
    return CaptionedFigure(_side_by_side(images, titles, columns, IMAGE, (0, 1)), caption)


@in_course_style
def maps(arrays, *, caption, titles=None, columns=None):
    """Maps side by side in one scale of colours: diverging around 0 where one has signs, else from 0.

    Parameters
    ----------
    arrays : list of arrays (height, width)
    titles : list of str, optional
    columns : int, optional
        How many in a row, by itself all.
    """
    arrays = arrays_of(matrix, "arrays", arrays)
    largest = max(abs(array).max() for array in arrays) or 1
    signed = min(array.min() for array in arrays) < 0
    colours, limits = (SIGNED, (-largest, largest)) if signed else (FEATURES, (0, largest))
    return CaptionedFigure(_side_by_side(arrays, titles, columns, colours, limits), caption)


@in_course_style
def numbers(arrays, *, caption, titles=None, signed=False, digits=0, mark=None):
    """Small arrays with their values printed in the cells, all in all at most 2,000.

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
    arrays = printable("arrays", arrays_of(matrix, "arrays", arrays, most=MOST_SIDE_BY_SIDE))
    titles, digits = titles_of(arrays, titles), whole_number("digits", digits, most=MOST_DIGITS)
    marks = one_each("mark", mark if isinstance(mark, list) else [mark] * len(arrays), arrays)
    marks = [None if box is None else _box("mark", box) for box in marks]
    signs = one_each("signed", signed if isinstance(signed, list) else [signed] * len(arrays), arrays)
    signs = [true_or_false("signed", sign) for sign in signs]
    widths = [array.shape[1] for array in arrays]
    cell = min(WIDTH / (sum(widths) + 0.6 * len(arrays)), 0.34)  # inches
    figure, axes = grid(1, len(arrays), cell * max(map(len, arrays)) + 0.4, width_ratios=widths)
    for axis, array, title, box, both_signs in zip(axes, arrays, titles, marks, signs, strict=True):
        limits = limits_of(array, True) if both_signs else (min(0, array.min()), array.max())
        show(axis, array, title, SIGNED if both_signs else IMAGE, limits)
        axis.set_ylim(max(map(len, arrays)) - 0.5, -0.5)  # so that all arrays have cells of one size
        frame(axis, 0, 0, *array.shape, edgecolor=QUIET, linewidth=0.8, clip_on=False)
        print_values(axis, array, digits, size=min(10, max(30 * cell, SMALLEST_LETTERS)))
        if box is not None:
            frame(axis, *box)
    return CaptionedFigure(figure, caption)


def _box(name, box):
    return [whole_number(name, side) for side in parts(name, box, "(row, column, height, width)")]


def _side_by_side(images, titles, columns, colours, limits):
    titles = titles_of(images, titles)
    columns = len(images) if columns is None else whole_number("columns", columns, 1)
    rows = -(-len(images) // columns)
    if max(rows, columns) > MOST_SIDE_BY_SIDE:
        raise ValueError(
            f"columns is {columns}, for {len(images)} images: a figure has room for {MOST_SIDE_BY_SIDE} of them side "
            "by side, and as many below each other"
        )
    height, width = images[0].shape[:2]
    row_height = min(WIDTH / columns * height / width, TALLEST) + (0.3 if any(titles) else 0.05)
    figure, axes = grid(rows, columns, min(rows * row_height, 6))
    for axis, image, title in zip(axes.flat, images, titles, strict=False):
        show(axis, image, title, colours, limits, border=True)
    for axis in axes.flat[len(images) :]:
        axis.set_axis_off()
    return figure
