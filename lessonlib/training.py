"""Fit a model to images, and measure it."""

import math
import sys
from contextlib import contextmanager
from numbers import Real
from typing import NamedTuple

import torch
from torch import nn
from tqdm import tqdm

from lessonlib.arguments import whole_number


class History(NamedTuple):
    """What a run of fit saw, one number an epoch: loss and accuracy on the training and the validation images.

    On the training images they are means over the images of the epoch, each seen by the network as it was before its step.
    """

    loss: list
    accuracy: list
    validation_loss: list
    validation_accuracy: list


def fit(
    model,
    dataset,
    epochs=8,
    learning_rate=0.01,
    batch_size=64,
    seed=0,
    device=None,
    label_smoothing=0.0,
    validation=None,
):
    """Train a classifier in place with Adam, a one-cycle learning rate and cross-entropy.

    model: maps images (n, channels, height, width) to one score for each class (n, classes).
    dataset: (images, labels), all in memory. learning_rate: the peak of the cycle (Smith and Topin 2019,
    "Super-Convergence"). seed: the order of the images. device: "cuda", "mps" or "cpu"; by itself the
    first of these that is there. label_smoothing: the share of the target that is spread evenly over all
    classes (Szegedy et al. 2016, section 7). validation: a second data set, which is only measured, after each epoch;
    without it the History's two validation lists are empty. The model comes back to the device where it was, ready
    to be used.

    Returns a History. Raises ValueError for images or settings that can't be trained with, and
    FloatingPointError at the end of an epoch whose loss is not a finite number. If you interrupt it, the
    model keeps what it has learned.
    """
    images, labels = _checked(dataset)
    epochs, batch_size = whole_number("epochs", epochs, 1), whole_number("batch_size", batch_size, 1)
    if not (isinstance(learning_rate, Real) and 0 < learning_rate < math.inf):
        raise ValueError(f"learning_rate is {learning_rate!r}: give a number larger than 0, such as 0.01")
    if not (isinstance(label_smoothing, Real) and 0 <= label_smoothing < 1):
        raise ValueError(f"label_smoothing is {label_smoothing!r}: give a number from 0 to below 1, such as 0.1")
    generator = torch.Generator().manual_seed(whole_number("seed", seed))
    device = _usable(device)
    batches = math.ceil(len(images) / batch_size)
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=epochs * batches)
    criterion = nn.CrossEntropyLoss(label_smoothing=label_smoothing)
    highest_label = labels.max().item()
    measured = None if validation is None else _checked(validation)
    history = History([], [], [], [])
    with _training(model, images, labels, device) as (images, labels), _progress_bar(epochs * batches) as bar:
        for epoch in range(1, epochs + 1):
            order = torch.randperm(len(images), generator=generator).to(device)
            seen = []  # the scores of each batch, looked at once an epoch: to look is to wait for the device
            for chosen in order.split(batch_size):
                scores = model(images[chosen])
                if scores.ndim != 2 or highest_label >= scores.shape[1]:
                    shape = f"the scores of the model have the shape {tuple(scores.shape)}"
                    raise ValueError(f"labels go up to {highest_label}, but {shape}: it must give (n, classes)")
                loss = criterion(scores, labels[chosen])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
                seen.append(scores.detach())
                bar.update()
            scores, labels_seen = torch.cat(seen), labels[order]
            history.loss.append(criterion(scores, labels_seen).item())
            history.accuracy.append((scores.argmax(1) == labels_seen).sum().item() / len(order))
            if not math.isfinite(history.loss[-1]):
                raise FloatingPointError(
                    f"the loss became {history.loss[-1]} in epoch {epoch}: lower learning_rate, now {learning_rate}"
                )
            if measured is not None:
                scores = _scores(model, measured[0], device)
                history.validation_loss.append(criterion(scores, measured[1]).item())
                history.validation_accuracy.append((scores.argmax(1) == measured[1]).double().mean().item())
            bar.set_postfix(epoch=epoch, accuracy=f"{history.accuracy[-1]:.3f}", refresh=False)
    return history


def accuracy(model, dataset, batch_size=1000):
    """The share of the images of (images, labels) whose largest score stands at their label, from 0 to 1."""
    images, labels = _checked(dataset)
    return (predictions(model, images, batch_size) == labels).double().mean().item()


def predictions(model, images, batch_size=1000):
    """The class with the largest score for each image: images (n, channels, height, width) to (n,)."""
    batch_size = whole_number("batch_size", batch_size, 1)
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    return _scores(model, images, device, batch_size).argmax(1)


def _scores(model, images, device, batch_size=1000):
    """The scores of a model in evaluation mode, on the CPU; the model comes back in the mode that it had."""
    was_training = model.training
    model.eval()
    try:
        with torch.inference_mode():
            return torch.cat([model(batch.to(device)).cpu() for batch in images.split(batch_size)])
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
        raise ValueError("the data set is empty: give at least one image")
    if labels.min() < 0:
        raise ValueError(f"labels go down to {labels.min()}: classes are counted from 0")
    return images, labels


def _usable(device):
    """The device, by itself the fastest that is there, or ValueError unless this machine has it."""
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        return torch.empty(0, device=device).device
    except (AssertionError, RuntimeError, TypeError) as error:  # the first from a PyTorch built without CUDA
        raise ValueError(f'device is {device!r}: give "cuda", "mps" or "cpu", one that this machine has') from error


@contextmanager
def _training(model, images, labels, device):
    """The model in training mode and its data, on the device; however it ends, the model comes home to be used."""
    home = next(model.parameters()).device
    # oneDNN and cuDNN convolve faster with the channels last in memory; the values and shapes are the same.
    # On "mps" the gradients of nn.BatchNorm2d would be wrong: https://github.com/pytorch/pytorch/issues/175189
    is_faster = device.type != "mps" and any(isinstance(module, nn.Conv2d) for module in model.modules())
    layout = torch.channels_last if is_faster else torch.contiguous_format
    try:
        model.to(device, memory_format=layout).train()
        yield images.to(device, memory_format=layout), labels.to(device)
    finally:
        model.to(home, memory_format=torch.contiguous_format).eval()


def _progress_bar(total):
    return tqdm(total=total, file=sys.stdout, leave=False, delay=0.5, bar_format="{l_bar}{bar:30}{postfix}")
