"""Git's merge driver for the notebooks of students: merge_notebooks.py BASE MINE THEIRS NAME writes the result to MINE.

Line by line, a notebook that a student has run conflicts at every execution count, and whatever stands beside one is lost
without a word. Here cells are merged, by their ids: what a student wrote stays, what is new upstream arrives.
"""

import json
import subprocess
import sys
from pathlib import Path


def merged(base, mine, theirs):
    """(the notebook, ids of cells that both have changed: there the student's stays)."""
    old, new = _by_id(base), _by_id(theirs)
    cells, both = [], []
    for cell in mine["cells"]:
        before, now = old.get(cell["id"]), new.get(cell["id"])
        touched = before is None or _source(cell) != _source(before)
        changed = now is None or before is None or _source(now) != _source(before)
        if before and touched and changed and (now is None or _source(now) != _source(cell)):
            both.append(cell["id"])
        if before is None or touched:
            cells.append(cell)
        elif now:  # a cell that the student has only run keeps its outputs, unless there is another text
            cells.append(now if changed or cell == before else cell)
    last = -1
    for cell in theirs["cells"]:
        place = [each["id"] for each in cells]
        if cell["id"] in place:
            last = place.index(cell["id"])
        elif cell["id"] not in old:  # new upstream: after what it follows there
            last += 1
            cells.insert(last, cell)
    return mine | {"cells": cells}, both


def _by_id(notebook):
    return {cell["id"]: cell for cell in notebook["cells"]}


def _source(cell):
    """What is written in a cell, which a notebook holds as text or as lines."""
    return cell["cell_type"], "".join(cell["source"])


def main(base, mine, theirs, name):
    try:
        notebooks = [json.loads(Path(path).read_text(encoding="utf-8")) for path in (base, mine, theirs)]
        notebook, both = merged(*notebooks)
    except (
        ValueError,
        LookupError,
        TypeError,
    ):  # no notebook, or one whose cells have no ids: line by line, as git does
        return subprocess.run(["git", "merge-file", "--ours", mine, base, theirs]).returncode
    text = json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    Path(mine).write_text(text, encoding="utf-8")
    for cell in both:
        print(f"{name}: the cell {cell} has changed upstream; yours is kept")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
