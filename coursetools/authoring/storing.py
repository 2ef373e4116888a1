"""A lesson run in a kernel of its own and stored, and what keeps it from being as it should."""

import copy
import os
from pathlib import Path

from nbclient import NotebookClient
from nbformat import NotebookNode

from coursetools.authoring import conventions
from coursetools.authoring.normal_form import normalise, written
from coursetools.lesson import NOTEBOOKS, NotebookError, read

# What the kernel has, as in the tests: no progress bars, one thread, and of the author's own environment nothing that
# changes what is computed or drawn.
KERNEL = {"TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1"}
AUTHORS_OWN = ("CUDA", "KMP", "MKL", "MPL", "NUMPY", "OMP", "OPENBLAS", "PYTHONHASHSEED", "PYTORCH", "TORCH")


def run(notebook: NotebookNode, folder: Path = NOTEBOOKS) -> NotebookNode:
    """A copy of the notebook with every cell run, in order, in a fresh kernel that starts in folder.

    Raises nbclient's CellExecutionError where a cell raises, unless the cell is tagged raises-exception.
    """
    executed = copy.deepcopy(notebook)
    client = NotebookClient(
        executed,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        coalesce_streams=True,
        store_widget_state=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    shared = {name: value for name, value in os.environ.items() if not name.startswith(AUTHORS_OWN)}
    client.execute(env=shared | KERNEL)
    return executed


def author(path: Path, runs: bool = True) -> None:
    """Run the notebook and store it in normal form; one that raises, or states what is false, is left as it was."""
    before = read(path)
    after = normalise(run(before, path.parent), before) if runs else normalise(before)
    false = list(conventions.claims(after))
    if false:
        raise NotebookError(f"left as it was: {', '.join(false)}")
    if written(after) != path.read_bytes():
        path.write_bytes(written(after))


def problems(path: Path) -> list[str]:
    """Everything that keeps the stored notebook from being as it should: a list of sentences, empty if all is well."""
    notebook = read(path)
    if not all("id" in cell for cell in notebook.cells):
        return ["its cells have no ids, which editors such as Colab leave out: make the change in JupyterLab"]
    faults = conventions.problems(notebook, path.stat().st_size)
    if written(normalise(notebook)) != path.read_bytes():
        faults.append(f"not in normal form: make author OPTIONS={os.path.relpath(path)} writes it")
    return faults
