"""How fast is the course, and how fast beside the textbook? One table; make bench runs it, no test asserts a time.

Where LESSONLIB_DATA holds MNIST, our training and the textbook's alternate on it; otherwise these rows are left out.
"""

import io
import os
import resource
import subprocess
import sys
from contextlib import redirect_stdout
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
from mnist import race
from nbclient import NotebookClient
from torch import nn

from coursetools import notebooks
from lessonlib import cnn, color, data, filters, repeatable, training
from lessonlib.exercises import filters as sheet_of_filters
from lessonlib.exercises import parameters as sheet_of_parameters

LINE = "{:<52}{:<24}{:>10}  {}"
ROUNDS = 3  # of everything that is compared, in turn


def timed(function):
    """(seconds, result) of a call."""
    start = perf_counter()
    result = function()
    return perf_counter() - start, result


def overhead():
    """Our loop beside the bare forward, backward and step on the same batches in the same layout."""
    train, *_ = data.scattered_digits(canvas=28, train=3000, test=1)
    model = cnn.convnet((1, 28, 28)).to(memory_format=torch.channels_last)
    batches = list(
        zip(train.images.to(memory_format=torch.channels_last).split(64), train.labels.split(64), strict=True)
    )
    optimizer = torch.optim.Adam(model.parameters())

    def bare():
        for images, labels in batches:
            loss = nn.functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    runs = [(timed(lambda: training.fit(model, train, epochs=1))[0], timed(bare)[0]) for _ in range(ROUNDS)]
    loop, alone = (median(times) for times in zip(*runs, strict=True))
    yield ("our loop over bare forward, backward, step", "one epoch", loop, f"+{loop / alone - 1:.0%}")


def references():
    """The two NumPy references beside PyTorch, in turn."""
    conv2d = nn.functional.conv2d
    photo, kernel = data.photograph("china", grey=True), torch.rand(3, 3)
    images, weight = torch.rand(64, 3, 32, 32), torch.rand(16, 3, 3, 3)
    image, small, many, weights = (each.numpy() for each in (photo, kernel, images, weight))
    pairs = {
        "cross_correlate, 427 x 640, 3 x 3": (
            lambda: filters.cross_correlate(image, small),
            lambda: conv2d(photo[None, None], kernel[None, None]),
        ),
        "conv2d, 64 x 3 x 32 x 32, 16 of 3 x 3": (lambda: color.conv2d(many, weights), lambda: conv2d(images, weight)),
    }
    for name, (numpy, pytorch) in pairs.items():
        runs = np.array([(timed(numpy)[0], timed(pytorch)[0]) for _ in range(50)])
        mine, theirs = np.median(runs[5:], axis=0)
        yield (name, "NumPy / PyTorch", mine, f"{mine / theirs:.2f} x")


def checks():
    """What a student waits for an answer sheet: a number, judged here, and a function, judged in a child."""

    def own_memory(*_):
        lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
        print(sum(int(line.split()[1]) for line in lines if line.startswith("Private_")))

    number, function = sheet_of_parameters.linear_layer, sheet_of_filters.cross_correlate
    answers = {
        "a check of a number, wrong": lambda: number.check(1),
        "a check of a function, wrong": lambda: function.check(lambda image, kernel: 0 * image),
        "a check of a function, right": lambda: function.check(filters.cross_correlate),
    }
    for name, check in answers.items():
        check()  # the first finds the right answer and all mistakes
        yield (name, "", median(timed(check)[0] for _ in range(9)), "")
    if sys.platform == "linux":
        with redirect_stdout(io.StringIO()) as printed:
            function.check(own_memory)
        yield ("memory of such a check, its own", "", None, f"{int(printed.getvalue().split()[0]) / 2**10:.0f} MiB")


def library():
    """What the first import of the package costs, beyond Python itself."""
    command = [sys.executable, "-X", "importtime", "-c", "import lessonlib"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    yield ("import lessonlib", "", int(lines[-1].split("|")[1]) / 1e6, "")


def memory():
    """The most that this process has held so far: PyTorch, MNIST as floats, and the trainings."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30
    yield ("peak memory of the trainings", "", None, f"{peak:.1f} GiB")


def train_once():
    """A fixed training with PyTorch alone, 100 steps on noise: what the speed of a machine is measured by."""
    torch.manual_seed(0)
    images, labels = torch.rand(100, 64, 1, 28, 28), torch.randint(10, (100, 64))
    model = nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * 7 * 7, 10)),
    )
    optimizer = torch.optim.Adam(model.parameters())
    for batch, truth in zip(images, labels, strict=True):
        loss = nn.functional.cross_entropy(model(batch), truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


TRAIN_IN_A_KERNEL = f"""
import sys
import lessonlib
sys.path.insert(0, {str(Path(__file__).parent)!r})
import speed
speed.train_once()
print("ready", flush=True)
sys.stdin.read()  # until all are
print(min(speed.timed(speed.train_once)[0] for _ in range(speed.ROUNDS)))
"""


def yardstick(trainings=1):
    """Seconds of the fixed training, each in a Python of its own as in a kernel: of the slowest, if there are several."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "env": environment}
    processes = [subprocess.Popen([sys.executable, "-c", TRAIN_IN_A_KERNEL], **pipes) for _ in range(trainings)]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.close()
    return max(float(process.stdout.read()) for process in processes)


def side_by_side(trainings=4):
    """Several trainings at once beside one alone: spinning threads would make it many times the ideal."""
    alone, together = yardstick(), yardstick(trainings)
    ideal = trainings / min(trainings, os.cpu_count() or 1)
    yield (f"{trainings} trainings side by side", f"ideal {ideal:.0f} x", together, f"{together / alone:.1f} x")


def lessons():
    """Seconds of each notebook from top to bottom, and of its slowest cell, beside the yardstick of the same run."""
    for path in sorted(Path("notebooks").glob("*.ipynb")):
        unit = yardstick()
        client = NotebookClient(notebooks.read(path), timeout=300, resources={"metadata": {"path": "notebooks"}})
        moments = []  # a cell begins, a cell ends, the next one begins
        client.on_cell_execute = client.on_cell_executed = lambda moments=moments, **_: moments.append(perf_counter())
        total, _ = timed(client.execute)
        slowest = max(end - start for start, end in zip(moments[::2], moments[1::2], strict=True))
        yield (
            path.stem,
            f"slowest cell {slowest:.1f} s",
            total,
            f"{total / unit:.0f} and {slowest / unit:.1f} yardsticks",
        )


def main():
    repeatable.start(seed=0)
    folder = os.environ.get("LESSONLIB_DATA")
    print(LINE.format("what", "how", "seconds", "result"))
    for what, how, seconds, result in chain(
        library(),
        [("yardstick: 100 steps of a small CNN", "bare PyTorch", yardstick(), "")],
        references(),
        checks(),
        overhead(),
        side_by_side(),
        lessons(),
        race(folder) if folder else (),
        memory(),
    ):
        print(LINE.format(what, how, f"{seconds:.4f}" if seconds else "", result), flush=True)


if __name__ == "__main__":
    main()
