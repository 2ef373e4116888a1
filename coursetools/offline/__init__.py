"""What slides and site share: a page that needs neither a kernel nor a network has its parts beside it.

python -m coursetools.offline FOLDER puts them there for the slides.
"""

import importlib
import shutil
import subprocess
from pathlib import Path

from lessonlib.checking import Sheet

ROOT = Path(__file__).parents[2]
FETCHED = ROOT / "build" / "node_modules"  # from npm, by make
MATHJAX = "mathjax.js"  # all of it in one file: formulas become drawings, and no font is fetched


def sheet_of(lesson: str) -> Sheet:
    """The exercises of a lesson, such as 02_filters."""
    return importlib.import_module(f"lessonlib.exercises.{lesson.split('_')[1]}").sheet


def put_parts(folder: Path) -> None:
    """Puts explorers.js, explorers.css and mathjax.js into a folder."""
    bundle(Path(__file__).with_name("explorers.js"), folder)
    shutil.copyfile(FETCHED / "mathjax" / "es5" / "tex-svg.js", folder / MATHJAX)


def put_reveal(folder: Path) -> None:
    """Puts what runs a slide show into a folder, with the speaker's window."""
    for part in ("dist", "plugin/notes"):
        shutil.copytree(FETCHED / "reveal.js" / part, folder / "reveal.js" / part, dirs_exist_ok=True)


def bundle(script: Path, folder: Path) -> None:
    """A script with all that it imports as one file for a page, since a page that is opened from disk may import none."""
    program = FETCHED / ".bin" / "esbuild"
    options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--log-level=warning", f"--outdir={folder}"]
    subprocess.run([program, script, *options], check=True)
