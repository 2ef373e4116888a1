"""A version named everywhere: python -m coursetools.release 1.2.0, once its section stands in CHANGELOG.md."""

import re
import sys
from pathlib import Path

from coursetools.lesson import ROOT

CHANGE = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
# What stands around a version, in each file that names it. The notebooks' first cell takes it from pyproject.toml.
PLACES = {
    "pyproject.toml": r'^version = "(.+)"$',
    "CITATION.cff": r"^version: (.+)$",
    "README.md": r"/blob/v(.+?)/notebooks/",
    "hub/values.yaml": r"^    tag: v(\S+)",
    "hub/README.md": r"convolution-course:v(\S+)",
}


def versions(root: Path = ROOT) -> dict[str, set[str]]:
    """{file: the versions that it names}."""
    return {
        name: set(re.findall(pattern, (root / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name, pattern in PLACES.items()
    }


def name(version: str, root: Path = ROOT) -> None:
    """Put a version, and the day of its section in CHANGELOG.md, into every file that names one.

    Raises ValueError where it is not the newest of CHANGELOG.md.
    """
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ValueError(f"{version!r} is no version: give three numbers, such as 1.2.0")
    newest, day = CHANGE.findall((root / "CHANGELOG.md").read_text(encoding="utf-8"))[0]
    if version != newest:
        raise ValueError(f"the newest section of CHANGELOG.md is {newest}: write ## [{version}] - year-month-day first")
    for file, pattern in PLACES.items():
        _put(root / file, pattern, version)
    _put(root / "CITATION.cff", r"^date-released: (.+)$", day)


def _put(path: Path, pattern: str, value: str) -> None:
    text = path.read_bytes().decode()
    for match in reversed(list(re.finditer(pattern, text, re.MULTILINE))):
        text = text[: match.start(1)] + value + text[match.end(1) :]
    path.write_bytes(text.encode())


if __name__ == "__main__":
    try:
        name(" ".join(sys.argv[1:]))
    except ValueError as error:
        sys.exit(str(error))
    print("Next: make author OPTIONS=--form, which writes it into the notebooks; then git diff.")
