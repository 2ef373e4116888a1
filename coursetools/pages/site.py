"""The course as a web site: a page for each lesson, the first page, and what lies beside them. Nothing is run."""

import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from sphinx.cmd.build import main as sphinx

from coursetools.lesson import NOTEBOOKS, ROOT, lessons
from coursetools.pages.bundle import WEB, bundle, put_parts
from coursetools.pages.landing import first_explorer, landing
from coursetools.pages.lesson_page import page
from coursetools.pages.practice import practice
from coursetools.pages.questions import is_judged, others

# What the theme leaves out: names of its two sides, what the keyboard scrolls, a summary of one line.
AMENDED = {
    '<aside class="sidebar-drawer"': '<aside aria-label="Lessons" class="sidebar-drawer"',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    ' aria-label="Toggle hidden content"': "",
    "<pre>": '<pre tabindex="0">',
    '<div class="output text_html"><table>': '<div tabindex="0" class="output text_html"><table>',
    '<div class="math-wrapper': '<div tabindex="0" class="math-wrapper',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}
FIGURE = re.compile(r'<img alt="[^"]*" src="(_images/[^"]*)" />')
PROMPT = re.compile(r'<p class="(collapsed|expanded) admonition-title">(.*?)</p>')


def write_source(folder: Path) -> None:
    """Everything that Sphinx reads: a page for each lesson, the page to look up, the first page, and what lies beside them."""
    static = folder / "_static"
    (static / "others").mkdir(parents=True)
    explorer = ""
    for lesson in lessons():
        nbformat.write(page(lesson), folder / f"{lesson.name}.ipynb")
        for exercise in filter(is_judged, lesson.sheet.with_others):
            (static / "others" / f"{exercise.full_name}.js").write_text(others(exercise), encoding="utf-8")
        explorer = explorer or first_explorer(lesson.notebook())
    shutil.copy(NOTEBOOKS / "reference.md", folder)
    (folder / "practice.md").write_text(practice(), encoding="utf-8")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (folder / "index.md").write_text(landing(readme, explorer), encoding="utf-8")
    shutil.copytree(ROOT / ".github", folder / ".github", ignore=shutil.ignore_patterns("*.yml"))
    shutil.copy(Path(__file__).with_name("conf.py"), folder)
    shutil.copy(ROOT / ".github" / "explorer.png", static / "card.png")  # beside a link to the site
    put_parts(static)
    for script in ("page.js", "practice.js"):
        bundle(WEB / "answers" / script, static)
    for own in ("course.css", "favicon.svg"):
        shutil.copy(WEB / own, static)


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
    shutil.copytree(NOTEBOOKS, folder / "notebooks", ignore=shutil.ignore_patterns(".*"))
    return status


def amended(html: str) -> str:
    for theirs, ours in AMENDED.items():
        html = html.replace(theirs, ours)
    html = FIGURE.sub(r'<a class="figure" href="\1">\g<0></a>', html)
    return PROMPT.sub(r'<span class="\1">\2</span>', html)
