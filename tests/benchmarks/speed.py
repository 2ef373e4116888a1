"""How fast is the course, and how fast beside the textbook? One table; make bench runs it, no test asserts a time.

Where LESSONLIB_DATA holds MNIST, our training and the textbook's alternate on it; otherwise these rows are left out.
"""

import os
import resource
import subprocess
import sys
from itertools import chain
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np
import torch
from nbclient import NotebookClient
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from lessonlib import authoring, cnn, color, data, filters, repeatable, training

LINE = "{:<52}{:<24}{:>10}  {}"
ROUNDS = 3  # of everything that is compared, in turn
EPOCHS_OF_THE_TEXTBOOK = 10
# Seen to reach the goal: share of one epoch, filters of the two convolutions.
RECIPES = {0.98: (0.4, (24, 48)), 0.99: (1, (48, 96))}


def timed(function):
    """(seconds, result) of a call."""
    start = perf_counter()
    result = function()
    return perf_counter() - start, result


def quick_network(filters):
    """Stride 2 and pooling come first, so that the second convolution, the dear one, works at 7 x 7 places."""
    first, second = filters
    return nn.Sequential(
        *(nn.Conv2d(1, first, 5, stride=2, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(first, second, 3, padding=1), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(second * 7 * 7, 10)),
    )


def ours(goal, train, test):
    """(epochs, seconds, accuracy) of our training with the recipe for a goal."""
    share, filters = RECIPES[goal]
    part = [each[: round(share * len(each))] for each in train]
    model = quick_network(filters)
    fit = lambda: training.fit(model, part, epochs=1, batch_size=128, label_smoothing=0.1)
    seconds, _ = timed(fit)
    return share, seconds, training.accuracy(model, test)


def textbook(goals, folder, test):
    """{goal: (epochs, seconds, accuracy)} of a LeNet with sigmoids, trained as textbooks do, when it reaches each goal.

    SGD at 0.9 on batches of 256 from a DataLoader that transforms each image by itself (d2l.ai, chapter 7.6).
    """
    source = datasets.MNIST(folder, train=True, transform=transforms.ToTensor())
    model, reached, seconds = cnn.lenet(), {}, 0
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.9)

    def one_epoch():
        for images, labels in DataLoader(source, batch_size=256, shuffle=True):
            loss = nn.functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    for epoch in range(1, EPOCHS_OF_THE_TEXTBOOK + 1):
        seconds += timed(one_epoch)[0]
        share = training.accuracy(model, test)
        reached |= {goal: (epoch, seconds, share) for goal in goals if share >= goal and goal not in reached}
        last = (epoch, seconds, share)
    return {goal: reached.get(goal, last) for goal in goals}


def race(folder):
    """Rows on MNIST: both goals, ours in the median of the rounds, before and after the one run of the textbook."""
    train, _, test = data.load("mnist")
    before = {goal: [ours(goal, train, test)] for goal in RECIPES}
    theirs = textbook(RECIPES, folder, test)
    for goal, (epochs, seconds, share) in theirs.items():
        runs = before[goal] + [ours(goal, train, test) for _ in range(ROUNDS - 1)]
        mine = sorted(runs, key=lambda run: run[1])[len(runs) // 2]
        parameters = sum(each.numel() for each in quick_network(RECIPES[goal][1]).parameters())
        yield (f"MNIST to {goal:.0%}, ours, {parameters:,} parameters", f"{mine[0]} epochs", mine[1], f"{mine[2]:.2%}")
        yield (f"MNIST to {goal:.0%}, textbook LeNet, 61,706 parameters", f"{epochs} epochs", seconds, f"{share:.2%}")


def overhead():
    """Our loop beside the bare forward, backward and step on the same batches in the same layout."""
    train, *_ = data.scattered_digits(canvas=28, train=3000, test=1)
    model = cnn.convnet((1, 28, 28)).to(memory_format=torch.channels_last)
    batches = list(zip(train.images.to(memory_format=torch.channels_last).split(64), train.labels.split(64)))
    optimizer = torch.optim.Adam(model.parameters())

    def bare():
        for images, labels in batches:
            loss = nn.functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    runs = [(timed(lambda: training.fit(model, train, epochs=1))[0], timed(bare)[0]) for _ in range(ROUNDS)]
    loop, alone = (median(times) for times in zip(*runs))
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


def notebooks():
    """Seconds of each notebook from top to bottom, and of its slowest cell."""
    for path in sorted(Path("notebooks").glob("*.ipynb")):
        client = NotebookClient(authoring.read(path), timeout=300, resources={"metadata": {"path": "notebooks"}})
        moments = []  # a cell begins, a cell ends, the next one begins
        client.on_cell_execute = client.on_cell_executed = lambda moments=moments, **_: moments.append(perf_counter())
        total, _ = timed(client.execute)
        slowest = max(end - start for start, end in zip(moments[::2], moments[1::2]))
        yield (path.stem, f"slowest cell {slowest:.1f} s", total, "")


def main():
    repeatable.start(seed=0)
    folder = os.environ.get("LESSONLIB_DATA")
    print(LINE.format("what", "how", "seconds", "result"))
    for what, how, seconds, result in chain(
        library(), references(), overhead(), race(folder) if folder else (), memory(), notebooks()
    ):
        print(LINE.format(what, how, f"{seconds:.4f}" if seconds else "", result), flush=True)


if __name__ == "__main__":
    main()
