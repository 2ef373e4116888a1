"""Our JavaScript without a browser: types, form, and its arithmetic. What it does on a page is tested in tests/browser."""

import shutil
import subprocess

import pytest

from coursetools.lesson import ROOT
from coursetools.pages.bundle import FETCHED, WEB

FOLDERS = [ROOT / "coursetools", ROOT / "lessonlib", WEB / "answers"]
SCRIPTS = [WEB / "explorers.js", *(path for folder in FOLDERS for path in sorted(folder.rglob("*.js")))]
STYLES = [WEB / "course.css", *(path for folder in FOLDERS for path in sorted(folder.rglob("*.css")))]
TESTS = sorted((WEB / "tests").glob("*.mjs"))
STRICT = ["--allowJs", "--checkJs", "--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler"]
BROWSERS = ["--target", "es2022", "--lib", "es2023,dom,dom.iterable"]


def faults(name, *arguments):
    """What a program of web/node_modules has to say."""
    program = FETCHED / ".bin" / name
    if not program.exists():
        pytest.skip(f"web/node_modules is missing, with {name} in it: make test fetches it")
    run = subprocess.run([program, *arguments], capture_output=True, text=True)
    return run.stdout + run.stderr if run.returncode else ""


def test_every_script_asks_for_types_and_they_agree():
    assert all(path.read_text(encoding="utf-8").startswith("// @ts-check\n") for path in SCRIPTS)
    assert faults("tsc", *STRICT, *BROWSERS, *SCRIPTS) == ""


def test_scripts_and_styles_are_formatted():
    files = SCRIPTS + STYLES + TESTS
    assert faults("prettier", "--print-width=120", "--check", *files) == "", "run prettier --print-width 120 --write"


def test_the_arithmetic_of_the_explorer_is_right_without_a_browser():
    if (node := shutil.which("node")) is None:
        pytest.skip("no node on this machine: the arithmetic of explore.js is tested in the browser alone")
    run = subprocess.run([node, "--test", WEB / "tests" / "explore.test.mjs"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
