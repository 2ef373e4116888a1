"""JupyterHub on one server, for a class of the course: jupyterhub --config=hub/jupyterhub_config.py. README.md says more.

The figures are measured: see the table there.
"""

import sys
from pathlib import Path

c = get_config()  # noqa: F821  JupyterHub gives it

# Accounts of the machine log in. Each account's server is a unit of systemd, which keeps it within its limits.
c.JupyterHub.authenticator_class = "pam"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "systemd"
c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.disable_user_sudo = True
c.Spawner.mem_limit = "2G"  # a lesson takes up to 1.1 GB, the server beside it 0.1: whoever opens two at once has room
c.Spawner.cpu_limit = 1.0
c.Spawner.environment = {"OMP_NUM_THREADS": "1"}  # more threads than cores stand in each other's way

# A pulled lesson finds the library that was pulled with it, and no older one that the server has installed.
singleuser = Path(sys.executable).with_name("jupyterhub-singleuser")
c.Spawner.cmd = ["sh", "-c", f'PYTHONPATH="$HOME/convolution-course" exec {singleuser} "$@"', "sh"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = 300
c.JupyterHub.concurrent_spawn_limit = 0  # a class arrives at once: better to wait for a moment than to be turned away

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
