"""A table that shows itself: aligned text for tests and terminals, HTML for the notebook."""

from html import escape
from numbers import Integral, Real

import numpy as np

from lessonlib.arguments import shown


class Table:
    """Rows under named columns. Whole numbers are shown with commas; numbers stand to the right.

    columns: their names, each another one. rows: one sequence of values each, as long as columns: words on one
    line, numbers, None, or a tuple of these, such as a shape. table["name"] is the list of one column's values.
    """

    def __init__(self, columns, rows):
        self.columns = tuple(_listed("columns", columns))
        self.rows = [tuple(_listed("rows", row)) for row in _listed("rows", rows)]
        if not all(isinstance(name, str) and _is_shown(name) for name in self.columns):
            raise ValueError(f"columns is {shown(self.columns)}: give names, each on one line")
        if not self.columns or len({*self.columns}) != len(self.columns):
            raise ValueError(f"columns is {shown(self.columns)}: give one name or more, each another one")
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"rows: a row has {len(row)} values, {shown(row)}: give {len(self.columns)}, one for each column"
                )
            for value in row:
                if not _is_shown(value):
                    raise ValueError(f"rows hold {shown(value)}: give words on one line, numbers, or a tuple of these")

    def __getitem__(self, column):
        if column not in self.columns:
            raise ValueError(f"column is {column!r}: there are {', '.join(map(repr, self.columns))}")
        return [row[self.columns.index(column)] for row in self.rows]

    def __repr__(self):
        shown = [self.columns, *([_text(value) for value in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*shown)]
        is_number = [_is_number(self[column]) for column in self.columns]
        lines = [
            "  ".join(
                text.rjust(width) if right else text.ljust(width) for text, width, right in zip(row, widths, is_number)
            )
            for row in shown
        ]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self):
        left = ' style="text-align: left"'  # a notebook's cells stand to the right by themselves
        align = ["" if _is_number(self[column]) else left for column in self.columns]
        head = "".join(f"<th{side}>{escape(column)}</th>" for column, side in zip(self.columns, align))
        body = "".join(
            "<tr>" + "".join(f"<td{side}>{escape(_text(value))}</td>" for value, side in zip(row, align)) + "</tr>"
            for row in self.rows
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _listed(name, values):
    """The values as a list, or ValueError where they have no order, or are the letters of a word."""
    if isinstance(values, (str, bytes, dict, set, frozenset)):
        raise ValueError(f"{name} came as {type(values).__name__}, {shown(values)}: give a list")
    try:
        return list(values)
    except Exception:  # no sequence at all, or one of a type that raises what it likes
        raise ValueError(f"{name} came as {type(values).__name__}, {shown(values)}: give a list") from None


def _is_shown(value):
    """Can it stand in a cell?"""
    if isinstance(value, tuple):
        return all(map(_is_shown, value))
    return (
        value is None or isinstance(value, (Real, np.bool_)) or isinstance(value, str) and len(value.splitlines()) < 2
    )


def _is_number(values):
    return all(isinstance(value, Real) or value == "" or str(value).endswith("%") for value in values)


def _text(value):
    return f"{value:,}" if isinstance(value, Integral) and not isinstance(value, bool) else str(value)
