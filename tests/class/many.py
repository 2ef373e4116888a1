"""How a class shares a machine: python tests/class/many.py --users 16 --lesson 03, with configurable-http-proxy on PATH.

All log in at once, pull, and run every cell of a lesson side by side, through a real JupyterHub. The ideal is the time of
one of them alone, times their number, over the number of processors.
"""

import argparse
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import running_hub
from running_hub import ROOT, User

from coursetools.lesson import lessons
from lessonlib.tables import Table


def memory_of_kernels():
    """[(resident now, at most so far, its own alone)] of every kernel of the machine, in MB."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if b"ipykernel_launcher" in (process / "cmdline").read_bytes():
                status = (process / "status").read_text() + (process / "smaps_rollup").read_text()
                found.append([_megabytes(status, name) for name in ("VmRSS", "VmHWM", "Private_Dirty")])
        except OSError:  # it has ended meanwhile
            continue
    return found


def _megabytes(status, name):
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:")) / 1024


def work(address, source, name, lesson):
    """A user from the login to the last cell: seconds until the server runs, until pulled, of the lesson; its faults."""
    began = time.monotonic()
    user = User(address, name).start()
    started = time.monotonic()
    user.pull(source)
    pulled = time.monotonic()
    faults = []
    with user.kernel(lesson) as kernel:
        for cell in user.read(lesson)["cells"]:
            if cell["cell_type"] == "code" and "raises-exception" not in cell["metadata"].get("tags", []):
                faults += [f"{cell['id']}: {each['ename']}" for each in kernel.run(cell["source"]) if "ename" in each]
        ended, memory = time.monotonic(), memory_of_kernels()
    return started - began, pulled - started, ended - pulled, faults, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=16)
    parser.add_argument("--lesson", default="03")
    options = parser.parse_args()
    if lacking := running_hub.missing():
        raise SystemExit(lacking)
    (lesson,) = (lesson.path.relative_to(ROOT).as_posix() for lesson in lessons() if lesson.number == options.lesson)
    with tempfile.TemporaryDirectory() as folder:
        source, hub = Path(folder, "source"), Path(folder, "hub")
        source.mkdir(), hub.mkdir()
        running_hub.repository(source)
        with running_hub.hub(hub) as address:
            alone = work(address, source.as_uri(), "alone", lesson)
            began = time.monotonic()
            with ThreadPoolExecutor(options.users) as pool:
                names = [f"student{number:02}" for number in range(1, options.users + 1)]
                together = list(pool.map(lambda name: work(address, source.as_uri(), name, lesson), names))
            wall = time.monotonic() - began
    faults = [fault for each in together for fault in each[3]]
    kernels = max((each[4] for each in together), key=len)
    rows = [
        (who, *(f"{max(each[part] for each in group):.1f} s" for part in range(3)))
        for who, group in (("one alone", [alone]), (f"the last of {options.users}", together))
    ]
    print(Table(["until", "server runs", "pulled", f"lesson {options.lesson} is run"], rows))
    ideal = alone[2] * options.users / (os.cpu_count() or 1)
    print(
        f"\nall of them {wall:.0f} s; the lessons {max(each[2] for each in together) / ideal:.2f} times the ideal {ideal:.0f} s"
    )
    print(f"failures: {len(faults)} {faults[:3]}")
    now, most, own = (max(each) for each in zip(*kernels, strict=True))
    print(
        f"{len(kernels)} kernels, the largest: {now:.0f} MB resident, {most:.0f} MB at most, {own:.0f} MB its own alone"
    )


if __name__ == "__main__":
    main()
