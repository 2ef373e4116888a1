"""The doors: dependencies in step, one name for the repository, a README that tells the truth, Colab's first cell."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from IPython.core.interactiveshell import InteractiveShell
from packaging.specifiers import SpecifierSet
from PIL import Image

from coursetools.authoring.conventions import FIRST_CELL, RELEASE
from coursetools.lesson import ROOT, lessons
from coursetools.place import REPOSITORY

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONDA_NAMES = {"matplotlib": "matplotlib-base", "torch": "pytorch-cpu"}


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def ranges(requirements):
    """{name: range} of requirements such as "numpy>=1.26,<3" or, as conda writes it, "numpy >=1.26,<3"."""
    return {
        name: limits.strip() for name, limits in (re.match(r"([\w-]+)(.*)", each).groups() for each in requirements)
    }


def test_environment_yml_and_pyproject_name_the_same_ranges():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    extras = project()["optional-dependencies"]
    for_a_hub = [each for each in extras["hub"] if each.startswith("nbgitpuller")]
    pip = ranges(project()["dependencies"] + extras["lab"] + for_a_hub)
    python, *others = [each for each in conda["dependencies"] if isinstance(each, str) and each != "pip"]
    asked = {CONDA_NAMES.get(name, name): limits for name, limits in pip.items()}
    differ = sorted(
        name for name in asked.keys() | ranges(others).keys() if asked.get(name) != ranges(others).get(name)
    )
    assert not differ, f"pyproject.toml and environment.yml name other ranges of {', '.join(differ)}"
    release = re.fullmatch(r"python=(3\.\d+)", python)  # for any other form repo2docker takes a Python of its own
    assert release and release.group(1) in SpecifierSet(project()["requires-python"])
    assert conda["dependencies"][-2:] == ["pip", {"pip": ["--editable ."]}]


@pytest.mark.parametrize("room, extras", [("lessonlib", ()), ("coursetools/classroom", ("lab",))])
def test_every_package_that_is_imported_is_asked_for(room, extras):
    """Of an instructor, make lab sets up all that the report on a class needs."""
    names = {"PIL": "pillow", "sklearn": "scikit-learn", "IPython": "ipython"}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / room).rglob("*.py"))
    imported = set(re.findall(r"^(?:from|import) (\w+)", sources, re.MULTILINE)) - sys.stdlib_module_names
    asked = [
        *project()["dependencies"],
        *(line for extra in extras for line in project()["optional-dependencies"][extra]),
    ]
    assert {names.get(name, name) for name in imported} - {"lessonlib", "coursetools"} <= set(ranges(asked))


def test_the_readme_lists_every_lesson():
    rows = re.findall(r"^\| \[(.*?)\]\((notebooks/.*?)\) \|.*\| (\d+ to \d+) \|$", README, re.MULTILINE)
    expected = []
    for lesson in lessons():
        head = next(cell.source for cell in lesson.notebook().cells if cell.id == "title")
        minutes = re.search(r"\*\*Time\*\*: (\d+ to \d+) minutes", head).group(1)
        expected.append((f"{lesson.number} {lesson.title}", f"notebooks/{lesson.name}.ipynb", minutes))
    assert rows == expected


def test_the_image_in_the_readme_is_a_figure_of_the_course():
    (cell,) = [cell for cell in lessons()[0].notebook().cells if cell.id == "parts-figure"]
    figure = Image.open(BytesIO(b64decode(cell.outputs[0].data["image/png"]))).convert("RGB")
    image = Image.open(ROOT / ".github" / "detector.png").convert("RGB")
    assert image.tobytes() == figure.tobytes(), "the figure has changed: store it as .github/detector.png"


GIT = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]


@pytest.fixture
def repository(tmp_path):
    """A repository with the working tree's files, standing in for the one on the network: its tag is this version."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout: there is no list of the files that would be published")
    names = subprocess.run([*GIT, "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    folder = tmp_path / "repository"
    for name in names:
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"], ["tag", RELEASE]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def moved_on(repository):
    """The same some years later: what this version's notebooks use is gone."""
    for command in (["rm", "--quiet", "lessonlib/parameters.py"], ["commit", "--quiet", "--message", "new"]):
        subprocess.run([*GIT, *command], cwd=repository, check=True)
    return repository.as_uri()


def test_the_first_cell_installs_its_own_version_where_lessonlib_is_missing_and_leaves_torch_alone(moved_on, tmp_path):
    """As in Colab: an empty folder, a Python that has torch but no lessonlib, and the lone notebook file."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "colab"], check=True)
    inside = {"base": str(tmp_path / "colab"), "platbase": str(tmp_path / "colab")}
    scripts, own_packages = (Path(sysconfig.get_path(kind, "venv", inside)) for kind in ("scripts", "purelib"))
    # Adds the packages that are installed here, but not lessonlib, which is only linked from there.
    (own_packages / "installed_before.pth").write_text(sysconfig.get_path("purelib"))
    cell = FIRST_CELL.replace(f"https://github.com/{REPOSITORY}", moved_on)
    script = f"""
import importlib.util
from IPython.core.interactiveshell import InteractiveShell
assert importlib.util.find_spec("lessonlib") is None and importlib.util.find_spec("torch")
InteractiveShell.instance().run_cell({cell!r}).raise_error()
from lessonlib import parameters
print(parameters.__file__, parameters.conv2d_parameters(3, 64, 3))
"""
    environment = os.environ | {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # 0 means: no isolation
    for name in ("PYTHONPATH", "VIRTUAL_ENV"):  # they may lead to the lessonlib that is missing here
        environment.pop(name, None)
    empty = tmp_path / "empty"
    empty.mkdir()
    run = subprocess.run([scripts / "python", "-c", script], cwd=empty, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.splitlines()[-1] == f"{own_packages / 'lessonlib' / 'parameters.py'} 1792"
    assert not list(own_packages.glob("torch*"))


def test_the_first_cell_does_nothing_where_lessonlib_is_there():
    InteractiveShell.instance().run_cell(FIRST_CELL.replace("%pip", "%no_such_magic")).raise_error()


WHEN_TORCH_IS_LOADED = """
import builtins, os, sys

load = builtins.__import__

def note(name, *rest):
    if name == "torch" and "torch" not in sys.modules:
        print(os.environ.get("OMP_WAIT_POLICY"))
        sys.exit()
    return load(name, *rest)

builtins.__import__ = note
"""


@pytest.mark.parametrize("of_the_user, seen", [(None, "passive"), ("active", "active")])
def test_threads_wait_passively_before_torch_is_loaded_unless_the_user_wants_otherwise(of_the_user, seen):
    """In a fresh Python, as a kernel runs the first two code cells: OpenMP reads the policy when torch is loaded."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    if of_the_user:
        environment["OMP_WAIT_POLICY"] = of_the_user
    for lesson in lessons():
        first, second = [cell.source for cell in lesson.notebook().cells if cell.cell_type == "code"][:2]
        script = "\n".join([WHEN_TORCH_IS_LOADED, first.replace("%pip", "raise SystemExit #"), second])
        run = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True)
        assert run.stdout == f"{seen}\n", f"{lesson.name}: {run.stderr}"
