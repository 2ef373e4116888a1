"""A JupyterLab of our own, on copies of the lessons, and a real browser that opens notebooks in it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import nbformat
import pytest

from coursetools import notebooks, offline

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LESSONS = ROOT / "notebooks"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
IS_IDLE = "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
EXECUTE = """async (code) => {
    const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
    const future = kernel.requestExecute({ code, store_history: false });
    let printed = "";
    future.onIOPub = ({ content }) => (printed += content.text ?? content.traceback?.join("\\n") ?? "");
    await future.done;
    return printed;
}"""


def pytest_collection_modifyitems(items):
    if CHROMIUM is None:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine: the browser tests need one"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    """Where CI is set, a browser test that is skipped has failed: nobody would notice that it never runs."""
    report = yield
    if os.environ.get("CI") and isinstance(report.longrepr, tuple):  # where a test was skipped, in which line, and why
        report.outcome, report.longrepr = "failed", report.longrepr[2]
    return report


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def lab(tmp_path_factory, briefly):
    """A running JupyterLab: open(page, name) shows one of its notebooks, folder holds the lessons, trained briefly."""
    home = tmp_path_factory.mktemp("jupyter")
    for name, setting in SETTINGS.items():
        path = home / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(setting))
    folder = home / "notebooks"
    folder.mkdir()
    for path in LESSONS.glob("*.ipynb"):
        nbformat.write(briefly(notebooks.read(path)), folder / path.name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--LabApp.expose_app_in_browser=True"),
        *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
        *("--IdentityProvider.token=", f"--ServerApp.root_dir={folder}"),
    ]
    places = {f"JUPYTER_{kind}_DIR": str(home / kind.lower()) for kind in ("CONFIG", "RUNTIME", "DATA")}
    places |= {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, env={**os.environ, **places, "TQDM_DISABLE": "1"}, stdout=log, stderr=log)
    try:
        yield Lab(f"http://127.0.0.1:{port}", folder, server, home / "log")
    finally:
        server.terminate()
        server.wait(30)


class Lab:
    def __init__(self, address, folder, server, log):
        self.address, self.folder = address, folder
        deadline = time.monotonic() + 60
        while True:
            try:
                urlopen(f"{address}/api/status", timeout=5).close()
                break
            except OSError:
                assert server.poll() is None and time.monotonic() < deadline, log.read_text()
                time.sleep(0.1)

    def open(self, page, name):
        """Shows a notebook of the folder, with its kernel started."""
        page.goto(f"{self.address}/lab/tree/{name}?reset")
        page.wait_for_function(IS_IDLE, timeout=90_000)

    def run_all(self, page):
        page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
        page.wait_for_function(IS_IDLE, timeout=180_000)

    def python(self, page, code):
        """What code prints, run in the kernel of the notebook that is shown."""
        return page.evaluate(EXECUTE, code)


@pytest.fixture(scope="session")
def decks(tmp_path_factory):
    """The folder with all decks, freshly exported."""
    made = subprocess.run(["make", "build/node_modules"], cwd=ROOT, capture_output=True, text=True)
    if made.returncode:
        pytest.skip(f"reveal.js is not here and could not be fetched: {made.stderr.strip().splitlines()[-1]}")
    folder = tmp_path_factory.mktemp("slides")
    command = [
        sys.executable,
        "-m",
        "nbconvert",
        "--config",
        "coursetools/slides/nbconvert.py",
        "--output-dir",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    offline.put_parts(folder)
    offline.put_reveal(folder)
    return folder


@pytest.fixture
def show(decks, page):
    """Opens a lesson's deck, as a file and without a network. Returns what it tried to fetch, and what went wrong."""

    def shown(lesson):
        troubles = []
        page.set_viewport_size({"width": 1280, "height": 720})
        page.on("request", lambda request: request.url.startswith("http") and troubles.append(request.url))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto((decks / f"{lesson.stem}.slides.html").as_uri())
        page.wait_for_function("window.Reveal?.isReady() && window.MathJax?.startup?.promise")
        page.evaluate("MathJax.startup.promise.then(() => true)")
        return troubles

    return shown
