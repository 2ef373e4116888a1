"""What stands beside the course and has to stay in step with it: versions, locks, licences, the Makefile's targets."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date

import pytest
import yaml
from packaging.requirements import Requirement

from coursetools import release
from coursetools.lesson import ROOT, lessons


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(text("pyproject.toml"))["project"]
CITATION = yaml.safe_load(text("CITATION.cff"))
CHANGES = release.CHANGE.findall(text("CHANGELOG.md"))
JOBS = yaml.safe_load(text(".github/workflows/ci.yml"))["jobs"]
TARGETS = set(re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE).group(1).split())


@pytest.mark.parametrize("place, named", release.versions().items())
def test_the_newest_version_of_the_changelog_is_named_everywhere(place, named):
    assert named == {CHANGES[0][0]}, f"{place} names another version than the newest of CHANGELOG.md"
    assert str(CITATION["date-released"]) == CHANGES[0][1]


def test_one_command_names_a_new_version_everywhere(tmp_path):
    for name in (*release.PLACES, "CHANGELOG.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    with pytest.raises(ValueError, match="write ## \\[7.8.9\\]"):
        release.name("7.8.9", tmp_path)
    changes = text("CHANGELOG.md").replace("\n## [", "\n## [7.8.9] - 2031-02-03\n\n## [", 1)
    (tmp_path / "CHANGELOG.md").write_text(changes, encoding="utf-8")
    release.name("7.8.9", tmp_path)
    assert release.versions(tmp_path) == {place: {"7.8.9"} for place in release.PLACES}
    assert "date-released: 2031-02-03\n" in (tmp_path / "CITATION.cff").read_text(encoding="utf-8")


def test_the_changelog_lists_versions_from_the_newest_on():
    headings = text("CHANGELOG.md").replace("\n## [Unreleased]", "").count("\n## ")
    assert len(CHANGES) == headings, "a heading is not of the form ## [1.2.3] - 2026-01-31"
    versions = [tuple(map(int, number.split("."))) for number, _ in CHANGES]
    days = [date.fromisoformat(day) for _, day in CHANGES]
    assert versions == sorted(set(versions), reverse=True) and days == sorted(days, reverse=True)


def test_the_citation_is_that_of_the_project():
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert [author["name"] for author in CITATION["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert text("README.md").startswith(f"# {CITATION['title']}\n")
    assert CITATION["repository-code"] == PROJECT["urls"]["Repository"]


def test_the_lock_holds_a_release_in_range_of_all_that_is_asked_for_and_no_address():
    locked = dict(re.findall(r"^([\w.-]+)==(\S+)", text("constraints.txt"), re.MULTILINE))
    extras = PROJECT["optional-dependencies"]
    for line in (*PROJECT["dependencies"], *extras["lab"], *extras["site"], *extras["test"]):
        asked = Requirement(line)
        assert asked.specifier.contains(locked[asked.name.lower()]), f"{line}, but {locked[asked.name]}: make lock"
    assert "://" not in text("constraints.txt") and "resolved" not in text("web/package-lock.json")


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")
def test_every_target_is_explained_in_the_makefile_and_can_be_made():
    assert set(re.findall(r"^#   make (\w+) ", text("Makefile"), re.MULTILINE)) == TARGETS
    run = subprocess.run(["make", "--dry-run", *sorted(TARGETS)], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".github/workflows/ci.yml", ".ci/run"])
def test_whoever_says_make_names_a_target(name):
    said = text(name)
    if name.endswith(".md"):
        said = "\n".join(re.findall(r"```.*?```|`[^`\n]+`", said, re.DOTALL))
    called = re.findall(r"(?:^|[`=:]|cpu ) *make ([\w-]+)", said, re.MULTILINE)
    assert called and set(called) <= TARGETS


def test_the_workflow_tests_every_python_of_the_noxfile():
    command = [sys.executable, "-m", "nox", "--list-sessions", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    sessions = {session["session"]: session["python"] for session in json.loads(run.stdout)}
    newest = [python for name, python in sessions.items() if name.startswith("newest")]
    assert JOBS["versions"]["strategy"]["matrix"]["python"] == newest
    assert PROJECT["requires-python"] == f">={sessions['oldest']}" == f">={newest[0]}"


def test_the_form_for_a_fault_offers_every_lesson():
    form = yaml.safe_load(text(".github/ISSUE_TEMPLATE/lesson.yml"))
    titles = [f"{lesson.number} {lesson.title}" for lesson in lessons()]
    assert form["body"][0]["attributes"]["options"] == titles


def test_the_modules_that_run_before_anything_is_installed_need_the_standard_library_alone():
    for name in ("install.py", "lab.py"):
        imported = set(re.findall(r"^(?:from|import) (\w+)", text(f"coursetools/{name}"), re.MULTILINE))
        assert imported <= sys.stdlib_module_names | {"__future__"}
