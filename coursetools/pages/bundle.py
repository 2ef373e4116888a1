"""The parts that lie beside a page: what is opened from disk can import and fetch nothing."""

import shutil
import subprocess
from pathlib import Path

from coursetools.lesson import ROOT

WEB = ROOT / "web"
FETCHED = WEB / "node_modules"  # from npm, by make
MATHJAX = "mathjax.js"  # all of it in one file: formulas become drawings, and no font is fetched


def put_parts(folder: Path) -> None:
    """Puts explorers.js, explorers.css and mathjax.js into a folder."""
    bundle(WEB / "explorers.js", folder)
    shutil.copyfile(FETCHED / "mathjax" / "es5" / "tex-svg.js", folder / MATHJAX)


def put_reveal(folder: Path) -> None:
    """Puts what runs a slide show into a folder, with the speaker's window."""
    for part in ("dist", "plugin/notes"):
        shutil.copytree(FETCHED / "reveal.js" / part, folder / "reveal.js" / part, dirs_exist_ok=True)


def bundle(script: Path, folder: Path) -> None:
    """A script with all that it imports as one file."""
    program = FETCHED / ".bin" / "esbuild"
    options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--log-level=warning", f"--outdir={folder}"]
    subprocess.run([program, script, *options], check=True)
