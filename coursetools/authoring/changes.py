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
    """The files that pytest is to run for these files of the repository: those of that name, and those that import it."""
    words = {Path(name).stem.removeprefix("test_") for name in changed}
    words |= {Path(name).parts[1] for name in changed if len(Path(name).parts) > 2}  # such as checking
    words |= {lesson.word for lesson in lessons() if lesson.name in words}
    notebooks = [lesson.path for lesson in lessons() if {lesson.name, lesson.word} & words]
    tests = [path for path in sorted((ROOT / "tests").glob("**/test_*.py")) if _is_about(path, words)]
    return [path.relative_to(ROOT).as_posix() for path in (*notebooks, *tests) if path.parent.name not in AT_NIGHT]


def _is_about(test: Path, words: set[str]) -> bool:
    imports = re.findall(r"^(?:from|import) .*", test.read_text(encoding="utf-8"), re.MULTILINE)
    return test.stem.removeprefix("test_") in words or bool(words & set(re.findall(r"\w+", " ".join(imports))))


def changed() -> list[str]:
    """The files that git calls changed or new."""
    status = subprocess.run(
        ["git", "status", "--porcelain", "-z", "--no-renames"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [entry[3:] for entry in status.stdout.split("\0") if entry]


if __name__ == "__main__":
    tests = tests_of(changed())
    print("\n".join(tests) or "Nothing has changed that has tests of its own.", flush=True)
    if tests:
        os.execv(sys.executable, [sys.executable, "-m", "pytest", *tests, *sys.argv[1:]])
