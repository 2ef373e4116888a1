"""Where the repository lives: python -m coursetools.place YOU/YOUR-REPOSITORY names it everywhere, and shows the badges.

As long as OWNER stands for it, no badge and no link leads there.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
REPOSITORY = "OWNER/convolution-course"
SITE = "https://OWNER.github.io/convolution-course/"
A_BADGE = re.compile(r"^<!-- (\[!\[.*\)) -->$", re.MULTILINE)


def is_named() -> bool:
    """Whether the repository has a place."""
    return not REPOSITORY.startswith("OWNER" + "/")


def name(place: str, root: Path = ROOT) -> list[str]:
    """Puts a place, you/your-repository, into every file of the repository. Returns the names of those that it changed.

    Raises ValueError for what is no place.
    """
    if not re.fullmatch(r"[\w-]+/[\w.-]+", place):
        raise ValueError(f"{place!r} is no place: give the owner and the repository, you/your-repository")
    owner, repository = place.split("/")
    command = ["git", "grep", "-lz", "-e", REPOSITORY, "-e", SITE]
    files = subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")[:-1]
    for file in files:
        text = (root / file).read_bytes().decode()
        text = text.replace(SITE, f"https://{owner.lower()}.github.io/{repository}/").replace(REPOSITORY, place)
        if file == "README.md":
            text = A_BADGE.sub(r"\1", text)
        (root / file).write_bytes(text.encode())
    return files


if __name__ == "__main__":
    try:
        print("\n".join(name(" ".join(sys.argv[1:]))))
    except ValueError as error:
        sys.exit(f"{error}\n{__doc__}")
    print("Next: look at git diff, and commit. To undo it: git restore .")
