"""python -m coursetools.site FOLDER writes the site there; make site does so, to build/site."""

import argparse
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from sphinx.cmd.build import main as sphinx

from coursetools import notebooks, offline
from coursetools.site.landing import first_explorer, landing
from coursetools.site.lessons import page
from coursetools.site.questions import others

HERE = Path(__file__).parent
# What the theme leaves out: names of its two sides, code and formulas that the keyboard scrolls, a summary of one line.
AMENDED = {
    '<aside class="sidebar-drawer"': '<aside aria-label="Lessons" class="sidebar-drawer"',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    "<pre>": '<pre tabindex="0">',
    '<div class="math-wrapper': '<div tabindex="0" class="math-wrapper',
    '<p class="collapsed admonition-title">Show the set-up</p>': '<span class="collapsed">Show the set-up</span>',
    '<p class="expanded admonition-title">Hide the set-up</p>': '<span class="expanded">Hide the set-up</span>',
}
WITH_EXPLORER = "02_filters"  # whose first explorer is on the first page


def write_source(folder: Path) -> None:
    """Everything that Sphinx reads: a page for each lesson, the first page, and what lies beside them."""
    static = folder / "_static"
    static.mkdir()
    lessons = {path.stem: notebooks.read(path) for path in sorted(notebooks.LESSONS.glob("*.ipynb"))}
    for lesson, notebook in lessons.items():
        nbformat.write(page(notebook, lesson), folder / f"{lesson}.ipynb")
        (static / f"{lesson}.others.js").write_text(others(offline.sheet_of(lesson)), encoding="utf-8")
    readme = (offline.ROOT / "README.md").read_text(encoding="utf-8")
    explorer = first_explorer(lessons[WITH_EXPLORER])
    (folder / "index.md").write_text(landing(readme, explorer), encoding="utf-8")
    shutil.copytree(offline.ROOT / ".github", folder / ".github", ignore=shutil.ignore_patterns("*.yml", "*.py"))
    shutil.copy(HERE / "conf.py", folder)
    shutil.copy(offline.ROOT / ".github" / "explorer.png", static / "card.png")  # beside a link to the site
    offline.put_parts(static)
    offline.bundle(HERE / "answers" / "page.js", static)
    for own in (HERE / "static").iterdir():
        shutil.copy(own, static)


def build(folder: Path) -> int:
    """Write the site into a folder. Returns the exit status: 0 if all is well, and a warning is a fault.

    Raises ValueError for a folder that holds something else, since all of it would be deleted.
    """
    if folder.exists() and not (folder.is_dir() and (not any(folder.iterdir()) or (folder / "objects.inv").exists())):
        raise ValueError(f"{folder} holds something else than a site: give a new folder")
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory() as source:
        write_source(Path(source))
        doctrees = Path(source) / "_doctrees"
        status = sphinx(["-q", "-W", "--keep-going", "-d", str(doctrees), source, str(folder)])
    for path in folder.glob("*.html"):
        path.write_text(amended(path.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copytree(notebooks.LESSONS, folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    return status


def amended(html: str) -> str:
    for theirs, ours in AMENDED.items():
        html = html.replace(theirs, ours)
    return html


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the course as a web site.")
    parser.add_argument("folder", type=Path)
    try:
        sys.exit(build(parser.parse_args().folder))
    except ValueError as error:
        sys.exit(str(error))
