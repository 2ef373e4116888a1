"""What several test modules share: the pages, the real MNIST, lessons that train briefly, running them without a kernel."""

import ast
import copy
import os
import shutil
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

# No test asserts a time; continuous integration tries the same examples at every run, so that a failure is the change's.
hypothesis.settings.register_profile("course", deadline=None, derandomize=bool(os.environ.get("CI")))
# At night, make thorough tries others each time, and ten times as many.
hypothesis.settings.register_profile("night", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("night" if "THOROUGH" in os.environ else "course")

TRAIN_BRIEFLY = """
from lessonlib import data, training

_scattered_digits, _fit = data.scattered_digits, training.fit
data.scattered_digits = lambda **wanted: _scattered_digits(**wanted | {"train": 200, "validation": 200, "test": 200})
training.fit = lambda model, dataset, **wanted: _fit(model, dataset, **wanted | {"epochs": 1})
"""


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the web site."""
    return written_once("site", tmp_path_factory)


@pytest.fixture(scope="session")
def decks(tmp_path_factory):
    """The folder of the slide shows."""
    return written_once("slides", tmp_path_factory)


def written_once(what, tmp_path_factory):
    """The folder with these pages: the process that asks first writes them for all processes of this run."""
    from filelock import FileLock

    if not Path("web/node_modules").exists():
        pytest.skip("web/node_modules is missing, which pages are made with: make test fetches it")
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / what
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            unfinished = Path(f"{folder}.tmp")  # where writing it fails, the next process fails too, and tells why
            shutil.rmtree(unfinished, ignore_errors=True)
            command = [sys.executable, "-m", "coursetools.pages", what, unfinished]
            written = subprocess.run(command, capture_output=True, text=True)
            assert written.returncode == 0 and not written.stderr, written.stderr
            unfinished.rename(folder)
    return folder


@pytest.fixture(scope="session")
def mnist():
    from lessonlib import data

    folder = os.environ.get("LESSONLIB_DATA")
    if not folder or not Path(folder, "MNIST", "raw").is_dir():
        pytest.skip("LESSONLIB_DATA names no folder that holds MNIST/raw, so the real MNIST is not read")
    return data.load("mnist")


@pytest.fixture(scope="session")
def briefly():
    """Makes of a lesson a copy that trains on a few images: for tests of all but its accuracies."""

    def trained_briefly(notebook):
        notebook = copy.deepcopy(notebook)
        (setup,) = [cell for cell in notebook.cells if cell.id == "setup"]
        setup.source += TRAIN_BRIEFLY
        return notebook

    return trained_briefly


@pytest.fixture(scope="session")
def solved():
    """Puts into every cell that asks one of these exercises its solution, as a student would write it."""
    from coursetools.lesson import CHECK_CALL

    def with_solutions(notebook, exercises):
        solutions = {exercise.name: _solution(exercise) for exercise in exercises}
        for cell in notebook.cells:
            for name in CHECK_CALL.findall(cell.source) if cell.cell_type == "code" else []:
                cell.source = solutions.get(name, cell.source)
        return notebook

    return with_solutions


def _solution(exercise):
    from lessonlib.checking import Function

    numbers = ", ".join(f"{name}={value!r}" for name, value in exercise.given.items())
    answer = exercise.name if isinstance(exercise.kind, Function) else f"{exercise.name}({numbers})"
    return f"{exercise.solution_source()}\n\n\nexercise.{exercise.name}.check({answer})"


@pytest.fixture(scope="session")
def contrast_with_white():
    """Gives a colour's contrast ratio of WCAG 2, from 1 to 21."""
    from matplotlib.colors import to_rgb

    def contrast(colour):
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour))
        return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)

    return contrast


@pytest.fixture(scope="session")
def run_here():
    """Runs a lesson in this process, where PyTorch is loaded already, and gives {cell's id: the value that it ends in}."""

    from IPython.display import display

    from lessonlib import data, training

    def run(notebook):
        namespace = {"display": display}
        cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.id != "colab"]
        with pytest.MonkeyPatch.context() as patch:
            for module, name in ((data, "scattered_digits"), (training, "fit")):
                patch.setattr(module, name, getattr(module, name))  # and back, whatever the lesson puts in its place
            return {cell.id: _value(cell, namespace) for cell in cells}

    return run


def _value(cell, namespace):
    """What IPython does with a cell: run its statements, and take the value of the last expression."""
    tree = ast.parse(cell.source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    try:
        exec(compile(tree, cell.id, "exec"), namespace)
        return last and eval(compile(ast.Expression(last.value), cell.id, "eval"), namespace)
    except Exception:
        if "raises-exception" not in cell.metadata.get("tags", []):
            raise
