"""An installation for real: PyTorch's build fits the machine where it can be had, and each way of the README works."""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from coursetools import install
from coursetools.lesson import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
UV = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
needs_uv = pytest.mark.skipif(not UV.exists(), reason="uv is not beside this Python")
TESTED = dict(re.findall(r"^(torch\w*)==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A Python with nothing installed, and no cache or choice of ours."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "empty"], check=True)
    for name in [*os.environ]:
        if name.startswith("UV_") or name.lower() in ("https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"


@needs_uv
@pytest.mark.parametrize("named", [None, ""])
def test_where_it_is_not_reached_pypi_s_build_is_taken_and_said_so(named, empty, monkeypatch, capsys):
    if named is not None:
        monkeypatch.setenv("UV_TORCH_BACKEND", named)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # where nothing answers
    assert "UV_TORCH_BACKEND" not in install.with_torch_backend(UV, empty)
    assert "can't be reached" in capsys.readouterr().out


@needs_uv
def test_behind_a_wall_that_swallows_all_the_question_ends(empty, monkeypatch, capsys):
    """A server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "UV_TORCH_BACKEND" not in install.with_torch_backend(UV, empty)


def test_the_plain_way_of_the_readme_works_without_make(tmp_path):
    """Its own commands in a fresh environment, without downloads: it sees what is installed here, but not lessonlib."""
    (plain,) = re.findall(r"^- \*\*plain pip\*\*.*(?:\n  .*)*", README, re.MULTILINE)
    make, windows, others, install_it, lab = re.findall(r"`(.*?)`", plain)
    assert (make, windows, others) == ("python -m venv .venv", r".venv\Scripts\activate", "source .venv/bin/activate")
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "README.md",
        "LICENSE",
        "LICENSE-text",
        "lessonlib",
        "coursetools",
        "notebooks",
    ):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    subprocess.run([sys.executable, *make.split()[1:]], cwd=tmp_path, check=True)
    inside = tmp_path / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    python = str(inside / "python")
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    here = Path(importlib.util.find_spec("numpy").origin).parents[1]
    (packages / "installed_before.pth").write_text(
        str(here)
    )  # adds the packages, but not lessonlib, which is only linked
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHONPATH"))}
    # Nothing of this machine's own settings; "0" means: no isolation.
    environment |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
    }
    given = [each.strip('"') for each in install_it.split()]
    run = subprocess.run([python, "-m", *given], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    script = "import lessonlib.parameters as p, lessonlib; print(lessonlib.__file__, p.conv2d_parameters(3, 64, 3))"
    run = subprocess.run([python, "-c", script], cwd=tmp_path / "notebooks", capture_output=True, text=True)
    assert run.stdout.split() == [str(tmp_path / "lessonlib" / "__init__.py"), "1792"], run.stderr
    told = [python, "-m", *lab.split()[:2], "--version"]
    path = os.pathsep.join([str(inside), str(Path(sys.executable).parent), os.environ["PATH"]])
    assert re.match(
        r"4\.\d", subprocess.run(told, env=environment | {"PATH": path}, capture_output=True, text=True).stdout
    )


def test_the_first_command_installs_what_a_student_needs_and_nothing_for_authors(tmp_path):
    script = [sys.executable, install.__file__, tmp_path / "venv", "--extras=lab"]
    run = subprocess.run(script, capture_output=True, text=True)
    if "can't be fetched from PyPI" in run.stderr:
        pytest.skip("PyPI is out of reach: nothing can be installed")
    assert run.returncode == 0, run.stdout + run.stderr
    inside = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    listed = subprocess.run(
        [inside / "uv", "pip", "list", "--python", inside / "python"], capture_output=True, text=True
    )
    releases = dict(re.findall(r"^(\S+) +(\S+)", listed.stdout, re.MULTILINE))
    assert releases["torch"].partition("+")[0] == TESTED["torch"] and "jupyterlab" in releases
    assert not {"pytest", "ruff", "sphinx", "mypy"} & set(releases)
    draws = "from lessonlib import data, figures; figures.images([data.photograph('china')], caption='A temple.')"
    subprocess.run([inside / "python", "-c", draws], check=True, cwd=tmp_path)
