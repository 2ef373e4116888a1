"""Imports run one way: notebooks, exercises, topics, the floor; and coursetools on top, which no lesson needs."""

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

import coursetools
import lessonlib
from coursetools.lesson import lessons

PACKAGE, TOOLS = (Path(package.__file__).parent for package in (lessonlib, coursetools))
TOPICS = [lesson.word for lesson in lessons()]
FLOOR = {"arguments", "tables"}
MAY_IMPORT = {
    "arguments": set(),
    "claims": set(),
    "tables": {"arguments"},
    "data": {"arguments"},
    "repeatable": {"arguments"},
    "layers": {"arguments"},
    "training": {"arguments", "layers"},
    "explore": {"arguments", "figures", "filters", "pooling"},
    "figures": {"arguments", "claims"},  # a drawing computes nothing that a topic computes
    "checking": FLOOR,
    "coursetools": {"lessonlib", "checking", "checking.comparing", "checking.marking", "exercises", "tables"},
    **{topic: {"layers", *FLOOR, *TOPICS[:place]} for place, topic in enumerate(TOPICS)},
}
MAY_IMPORT["cnn"] |= {"data", "repeatable", "training"}  # whole networks are trained, several at a time
MAY_IMPORT["inspection"] |= {"training"}  # whole networks are measured
TOOL_FILES = [*TOOLS.rglob("*.py"), *Path("tests/benchmarks").glob("*.py")]
MODULES = [*PACKAGE.rglob("[a-z]*.py"), *TOOLS.rglob("[a-z]*.py")]


def allowed(path):
    """The modules of lessonlib that a module may import from outside of its own room."""
    if path.parent.name == "exercises":
        return {"checking", "data", "layers", "training", *TOPICS[: TOPICS.index(path.stem) + 1]}
    room = "coursetools" if TOOLS in path.parents else path.parent.name
    return MAY_IMPORT[path.stem if room == "lessonlib" else room]


def imported(source):
    """Modules of lessonlib that a source imports, by name: {"data", "exercises.parameters"}."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module in ("lessonlib", "lessonlib.exercises"):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return {name.removeprefix("lessonlib.") for name in names if name.startswith("lessonlib")}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_module_imports_only_what_lies_below_it(path):
    names = imported(path.read_text(encoding="utf-8"))
    assert {name for name in names if not name.startswith(path.parent.name)} <= allowed(path)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_a_lesson_imports_no_later_topic_and_no_checking(lesson):
    cells = [cell.source for cell in lesson.notebook().cells if cell.cell_type == "code" and cell.id != "colab"]
    later = set(TOPICS[TOPICS.index(lesson.word) + 1 :])
    assert not imported("\n".join(cells)) & (later | {"checking"})


def test_what_a_student_runs_knows_nothing_of_the_author_s_tools():
    cells = [cell.source for lesson in lessons() for cell in lesson.notebook().cells if cell.cell_type == "code"]
    library = [path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")]
    assert not any("coursetools" in source for source in [*cells, *library])


def test_the_rule_sees_every_form_of_import():
    source = "import lessonlib.data\nfrom lessonlib import cnn\nfrom lessonlib.tables import Table\nfrom lessonlib.exercises import color"
    assert imported(source) == {"data", "cnn", "tables", "exercises.color"}


@pytest.mark.parametrize("path", TOOL_FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_tool_finds_what_it_imports(path):
    runpy.run_path(str(path), run_name="imported")


def test_no_room_is_a_lumber_room():
    assert not {path.stem for path in PACKAGE.rglob("*.py")} & {"utils", "helpers", "core", "common", "misc"}


def test_import_lessonlib_loads_nothing_else():
    loaded = (
        "import sys, lessonlib; print(sorted(name for name in sys.modules if name in ('torch', 'numpy', 'matplotlib')))"
    )
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "[]\n"
