"""The stored listing is that of the lessons as they are: a changed sentence or number is read in a review."""

import nbformat
import pytest

from coursetools import texts


@pytest.mark.parametrize("word", texts.lessons())
def test_the_stored_sentences_are_those_of_the_exercises(word):
    stored = (texts.FOLDER / f"{word}.md").read_text(encoding="utf-8")
    now = f"{texts.texts(word)}\n"
    changed = [line for line in now.splitlines() if line not in stored.splitlines()]
    assert now == stored, "run `python -m coursetools.texts`, and read what it changes: " + "\n".join(changed[:5])


def test_every_sentence_is_in_the_listing():
    listing = texts.texts("parameters")
    assert "you counted one bias in all. Each of the 64 outputs has its own." not in listing  # numbers are filled in
    assert "you counted one bias in all. Each of the 128 outputs has its own." in listing
    assert "- conv_side_not_squared `1,024`: you took 5 weights for a window." in listing


def test_a_number_that_no_cell_shows_is_listed():
    notebook = nbformat.v4.new_notebook()
    shows = nbformat.v4.new_output("stream", text="150,528 values, 12.5%")
    notebook.cells = [
        nbformat.v4.new_markdown_cell(
            "Of 150,528 values 12.5% and 13% are [ink](https://a.org/1998), 1,234 are 7.", id="a-text"
        ),
        nbformat.v4.new_code_cell("side = 224", outputs=[shows]),
        nbformat.v4.new_markdown_cell("A side of 224, in 1998.", id="b-text"),
    ]
    assert list(texts.told_numbers(notebook)) == [("a-text", ["13%", "1,234"]), ("b-text", ["1998"])]
