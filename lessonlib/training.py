"""Fit a model to pictures, and measure it."""

import math
import sys
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import nn
from tqdm import tqdm

from lessonlib.arguments import whole_number


class History(NamedTuple):
    """What a run of fit saw: the mean loss and the accuracy on its training pictures, one of each an epoch."""

    loss: list
    accuracy: list


def fit(model, dataset, epochs=8, learning_rate=0.01, batch_size=64, seed=0, device=None):
    """Train a classifier in place with Adam, a one-cycle learning rate and cross-entropy.

    model: maps images (n, channels, height, width) to one score for each class (n, classes).
    dataset: (images, labels), all in memory. learning_rate: the peak of the cycle (Smith and Topin 2019,
    "Super-Convergence"). seed: the order of the pictures. device: "cuda", "mps" or "cpu"; by itself the
    first of these that is there. The model comes back to the device where it was, ready to be used.

    Returns a History. Raises ValueError for pictures or settings that can't be trained with, and
    FloatingPointError as soon as the loss is not a finite number. If you interrupt it, the model
    keeps what it has learned.
    """
    images, labels = _checked(dataset)
    epochs, batch_size = whole_number("epochs", epochs, 1), whole_number("batch_size", batch_size, 1)
    if not (isinstance(learning_rate, (int, float)) and 0 < learning_rate < math.inf):
        raise ValueError(f"learning_rate is {learning_rate!r}: give a number larger than 0, such as 0.01")
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    batches = math.ceil(len(images) / batch_size)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=epochs * batches)
    generator = torch.Generator().manual_seed(seed)
    history = History([], [])
    with _training_on(device, model) as device, _progress_bar(epochs * batches) as bar:
        images, labels = _fast_layout(model, images).to(device), labels.to(device)
        for epoch in range(1, epochs + 1):
            loss_sum = correct = 0.0
            for chosen in torch.randperm(len(images), generator=generator).to(device).split(batch_size):
                scores = model(images[chosen])
                loss = nn.functional.cross_entropy(scores, labels[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                loss_sum += _finite(loss.item(), epoch, learning_rate) * len(chosen)
                correct += (scores.argmax(1) == labels[chosen]).sum().item()
                bar.update()
            history.loss.append(loss_sum / len(images))
            history.accuracy.append(correct / len(images))
            bar.set_postfix(epoch=epoch, accuracy=f"{history.accuracy[-1]:.3f}")
    return history


def accuracy(model, dataset, batch_size=1000):
    """The share of the pictures of (images, labels) whose largest score stands at their label, from 0 to 1."""
    images, labels = _checked(dataset)
    return (predictions(model, images, batch_size) == labels).double().mean().item()


def predictions(model, images, batch_size=1000):
    """The class with the largest score for each picture: images (n, channels, height, width) to (n,)."""
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return torch.cat([model(batch.to(device)).argmax(1).cpu() for batch in images.split(batch_size)])
    finally:
        model.train(was_training)


def _checked(dataset):
    """The images and labels of a data set, or a ValueError that says what is wrong with them."""
    images, labels = dataset
    if not isinstance(images, torch.Tensor) or not images.is_floating_point():
        kind = getattr(images, "dtype", type(images).__name__)
        raise ValueError(f"images are {kind}: give a float tensor in [0, 1], as lessonlib.data does")
    if images.ndim != 4:
        raise ValueError(f"images have the shape {tuple(images.shape)}: give (n, channels, height, width)")
    if not torch.isfinite(images).all():
        raise ValueError("images hold NaN or infinity: every pixel must be a finite number")
    if not isinstance(labels, torch.Tensor) or labels.shape != images.shape[:1] or labels.dtype != torch.int64:
        kind = (
            f"{labels.dtype} of shape {tuple(labels.shape)}"
            if isinstance(labels, torch.Tensor)
            else type(labels).__name__
        )
        raise ValueError(f"labels are {kind}: give an int64 tensor of shape ({len(images)},)")
    if len(images) == 0:
        raise ValueError("the data set is empty: give at least one picture")
    return images, labels


def _best_device():
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


@contextmanager
def _training_on(device, model):
    """Training mode on the device; however the run ends, the model is brought home in evaluation mode."""
    home = next(model.parameters()).device
    try:
        yield model.to(device or _best_device()).train() and torch.device(device or _best_device())
    finally:
        model.to(home).eval()


def _fast_layout(model, images):
    """Channels last in memory for convolutions, which oneDNN and cuDNN compute faster; same shape, same values."""
    has_convolution = any(isinstance(module, nn.Conv2d) for module in model.modules())
    return images.to(memory_format=torch.channels_last) if has_convolution else images


def _progress_bar(total):
    return tqdm(total=total, file=sys.stdout, leave=False, delay=0.5, bar_format="{l_bar}{bar:30}{postfix}")


def _finite(loss, epoch, learning_rate):
    if not math.isfinite(loss):
        raise FloatingPointError(f"the loss became {loss} in epoch {epoch}: lower learning_rate, now {learning_rate}")
    return loss
