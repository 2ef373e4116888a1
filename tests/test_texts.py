"""The stored listing of all sentences is the one that the exercises have: a changed word is read in a review."""

import pytest

from coursetools import texts


@pytest.mark.parametrize("word", texts.WORDS)
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
