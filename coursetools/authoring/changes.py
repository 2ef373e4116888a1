"""Run the tests of what has changed since the last commit: make quick calls it.

A notebook is a test itself; a module, a script or a page has its own under the same word.
"""

import os
import subprocess
import sys
from pathlib import Path

from coursetools.lesson import ROOT, lessons


def tests_of(changed: list[str]) -> list[str]:
    """The files that pytest is to run for these files of the repository; the tests of all lessons where it is a notebook."""
    words = {Path(name).stem.removeprefix("test_") for name in changed}
    words |= {Path(name).parent.name for name in changed if name.startswith(("coursetools/", "lessonlib/", "web/"))}
    words |= {lesson.word for lesson in lessons() if lesson.name in words}
    tests = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if path.stem.removeprefix("test_") in words]
    notebooks = [lesson.path for lesson in lessons() if {lesson.name, lesson.word} & words]
    return [path.relative_to(ROOT).as_posix() for path in (*notebooks, *tests)]


def changed() -> list[str]:
    """The files that git calls changed or new."""
    status = subprocess.run(
        ["git", "status", "--porcelain", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [entry[3:] for entry in status.stdout.split("\0") if entry]


if __name__ == "__main__":
    tests = tests_of(changed())
    print("\n".join(tests) or "Nothing has changed that has tests of its own.", flush=True)
    if tests:
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *tests, *sys.argv[1:]])
