"""What holds for all tests, and for the kernels of the notebooks, which inherit it."""

import difflib
import os
from pathlib import Path

import tqdm  # noqa: F401  before the next line, so that in this process bars appear, and can be tested

os.environ["TQDM_DISABLE"] = "1"  # progress bars are for people, and no output that is compared
os.environ["OMP_NUM_THREADS"] = "1"  # two run side by side: each is much faster if it does not split its work as well
os.chdir(Path(__file__).parent)  # tests name files from here, whatever folder they are called from

import matplotlib  # noqa: E402  after the threads are set, which NumPy reads once
import nbval.plugin  # noqa: E402

from coursetools import notebooks  # noqa: E402

# From this release on letters stand where they do in the stored figures; before it, some pixels beside.
SAME_LETTERS = matplotlib.__version_info__ >= (3, 11)
# nbval compares what a cell says, and no pixels: a figure that is upside down would pass. From the first training of a
# lesson on its figures are not compared: they show other numbers on another processor.
says_the_same = nbval.plugin.IPyNbCell.compare_outputs


def says_and_shows_the_same(cell, test, ref, skip_compare=None):
    if not says_the_same(cell, test, ref, skip_compare):
        cell.comparison_traceback.append(f"\nIf that is meant: make author OPTIONS={cell.parent.name}")
        return False
    if not SAME_LETTERS:
        return True
    so_far = cell.parent.nb.cells[: cell.parent.nb.cells.index(cell.cell) + 1]
    if any(notebooks.trains(each) for each in so_far):
        return True
    new, stored = (
        [out.data["image/png"] for out in outs if "image/png" in out.get("data", {})] for outs in (test, ref)
    )
    if len(new) != len(stored) or not all(map(notebooks.look_alike, new, stored)):
        cell.comparison_traceback.append("The figure looks different: look at it, then run coursetools.notebooks.")
        return False
    return True


def as_git_shows_a_change(cell, key, stored, new):
    lines = difflib.unified_diff(stored.splitlines(), new.splitlines(), "stored", "new", n=1, lineterm="")
    cell.comparison_traceback += [f"Cell {cell.cell.id} gives another {key}:", *lines]


def called_by_its_id(parent, name, cell, **more):
    """In place of nbval's names, which count the code cells, from 0."""
    return as_a_test(parent, name=cell.id, cell=cell, **more)


as_a_test, nbval.plugin.IPyNbCell.from_parent = nbval.plugin.IPyNbCell.from_parent, called_by_its_id
nbval.plugin.IPyNbCell.compare_outputs = says_and_shows_the_same
nbval.plugin.IPyNbCell.format_output_compare = as_git_shows_a_change
nbval.plugin.IPyNbCell.reportinfo = lambda cell: (cell.path, 0, cell.nodeid)
