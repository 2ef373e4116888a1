"""claims: a measured number stands beside its bound, and what is compared of it is the claim and not the digits."""

import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest
import torch

from lessonlib.claims import claim, interval


@pytest.mark.parametrize(
    "value, wanted, line",
    [
        (0.631, {"above": 0.4}, "≈ 63%, above 40%: True"),
        (0.094, {"below": 0.2}, "≈ 9.4%, below 20%: True"),
        (0.4, {"above": 0.4}, "≈ 40%, above 40%: False"),
        (0.631, {"above": 0.4, "below": 0.6, "unit": "points"}, "≈ 63 points, above 40 and below 60: False"),
        (-0.08, {"below": 0, "unit": "points"}, "≈ -8 points, below 0: True"),
        (2.2e-6, {"below": 1e-4, "unit": ""}, "≈ 2.2e-06, below 0.0001: True"),
        (12.3, {"above": 9, "unit": "times"}, "≈ 12 times, above 9: True"),
        (torch.tensor(0.5), {"above": 0.4}, "≈ 50%, above 40%: True"),
        (np.float32(0.5), {"below": 0.4}, "≈ 50%, below 40%: False"),
    ],
)
def test_a_claim_shows_its_number_and_its_bound_and_whether_it_holds(capsys, value, wanted, line):
    claim("CNN ahead", value, **wanted)
    assert capsys.readouterr().out == f"CNN ahead: {line}\n"


def test_a_claim_without_a_bound_is_refused():
    with pytest.raises(ValueError, match="give above or below"):
        claim("CNN ahead", 0.6)


def test_the_truth_lies_inside_95_of_100_intervals():
    intervals = [interval(right / 360, 360) for right in np.random.default_rng(0).binomial(360, 0.9, size=10_000)]
    assert np.mean([low <= 0.9 <= high for low, high in intervals]) == pytest.approx(0.95, abs=0.01)


def test_of_a_stored_claim_all_but_the_number_is_compared(tmp_path):
    stored = {
        "digits": "CNN ahead: ≈ 58 points, above 40: True",
        "bound": "CNN ahead: ≈ 63 points, above 50: True",
        "truth": "CNN ahead: ≈ 63 points, above 40: False",
        "words": "CNN beyond: ≈ 63 points, above 40: True",
    }
    source = "from lessonlib.claims import claim\n\nclaim('CNN ahead', 0.631, above=0.4, unit='points')"
    notebook = nbformat.v4.new_notebook()
    for count, (name, line) in enumerate(stored.items(), 1):
        output = nbformat.v4.new_output("stream", text=f"{line}\n")
        notebook.cells.append(nbformat.v4.new_code_cell(source, id=name, execution_count=count, outputs=[output]))
    nbformat.write(notebook, tmp_path / "lesson.ipynb")
    test = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "conftest", "-p", "no:cacheprovider", "-rA"]
    printed = subprocess.run([*test, tmp_path / "lesson.ipynb"], capture_output=True, text=True).stdout
    outcomes = {name: outcome for outcome, name in re.findall(r"^(PASSED|FAILED) .*::(\w+)", printed, re.MULTILINE)}
    assert outcomes == {"digits": "PASSED", "bound": "FAILED", "truth": "FAILED", "words": "FAILED"}, printed
