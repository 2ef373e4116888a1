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
    offline.put_parts(static)
    offline.bundle(HERE / "answers" / "page.js", static)
    for own in (HERE / "static").iterdir():
        shutil.copy(own, static)


def build(folder: Path) -> int:
    """Write the site into a folder. Returns the exit status: 0 if all is well, and a warning is a fault."""
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory() as source:
        write_source(Path(source))
        doctrees = Path(source) / "_doctrees"
        status = sphinx(["-q", "-W", "--keep-going", "-d", str(doctrees), source, str(folder)])
    downloads = folder / "notebooks"
    shutil.copytree(notebooks.LESSONS, downloads, ignore=shutil.ignore_patterns(".*"))
    return status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Write the course as a web site.")
    parser.add_argument("folder", type=Path)
    sys.exit(build(parser.parse_args().folder))
