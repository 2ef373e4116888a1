"""What stands beside the course and has to stay in step with it: versions, licences, the Makefile's targets, the workflow."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import pytest
import yaml

from coursetools.conventions import RELEASE

ROOT = Path(__file__).parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


PROJECT = tomllib.loads(text("pyproject.toml"))["project"]
CITATION = yaml.safe_load(text("CITATION.cff"))
CHANGES = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", text("CHANGELOG.md"), re.MULTILINE)
WORKFLOW = yaml.safe_load(text(".github/workflows/ci.yml"))
JOBS = WORKFLOW["jobs"]
TARGETS = set(re.search(r"^\.PHONY: (.*)$", text("Makefile"), re.MULTILINE).group(1).split())
needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make on this machine")
NUMBERS = [tuple(map(int, number.split("."))) for number, _ in CHANGES]


@pytest.mark.parametrize(
    "place, found",
    [
        ("pyproject.toml", [f"v{PROJECT['version']}"]),
        ("CITATION.cff", [f"v{CITATION['version']}"]),
        ("coursetools/conventions.py", [RELEASE]),
        ("README.md", re.findall(r"/blob/(.+?)/notebooks/", text("README.md"))),
    ],
)
def test_the_newest_version_of_the_changelog_is_named_everywhere(place, found):
    assert found == [f"v{CHANGES[0][0]}"], f"{place} names another version than the newest of CHANGELOG.md"


def test_the_changelog_lists_versions_from_the_newest_on():
    assert len(CHANGES) == text("CHANGELOG.md").count("\n## "), "a heading is not of the form ## [1.2.3] - 2026-01-31"
    days = [date.fromisoformat(day) for _, day in CHANGES]
    assert NUMBERS == sorted(set(NUMBERS), reverse=True) and days == sorted(days, reverse=True)


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine, and so no tag")
def test_every_tag_of_a_version_is_in_the_changelog():
    run = subprocess.run(["git", "tag", "--list", "v*"], cwd=ROOT, capture_output=True, text=True)
    assert set(run.stdout.split()) <= {f"v{number}" for number, _ in CHANGES}


def test_the_citation_has_what_its_format_requires():
    assert {"cff-version", "message", "title", "authors"} <= set(CITATION)
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] in ("software", "dataset")
    assert all(set(author) == {"name"} for author in CITATION["authors"])
    assert [author["name"] for author in CITATION["authors"]] == [author["name"] for author in PROJECT["authors"]]
    assert str(CITATION["date-released"]) == CHANGES[0][1]
    assert text("README.md").startswith(f"# {CITATION['title']}\n")
    assert CITATION["repository-code"] == PROJECT["urls"]["Repository"]


def test_each_licence_is_a_file_that_begins_as_hosts_know_it():
    assert PROJECT["license"] == "MIT AND CC-BY-4.0" and PROJECT["license-files"] == ["LICENSE", "LICENSE-text"]
    assert text("LICENSE").startswith("MIT License\n\nCopyright (c) ") and text("LICENSE").endswith("SOFTWARE.\n")
    legal_code = text("LICENSE-text")
    assert legal_code.startswith("Attribution 4.0 International\n")
    assert re.findall(r"^Section (\d) -- ", legal_code, re.MULTILINE) == list("12345678")
    assert legal_code.endswith("Creative Commons may be contacted at creativecommons.org.\n")
    assert "(LICENSE)" in text("README.md") and "(LICENSE-text)" in text("README.md")


@needs_make
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


def test_the_workflow_may_only_read_and_runs_once_a_change():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in JOBS.items() if "permissions" in job] == ["site"]
    assert JOBS["site"]["permissions"] == {"contents": "read", "pages": "write", "id-token": "write"}
    triggers = WORKFLOW[True]  # YAML reads the key `on` as a truth value
    assert triggers["push"] == {"branches": ["main"]} and "pull_request" in triggers
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is True


def test_the_workflow_s_actions_are_pinned_by_major_version_and_every_job_keeps_uv_s_cache():
    for job in JOBS.values():
        actions = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w/-]+@v\d+", action) for action in actions)
        assert any(action.startswith("astral-sh/setup-uv@") for action in actions)


def test_the_site_is_published_after_the_tests_of_a_push_to_main():
    site = JOBS["site"]
    assert site["if"] == "github.event_name == 'push'" and site["needs"] == ["every-output", "oldest-releases"]
    steps = [step.get("run") or step["uses"].partition("@")[0] for step in site["steps"]]
    assert steps[-3:] == ["make site", "actions/upload-pages-artifact", "actions/deploy-pages"]


def sessions():
    """{session: its Python} of the noxfile."""
    command = [sys.executable, "-m", "nox", "--list-sessions", "--json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {each["session"]: each["python"] for each in json.loads(run.stdout)}


def python_of(job):
    """What the job sets up: a version, or those of its matrix."""
    (python,) = [step["with"]["python-version"] for step in job["steps"] if "setup-python" in str(step.get("uses"))]
    return job["strategy"]["matrix"]["python"] if "matrix" in python else [python]


def test_the_workflow_tests_every_python_of_the_noxfile_and_the_oldest_with_the_oldest_releases():
    newest = [python for name, python in sessions().items() if name.startswith("newest")]
    assert python_of(JOBS["every-output"]) == python_of(JOBS["newest-releases"]) == newest
    assert len(JOBS["every-output"]["strategy"]["matrix"]["system"]) == 3
    assert python_of(JOBS["oldest-releases"]) == [sessions()["oldest"]] == newest[:1]
    assert PROJECT["requires-python"] == f">={newest[0]}"
    for job, session in (("oldest-releases", "oldest"), ("newest-releases", "newest-${{ matrix.python }}")):
        assert JOBS[job]["steps"][-1]["run"] == f'make versions OPTIONS="--session {session}"'


def test_the_newest_releases_are_what_is_asked_for_without_upper_bounds():
    script = """
import noxfile, types
asked = []
noxfile.newest.func(types.SimpleNamespace(install=lambda *each: asked.extend(each), run=print, posargs=[]))
print(*asked, sep="\\n")
"""
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    asked = [
        *PROJECT["dependencies"],
        *(each for extra in ("lab", "site", "test") for each in PROJECT["optional-dependencies"][extra]),
    ]
    told = run.stdout.splitlines()
    assert told[1:-3] == [re.sub(r",<.*", "", each) for each in asked] and "<" not in run.stdout
    assert told[-3:] == ["--no-deps", "--editable", "."]


def test_a_commit_is_checked_as_make_check_does():
    hooks = yaml.safe_load(text(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    committed = [hook["entry"].removeprefix(".venv/bin/").replace(" --force-exclude", " .") for hook in hooks]
    recipe = re.search(r"^check: .*\n((?:\t.*\n)+)", text("Makefile"), re.MULTILINE).group(1)
    assert re.findall(r"\t\$\(BIN\)/(.*)", recipe) == committed


def test_the_form_for_a_fault_offers_every_lesson():
    form = yaml.safe_load(text(".github/ISSUE_TEMPLATE/lesson.yml"))
    assert [field["id"] for field in form["body"]] == ["lesson", "cell", "expected"]
    titles = re.findall(r"^\| \[(\d\d .*?)\]", text("README.md"), re.MULTILINE)
    assert form["body"][0]["attributes"]["options"] == titles and len(titles) == len(LESSONS) > 0


def test_a_bot_updates_the_actions_and_the_packages():
    updates = yaml.safe_load(text(".github/dependabot.yml"))["updates"]
    assert [each["package-ecosystem"] for each in updates] == ["github-actions", "pip"]


def test_from_another_folder_pytest_finds_the_same_tests(tmp_path):
    collect = [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-p", "no:cacheprovider"]
    runs = [
        subprocess.Popen([*collect, ROOT / "notebooks", ROOT / "tests"], cwd=folder, stdout=subprocess.PIPE, text=True)
        for folder in (ROOT, tmp_path)
    ]
    here, elsewhere = [run.communicate()[0].strip().splitlines()[-1] for run in runs]
    number = re.compile(r"^(\d+) tests collected")
    assert number.match(here) and number.match(elsewhere), elsewhere
    assert number.match(here).group(1) == number.match(elsewhere).group(1)


@pytest.mark.parametrize("ci, outcome", [("true", "errors"), ("", "skipped")])
def test_without_a_browser_its_tests_are_skipped_but_fail_in_continuous_integration(ci, outcome, tmp_path):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", ROOT / "tests" / "browser" / "test_slides.py"]
    environment = os.environ | {"CI": ci, "PATH": str(tmp_path)}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert re.search(rf"^=+ \d+ {outcome} in ", run.stdout.strip().splitlines()[-1]), run.stdout
    assert "no chromium on this machine" in run.stdout
