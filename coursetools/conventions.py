"""What every lesson keeps to, as checks that say what is wrong with a notebook.

Each check takes a notebook and yields a sentence for every fault that it finds.
"""

import ast
import re
import statistics
import symtable
from collections.abc import Iterable, Iterator

from nbformat import NotebookNode

from coursetools.place import REPOSITORY

Faults = Iterator[str]  # a sentence for each

TAGS = {"exercise", "nbval-ignore-output", "raises-exception"}
SLIDE_TYPES = {"slide", "subslide", "fragment", "notes", "skip", "-"}
CODE_CELLS, MEDIAN_LINES, MOST_LINES, MOST_LINES_IN_EXERCISE = 34, 6, 20, 25
MOST_COLUMNS = 100  # what a notebook's cell shows on a laptop without scrolling
WORDS, MOST_BYTES, MOST_IGNORED = 2600, 350 * 1024, 3
NO_NOTES = ["What you will learn", "Summary", "Going further", "Further reading"]
LAST_HEADINGS = ["Summary", "Going further", "Further reading"]
VOLATILE = {
    "a path": r"(?<![\w/.])(/(home|tmp|work|root|usr|Users|var|opt)/\w|[A-Z]:\\)",
    "a memory address": r"0x[0-9a-f]{6,}",
    "a time": r"\b\d\d:\d\d:\d\d\b|\b\d+(\.\d+)? ?(ms|µs|s|seconds)\b|\d(it|s)/s",
    "a warning": r"Warning\b",
}
# The field's words, and those that stood in their place: whoever learns the others can't search for them.
OTHER_WORDS = {r"pictures?": "image", r"behind": "after"}
# A version is a tag. An old notebook, opened in Colab years later, fetches the library that belongs to it.
RELEASE = "v1.1.0"
FIRST_CELL = f"""\
# In Colab: fetch the course's library, and leave Colab's own torch alone. Elsewhere: nothing.
try:
    import lessonlib
except ImportError:
    course = "git+https://github.com/{REPOSITORY}@{RELEASE}"
    %pip install --quiet --no-deps {{course}} anywidget psygnal"""
CHECK_CALL = re.compile(r"\bexercise\.(\w+)\.check\(")


def problems(notebook: NotebookNode, size: int = 0) -> list[str]:
    """Every fault of a notebook that takes size bytes on disk; an empty list if there is none."""
    return [fault for check in CHECKS for fault in check(notebook)] + list(too_large(size))


def before_it_runs(notebook: NotebookNode) -> list[str]:
    """Every fault that can be told from the texts and sources alone, before a cell is run."""
    return [fault for check in CHECKS_OF_SOURCES for fault in check(notebook)]


def headings(notebook: NotebookNode) -> Faults:
    """Title with time and needs, goals, at least one section, and the three last headings, in this order."""
    title = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    if not title.startswith("# "):
        yield "the first text cell is not a title (# ...)"
    for word in ("**Time**", "**Needs**"):
        if word not in title:
            yield f"the title cell does not say {word}"
    found = [
        line[3:].strip() for cell in _markdown(notebook) for line in cell.source.splitlines() if line.startswith("## ")
    ]
    if found[:1] != ["What you will learn"]:
        yield "the first section is not ## What you will learn"
    if found[-3:] != LAST_HEADINGS:
        yield f"the last sections are not {', '.join(LAST_HEADINGS)}"
    goals = next((cell.source for cell in _markdown(notebook) if cell.source.startswith("## What you will learn")), "")
    if not 3 <= goals.count("\n- ") <= 5:
        yield f"{goals.count(chr(10) + '- ')} goals under What you will learn, not 3 to 5"


def notes(notebook: NotebookNode) -> Faults:
    """Each section tells the instructor something, and how many minutes it takes."""
    section, told = "", True
    for cell in _markdown(notebook):
        if _slide_type(cell) == "notes":
            told = told or bool(re.search(r"\d+ minutes?\b", cell.source))
        for line in cell.source.splitlines():
            if line.startswith("## "):
                if not told:
                    yield f"the section {section!r} has no note for the instructor that tells the minutes"
                section, told = line[3:].strip(), line[3:].strip() in NO_NOTES


def budgets(notebook: NotebookNode) -> Faults:
    """How many code cells, how long they are, and how many words a student has to read."""
    code = [cell for cell in _code(notebook) if cell.id != "colab"]  # which is the same everywhere, and folded
    lines = [len(cell.source.splitlines()) for cell in code]
    if len(code) > CODE_CELLS:
        yield f"{len(code)} code cells, more than {CODE_CELLS}"
    if lines and statistics.median(lines) > MEDIAN_LINES:
        yield f"the median code cell has {statistics.median(lines):g} lines, more than {MEDIAN_LINES}"
    for cell, length in zip(code, lines, strict=True):
        most = MOST_LINES_IN_EXERCISE if "exercise" in _tags(cell) else MOST_LINES
        if length > most:
            yield f"cell {cell.id} has {length} lines, more than {most}"
    read = [cell for cell in _markdown(notebook) if _slide_type(cell) != "notes"]
    words = sum(len(re.findall(r"[A-Za-z][\w'-]*", cell.source)) for cell in read)
    if words > WORDS:
        yield f"{words} words, without those of the notes, more than {WORDS}"


def words(notebook: NotebookNode) -> Faults:
    """The field's words, in texts, captions and printed lines."""
    for cell in notebook.cells:
        yield from (f"cell {cell.id} {fault}" for fault in other_words(cell.source))


def other_words(text: str) -> Faults:
    """The words of a text that are not the field's, each with the one that is."""
    for pattern, better in OTHER_WORDS.items():
        for found in sorted(set(re.findall(rf"\b{pattern}\b", text, re.IGNORECASE))):
            yield f"says {found!r}: the course says {better!r}"


def too_large(size: int) -> Faults:
    """Stored size: a notebook must open at once, also on a code host."""
    if size > MOST_BYTES:
        yield f"{size // 1024} KiB on disk, more than {MOST_BYTES // 1024}"


def sources(notebook: NotebookNode) -> Faults:
    """No long lines, no semicolons to silence a cell, no magics outside the Colab cell, no markers in comments."""
    for cell in _code(notebook):
        if any(len(line) > MOST_COLUMNS for line in cell.source.splitlines()):
            yield f"cell {cell.id} has a line over {MOST_COLUMNS} characters"
        tree = parsed(cell.source)
        if cell.id != "colab" and isinstance(tree, str):
            yield f"cell {cell.id} {tree}"
        if cell.source.rstrip().endswith(";"):
            yield f"cell {cell.id} ends with a semicolon, which not every runner honours"
        if cell.id != "colab" and re.search(r"^\s*[%!]", cell.source, re.MULTILINE):
            yield f"cell {cell.id} uses a magic or a shell command"
        if re.search(r"#.*(TODO|FIXME|BEGIN|END|SOLUTION)\b", cell.source):
            yield f"cell {cell.id} has a marker in a comment"


def cells(notebook: NotebookNode) -> Faults:
    """Speaking ids that differ, a slide type on every cell, known tags only, and few outputs that nobody compares."""
    seen = set()
    for cell in notebook.cells:
        if (
            cell.id in seen
            or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", cell.id)
            or re.fullmatch(r"[0-9a-f]{8}", cell.id)
        ):
            yield f"cell id {cell.id!r} is not a speaking name of its own"
        seen.add(cell.id)
        if _slide_type(cell) not in SLIDE_TYPES:
            yield f"cell {cell.id} has no slide type"
        for tag in _tags(cell) - TAGS:
            yield f"cell {cell.id} has an unknown tag, {tag!r}"
    ignored = sum("nbval-ignore-output" in _tags(cell) for cell in notebook.cells)
    if ignored > MOST_IGNORED:
        yield f"{ignored} cells whose output is not compared, more than {MOST_IGNORED}"


def stored_outputs(notebook: NotebookNode) -> Faults:
    """Every cell has been run, in order, and left nothing that differs between two runs or machines."""
    counts = [cell.execution_count for cell in _code(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield "the code cells have not all been run, once, from top to bottom"
    for cell in _code(notebook):
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in _tags(cell):
                yield f"cell {cell.id} raised {output.ename}"
            if output.get("name") == "stderr":
                yield f"cell {cell.id} wrote to stderr"
            for what, pattern in VOLATILE.items():
                if "nbval-ignore-output" not in _tags(cell) and re.search(pattern, _text_of(output)):
                    yield f"cell {cell.id} shows {what}"


def figures(notebook: NotebookNode) -> Faults:
    """Every figure has a caption: visible below it, and as its alternative text."""
    for cell in _code(notebook):
        for i, output in enumerate(cell.outputs):
            if "image/png" not in output.get("data", {}):
                continue
            caption = output.metadata.get("image/png", {}).get("alt", "")
            below = cell.outputs[i + 1].get("data", {}).get("text/markdown") if i + 1 < len(cell.outputs) else None
            if not caption or below != f"*{caption}*":
                yield f"cell {cell.id} has a figure without a caption"


def exercises(notebook: NotebookNode) -> Faults:
    """Exercise cells are tagged, and no later cell uses a name that one of them defines."""
    defined: dict[str, str] = {}
    for cell in _code(notebook):
        asks = bool(CHECK_CALL.search(cell.source))
        if asks != ("exercise" in _tags(cell)):
            yield f"cell {cell.id} {'asks a question but is not tagged' if asks else 'is tagged, but asks nothing'}"
        tree = parsed(cell.source)
        if cell.id == "colab" or isinstance(tree, str):
            continue  # no plain Python
        given_here: set[str] = set()
        for statement in _in_order(tree.body):
            read, given = _names(statement)
            for name in sorted(read & set(defined) - given_here):
                yield f"cell {cell.id} uses {name}, which the exercise in cell {defined[name]} defines"
            given_here |= given
        for name in given_here:
            defined.pop(name, None)
            if asks:
                defined[name] = cell.id


CHECKS_OF_SOURCES = [headings, notes, budgets, words, sources, cells, exercises]
CHECKS = [*CHECKS_OF_SOURCES, stored_outputs, figures]


def _markdown(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def _code(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _slide_type(cell: NotebookNode) -> str | None:
    return cell.metadata.get("slideshow", {}).get("slide_type")


def _tags(cell: NotebookNode) -> set[str]:
    return set(cell.metadata.get("tags", []))


def _text_of(output: NotebookNode) -> str:
    data = output.get("data", {})
    return output.get("text", "") + "".join(data.get(kind, "") for kind in ("text/plain", "text/html", "text/markdown"))


def parsed(source: str) -> ast.Module | str:
    """The syntax tree of a cell, or the sentence on why there is none."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        return f"has a syntax error in line {getattr(error, 'lineno', 1)}: {getattr(error, 'msg', error)}"


def _in_order(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The simple statements in the order in which they are written: a loop is its target, its body and its else."""
    for each in statements:
        if isinstance(each, ast.For):
            yield ast.Assign([each.target], each.iter, lineno=each.lineno)
        elif isinstance(each, ast.With):
            for item in each.items:
                target = item.optional_vars or ast.Name("_", ast.Store())
                yield ast.Assign([target], item.context_expr, lineno=each.lineno)
        elif isinstance(each, (ast.If, ast.While)):
            yield ast.Expr(each.test)
        elif not isinstance(each, (ast.Try, ast.ExceptHandler)):
            yield each
            continue
        parts = (getattr(each, name, []) for name in ("body", "handlers", "orelse", "finalbody"))
        yield from _in_order(inner for part in parts for inner in part)


def _names(statement: ast.stmt) -> tuple[set[str], set[str]]:
    """(names that a statement reads from the notebook, names that it gives to it). What is a function's own is neither."""
    source = ast.unparse(_WithScopes().visit(ast.parse(ast.unparse(statement))))
    notebook, *inner = _scopes(symtable.symtable(source, "cell", "exec"))
    read = {name.get_name() for name in notebook.get_symbols() if name.is_referenced()}
    given = {name.get_name() for name in notebook.get_symbols() if name.is_assigned() or name.is_imported()}
    for name in (name for scope in inner for name in scope.get_symbols() if name.is_global()):
        read |= {name.get_name()} if name.is_referenced() else set()
        given |= {name.get_name()} if name.is_assigned() else set()
    if isinstance(statement, (ast.AugAssign, ast.Delete)):
        read |= given
    return read, given


class _WithScopes(ast.NodeTransformer):
    """Makes generators of all comprehensions: those of lists have no scope of their own from Python 3.12 on."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(node.elt, node.generators))

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators))


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for inner in table.get_children():
        yield from _scopes(inner)
