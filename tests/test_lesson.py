"""A lesson that is laid out by the command passes what every lesson has to pass, with no line changed by hand."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from coursetools import lesson, texts

ROOT = Path(__file__).parent.parent
NEXT = f"{len(texts.lessons()) + 1:02}"


@pytest.mark.parametrize("number", ["00", NEXT.lstrip("0"), f"{NEXT}0", "seven"])
def test_a_number_that_is_not_the_next_is_refused(number, capsys):
    assert lesson.main([number, "attention"]) == 2
    assert capsys.readouterr().err == f"number is {number!r}: the next lesson is {NEXT}\n"


@pytest.mark.parametrize("word", ["two_words", "Two", "", "data", "color", "random"])
def test_a_word_that_is_taken_or_more_than_one_is_refused(word, capsys):
    assert lesson.main([NEXT, word]) == 2
    assert capsys.readouterr().err.startswith(f"word is {word!r}: give one word of small letters")


def test_a_new_lesson_passes_with_no_line_changed_by_hand(tmp_path):
    home = shutil.copytree(ROOT, tmp_path / "course", ignore=shutil.ignore_patterns(".*", "build", "__pycache__"))
    shutil.copytree(ROOT / ".github", home / ".github")
    run = {"cwd": home, "env": os.environ | {"PYTHONPATH": str(home)}, "capture_output": True, "text": True}
    laid_out = subprocess.run([sys.executable, "-m", "coursetools.lesson", NEXT, "attention"], **run)
    assert laid_out.returncode == 0, laid_out.stderr
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--ignore=tests/test_lesson.py"]
    about_it = "attention or one_word or has_its_tests or readme_lists or offers_every_lesson or ruff"
    passed = subprocess.run([*pytest_here, f"notebooks/{NEXT}_attention.ipynb", "tests", "-k", about_it], **run)
    assert passed.returncode == 0, passed.stdout
    assert f"notebooks/{NEXT}_attention.ipynb" in laid_out.stdout and "lessonlib/attention.py" in laid_out.stdout
