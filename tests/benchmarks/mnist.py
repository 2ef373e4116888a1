"""The race on MNIST to 98 % and 99 % of the 10,000 test images, ours and two rivals: what was reached, and when."""

from statistics import median
from time import perf_counter

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from lessonlib import data, training

GOALS = (0.98, 0.99)
ROUNDS = 3  # of ours; a rival runs once
SHARES_OF_AN_EPOCH = 0.25, 1  # enough for about 98 and 99 %


def quick_network():
    """Stride 2 comes first, so that the second convolution, which costs most, works at 12 x 12 places."""
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 5, stride=2, padding=2), nn.ReLU()),
        *(nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 6 * 6, 256), nn.ReLU(), nn.Linear(256, 10)),
    )


def small_network():
    """The network of the quickest recipe for CPUs that we found published."""
    return nn.Sequential(
        *(nn.Conv2d(1, 24, 5), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(24, 32, 3), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(32 * 5 * 5, 256), nn.ReLU(), nn.Linear(256, 10)),
    )


def tutorial_network():
    """The network of the usual tutorials: 32 and 64 filters, dropout, 128 hidden units."""
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(64 * 12 * 12, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
    )


def image_by_image(folder, batch_size):
    """Batches from a DataLoader that transforms each image by itself, as in most tutorials."""
    source = datasets.MNIST(folder, train=True, transform=transforms.ToTensor())
    return lambda: DataLoader(source, batch_size=batch_size, shuffle=True)


def in_memory(known, batch_size):
    """Batches cut from one tensor."""
    return lambda: ([part[chosen] for part in known] for chosen in torch.randperm(len(known.labels)).split(batch_size))


def ours(share, known, test):
    """(seconds, accuracy) of our training on a share of an epoch."""
    part, model = [each[: round(share * len(each))] for each in known], quick_network()
    start = perf_counter()
    training.fit(model, part, epochs=1, batch_size=128, label_smoothing=0.1)
    return perf_counter() - start, training.accuracy(model, test)


def rival(model, batches, optimizer, epochs, test):
    """(goal, epoch, seconds, accuracy) of a bare loop when it reaches each goal, or at its end."""
    goals, seconds = list(GOALS), 0
    for epoch in range(1, epochs + 1):
        start = perf_counter()
        model.train()
        for images, labels in batches():
            loss = nn.functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds += perf_counter() - start
        accuracy = training.accuracy(model, test)
        while goals and (accuracy >= goals[0] or epoch == epochs):
            yield goals.pop(0), epoch, seconds, accuracy
        if not goals:
            return


def named(name, model):
    return f"MNIST, {name}, {sum(each.numel() for each in model.parameters()):,} parameters"


def race(folder):
    """Rows (what, how, seconds, accuracy): ours in the median of the rounds, and each rival at each goal."""
    train, validation, test = data.load("mnist")
    known = data.Images(*map(torch.cat, zip(train, validation, strict=True)))  # the rivals learn from all 60,000, too
    for share in SHARES_OF_AN_EPOCH:
        seconds, reached = zip(*(ours(share, known, test) for _ in range(ROUNDS)), strict=True)
        spread = f"{min(reached):.2%} to {max(reached):.2%} reached"
        yield named("ours", quick_network()), f"{share} epochs", median(seconds), spread
    small, tutorial = small_network(), tutorial_network()
    rivals = {
        "quickest published": (small, in_memory(known, 128), torch.optim.Adam(small.parameters()), 10),
        "usual tutorial": (tutorial, image_by_image(folder, 64), torch.optim.Adadelta(tutorial.parameters()), 4),
    }
    for name, (model, *settings) in rivals.items():
        for goal, epoch, seconds, accuracy in rival(model, *settings, test):
            yield named(name, model), f"{epoch} epochs", seconds, f"{accuracy:.2%} reached, goal {goal:.0%}"
