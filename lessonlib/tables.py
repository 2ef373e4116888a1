"""A table that shows itself: aligned text for tests and terminals, HTML for the notebook."""

from html import escape
from numbers import Integral, Real


class Table:
    """Rows under named columns. Whole numbers are shown with commas; numbers stand to the right.

    columns: their names. rows: one sequence of values each, as long as columns. table["name"] is
    the list of one column's values.
    """

    def __init__(self, columns, rows):
        self.columns, self.rows = tuple(columns), [tuple(row) for row in rows]
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} values, {row!r}: give {len(self.columns)}, one for each column")

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


def _is_number(values):
    return all(isinstance(value, Real) or value == "" or str(value).endswith("%") for value in values)


def _text(value):
    return f"{value:,}" if isinstance(value, Integral) and not isinstance(value, bool) else str(value)
