"""Prints what pyproject.toml asks for, without upper bounds: the requirements of the newest releases that there are."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
for requirements in (project["dependencies"], *project["optional-dependencies"].values()):
    for requirement in requirements:
        print(re.sub(r",<[\d.]+", "", requirement))
