"""What a drawing is asked to draw: arrays, words and places, each checked by name, and no more than can be drawn at once."""

from collections.abc import Mapping
from itertools import islice
from numbers import Real

import numpy as np
from matplotlib.cbook import is_math_text
from matplotlib.mathtext import MathTextParser

from lessonlib.arguments import finite_array, shown, whole_number

MOST_PICTURES = 100  # in one figure, and of them side by side:
MOST_SIDE_BY_SIDE = 25
MOST_LINES = 40  # of bars, runs or events, one below the other
MOST_PIXELS = 20_000_000  # in one figure: a photograph of a phone, and a few seconds
MOST_PRINTED_NUMBERS = 2_000  # in one figure, each in its cell
MOST_POINTS = 100_000  # of one line
MOST_LETTERS = 200  # of one label
HIGHEST = 40  # inches


def values(name, array, shape=None, most=MOST_POINTS):
    """Finite numbers as an array of floats, one at least, of this shape where one is given; ValueError otherwise."""
    array = finite_array(name, array)
    if not array.size:
        raise ValueError(f"{name} is empty: there is nothing to draw")
    if array.size > most:
        raise ValueError(f"{name} holds {array.size:,} numbers: a figure can draw {most:,}")
    if shape is not None and array.shape != shape:
        raise ValueError(f"{name} has the shape {array.shape}: give {shape}")
    return array.astype(np.float64)


def in_a_row(name, array, length=None):
    """Numbers in a row, as an array of floats (length,)."""
    array = values(name, array, None if length is None else (length,))
    if array.ndim != 1:
        raise ValueError(f"{name} has the shape {array.shape}: give numbers in a row, (n,)")
    return array


def pixels(name, image):
    """An image as matplotlib wants it: (h, w) or (h, w, 3), from channels first. ValueError if it is none."""
    image = values(name, image, most=MOST_PIXELS)
    return image.transpose(1, 2, 0) if image.ndim == 3 and len(image) == 3 else matrix(name, image)


def matrix(name, array):
    """One channel as an array (h, w), from (h, w) or (1, h, w). ValueError if it is none."""
    array = values(name, array, most=MOST_PIXELS)
    array = array[0] if array.ndim == 3 and len(array) == 1 else array
    if array.ndim != 2:
        raise ValueError(f"{name} has the shape {array.shape}: give (height, width)")
    return array


def arrays_of(check, name, things, most=MOST_PICTURES):
    """Several images or maps, as a list of what check (pixels or matrix) makes of them."""
    checked = [check(name, thing) for thing in at_least_one(name, things, most)]
    together = sum(array.size for array in checked)
    if together > MOST_PIXELS:
        raise ValueError(f"{name} holds {together:,} pixels: a figure can draw {MOST_PIXELS:,}")
    return checked


def printable(name, arrays):
    """The arrays, or ValueError where they hold more numbers than can be printed into cells."""
    count = sum(array.size for array in arrays)
    if count > MOST_PRINTED_NUMBERS:
        raise ValueError(
            f"{name} holds {count:,} numbers: a figure can print {MOST_PRINTED_NUMBERS:,}, give a part of it"
        )
    return arrays


def at_least_one(name, things, most=MOST_PICTURES):
    """The things as a list, or ValueError if there are none to draw, or more than a figure can hold."""
    things = listed(name, things, most + 1)
    if not things:
        raise ValueError(f"{name} is empty: there is nothing to draw")
    if len(things) > most:
        raise ValueError(f"{name} holds more than {most}: one figure can draw {most}, so give the first {most} of them")
    return things


def listed(name, things, most=None):
    """The things as a list, the first of them where most is given, or ValueError where they can't be counted."""
    if not isinstance(things, (str, bytes)):
        try:
            return list(islice(things, most))
        except Exception:  # no iterable, or one of a type that raises what it likes
            pass
    raise ValueError(f"{name} is {shown(things)}: give a list")


def one_each(name, things, images):
    """A list with one thing for each image, or ValueError."""
    things = listed(name, things, len(images) + 1)
    if len(things) != len(images):
        count = len(things) if len(things) < len(images) else f"more than {len(images)}"
        raise ValueError(f"{name} has {count} entries: give {len(images)}, one for each image")
    return things


def titles_of(images, titles):
    """A title for each image, empty where titles is None."""
    return (
        [""] * len(images) if titles is None else [words("titles", each) for each in one_each("titles", titles, images)]
    )


def named(name, things, most=MOST_LINES):
    """A dictionary of things by their label, with one entry at least; ValueError otherwise."""
    if not isinstance(things, Mapping):
        raise ValueError(f"{name} is {shown(things)}: give a dictionary, {{label: ...}}")
    for key in at_least_one(name, things, most):
        words(name, key)
    return things


def words(name, value):
    """A word, a line of text or a number as it is written into a figure; ValueError for what can't be written."""
    if not isinstance(value, (str, Real)) or isinstance(value, bool):
        raise ValueError(f"{name} is {shown(value)}: give text")
    text = str(value)
    if len(text) > MOST_LETTERS:
        raise ValueError(f"{name} has {len(text):,} letters: a figure has room for {MOST_LETTERS}")
    if is_math_text(text):
        try:
            MathTextParser("path").parse(text)
        except ValueError:
            raise ValueError(
                f'{name} is {text!r}: between "$" stands mathematics that can\'t be read; write "\\$"'
            ) from None
    return text


def parts(name, thing, form):
    """The thing as a tuple of as many parts as its form has, such as "(row, column)"; ValueError otherwise."""
    count = form.count(",") + 1
    found = listed(f"{name}, which holds {form},", thing, count + 1)
    if len(found) != count:
        raise ValueError(f"{name} holds {shown(thing)}: give {form}")
    return tuple(found)


def places_in(name, places, most=MOST_SIDE_BY_SIDE):
    """Places of an image or map as a list of (row, column), whole numbers from 0 on."""
    found = [parts(name, place, "(row, column)") for place in at_least_one(name, places, most)]
    return [tuple(whole_number(name, at) for at in place) for place in found]


def checked_height(name, inches):
    """The height of a figure, or ValueError where what is drawn makes it too high."""
    if inches > HIGHEST:
        raise ValueError(f"{name} would make the figure {inches:,.0f} inches high: give fewer or wider ones")
    return inches
