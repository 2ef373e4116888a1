"""The names that a notebook uses: each is defined by its story, and each attribute of a module is there."""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import nbformat
from nbformat import NotebookNode

from coursetools.lesson import CHECK_CALL


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """The cells of plain Python: without the one that installs the course in Colab."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "colab"]


def parsed(source: str) -> ast.Module | str:
    """The syntax tree of a cell, or the sentence on why there is none."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        return f"has a syntax error in line {getattr(error, 'lineno', 1)}: {getattr(error, 'msg', error)}"


def undefined(notebook: NotebookNode) -> Iterator[str]:
    """Names that no cell defines, or an exercise alone: an unanswered exercise would end the story there."""
    story = copy.deepcopy(notebook)
    story.cells = [cell for cell in code_cells(story) if not CHECK_CALL.search(cell.source)]
    command = [
        "ruff",
        "check",
        "--select=F821",
        "--ignore-noqa",
        "--output-format=json",
        "--stdin-filename=story.ipynb",
    ]
    run = subprocess.run(
        [sys.executable, "-m", *command, "-"], input=nbformat.writes(story), capture_output=True, text=True
    )
    for fault in json.loads(run.stdout or "[]"):
        if fault["code"] == "F821":
            cell, name = story.cells[fault["cell"] - 1], fault["message"].split("`")[1]
            yield f"cell {cell.id} uses {name}, which no cell defines, or an exercise alone"


def redefined(notebook: NotebookNode) -> Iterator[str]:
    """Names of the story that an exercise gives another meaning: what comes after it would see the student's."""
    story: set[str] = set()
    for cell in code_cells(notebook):
        names = set(_defined(cell.source))
        if CHECK_CALL.search(cell.source):
            for name in sorted(names & story):
                yield f"cell {cell.id} is an exercise and redefines {name}: the story uses that name"
        else:
            story |= names


def dead_attributes(notebook: NotebookNode) -> Iterator[str]:
    """Attributes of modules that the notebook imports, and exercises of its sheet, that are not there."""
    known: dict[str, Any] = {}
    for cell in code_cells(notebook):
        tree = parsed(cell.source)
        if isinstance(tree, str):
            continue
        try:
            known |= _imported(tree)
        except (ImportError, AttributeError) as error:
            yield f"cell {cell.id} imports what is not there: {error}"
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and not _is_there(node, known):
                yield f"cell {cell.id} uses {ast.unparse(node)}, which is not there"


def _defined(source: str) -> Iterator[str]:
    """The names that a cell gives to the notebook: what is assigned, imported, or the target of a loop."""
    tree = parsed(source)
    for node in [] if isinstance(tree, str) else _outside_functions(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    closed = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, closed):
            yield from _outside_functions(child)


def _imported(tree: ast.Module) -> dict[str, Any]:
    """What the imports of a cell give to the notebook. Raises ImportError for what is not there."""
    namespace: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            exec(ast.unparse(node), namespace)
    return namespace


def _is_there(node: ast.Attribute, known: dict[str, Any]) -> bool:
    """Whether an attribute of a module or of the sheet exists; what else a notebook holds is known when it runs."""
    owner = _owner(node.value, known)
    is_asked = isinstance(owner, ModuleType) or hasattr(owner, "exercises")
    return not is_asked or hasattr(owner, node.attr)


def _owner(node: ast.expr, known: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        return getattr(_owner(node.value, known), node.attr, None)
    return None
