"""JupyterHub on one server, for a class of the course; README.md says how it is set up. The figures are measured: see there."""

import sys
from pathlib import Path

from tornado.web import HTTPError

import coursetools
from coursetools.place import REPOSITORY

c = get_config()  # noqa: F821  JupyterHub gives it

COURSE = Path(coursetools.__file__).parents[1]
LESSONS = f"https://github.com/{REPOSITORY}"  # what the link for students may bring
STATE = Path("/var/lib/jupyterhub")  # the unit makes it, for root alone
DATA = Path("/srv/course-data")  # MNIST and its like for all, if an administrator has put them there
SYSTEMD = Path("/run/systemd/system")  # there where systemd runs

# A web server with HTTPS stands in front. Nobody else's machine reaches the hub, its proxy or a student's server. Ports below
# 1024 are for root: whoever could take one while the hub restarts would be handed everybody's passwords.
c.JupyterHub.bind_url = "http://127.0.0.1:800"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:801"
c.JupyterHub.hub_port = 802
c.JupyterHub.db_url = f"sqlite:///{STATE}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = f"{STATE}/cookie_secret"
c.JupyterHub.cleanup_servers = False  # what runs goes on while the hub is restarted
# The hub is root: it asks PAM and systemd. Its proxy, which the world talks to, is nobody, who may take those ports.
may_bind = ["--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"]
as_nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *may_bind]
c.ConfigurableHTTPProxy.command = [*as_nobody, "configurable-http-proxy"]

# Accounts of the machine log in if they are in the group. Each one's server is a unit of systemd, kept within its limits.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"jupyterhub-users"}
c.PAMAuthenticator.admin_groups = {"jupyterhub-admins"}
c.JupyterHub.spawner_class = "systemd"
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.disable_user_sudo = True
# What a student writes is the student's. A lesson takes some 20 processes and threads.
c.SystemdSpawner.unit_extra_properties = {"UMask": "0077", "TasksMax": "512"}
c.Spawner.mem_limit = "2G"  # a lesson takes up to 1.1 GB, the server beside it 0.1: whoever opens two at once has room
c.Spawner.cpu_limit = 1.0

c.Spawner.environment = {
    "OMP_NUM_THREADS": "1",  # more threads than cores stand in each other's way
    "JUPYTER_PATH": f"{COURSE}/hub/jupyter",  # kernels that find the library which was pulled with the lessons
    "JUPYTER_CONFIG_PATH": f"{COURSE}/hub/jupyter",  # a link that brings these lessons and nothing else
    "LESSONS": LESSONS,
    "GIT_CONFIG_COUNT": "1",  # how git, and so the link for students, merges notebooks
    "GIT_CONFIG_KEY_0": "merge.jupyternotebook.driver",
    "GIT_CONFIG_VALUE_0": f"{sys.executable} {COURSE}/hub/merge_notebooks.py %O %A %B %P",
    **({"LESSONLIB_DATA": str(DATA)} if DATA.is_dir() else {}),
}
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = 300
c.JupyterHub.concurrent_spawn_limit = 0  # a class arrives at once: better to wait for a moment than to be turned away


def needs_systemd(spawner):
    """Say at once what a student would otherwise wait for until the time is over."""
    if not SYSTEMD.is_dir():
        error = HTTPError(503)
        error.jupyterhub_message = "systemd does not run here, so no server can start. Please tell your instructor."
        raise error


c.Spawner.pre_spawn_hook = needs_systemd
if not SYSTEMD.is_dir():
    print("systemd does not run on this machine: people can log in, but no server can start.", file=sys.stderr)

# A server that nobody has used for an hour gives its memory back. Files stay; what a kernel held is computed again.
c.JupyterHub.services = [
    {"name": "idle-culler", "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
