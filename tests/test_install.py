"""The first day: what a bare machine lacks is said in one sentence, and the address of the lessons is the last line."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from coursetools import install
from coursetools.lesson import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_this_python_lacks_nothing():
    assert install.missing() is None


def test_an_old_python_is_told_and_a_newer_one_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    assert install.missing() == (
        "Python 3.9.18 is too old: the course needs 3.11 or later. Name one: make lab PYTHON=python3.11"
    )
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={".".join(map(str, install.OLDEST))}"' in project


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_with_what_brings_it(module, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else found(name))
    assert install.missing().endswith(f"sudo apt install python3.{sys.version_info[1]}-venv")


@pytest.mark.parametrize(
    "free, said", [(10**8, "the disk has 0.1 GB left. Make room"), (10**11, "the lines above say why")]
)
def test_what_failed_is_told_with_a_full_disk_as_its_reason(free, said, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, free))
    assert install.why(tmp_path / "venv", "It failed").startswith(f"It failed: {said}")


def test_a_fault_ends_the_command_with_its_sentence_alone(tmp_path):
    """No traceback: the folder can't be made, because a file has its name."""
    (tmp_path / "taken").write_text("")
    run = subprocess.run(
        [sys.executable, install.__file__, tmp_path / "taken" / "venv"], capture_output=True, text=True
    )
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert run.stderr.splitlines()[-1].startswith("The environment can't be made: ")


@pytest.mark.parametrize("status, backend, sentence", [(0, "auto", ""), (2, None, "PyPI's build is taken")])
def test_the_build_that_fits_is_taken_where_it_can_be_had_in_the_release_that_was_tested(
    status, backend, sentence, monkeypatch, capsys
):
    def uv(command, **more):
        assert str(ROOT / "constraints.txt") in command and more["env"]["UV_TORCH_BACKEND"] == "auto"
        return subprocess.CompletedProcess(command, status)

    monkeypatch.setattr(subprocess, "run", uv)
    monkeypatch.delenv("UV_TORCH_BACKEND", raising=False)
    assert install.with_torch_backend(Path("uv"), Path("python")).get("UV_TORCH_BACKEND") == backend
    assert sentence in capsys.readouterr().out


def test_a_build_that_the_user_names_is_not_exchanged_for_another(monkeypatch, tmp_path):
    monkeypatch.setenv("UV_TORCH_BACKEND", "cu126")
    assert install.with_torch_backend(Path("uv"), Path("python"))["UV_TORCH_BACKEND"] == "cu126"
    monkeypatch.setattr(
        subprocess, "run", lambda command, **more: subprocess.CompletedProcess(command, "--editable" in command)
    )
    assert "with PyTorch for cu126 as UV_TORCH_BACKEND asks" in install.set_up(tmp_path / "venv", "lab")


def test_the_readme_s_commands_name_what_is_there():
    (conda,) = re.findall(r"^- \*\*conda\*\*: (.*)$", README, re.MULTILINE)
    create, activate, lab = re.findall(r"`(.*?)`", conda)
    environment = (ROOT / create.split()[-1]).read_text(encoding="utf-8")
    assert create.startswith("conda env create -f ") and f"name: {activate.split()[-1]}\n" in environment
    assert lab == "jupyter lab --notebook-dir=notebooks"


@pytest.mark.skipif(os.name == "nt", reason="there is no make here that would call it")
def test_the_last_line_is_the_address_at_which_jupyterlab_answers(tmp_path):
    """Without a display, as root or not, and with the usual port in use or not."""
    places = {f"JUPYTER_{kind}_DIR": str(tmp_path / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    environment = {
        name: value for name, value in os.environ.items() if name not in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    }
    with open(tmp_path / "said", "w+") as said:
        lab = subprocess.Popen(
            [sys.executable, ROOT / "coursetools" / "lab.py"], env=environment | places, stdout=said, stderr=said
        )
        try:
            deadline, page = time.monotonic() + 60, b""
            while b"jupyter-config-data" not in page and time.monotonic() < deadline:
                lines = Path(said.name).read_text().splitlines()
                try:
                    page = urlopen(lines[-1], timeout=5).read()
                except (IndexError, ValueError, OSError):
                    time.sleep(0.2)
        finally:
            lab.terminate()
            lab.wait(30)
    assert b"jupyter-config-data" in page and re.match(r"http://localhost:\d+/lab\?token=\w+$", lines[-1]), lines
    assert sum("http" in line for line in lines) == 1
