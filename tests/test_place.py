"""One command names the repository's place: links and badges lead nowhere before it, and everywhere right after it."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from coursetools import place
from coursetools.offline import FETCHED, ROOT
from coursetools.site.lessons import ways

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")


@pytest.fixture
def copy(tmp_path):
    """The files of the repository, with a history of their own."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    return tmp_path


def test_a_page_leads_to_the_notebook_alone_until_there_is_a_place():
    if place.is_named():
        assert len(ways("02_filters")) == 3
    else:
        assert ways("02_filters") == {"Download the notebook": "notebooks/02_filters.ipynb"}
        assert not re.search(r"^\[!\[", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)


@needs_git
def test_one_command_names_it_everywhere_and_shows_the_badges(copy):
    assert "\n.venv/bin/python -m coursetools.place you/your-repository\n" in (copy / "README.md").read_text("utf-8")
    changed = place.name("Jane/conv.course", copy)
    assert {"README.md", "pyproject.toml", "CITATION.cff", "notebooks/01_parameters.ipynb"} <= set(changed)
    left = subprocess.run(
        ["git", "grep", "-l", "-e", place.REPOSITORY, "-e", place.SITE], cwd=copy, capture_output=True
    )
    assert not left.stdout
    assert (copy / ".github" / "detector.png").read_bytes() == (ROOT / ".github" / "detector.png").read_bytes()
    readme = (copy / "README.md").read_text(encoding="utf-8")
    assert readme.count("\n[![") == 3 and "https://jane.github.io/conv.course/" in readme and "<!--" not in readme
    script = "from coursetools import place; from coursetools.site.lessons import ways; print(place.is_named(), ways('02_filters'))"
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
    )
    assert run.stdout.startswith("True") and "github/Jane/conv.course/blob/v" in run.stdout, run.stderr


@needs_git
def test_a_site_with_a_place_tells_search_engines_and_links_where_it_is(copy):
    if not FETCHED.exists():
        pytest.skip("what the site is made of has not been fetched here: make site does so")
    place.name("Jane/conv.course", copy)
    (copy / "build").mkdir()
    (copy / "build" / "node_modules").symlink_to(FETCHED)
    command = [sys.executable, "-m", "coursetools.site", "site"]
    run = subprocess.run(command, cwd=copy, env={**os.environ, "PYTHONPATH": str(copy)}, capture_output=True, text=True)
    assert run.returncode == 0 and not run.stderr, run.stderr
    home = "https://jane.github.io/conv.course/"
    page = (copy / "site" / "02_filters.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{home}02_filters.html"' in page
    (card,) = re.findall(r'property="og:image" content="([^"]+)"', page)
    assert (copy / "site" / card.removeprefix(home)).is_file()
    assert (
        "https://colab.research.google.com/github/Jane/conv.course/blob/v" in page and "mybinder.org/v2/gh/Jane" in page
    )
    places = re.findall(r"<loc>(.*?)</loc>", (copy / "site" / "sitemap.xml").read_text(encoding="utf-8"))
    assert {f"{home}{name}.html" for name in ("index", "02_filters")} <= set(places)
    assert "https://github.com/Jane/conv.course/blob/main/LICENSE" in (copy / "site" / "index.html").read_text("utf-8")


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("all of it")
    run = subprocess.run([sys.executable, "-m", "coursetools.site", tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1 and "holds something else than a site" in run.stderr
    assert (tmp_path / "thesis.txt").read_text() == "all of it"


@pytest.mark.parametrize("given", ["you", "you/", "/repository", "a/b/c", "", "https://github.com/a/b", "a b/c"])
def test_what_is_no_place_is_refused(given, tmp_path):
    with pytest.raises(ValueError, match="is no place: give the owner and the repository"):
        place.name(given, tmp_path)


def test_the_command_says_how_it_is_called():
    run = subprocess.run([sys.executable, "-m", "coursetools.place"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1 and "YOU/YOUR-REPOSITORY" in run.stderr
