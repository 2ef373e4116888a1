"""Set the course up in an environment of its own: python coursetools/install.py does so in .venv, make lab calls it.

It is run by whatever Python is there, before anything is installed. What goes wrong on a first day ends in one sentence.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 11)
# The index of PyTorch is asked once and not for long: no name service answers at once, a firewall after seconds.
BRIEFLY = {"UV_HTTP_RETRIES": "0", "UV_HTTP_CONNECT_TIMEOUT": "5", "UV_HTTP_TIMEOUT": "5"}
FULL = 2 * 10**9  # bytes: with fewer left, what failed has failed for want of space


def missing() -> str | None:
    """What this Python lacks to begin with, as a sentence."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        newer = ".".join(map(str, OLDEST))
        return (
            f"Python {version} is too old: the course needs {newer} or later. Name one: make lab PYTHON=python{newer}"
        )
    if not all(map(importlib.util.find_spec, ("venv", "ensurepip"))):
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        return f"Python {version} came without its module venv: on Debian and Ubuntu, sudo apt install {package}"
    return None


def with_torch_backend(uv: Path, python: Path) -> dict[str, str]:
    """The environment in which uv installs: with the build of PyTorch that fits the machine, where it can be had.

    On PyPI the one for Linux brings CUDA, and 6 GB. A build that the user names in UV_TORCH_BACKEND stays.
    """
    environment = dict(os.environ)
    if environment.get("UV_TORCH_BACKEND"):
        return environment
    environment.pop("UV_TORCH_BACKEND", None)  # which uv refuses if it is empty
    asked = ["--dry-run", "--no-deps", "--no-cache", "--reinstall", "torch", "torchvision"]  # also where both are there
    fitting = environment | {"UV_TORCH_BACKEND": "auto"}
    if (
        subprocess.run([*install(uv, python), *asked], env=fitting | BRIEFLY, cwd=ROOT, capture_output=True).returncode
        == 0
    ):
        return fitting
    print(
        "PyTorch's own index can't be reached, or lacks the release that was tested: PyPI's build is taken, which on Linux "
        "is 3 GB to fetch.",
        flush=True,
    )
    return environment


def install(uv: Path, python: Path) -> list[str]:
    """The command, to which what is asked for is added: the releases that were tested.

    It shows how far it has come where somebody looks on.
    """
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    return [str(uv), "pip", "install", *quiet, "--python", str(python), "--constraint", str(ROOT / "constraints.txt")]


def set_up(folder: Path, extras: str) -> str | None:
    """Make the environment. Returns what kept it from being made, as a sentence."""
    fault = missing()
    if fault:
        return fault
    print(f"Setting up the course in {folder}, once, with {extras}: one minute to five, and 1.5 to 6 GB.", flush=True)
    inside = folder / ("Scripts" if os.name == "nt" else "bin")
    python, uv = inside / "python", inside / "uv"
    if subprocess.run([sys.executable, "-m", "venv", str(folder)]).returncode:
        return why(folder, "The environment can't be made")
    if subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "uv"]).returncode:
        return why(folder, "uv, which installs the rest, can't be fetched from PyPI")
    environment = with_torch_backend(uv, python)
    # Compiled here, once, the libraries are imported in half the time, also where Python may not write its byte code.
    asked = ["--compile-bytecode", "--editable", f".[{extras}]"]
    if subprocess.run([*install(uv, python), *asked], env=environment, cwd=ROOT).returncode:
        named = os.environ.get("UV_TORCH_BACKEND")
        hint = f", with PyTorch for {named} as UV_TORCH_BACKEND asks" if named else ""
        return why(folder, f"The libraries of the course can't be installed{hint}")
    return None


def why(folder: Path, failed: str) -> str:
    """The sentence to what failed: a full disk, or what was said above it."""
    left = shutil.disk_usage(folder.parent).free
    if left < FULL:
        return f"{failed}: the disk has {left / 10**9:.1f} GB left. Make room, 7 GB at best, and call this again."
    return f"{failed}: the lines above say why. Calling this again goes on from here."


def main() -> int:
    parser = argparse.ArgumentParser(description="Set the course up in an environment of its own.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path(".venv"), help="by default .venv")
    parser.add_argument("--extras", default="lab", help="of pyproject.toml, with commas between them; by default lab")
    options = parser.parse_args()
    fault = set_up(options.folder.absolute(), options.extras)
    print(fault or f"Ready: {options.folder}", file=sys.stderr if fault else sys.stdout)
    return int(bool(fault))


if __name__ == "__main__":
    sys.exit(main())
