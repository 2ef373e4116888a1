"""tables: one table, as aligned text and as HTML, with its columns at hand."""

import numpy as np
import pytest

from lessonlib.tables import Table

LAYERS = Table(
    ["layer", "parameters", "share"],
    [("conv", 1792, "2.1%"), ("ReLU", "", ""), ("linear", np.int64(83300), "97.9%")],
    footer=("total", 85092, "100%"),
)


def test_as_text_words_stand_to_the_left_and_numbers_with_commas_to_the_right():
    assert repr(LAYERS).splitlines() == [
        "layer   parameters  share",
        "conv         1,792   2.1%",
        "ReLU",  # an empty cell leaves the numbers to the right, and no line ends in blanks
        "linear      83,300  97.9%",
        "total       85,092   100%",
    ]


def test_as_html_every_value_has_its_cell_and_the_footer_its_own_part():
    html = LAYERS._repr_html_()
    assert [html.count(tag) for tag in ("<table>", "<tr>", "<th", "<td")] == [1, 5, 1 + 3, 12]
    assert '<tr><td style="text-align: left">linear</td><td>83,300</td><td>97.9%</td></tr>' in html
    assert '<tfoot><tr><td style="text-align: left">total</td><td>85,092</td><td>100%</td></tr></tfoot>' in html


def test_as_html_names_and_values_are_escaped():
    html = Table(["a < b"], [("<script>",)])._repr_html_()
    assert "a &lt; b" in html and "&lt;script&gt;" in html and "<script>" not in html


def test_a_column_is_the_list_of_its_values_without_the_footer():
    assert LAYERS["share"] == ["2.1%", "", "97.9%"] and LAYERS.footer["share"] == "100%"
    assert Table(LAYERS.columns, LAYERS.rows).footer == {}


def test_some_columns_are_selected_in_the_order_in_which_they_are_named():
    table = LAYERS.select("share", "layer")
    assert table.columns == ("share", "layer") and table.rows[0] == ("2.1%", "conv")
    assert table.footer == {"share": "100%", "layer": "total"}


def test_an_unknown_column_is_answered_with_the_columns_that_there_are():
    with pytest.raises(ValueError, match="column is 'size': there are 'layer', 'parameters', 'share'"):
        LAYERS["size"]


def test_a_table_without_rows_shows_the_names_of_its_columns():
    assert repr(Table(["layer", "parameters"], [])) == "layer  parameters"
