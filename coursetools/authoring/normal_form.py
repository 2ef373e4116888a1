"""The form in which a notebook is stored: nothing volatile, so that a review shows what has changed and nothing else."""

import base64
import copy
import re
from io import BytesIO

import nbformat
from nbformat import NotebookNode
from PIL import Image

from coursetools.authoring import conventions

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
WIDGET = "application/vnd.jupyter.widget-view+json"  # names a widget of the kernel that ran: elsewhere there is none
KEPT_CELL_METADATA = ("slideshow", "tags", "jupyter")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){0,3}(-[0-9a-f]{12})?")


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
        cell.metadata["jupyter"] = _folded(cell)
        cell.metadata = {key: cell.metadata[key] for key in KEPT_CELL_METADATA if cell.metadata.get(key)}
        cell.metadata.setdefault("slideshow", {"slide_type": _slide_type(cell)})
        for output in cell.get("outputs", []):
            output.get("metadata", {}).pop("execution", None)
            output.get("data", {}).pop(WIDGET, None)
    if before is not None:
        _keep_unchanged_figures(result, before)
    return nbformat.from_dict(result)


def written(notebook: NotebookNode) -> bytes:
    """The notebook as the bytes of its file: the normal form."""
    return f"{nbformat.writes(notebook)}\n".encode()


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


def _folded(cell: NotebookNode) -> dict[str, bool]:
    """What JupyterLab hides of a cell: the output of a result until it is run, and the code that would tell it before.

    The bounds of a claim tell it; what else does, such as the solution of an exercise, the author folds.
    """
    folded = {key: value for key, value in cell.metadata.get("jupyter", {}).items() if key != "outputs_hidden"}
    if "result" in cell.metadata.get("tags", []):
        if cell.outputs:
            folded["outputs_hidden"] = True
        if "claim(" in cell.source:
            folded["source_hidden"] = True
    return folded


def _keep_unchanged_figures(notebook: NotebookNode, before: NotebookNode) -> None:
    stored = {cell.id: _figures(cell) for cell in before.cells if cell.get("id")}
    for cell in notebook.cells:
        for new, old in zip(_figures(cell), stored.get(cell.id, []), strict=False):
            if _pixels(new) == _pixels(old):
                new["image/png"] = old["image/png"]


def _figures(cell: NotebookNode) -> list[dict[str, str]]:
    return [output.data for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]


def _pixels(data: dict[str, str]) -> tuple[tuple[int, int], bytes]:
    image = Image.open(BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")
    return image.size, image.tobytes()
