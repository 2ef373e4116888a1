"""The first day: what a bare machine lacks is said in one sentence, and PyTorch's build fits the machine where it can be had."""

import importlib.util
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest
import trustme

from coursetools import install

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
needs_uv = pytest.mark.skipif(not UV.exists(), reason="uv is not beside this Python")


def test_this_python_lacks_nothing():
    assert install.missing() is None


def test_an_old_python_is_told_and_a_newer_one_is_named(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    assert install.missing() == (
        "Python 3.9.18 is too old: the course needs 3.11 or later. Name one: make lab PYTHON=python3.11"
    )
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={".".join(map(str, install.OLDEST))}"' in project


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv_is_told_with_what_brings_it(module, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == module else found(name))
    assert install.missing().endswith(f"sudo apt install python3.{sys.version_info[1]}-venv")


@pytest.mark.parametrize(
    "free, said", [(10**8, "the disk has 0.1 GB left. Make room"), (10**11, "the lines above say why")]
)
def test_what_failed_is_told_with_a_full_disk_as_its_reason(free, said, monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(0, 0, free))
    assert install.why(tmp_path / "venv", "It failed").startswith(f"It failed: {said}")


def test_a_fault_ends_the_command_with_its_sentence_alone(tmp_path):
    """No traceback: the folder can't be made, because a file has its name."""
    (tmp_path / "taken").write_text("")
    run = subprocess.run(
        [sys.executable, install.__file__, tmp_path / "taken" / "venv"], capture_output=True, text=True
    )
    assert run.returncode == 1 and "Traceback" not in run.stderr
    assert run.stderr.splitlines()[-1].startswith("The environment can't be made: ")


class Index(BaseHTTPRequestHandler):
    """A proxy that is all of the network, and has one host alone: PyTorch's index, with two small wheels."""

    wheels: Path
    secure: ssl.SSLContext

    def do_CONNECT(self):
        self.send_response(200 if self.path == "download.pytorch.org:443" else 403)
        self.end_headers()
        if self.path != "download.pytorch.org:443":
            return
        with self.secure.wrap_socket(self.connection, server_side=True) as inner:
            self.rfile, self.wfile, self.close_connection = inner.makefile("rb"), inner.makefile("wb"), False
            while not self.close_connection:
                self.handle_one_request()

    def do_GET(self):
        name = self.path.rstrip("/").rpartition("/")[2]
        if self.path.startswith("/whl/cpu/") and (self.wheels / name).is_file():
            body, kind = (self.wheels / name).read_bytes(), "application/zip"
        else:
            found = sorted(self.wheels.glob(f"{name}-*.whl"))
            body, kind = (
                "".join(f'<a href="/whl/cpu/{each.name}">{each.name}</a>' for each in found).encode(),
                "text/html",
            )
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *arguments):
        pass


def wheel(folder, name, version):
    """The smallest wheel that installs."""
    info = f"{name}-{version}.dist-info"
    with ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        archive.writestr(f"{name}.py", f"__version__ = {version!r}")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """A Python with nothing installed, and no cache or choice of ours."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "empty"], check=True)
    for name in [*os.environ]:
        if name.startswith("UV_") or name.lower() in ("https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "empty" / ("Scripts" if os.name == "nt" else "bin") / "python"


@pytest.fixture
def index(tmp_path, monkeypatch):
    """PyTorch's index within reach, as a stand-in on this machine."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    secure = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("download.pytorch.org").configure_cert(secure)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    wheel(wheels, "torch", "2.99.0+cpu")
    wheel(wheels, "torchvision", "0.99.0+cpu")
    handler = type("OurIndex", (Index,), {"wheels": wheels, "secure": secure, "protocol_version": "HTTP/1.1"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    yield
    server.shutdown()
    server.server_close()


@needs_uv
@pytest.mark.skipif(sys.platform != "linux", reason="which build fits a graphics card is not asked here")
def test_where_pytorch_s_index_is_reached_its_build_for_this_machine_is_installed(empty, index, capsys):
    environment = install.with_torch_backend(UV, empty)
    assert environment["UV_TORCH_BACKEND"] == "auto" and capsys.readouterr().out == ""
    installed = [*install.install(UV, empty), "torch", "torchvision"]
    subprocess.run(installed, env=environment | {"UV_TORCH_BACKEND": "cpu"}, check=True, capture_output=True)
    told = subprocess.run([empty, "-c", "import torch; print(torch.__version__)"], capture_output=True, text=True)
    assert told.stdout == "2.99.0+cpu\n"


@needs_uv
@pytest.mark.parametrize("named", [None, ""])
def test_where_it_is_not_reached_pypi_s_build_is_taken_and_said_so(named, empty, monkeypatch, capsys):
    if named is not None:
        monkeypatch.setenv("UV_TORCH_BACKEND", named)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # where nothing answers
    assert "UV_TORCH_BACKEND" not in install.with_torch_backend(UV, empty)
    assert "can't be reached: PyPI's build is taken" in capsys.readouterr().out


@needs_uv
def test_behind_a_wall_that_swallows_all_the_question_ends(empty, monkeypatch, capsys):
    """A server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "UV_TORCH_BACKEND" not in install.with_torch_backend(UV, empty)


@needs_uv
def test_a_build_that_the_user_names_is_not_exchanged_for_another(empty, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("UV_TORCH_BACKEND", "cu126")
    assert install.with_torch_backend(UV, empty)["UV_TORCH_BACKEND"] == "cu126"
    monkeypatch.setattr(
        subprocess, "run", lambda command, **more: subprocess.CompletedProcess(command, "--editable" in command)
    )
    assert "with PyTorch for cu126 as UV_TORCH_BACKEND asks" in install.set_up(tmp_path / "venv", "lab")


README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_s_commands_name_what_is_there():
    (conda,) = re.findall(r"^- \*\*conda\*\*: (.*)$", README, re.MULTILINE)
    create, activate, lab = re.findall(r"`(.*?)`", conda)
    environment = (ROOT / create.split()[-1]).read_text(encoding="utf-8")
    assert create.startswith("conda env create -f ") and f"name: {activate.split()[-1]}\n" in environment
    assert lab == "jupyter lab --notebook-dir=notebooks" in (ROOT / "Makefile").read_text(encoding="utf-8")


def test_the_plain_way_of_the_readme_works_without_make(tmp_path):
    """Its own commands in a fresh environment, without downloads: it sees what is installed here, but not lessonlib."""
    (plain,) = re.findall(r"^- \*\*plain pip\*\*.*(?:\n  .*)*", README, re.MULTILINE)
    make, windows, others, install_it, lab = re.findall(r"`(.*?)`", plain)
    assert (make, windows, others) == ("python -m venv .venv", r".venv\Scripts\activate", "source .venv/bin/activate")
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-text", "lessonlib", "coursetools", "notebooks"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    subprocess.run([sys.executable, *make.split()[1:]], cwd=tmp_path, check=True)
    inside = tmp_path / ".venv" / ("Scripts" if os.name == "nt" else "bin")
    python = str(inside / "python")
    asked = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    here = Path(importlib.util.find_spec("numpy").origin).parents[1]
    (packages / "installed_before.pth").write_text(
        str(here)
    )  # adds the packages, but not lessonlib, which is only linked
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHONPATH"))}
    # Nothing of this machine's own settings; "0" means: no isolation.
    environment |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",
    }
    given = [each.strip('"') for each in install_it.split()]
    run = subprocess.run([python, "-m", *given], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    script = "import lessonlib.parameters as p, lessonlib; print(lessonlib.__file__, p.conv2d_parameters(3, 64, 3))"
    run = subprocess.run([python, "-c", script], cwd=tmp_path / "notebooks", capture_output=True, text=True)
    assert run.stdout.split() == [str(tmp_path / "lessonlib" / "__init__.py"), "1792"], run.stderr
    told = [python, "-m", *lab.split()[:2], "--version"]
    path = os.pathsep.join([str(inside), str(Path(sys.executable).parent), os.environ["PATH"]])
    assert re.match(
        r"4\.\d", subprocess.run(told, env=environment | {"PATH": path}, capture_output=True, text=True).stdout
    )
