"""How fast is the course, and how fast beside bare PyTorch? One table; make bench runs it, no test asserts a time."""

import os
import subprocess
import sys
from itertools import chain
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

import numpy as np
import torch
from torch import nn

from coursetools.authoring import storing
from coursetools.lesson import lessons
from lessonlib import cnn, color, data, filters, repeatable, training
from lessonlib.exercises import filters as sheet_of_filters
from lessonlib.exercises import parameters as sheet_of_parameters

LINE = "{:<52}{:<24}{:>10}  {}"
ROUNDS = 3  # of everything that is compared, in turn


def timed(function, *arguments, clock=perf_counter):
    """(seconds, result) of a call."""
    start = clock()
    result = function(*arguments)
    return clock() - start, result


def step(model, optimizer, images, labels):
    loss = nn.functional.cross_entropy(model(images), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def overhead():
    """Our loop beside the bare forward, backward and step on the same batches in the same layout.

    Processor time of one thread, in turn: other work on the machine hardly moves it.
    """
    train, *_ = data.scattered_digits(canvas=28, train=3000, test=1)
    images, labels = train.images.to(memory_format=torch.channels_last), train.labels

    def bare(model):
        model.to(memory_format=torch.channels_last)
        optimizer = torch.optim.Adam(model.parameters())
        for batch, truth in zip(images.split(64), labels.split(64), strict=True):
            step(model, optimizer, batch, truth)

    def ours(model):
        training.fit(model, train, epochs=1, device="cpu")

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    runs = [[timed(loop, cnn.convnet((1, 28, 28)), clock=process_time)[0] for loop in (ours, bare)] for _ in range(9)]
    torch.set_num_threads(threads)
    more = [loop / alone - 1 for loop, alone in runs]
    quarter, half, three_quarters = quantiles(more, n=4)
    yield (
        "our loop over bare forward, backward, step",
        "one epoch, processor",
        median(loop for loop, _ in runs),
        f"+{half:.0%} (half of the runs +{quarter:.0%} to +{three_quarters:.0%})",
    )


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

    number, function = sheet_of_parameters.linear_layer, sheet_of_filters.cross_correlate
    answers = {
        "a check of a number, wrong": lambda: number.check(1),
        "a check of a function, wrong": lambda: function.check(lambda image, kernel: 0 * image),
        "a check of a function, right": lambda: function.check(filters.cross_correlate),
    }
    for name, check in answers.items():
        check()  # the first finds the right answer and all mistakes
        yield (name, "", median(timed(check)[0] for _ in range(9)), "")


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
        step(model, optimizer, batch, truth)


TRAIN_IN_A_KERNEL = f"""
import sys
import lessonlib
sys.path.insert(0, {str(Path(__file__).parent)!r})
import speed
speed.train_once()
print("ready", flush=True)
sys.stdin.read()  # until all are
print(min(speed.timed(speed.train_once)[0] for _ in range(2)))
"""


def yardstick(trainings=1, threads=1):
    """Seconds of the fixed training, each in a Python of its own as in a kernel: of the slowest, if there are several."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    pipes["env"] = os.environ | {"OMP_NUM_THREADS": str(threads)}
    processes = [subprocess.Popen([sys.executable, "-c", TRAIN_IN_A_KERNEL], **pipes) for _ in range(trainings)]
    for process in processes:
        process.stdout.readline()
    for process in processes:
        process.stdin.close()
    return max(float(process.stdout.read()) for process in processes)


def side_by_side(trainings=4):
    """Several trainings at once beside one alone: with one thread each, as our hub sets it, and with two."""
    for threads in (1, 2):
        runs = [(yardstick(trainings, threads), yardstick(1, threads)) for _ in range(ROUNDS)]
        ratios = [together / alone for together, alone in runs]
        ideal = max(1, trainings * threads / os.cpu_count())
        yield (
            f"{trainings} trainings side by side, {threads} threads each",
            f"ideal {ideal:.0f} x one",
            median(together for together, _ in runs),
            f"{median(ratios):.1f} x ({min(ratios):.1f} to {max(ratios):.1f})",
        )


def notebooks():
    """Seconds of each notebook from top to bottom, beside the yardstick of the same run."""
    for lesson in lessons():
        unit = yardstick()
        seconds, _ = timed(storing.run, lesson.notebook())
        yield lesson.name, "all cells, one thread", seconds, f"{seconds / unit:.0f} yardsticks"


def main():
    repeatable.start(seed=0)
    print(LINE.format("what", "how", "seconds", "result"))
    for what, how, seconds, result in chain(
        [("yardstick: 100 steps of a small CNN", "bare PyTorch", yardstick(), "")],
        references(),
        checks(),
        overhead(),
        side_by_side(),
        notebooks(),
    ):
        print(LINE.format(what, how, f"{seconds:.4f}" if seconds else "", result), flush=True)


if __name__ == "__main__":
    main()
