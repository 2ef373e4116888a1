"""What a cell of code may hold, so that it reads like a board: short lines, few of them, one thought each."""

import ast
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from coursetools.authoring.names import code_cells, parsed
from coursetools.lesson import tags

MOST_COLUMNS = 88  # what a page shows without scrolling, and what ruff formats a notebook at
MOST_LINES, MOST_LINES_WRITTEN_OUT = 12, 20
WRITTEN_OUT = re.compile(r"nn\.Sequential\(|class \w+\(nn\.Module\)")  # a network, layer by layer
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def columns(notebook: NotebookNode) -> Iterator[str]:
    """No line is longer than what every page shows."""
    for cell in code_cells(notebook):
        longest = max(map(len, cell.source.splitlines()), default=0)
        if longest > MOST_COLUMNS:
            yield f"cell {cell.id} has a line of {longest} columns, more than {MOST_COLUMNS}"


def lines(notebook: NotebookNode) -> Iterator[str]:
    """No cell but the set-up has more lines than can be taken in at once."""
    for cell in code_cells(notebook):
        is_written_out = "exercise" in tags(cell) or WRITTEN_OUT.search(cell.source)
        most, count = MOST_LINES_WRITTEN_OUT if is_written_out else MOST_LINES, len(cell.source.splitlines())
        if count > most and cell.id != "setup":
            yield f"cell {cell.id} has {count} lines, more than {most}"


def comprehensions(notebook: NotebookNode) -> Iterator[str]:
    """Each is one loop, with no other inside."""
    for cell in code_cells(notebook):
        tree = parsed(cell.source)
        loops = [] if isinstance(tree, str) else [node for node in ast.walk(tree) if isinstance(node, COMPREHENSIONS)]
        if any(len(loop.generators) > 1 for loop in loops):
            yield f"cell {cell.id} has a comprehension with two for"
        if any(isinstance(inner, COMPREHENSIONS) for loop in loops for inner in ast.walk(loop) if inner is not loop):
            yield f"cell {cell.id} has a comprehension inside another"
