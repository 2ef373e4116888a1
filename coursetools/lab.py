"""Open the lessons in JupyterLab: what make lab calls. The last line that it prints is the address."""

import os
import secrets
import socket
import sys
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
USUAL_PORTS = range(8888, 8900)


def free_port() -> int:
    """The first of the usual ports that nobody uses, or any."""
    for port in (*USUAL_PORTS, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise OSError("no port is free on this machine")


def has_display() -> bool:
    """Whether a browser can be opened here."""
    return sys.platform in ("darwin", "win32") or bool({"BROWSER", "DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))


def main() -> None:
    port, token = free_port(), secrets.token_hex(16)
    options = [
        f"--notebook-dir={NOTEBOOKS}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.log_level=ERROR",
        "--LabApp.log_level=ERROR",
    ]
    if not has_display():
        options.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print("You are root, as in a container: JupyterLab runs as root, too.")
        options.append("--allow-root")
    print("JupyterLab starts; Ctrl+C, twice, ends it. In a few seconds it answers, on this machine alone, at")
    print(f"http://localhost:{port}/lab?token={token}", flush=True)
    os.environ["JUPYTER_TOKEN"] = token
    os.execv(sys.executable, [sys.executable, "-m", "jupyterlab", *options])


if __name__ == "__main__":
    main()
