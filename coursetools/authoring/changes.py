"""Run the tests of what has changed since the last commit: make quick calls it.

A notebook is a test itself; of a module, a script or a page those are run that have its name or import it.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from coursetools.lesson import ROOT, lessons

AT_NIGHT = ("thorough", "class")


def tests_of(changed: list[str]) -> list[str]:
    """The files that pytest is to run for these files of the repository: what has their names, imports or mentions them."""
    paths = [Path(name) for name in changed]
    names, stems = {path.name for path in paths}, {path.stem.removeprefix("test_") for path in paths}
    lessons_alone = {path.stem for path in paths if path.parent.name in ("notebooks", "exercises")}
    imports = stems - lessons_alone | {path.parts[1] for path in paths if len(path.parts) > 2} - {"exercises"}
    notebooks = [
        lesson.path
        for lesson in lessons()
        if {lesson.name, lesson.word} & lessons_alone or _imported(lesson.path) & imports
    ]
    tests = [path for path in sorted((ROOT / "tests").glob("**/test_*.py")) if path.parent.name not in AT_NIGHT]
    of_lessons = {"every_lesson", "lesson", "exercises"} if notebooks else set()
    about = [
        path
        for path in tests
        if path.stem.removeprefix("test_") in stems | imports | of_lessons
        or _imported(path) & imports
        or any(name in path.read_text(encoding="utf-8") for name in names)
    ]
    return [path.relative_to(ROOT).as_posix() for path in (*notebooks, *about)]


def _imported(path: Path) -> set[str]:
    """The words in the imports of a test or a notebook."""
    imports = re.findall(r"\b(?:from|import) [^\n\\]*", path.read_text(encoding="utf-8"))
    return set(re.findall(r"\w+", " ".join(imports)))


def changed() -> list[str]:
    """The files that git calls changed or new."""
    status = subprocess.run(
        ["git", "status", "--porcelain", "-z", "--no-renames"], cwd=ROOT, capture_output=True, text=True
    )
    return [entry[3:] for entry in status.stdout.split("\0") if entry]


if __name__ == "__main__":
    tests = tests_of(changed())
    print("\n".join(tests) or "Nothing has changed that has tests of its own.", flush=True)
    if tests:
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *tests, *sys.argv[1:]])
