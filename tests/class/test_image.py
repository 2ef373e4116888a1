"""The image of a hub and of Binder: repo2docker makes the right recipe of environment.yml."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("repo2docker") is None, reason="repo2docker is not installed here: make thorough does so"
)
ROOT = Path(__file__).parents[2]


def test_the_recipe_has_our_python_and_installs_the_course_where_no_volume_hides_it():
    guide = (ROOT / "hub" / "README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^jupyter-repo2docker (.*)$", guide, re.MULTILINE)
    folder = re.search(r"--target-repo-dir (\S+)", command).group(1)
    assert not folder.startswith("/home")
    dry = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", "--target-repo-dir", folder, str(ROOT)]
    run = subprocess.run(dry, capture_output=True, text=True)
    recipe = run.stdout + run.stderr
    assert run.returncode == 0, recipe
    (python,) = re.findall(r"^  - python=(\S+)", (ROOT / "environment.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert f"Building conda environment for python={python}" in recipe
    copied, installed = recipe.index("COPY --chown=0:0 src/ ${REPO_DIR}/"), recipe.index('--file "environment.yml"')
    assert copied < installed  # as the course itself is installed from there
