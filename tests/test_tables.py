"""tables: one table, as aligned text and as HTML, with its columns at hand."""

import numpy as np
import pytest

from lessonlib.tables import Table

LAYERS = Table(["layer", "parameters", "share"], [("conv", 1792, "2.1%"), ("linear", 83300, "97.9%")])


def test_as_text_names_stand_to_the_left_and_numbers_with_commas_to_the_right():
    assert repr(LAYERS).splitlines() == [
        "layer   parameters  share",
        "conv         1,792   2.1%",
        "linear      83,300  97.9%",
    ]


def test_as_text_no_line_ends_in_blanks():
    table = Table(["number", "word"], [(1, "one"), (2, "a longer word")])
    assert all(line == line.rstrip() for line in repr(table).splitlines())


def test_an_empty_cell_among_numbers_leaves_them_to_the_right():
    table = Table(["layer", "parameters"], [("conv", 1792), ("ReLU", "")])
    assert repr(table).splitlines() == ["layer  parameters", "conv        1,792", "ReLU"]


def test_as_html_every_value_has_its_cell():
    html = LAYERS._repr_html_()
    assert [html.count(tag) for tag in ("<table>", "<tr>", "<th", "<td")] == [1, 3, 1 + 3, 6]
    assert ">83,300</td>" in html


def test_as_html_words_stand_to_the_left():
    html = LAYERS._repr_html_()
    assert '<td style="text-align: left">conv</td>' in html
    assert '<td style="text-align: left">1,792</td>' not in html


def test_as_html_names_and_values_are_escaped():
    html = Table(["a < b"], [("<script>",)])._repr_html_()
    assert "a &lt; b" in html and "&lt;script&gt;" in html and "<script>" not in html


def test_a_column_is_the_list_of_its_values():
    assert LAYERS["parameters"] == [1792, 83300]


def test_a_footer_is_shown_below_and_is_no_value_of_a_column():
    table = Table(LAYERS.columns, LAYERS.rows, ("total", 85092, "100%"))
    assert repr(table).splitlines()[-1] == "total       85,092   100%"
    assert sum(table["parameters"]) == table.footer["parameters"] == 85092 and LAYERS.footer == {}
    html = table._repr_html_()
    assert '<tfoot><tr><td style="text-align: left">total</td><td>85,092</td><td>100%</td></tr></tfoot>' in html


def test_some_columns_are_selected_in_the_order_in_which_they_are_named():
    table = Table(LAYERS.columns, LAYERS.rows, ("total", 85092, "100%")).select("share", "layer")
    assert table.columns == ("share", "layer") and table.rows == [("2.1%", "conv"), ("97.9%", "linear")]
    assert table.footer == {"share": "100%", "layer": "total"} and LAYERS.select("layer").footer == {}
    with pytest.raises(ValueError, match="column is 'size': there are"):
        LAYERS.select("layer", "size")


def test_an_unknown_column_is_answered_with_the_columns_that_there_are():
    with pytest.raises(ValueError, match="column is 'size': there are 'layer', 'parameters', 'share'"):
        LAYERS["size"]


@pytest.mark.parametrize("row", [(), ("conv",), ("conv", 1, 2)])
def test_a_row_of_another_length_is_refused(row):
    with pytest.raises(ValueError, match=f"a row has {len(row)} values.*give 2"):
        Table(["layer", "parameters"], [("linear", 3), row])


def test_a_table_without_rows_shows_the_names_of_its_columns():
    assert repr(Table(["layer", "parameters"], [])) == "layer  parameters"


@pytest.mark.parametrize("kind", [int, np.int64])
def test_whole_numbers_of_numpy_are_shown_as_those_of_python(kind):
    assert repr(Table(["count"], [(kind(1792),), (kind(7),)])).splitlines() == ["count", "1,792", "    7"]
