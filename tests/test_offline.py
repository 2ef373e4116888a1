"""What slides and site share: the exercises of a lesson, and the parts that lie beside a page from disk."""

import re

import pytest

from coursetools import notebooks
from coursetools.offline import FETCHED, put_parts, put_reveal, sheet_of

LESSONS = sorted(path.stem for path in notebooks.LESSONS.glob("*.ipynb"))
fetched = pytest.mark.skipif(not FETCHED.exists(), reason="nothing has been fetched here: make site does so")


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_sheet_of_a_lesson_holds_what_its_notebook_asks(lesson):
    notebook = notebooks.read(notebooks.LESSONS / f"{lesson}.ipynb")
    for exercise in sheet_of(lesson).exercises:
        assert any(f"exercise.{exercise.name}.check(" in cell.source for cell in notebook.cells)


@fetched
def test_a_part_imports_nothing_and_asks_for_nothing(tmp_path):
    put_parts(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"explorers.js", "explorers.css", "mathjax.js"}
    script = (tmp_path / "explorers.js").read_text(encoding="utf-8")
    assert not re.search(r"\b(import|export)\b", script) and "data-explorer" in script
    assert ".explorer" in (tmp_path / "explorers.css").read_text(encoding="utf-8")


@fetched
def test_a_slide_show_has_its_speaker_s_window(tmp_path):
    put_reveal(tmp_path)
    put_reveal(tmp_path)  # over what is there
    assert (tmp_path / "reveal.js" / "dist" / "reveal.js").is_file()
    assert (tmp_path / "reveal.js" / "plugin" / "notes" / "notes.js").is_file()
