"""What holds for all tests, and for the kernels of the notebooks, which inherit it."""

import base64
import difflib
import os
import re
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import nbval.plugin
import pytest

os.environ["TQDM_DISABLE"] = "1"  # progress bars are for people, and no output that is compared
os.environ["OMP_NUM_THREADS"] = "1"  # two run side by side: each is much faster if it does not split its work as well
os.environ["LESSONLIB_PRACTICE"] = os.devnull  # what is answered in a test comes back to nobody
os.chdir(Path(__file__).parent)  # tests name files from here, whatever folder they are called from

# From this release on letters stand where they do in the stored figures; before it, some pixels beside.
SAME_LETTERS = tuple(map(int, version("matplotlib").split(".")[:2])) >= (3, 11)


def pytest_addoption(parser):
    parser.addoption("--cell", metavar="ID", help="run a notebook up to this cell, and nothing else")


def pytest_collection_modifyitems(config, items):
    """With --cell ID the cells of its notebook up to it: they define the names that it uses."""
    wanted = config.getoption("--cell")
    if wanted:
        paths = [item.path for item in items if item.name == wanted]
        if len(paths) != 1:
            there = ", ".join(path.name for path in paths) or "no notebook"
            raise pytest.UsageError(f"the cell {wanted} is in {there}: name the notebook that it is in, and its id")
        lesson = [item for item in items if item.path == paths[0]]
        items[:] = lesson[: [item.name for item in lesson].index(wanted) + 1]


THUMBNAIL, MOST_DIFFERENT, MOST_PLACES = 8, 24, 0.005  # pixels in one, levels of 255, share of the thumbnail


def trains(cell):
    """Whether a cell trains a network, by the calls that do."""
    return cell.cell_type == "code" and bool(re.search(r"\b(fit|accuracies)\(", cell.source))


def look_alike(figure, other):
    """Whether two stored figures, PNG as base64, show the same at the size of a thumbnail.

    A label that another font moves by a pixel is no difference; an image that is upside down or mirrored is one.
    """
    old, new = thumbnail(figure), thumbnail(other)
    return old.shape == new.shape and (abs(old - new).max(axis=2) > MOST_DIFFERENT).mean() <= MOST_PLACES


def thumbnail(png):
    import numpy as np  # here: most tests draw nothing
    from PIL import Image

    image = Image.open(BytesIO(base64.b64decode(png))).convert("RGB")
    return np.asarray(image.reduce(THUMBNAIL), float)


@pytest.fixture
def thumbnails():
    """How stored figures are compared, and up to where."""
    return SimpleNamespace(trains=trains, look_alike=look_alike)


# nbval compares what a cell says, and no pixels: a figure that is upside down would pass. From the first training of a
# lesson on its figures are not compared: they show other numbers on another processor.
says_the_same = nbval.plugin.IPyNbCell.compare_outputs


def says_and_shows_the_same(cell, test, ref, skip_compare=None):
    if not says_the_same(cell, test, ref, skip_compare):
        cell.comparison_traceback.append(f"\nIf that is meant: make author OPTIONS={os.path.relpath(cell.path)}")
        return False
    so_far = cell.parent.nb.cells[: cell.parent.nb.cells.index(cell.cell) + 1]
    if not SAME_LETTERS or any(map(trains, so_far)):
        return True
    new, stored = (
        [out.data["image/png"] for out in outs if "image/png" in out.get("data", {})] for outs in (test, ref)
    )
    if len(new) != len(stored) or not all(map(look_alike, new, stored)):
        cell.comparison_traceback.append(
            f"The figure looks different: look at it, then make author OPTIONS={os.path.relpath(cell.path)}"
        )
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
