"""A table that shows itself: aligned text for tests and terminals, HTML for the notebook."""

from collections.abc import Iterable, Sequence
from html import escape
from numbers import Integral, Real
from typing import Any


class Table:
    """Rows under named columns. Whole numbers are shown with commas; numbers stand to the right.

    table["name"] is the list of one column's values, without the footer's.

    Parameters
    ----------
    columns : sequence of str
        Their names, each another one.
    rows : sequence of sequences
        As long as columns: words on one line, numbers, None, or a tuple of these, such as a shape.
    footer : sequence, optional
        One more row, below a line: totals, which a sum over a column must not count again.

    Attributes
    ----------
    footer : dict
        The footer's values by column, empty without a footer.

    Examples
    --------
    >>> table = Table(["layer", "parameters"], [("conv", 80), ("linear", 1610)], footer=("total", 1690))
    >>> table
    layer   parameters
    conv            80
    linear       1,610
    total        1,690
    >>> table["parameters"], table.footer["parameters"]
    ([80, 1610], 1690)
    """

    def __init__(self, columns: Iterable[str], rows: Iterable[Sequence], footer: Sequence = ()) -> None:
        self.columns = tuple(columns)
        self.rows = [tuple(row) for row in rows]
        self.footer = dict(zip(self.columns, footer, strict=True)) if footer else {}

    def __getitem__(self, column: str) -> list:
        place = self._place_of(column)
        return [row[place] for row in self.rows]

    def select(self, *columns: str) -> "Table":
        """The table with these of its columns, in this order."""
        places = [self._place_of(column) for column in columns]
        footer = [self.footer[column] for column in columns] if self.footer else ()
        return Table(columns, [[row[place] for place in places] for row in self.rows], footer)

    def __repr__(self) -> str:
        written = [self.columns, *([_text(value) for value in row] for row in self._all_rows())]
        widths = [max(map(len, column)) for column in zip(*written, strict=True)]
        lines = [
            "  ".join(
                text.rjust(width) if is_number else text.ljust(width)
                for text, width, is_number in zip(row, widths, self._are_numbers(), strict=True)
            )
            for row in written
        ]
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        head = self._html_row("th", self.columns)
        body = "".join(self._html_row("td", map(_text, row)) for row in self.rows)
        foot = f"<tfoot>{self._html_row('td', map(_text, self.footer.values()))}</tfoot>" if self.footer else ""
        # JupyterLab shows the first line of a hidden output, as it is written: no number stands there
        return f"<table>\n<thead>{head}</thead><tbody>{body}</tbody>{foot}</table>"

    def _html_row(self, tag: str, texts: Iterable[str]) -> str:
        left = ' style="text-align: left"'  # a notebook's cells stand to the right by themselves
        sides = ["" if is_number else left for is_number in self._are_numbers()]
        cells = (f"<{tag}{side}>{escape(text)}</{tag}>" for text, side in zip(texts, sides, strict=True))
        return f"<tr>{''.join(cells)}</tr>"

    def _place_of(self, column: str) -> int:
        if column not in self.columns:
            raise ValueError(f"column is {column!r}: there are {', '.join(map(repr, self.columns))}")
        return self.columns.index(column)

    def _all_rows(self) -> list[tuple]:
        return [*self.rows, tuple(self.footer.values())] if self.footer else self.rows

    def _are_numbers(self) -> list[bool]:
        return [_are_numbers(self[column]) for column in self.columns]


def _are_numbers(values: Iterable[Any]) -> bool:
    return all(isinstance(value, Real) or value == "" or str(value).endswith("%") for value in values)


def _text(value: Any) -> str:
    return f"{value:,}" if isinstance(value, Integral) and not isinstance(value, bool) else str(value)
