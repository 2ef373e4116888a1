"""How a student's notebook is merged with the one upstream: by cells, wherever something is new. tests/class tries the hub."""

import copy
import json
import subprocess
import sys
from operator import attrgetter
from pathlib import Path

import pytest

from coursetools.lesson import lessons

MERGE = Path(__file__).parents[1] / "hub" / "merge_notebooks.py"


def merge(folder, base, mine, theirs):
    """(the merged notebook, what was printed) by the command as git calls it."""
    paths = [folder / name for name in ("base", "mine", "theirs")]
    for path, notebook in zip(paths, (base, mine, theirs), strict=True):
        path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), encoding="utf-8")
    command = [sys.executable, "-I", MERGE, *paths, "a.ipynb"]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return paths[1].read_text(encoding="utf-8"), run.stdout


def new(name, source="1"):
    return {"cell_type": "code", "id": name, "metadata": {}, "source": [source], "outputs": [], "execution_count": 1}


@pytest.mark.parametrize("lesson", lessons(), ids=attrgetter("name"))
def test_new_cells_arrive_wherever_a_student_has_run_and_answered(lesson, tmp_path):
    """After each exercise of the lesson, all at once."""
    base = json.loads(lesson.path.read_text(encoding="utf-8"))
    mine, theirs = copy.deepcopy(base), copy.deepcopy(base)
    for cell in mine["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 99
        if "exercise" in cell["metadata"].get("tags", []):
            cell["source"] = "".join(cell["source"]).replace("...", "4711")
    asked = [index for index, cell in enumerate(base["cells"]) if "exercise" in cell["metadata"].get("tags", [])]
    for index in reversed(asked):
        theirs["cells"].insert(index + 1, new(f"new-{index}"))
    merged, said = merge(tmp_path, base, mine, theirs)
    after = json.loads(merged)["cells"]
    assert [cell["id"] for cell in after] == [cell["id"] for cell in theirs["cells"]] and not said
    assert [cell for cell in after if not cell["id"].startswith("new-")] == mine["cells"]


def test_what_a_student_wrote_stays_and_the_cell_is_named_that_both_have_changed(tmp_path):
    base = {"cells": [new(name) for name in ("text", "answer", "gone", "gone-answered", "deleted")]}
    mine = {"cells": [new("text"), new("note"), new("answer", "mine"), new("gone"), new("gone-answered", "mine")]}
    theirs = {"cells": [new("first"), new("text", "theirs"), new("answer", "theirs"), new("deleted"), new("last")]}
    merged, said = merge(tmp_path, base, mine, theirs)
    after = {cell["id"]: cell["source"][0] for cell in json.loads(merged)["cells"]}
    assert list(after.items()) == [
        *[
            ("first", "1"),
            ("text", "theirs"),
            ("note", "1"),
            ("answer", "mine"),
            ("last", "1"),
            ("gone-answered", "mine"),
        ]
    ]
    assert said.splitlines() == [
        f"a.ipynb: the cell {name} has changed upstream; yours is kept" for name in ("answer", "gone-answered")
    ]


def test_what_is_no_notebook_with_ids_is_merged_line_by_line(tmp_path):
    merged, _ = merge(tmp_path, "a\nb\nc\n", "a\nmine\nc\n", "a\ntheirs\nc\nd\n")
    assert merged == "a\nmine\nc\nd\n"
