"""Run, normalise and check notebooks: for authors and continuous integration.

python -m coursetools.notebooks                       every lesson of notebooks/
python -m coursetools.notebooks notebooks/NAME.ipynb  one of them
python -m coursetools.notebooks --check               only say what is wrong; run and write nothing
"""

import argparse
import base64
import codecs
import copy
import json
import os
import re
import sys
from io import BytesIO
from pathlib import Path

import nbformat
import numpy as np
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from PIL import Image

from coursetools import conventions

LESSONS = Path(__file__).parents[1] / "notebooks"
# What the kernel has, as in the tests: no progress bars, one thread, and of the author's own environment nothing that
# changes what is computed or drawn.
KERNEL = {"TQDM_DISABLE": "1", "OMP_NUM_THREADS": "1"}
AUTHORS_OWN = ("CUDA", "KMP", "MKL", "MPL", "NUMPY", "OMP", "OPENBLAS", "PYTHONHASHSEED", "PYTORCH", "TORCH")
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"  # names a widget of the kernel that ran: elsewhere there is none
KEPT_CELL_METADATA = ("slideshow", "tags", "jupyter")
THUMBNAIL, MOST_DIFFERENT, MOST_PLACES = 8, 24, 0.005  # pixels in one, levels of 255, share of the thumbnail
SPEAKING_ID = re.compile(r"[a-z]+(-[a-z0-9]+)+|colab|title|setup|summary")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")


class NotebookError(ValueError):
    """A file that is no notebook as it should be, in one sentence."""


def read(path: Path) -> NotebookNode:
    """A notebook from its file. Raises NotebookError where there is none that can be read."""
    if path.is_dir():
        raise NotebookError("is a folder, not a notebook")
    if not path.is_file():
        raise NotebookError("is not there")
    content = path.read_bytes()
    if content.startswith(codecs.BOM_UTF8):
        raise NotebookError("begins with a byte order mark: save it as plain UTF-8")
    try:
        text = content.decode("utf-8")
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(r"(<{7}|>{7}|={7})( |$)", line):
                raise NotebookError(f"has a conflict marker in line {number}: resolve the merge first")
        version = json.loads(text)["nbformat"]
        if version != 4:
            raise NotebookError(f"is in the notebook format {version}: open it in JupyterLab, and save it in format 4")
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except NotebookError:
        raise
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise NotebookError(f"is no JSON in UTF-8: {error}") from error
    except (KeyError, TypeError, AttributeError, nbformat.ValidationError) as error:
        why = str(error).splitlines()[0]
        raise NotebookError(f"is no notebook: {type(error).__name__}: {why}") from error
    return notebook


def run(notebook: NotebookNode, folder: Path = LESSONS) -> NotebookNode:
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


def normalise(notebook: NotebookNode, before: NotebookNode | None = None) -> NotebookNode:
    """The notebook in the form in which it is stored: nothing volatile, a speaking id and a slide type on every cell.

    before: the notebook as it was stored; figures whose pixels are the same as there keep their bytes.
    """
    result = copy.deepcopy(notebook)
    result.metadata, result.nbformat, result.nbformat_minor = nbformat.from_dict(METADATA), 4, 5
    heading, taken = "start", {cell.get("id") for cell in result.cells}
    for cell in result.cells:
        heading = _heading(cell) or heading
        if not cell.get("id") or RANDOM_ID.fullmatch(cell.id):
            cell.id = _speaking_id(heading, cell.cell_type, taken)
            taken.add(cell.id)
        if cell.id == "colab":
            cell.source = conventions.FIRST_CELL
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip("\n").splitlines())
        cell.metadata = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)}
        cell.metadata.setdefault("slideshow", {"slide_type": _slide_type(cell)})
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
            output.get("data", {}).pop(WIDGET, None)
    if before is not None:
        _keep_unchanged_figures(result, before)
    return nbformat.from_dict(result)


def problems(path: Path) -> list[str]:
    """Everything that keeps the stored notebook from being as it should: a list of sentences, empty if all is well."""
    notebook = read(path)
    found = conventions.problems(notebook, path.stat().st_size)
    if written(normalise(notebook)) != path.read_bytes():
        found.append(f"not in normal form: run `python -m coursetools.notebooks {path.as_posix()}`")
    return found


def written(notebook: NotebookNode) -> bytes:
    """The notebook as the bytes of its file: the normal form."""
    return f"{nbformat.writes(notebook)}\n".encode()


def author(path: Path) -> None:
    """Run the notebook and store it in normal form; a notebook that raises is left as it was."""
    before = read(path)
    after = written(normalise(run(before, path.parent), before))
    if after != path.read_bytes():
        path.write_bytes(after)


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit status: 0 if every notebook ran and keeps to the conventions."""
    parser = argparse.ArgumentParser(description="Run, normalise and check the notebooks.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="by default all of notebooks/")
    parser.add_argument("--check", action="store_true", help="only say what is wrong; run and write nothing")
    options = parser.parse_args(arguments)
    status = 0
    for path in options.notebooks or sorted(LESSONS.glob("*.ipynb")):
        try:
            found = [] if options.check else conventions.before_it_runs(normalise(read(path)))
            if not options.check and not found:
                author(path)
            found = found or problems(path)
        except NotebookError as error:
            found = [str(error)]
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            found = [f"left as it was, because a cell failed:\n{error}"]
        shown = os.path.relpath(path)
        print("\n".join(f"{shown}: {problem}" for problem in found) or f"{shown}: in order")
        status = status or bool(found)
    return int(status)


def _heading(cell: NotebookNode) -> str | None:
    return (
        cell.source.splitlines()[0].lstrip("# ")
        if cell.cell_type == "markdown" and cell.source.startswith("#")
        else None
    )


def _speaking_id(heading: str, cell_type: str, taken: set[str]) -> str:
    words = "-".join(re.findall(r"[a-z0-9]+", heading.lower())[:5])
    role = {"code": "run", "markdown": "text", "raw": "raw"}[cell_type]
    names = (f"{words}-{role}" + (f"-{number}" if number > 1 else "") for number in range(1, 1000))
    return next(name for name in names if name not in taken)


def _slide_type(cell: NotebookNode) -> str:
    """What a cell that nobody has placed is in a slide show: headings open a slide, code is revealed on it."""
    return "fragment" if cell.cell_type == "code" else "slide" if cell.source.startswith("#") else "skip"


def _keep_unchanged_figures(notebook: NotebookNode, before: NotebookNode) -> None:
    stored = {cell.id: _figures(cell) for cell in before.cells if cell.get("id")}
    for cell in notebook.cells:
        for new, old in zip(_figures(cell), stored.get(cell.id, []), strict=False):
            if _pixels(new) == _pixels(old):
                new["image/png"] = old["image/png"]


def _figures(cell: NotebookNode) -> list[dict[str, str]]:
    return [output.data for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def trains(cell: NotebookNode) -> bool:
    """Whether a cell trains a network, by the calls that do."""
    return cell.cell_type == "code" and bool(re.search(r"\b(fit|accuracies)\(", cell.source))


def look_alike(figure: str, other: str) -> bool:
    """Whether two stored figures, PNG as base64, show the same at the size of a thumbnail.

    A label that another font moves by a pixel is no difference; an image that is upside down or mirrored is one.
    """
    thumbnails = [_thumbnail(each) for each in (figure, other)]
    if thumbnails[0].shape != thumbnails[1].shape:
        return False
    differs = np.abs(thumbnails[0] - thumbnails[1]).max(axis=2) > MOST_DIFFERENT
    return differs.mean() <= MOST_PLACES


def _thumbnail(png: str) -> np.ndarray:
    image = Image.open(BytesIO(base64.b64decode(png))).convert("RGB")
    return np.asarray(image.reduce(THUMBNAIL), float)


def _pixels(data: dict[str, str]) -> tuple[tuple[int, int], bytes]:
    image = Image.open(BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    return image.size, image.tobytes()


if __name__ == "__main__":
    sys.exit(main())
