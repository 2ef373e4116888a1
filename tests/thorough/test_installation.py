"""An installation for real: PyTorch's build fits the machine where it can be had, and each way of the README works."""

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
from coursetools.lesson import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
UV = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
needs_uv = pytest.mark.skipif(not UV.exists(), reason="uv is not beside this Python")
TESTED = dict(re.findall(r"^(torch\w*)==(\S+)", (ROOT / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE))


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
    for name, version in TESTED.items():
        wheel(wheels, name, f"{version}+cpu")
    handler = type("OurIndex", (Index,), {"wheels": wheels, "secure": secure, "protocol_version": "HTTP/1.1"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    yield wheels
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
    assert told.stdout == f"{TESTED['torch']}+cpu\n"


@needs_uv
def test_where_it_lacks_the_release_that_was_tested_pypi_s_build_is_taken_and_said_so(empty, index, capsys):
    for path in index.glob("torch-*.whl"):
        path.unlink()
    wheel(index, "torch", "2.0.0+cpu")
    assert "UV_TORCH_BACKEND" not in install.with_torch_backend(UV, empty)
    assert "lacks the release that was tested: PyPI's build is taken" in capsys.readouterr().out


@needs_uv
@pytest.mark.parametrize("named", [None, ""])
def test_where_it_is_not_reached_pypi_s_build_is_taken_and_said_so(named, empty, monkeypatch, capsys):
    if named is not None:
        monkeypatch.setenv("UV_TORCH_BACKEND", named)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # where nothing answers
    assert "UV_TORCH_BACKEND" not in install.with_torch_backend(UV, empty)
    assert "can't be reached" in capsys.readouterr().out


@needs_uv
def test_behind_a_wall_that_swallows_all_the_question_ends(empty, monkeypatch, capsys):
    """A server that takes the connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert "UV_TORCH_BACKEND" not in install.with_torch_backend(UV, empty)


def test_the_plain_way_of_the_readme_works_without_make(tmp_path):
    """Its own commands in a fresh environment, without downloads: it sees what is installed here, but not lessonlib."""
    (plain,) = re.findall(r"^- \*\*plain pip\*\*.*(?:\n  .*)*", README, re.MULTILINE)
    make, windows, others, install_it, lab = re.findall(r"`(.*?)`", plain)
    assert (make, windows, others) == ("python -m venv .venv", r".venv\Scripts\activate", "source .venv/bin/activate")
    for name in (
        "pyproject.toml",
        "constraints.txt",
        "README.md",
        "LICENSE",
        "LICENSE-text",
        "lessonlib",
        "coursetools",
        "notebooks",
    ):
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


def test_the_first_command_installs_what_a_student_needs_and_nothing_for_authors(tmp_path):
    script = [sys.executable, install.__file__, tmp_path / "venv", "--extras=lab"]
    run = subprocess.run(script, capture_output=True, text=True)
    if "can't be fetched from PyPI" in run.stderr:
        pytest.skip("PyPI is out of reach: nothing can be installed")
    assert run.returncode == 0, run.stdout + run.stderr
    inside = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin")
    listed = subprocess.run(
        [inside / "uv", "pip", "list", "--python", inside / "python"], capture_output=True, text=True
    )
    releases = dict(re.findall(r"^(\S+) +(\S+)", listed.stdout, re.MULTILINE))
    assert releases["torch"].partition("+")[0] == TESTED["torch"] and "jupyterlab" in releases
    assert not {"pytest", "ruff", "sphinx", "mypy"} & set(releases)
    draws = "from lessonlib import data, figures; figures.images([data.photograph('china')], caption='A temple.')"
    subprocess.run([inside / "python", "-c", draws], check=True, cwd=tmp_path)
