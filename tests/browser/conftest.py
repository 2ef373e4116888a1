"""A real browser, which opens files without a network, and lessons in a JupyterLab of our own."""

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

from coursetools.lesson import lessons
from coursetools.pages.bundle import FETCHED

HERE = Path(__file__).parent
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
IS_READY = "(!window.Reveal || Reveal.isReady()) && (!window.MathJax || MathJax.startup?.promise)"
AXE = """async ([where, without]) => {
    const rules = Object.fromEntries(without.map((name) => [name, { enabled: false }]));
    const { violations } = await axe.run(where, { rules, preload: false });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 120)} (${nodes[0].failureSummary})`);
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
def load():
    """Opens a file in a page without a network. Returns what it tries to fetch, and what goes wrong, from now on."""

    def loaded(page, path):
        troubles = []
        page.context.set_offline(True)
        page.on("request", lambda request: request.url.startswith("http") and troubles.append(request.url))
        page.on("requestfailed", lambda request: troubles.append(request.url))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: message.type in ("error", "warning") and troubles.append(message.text))
        page.goto(path.as_uri())
        page.wait_for_function(IS_READY)
        page.evaluate("window.MathJax?.startup.promise.then(() => true)")
        return troubles

    return loaded


@pytest.fixture(scope="session")
def faults():
    """What axe-core, the checker that the web uses, says against the parts of a page that a selector names."""

    def found(page, where="html", without=()):
        page.add_script_tag(path=FETCHED / "axe-core" / "axe.min.js")
        return page.evaluate(AXE, [where, list(without)])

    return found


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
    for lesson in lessons():
        nbformat.write(briefly(lesson.notebook()), folder / lesson.path.name)
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
