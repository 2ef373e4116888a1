"""Every version that pyproject.toml promises: make versions runs the tests in each Python that this machine has.

With the newest releases of everything, beyond our upper bounds too, and with the oldest that the lower ones allow.
Browsers, which know nothing of a Python's version, are left to make test.
"""

import os
import re
from pathlib import Path

import nox

nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.envdir = "build/versions"
# pyenv shows only those that were chosen; all are looked for.
OF_PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/*/bin")
os.environ["PATH"] = os.pathsep.join([*map(str, OF_PYENV), os.environ["PATH"]])
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
EXTRAS = ("lab", "site", "test")
PROJECT = nox.project.load_toml("pyproject.toml")["project"]
ASKED = [
    *PROJECT["dependencies"],
    *(each for extra in EXTRAS for each in PROJECT["optional-dependencies"][extra]),
]


@nox.session(python=PYTHONS)
def newest(session):
    """The course itself comes last, without what it asks for: its upper bounds would hold the others back."""
    session.install(*(re.sub(r",<[\d.]+", "", requirement) for requirement in ASKED))
    session.install("--no-deps", "--editable", ".")
    suite(session)


@nox.session(python=PYTHONS[0])
def oldest(session):
    session.install("--resolution=lowest-direct", "--editable", f".[{','.join(EXTRAS)}]")
    suite(session)


def suite(session):
    in_two_processes = ["--numprocesses=2", "--dist=loadfile", "--no-loadscope-reorder"]
    session.run("python", "-m", "pytest", *in_two_processes, "--ignore=tests/browser", *session.posargs)
