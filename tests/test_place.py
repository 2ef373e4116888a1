"""One command names the repository's place: links and badges lead nowhere before it, and everywhere right after it."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from coursetools import place
from coursetools.lesson import ROOT
from coursetools.pages.lesson_page import ways

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git on this machine")


@pytest.fixture
def named(tmp_path):
    """The files of the repository in a history of their own, named Jane/conv.course."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "--all"], cwd=tmp_path, check=True)
    changed = place.name("Jane/conv.course", tmp_path)
    assert {"README.md", "pyproject.toml", "CITATION.cff", "notebooks/01_parameters.ipynb"} <= set(changed)
    return tmp_path


def python(folder, *arguments):
    """What Python prints with the modules of this folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    run = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    assert run.returncode == 0 and not run.stderr, run.stderr
    return run.stdout


def test_a_page_leads_to_the_notebook_alone_until_there_is_a_place():
    if place.is_named():
        pytest.skip("the repository has a place")
    assert ways("02_filters") == {"Download the notebook": "notebooks/02_filters.ipynb"}
    assert "\n[![" not in (ROOT / "README.md").read_text(encoding="utf-8").partition("## Begin")[0]


@needs_git
def test_one_command_names_it_everywhere_and_shows_the_badges(named):
    search = ["git", "grep", "-l", "-e", place.REPOSITORY, "-e", place.SITE]
    assert not subprocess.run(search, cwd=named, capture_output=True).stdout
    assert (named / ".github" / "detector.png").read_bytes() == (ROOT / ".github" / "detector.png").read_bytes()
    readme = (named / "README.md").read_text(encoding="utf-8")
    assert readme.count("\n[![") == 3 and "https://jane.github.io/conv.course/" in readme and "<!--" not in readme
    page = python(named, "-c", "from coursetools.pages.lesson_page import ways; print(ways('02_filters'))")
    assert "colab.research.google.com/github/Jane/conv.course/blob/v" in page and "mybinder.org/v2/gh/Jane" in page
    first = "from coursetools.pages.landing import landing; print(landing(open('README.md').read(), ''))"
    assert "https://github.com/Jane/conv.course/blob/main/LICENSE" in python(named, "-c", first)


@needs_git
def test_a_site_with_a_place_tells_search_engines_and_links_where_it_is(named, tmp_path_factory):
    """By a site of one page: where its source lies there is no history of git, as where a site is written."""
    source, site = tmp_path_factory.mktemp("source"), named / "build"
    shutil.copy(named / "coursetools" / "pages" / "conf.py", source)
    (source / "index.md").write_text("# A page")
    (source / "_static").mkdir()
    for name in ("course.css", "explorers.css", "explorers.js", "page.js", "favicon.svg"):
        (source / "_static" / name).touch()
    python(named, "-m", "sphinx", "-q", "-W", source, site)
    home = "https://jane.github.io/conv.course/"
    page = (site / "index.html").read_text(encoding="utf-8")
    assert f'<link rel="canonical" href="{home}index.html"' in page and f'content="{home}_static/card.png"' in page
    assert f"{home}index.html" in re.findall(r"<loc>(.*?)</loc>", (site / "sitemap.xml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("given", ["you", "a/b/c", "", "https://github.com/a/b", "a b/c"])
def test_what_is_no_place_is_refused(given, tmp_path):
    with pytest.raises(ValueError, match="is no place: give the owner and the repository"):
        place.name(given, tmp_path)
