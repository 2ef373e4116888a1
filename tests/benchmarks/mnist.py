"""The race on MNIST: how long until 98 % and 99 % of the 10,000 test images are right, ours and three rivals."""

from statistics import median
from time import perf_counter

import torch
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from lessonlib import cnn, data, training

GOALS = (0.98, 0.99)
ROUNDS = 3  # of ours; a rival runs once
SHARE_OF_AN_EPOCH = {0.98: 0.25, 0.99: 1}  # seen to reach the goal


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


def textbook_lenet():
    """LeNet with sigmoids and Xavier's weights, as in d2l.ai, chapter 7.6."""
    model = cnn.lenet()
    for module in model.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.xavier_uniform_(module.weight)
    return model


def image_by_image(folder, batch_size):
    """Batches from a DataLoader that transforms each image by itself, as in most tutorials."""
    source = datasets.MNIST(folder, train=True, transform=transforms.ToTensor())
    return lambda: DataLoader(source, batch_size=batch_size, shuffle=True)


def in_memory(known, batch_size):
    """Batches cut from one tensor."""
    return lambda: ([part[chosen] for part in known] for chosen in torch.randperm(len(known.labels)).split(batch_size))


def ours(goal, known, test):
    """(seconds, accuracy) of our training for a goal, on a share of an epoch."""
    part = [each[: round(SHARE_OF_AN_EPOCH[goal] * len(each))] for each in known]
    model = quick_network()
    start = perf_counter()
    training.fit(model, part, epochs=1, batch_size=128, label_smoothing=0.1)
    return perf_counter() - start, training.accuracy(model, test)


def rival(model, batches, optimizer, epochs, test):
    """{goal: (epochs, seconds, accuracy)} of a bare loop when it reaches each goal, or at its end."""
    reached, seconds = {}, 0
    for epoch in range(1, epochs + 1):
        start = perf_counter()
        model.train()
        for images, labels in batches():
            loss = nn.functional.cross_entropy(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds += perf_counter() - start
        last = epoch, seconds, training.accuracy(model, test)
        reached |= {goal: last for goal in GOALS if last[2] >= goal and goal not in reached}
        if len(reached) == len(GOALS):
            break
    return {goal: reached.get(goal, last) for goal in GOALS}


def count(model):
    return f"{sum(each.numel() for each in model.parameters()):,} parameters"


def race(folder):
    """Rows (what, how, seconds, result) for both goals: ours in the median of the rounds, and each rival."""
    train, validation, test = data.load("mnist")
    known = data.Images(*map(torch.cat, zip(train, validation, strict=True)))  # the rivals learn from all 60,000, too
    for goal in GOALS:
        times, shares = zip(*(ours(goal, known, test) for _ in range(ROUNDS)), strict=True)
        how = f"{SHARE_OF_AN_EPOCH[goal]} epochs"
        yield f"MNIST to {goal:.0%}, ours, {count(quick_network())}", how, median(times), f"{min(shares):.2%} or more"
    small, tutorial, lenet = small_network(), tutorial_network(), textbook_lenet()
    rivals = {
        "quickest published": (small, in_memory(known, 128), torch.optim.Adam(small.parameters()), 10),
        "usual tutorial": (tutorial, image_by_image(folder, 64), torch.optim.Adadelta(tutorial.parameters()), 4),
        "textbook LeNet": (lenet, image_by_image(folder, 256), torch.optim.SGD(lenet.parameters(), lr=0.9), 10),
    }
    for name, (model, batches, optimizer, epochs) in rivals.items():
        for goal, (epoch, seconds, share) in rival(model, batches, optimizer, epochs, test).items():
            yield f"MNIST to {goal:.0%}, {name}, {count(model)}", f"{epoch} epochs", seconds, f"{share:.2%}"
