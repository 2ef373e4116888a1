"""A real JupyterHub with the course's configuration, and users who log in, pull the lessons and run cells through it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import requests
import websocket

ROOT = Path(__file__).parents[2]
COURSE = "convolution-course"
PASSWORD = "known-to-all-of-them"
# Of the configuration only what a test can't have: accounts of the machine, systemd, and the ports that others use.
IN_A_TEST = """
load_subconfig({course!r})
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = {password!r}
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.cleanup_servers = True
c.ConfigurableHTTPProxy.command = ["configurable-http-proxy"]
c.Spawner.args = ["--allow-root"]  # whoever runs the tests, as in a container, may be root
c.SimpleLocalProcessSpawner.home_dir_template = {homes!r}
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy_port}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie_secret"
{more}
"""

WITHOUT_SYSTEMD = "c.Spawner.pre_spawn_hook = None"


def missing():
    """What a hub lacks on this machine, in words, or None."""
    if os.name == "nt":
        return "JupyterHub does not run on Windows"
    for module in ("jupyterhub", "jupyterhub_idle_culler", "nbgitpuller"):
        if subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True).returncode:
            return f"{module} is not installed here: make thorough does so"
    return None if shutil.which("configurable-http-proxy") else "configurable-http-proxy is not on PATH"


def repository(folder):
    """A git repository with the files of the course, standing in for the one on the network."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    for name in tracked.stdout.splitlines():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "as it is now")


def git(folder, *command):
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *command], cwd=folder, check=True)


def wait_for(condition, seconds, what):
    """The first true value of the condition."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.3)


@contextmanager
def hub(folder, more=WITHOUT_SYSTEMD):
    """A running hub, which keeps all that it writes in folder. more: lines of configuration. Yields its address."""
    sockets = [socket.socket() for _ in range(3)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    port, hub_port, proxy_port = (each.getsockname()[1] for each in sockets)
    for each in sockets:
        each.close()
    config = folder / "jupyterhub_config.py"
    places = {"course": str(ROOT / "hub" / "jupyterhub_config.py"), "homes": str(folder / "home" / "{username}")}
    ports = {"port": port, "hub_port": hub_port, "proxy_port": proxy_port}
    config.write_text(IN_A_TEST.format(**places, **ports, password=PASSWORD, folder=folder, more=more))
    bin_folder = str(Path(sys.executable).parent)
    environment = os.environ | {"PATH": os.pathsep.join([bin_folder, os.environ["PATH"]])}
    # The hub sets what its users have: nothing of that is inherited from the tests.
    environment = {name: value for name, value in environment.items() if name not in ("OMP_NUM_THREADS", "PYTHONPATH")}
    command = [sys.executable, "-m", "jupyterhub", f"--config={config}"]
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: process.poll() is not None or answers(f"{address}/hub/health"), 90, "the start of the hub")
        assert process.poll() is None, (folder / "log").read_text()
        yield address
    finally:
        process.send_signal(signal.SIGTERM)  # stops its users' servers and its proxy too
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def answers(address):
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


class User:
    """Somebody who has logged in: the page of login, a token for what a browser would do afterwards."""

    def __init__(self, address, name):
        self.address, self.name, self.server = address, name, f"{address}/user/{quote(name)}"
        self.session = requests.Session()
        self.session.get(f"{address}/hub/login", timeout=60)
        form = {"username": name, "password": PASSWORD, "_xsrf": self.session.cookies["_xsrf"]}
        page = self.session.post(f"{address}/hub/login", data=form, timeout=300)
        assert page.ok, page.text
        form = {"X-XSRFToken": self.session.cookies.get("_xsrf", path="/hub/"), "Referer": f"{address}/hub/home"}
        made = self.session.post(f"{address}/hub/api/users/{name}/tokens", headers=form, json={}, timeout=60)
        assert made.ok, made.text
        self.session.close()
        self.session = requests.Session()
        self.session.headers = {"Authorization": f"token {made.json()['token']}", "Connection": "close"}

    def start(self):
        """Wait until the server runs that the login has asked for."""
        made = self.session.post(f"{self.address}/hub/api/users/{self.name}/server", timeout=300)
        assert made.status_code in (201, 202, 400), made.text  # 400: it is starting, or runs
        wait_for(lambda: self.asked()["server"] or not self.asked()["pending"], 240, f"a start of {self.name}'s server")
        assert self.asked()["server"], f"the server of {self.name} has not started"
        return self

    def stop(self):
        """Wait until the server has ended."""
        self.session.delete(f"{self.address}/hub/api/users/{self.name}/server", timeout=60)
        wait_for(lambda: not self.asked()["server"], 60, f"the end of {self.name}'s server")
        return self

    def asked(self):
        """What the hub knows of the user."""
        return self.session.get(f"{self.address}/hub/api/users/{self.name}", timeout=60).json()

    def get(self, path):
        answer = self.session.get(f"{self.server}/{path}", timeout=300)
        assert answer.ok, answer.text
        return answer

    def pull(self, source, folder=COURSE):
        """What the link of nbgitpuller does when its page is open."""
        told = self.get(f"git-pull/api?repo={quote(str(source), safe='')}&branch=main&targetpath={folder}").text
        phases = [json.loads(line.removeprefix("data: ")) for line in told.splitlines() if line.startswith("data: ")]
        assert phases[-1]["phase"] == "finished", told
        return self

    def read(self, path):
        """A notebook, as JupyterLab opens it."""
        return self.get(f"api/contents/{COURSE}/{path}").json()["content"]

    def save(self, path, notebook):
        url = f"{self.server}/api/contents/{COURSE}/{path}"
        saved = self.session.put(url, json={"type": "notebook", "format": "json", "content": notebook}, timeout=60)
        assert saved.ok, saved.text

    @contextmanager
    def kernel(self, path):
        """A kernel of its own for a notebook, spoken to as JupyterLab does, and shut down at the end."""
        wanted = {"path": f"{COURSE}/{path}", "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        made = self.session.post(f"{self.server}/api/sessions", json=wanted, timeout=300)
        assert made.ok, made.text
        address = f"{self.server.replace('http', 'ws', 1)}/api/kernels/{made.json()['kernel']['id']}/channels"
        header = [f"Authorization: {self.session.headers['Authorization']}"]
        with closing(websocket.create_connection(address, header=header, timeout=900)) as channels:
            yield Kernel(channels)
        self.session.delete(f"{self.server}/api/sessions/{made.json()['id']}", timeout=60)


class Kernel:
    def __init__(self, channels):
        self.channels = channels

    def run(self, code):
        """The outputs of a cell, as a notebook stores them."""
        asked = uuid.uuid4().hex
        header = {"msg_id": asked, "msg_type": "execute_request", "session": asked, "username": "", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        self.channels.send(json.dumps(message))
        outputs = []
        while True:
            received = self.channels.recv()
            if isinstance(received, bytes):  # a widget's picture, beside the outputs
                continue
            message = json.loads(received)
            kind, content = message["header"]["msg_type"], message["content"]
            if message["parent_header"].get("msg_id") != asked:
                continue
            if kind in ("stream", "execute_result", "display_data", "error"):
                outputs.append({"output_type": kind, **content})
            if kind == "status" and content["execution_state"] == "idle":
                return outputs
