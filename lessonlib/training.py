"""Fit a model to images, and measure it."""

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import nn
from tqdm import tqdm

from lessonlib.arguments import SEEDS, finite_number, whole_number
from lessonlib.layers import checked_images, checked_network, evaluating, like_weights, scores_of

AT_ONCE = 1000  # images that are scored together: more would fill the memory


@dataclass(frozen=True)
class History:
    """What a run of fit saw, one number an epoch: loss and accuracy on the training and the validation images.

    On the training images they are means over the images of the epoch, each seen by the network as it was before its step.
    """

    loss: list = field(default_factory=list)
    accuracy: list = field(default_factory=list)
    validation_loss: list = field(default_factory=list)
    validation_accuracy: list = field(default_factory=list)


def fit(
    model: nn.Module,
    dataset: Any,
    *,
    epochs: int = 8,
    learning_rate: float = 0.01,
    batch_size: int = 64,
    seed: int = 0,
    device: str | None = None,
    validation: Any = None,
) -> History:
    """Train a classifier in place with Adam, a one-cycle learning rate and cross-entropy.

    If you interrupt it, the model keeps what it has learned. It comes back to the device where it was, ready to be used.

    Parameters
    ----------
    model : nn.Module
        Maps images (n, channels, height, width) to scores (n, classes). All its layers train, and of its parameters those
        that require a gradient; the images are turned into their type.
    dataset : (images, labels)
        All in memory, such as data.Images.
    epochs, batch_size : int
    learning_rate : float
        The peak of the cycle.
    seed : int
        The order of the images.
    device : {"cuda", "mps", "cpu"}, optional
        By itself the first of these that is there.
    validation : (images, labels), optional
        A second data set, which is only measured, after each epoch.

    Returns
    -------
    History
        Without validation its two validation lists are empty.

    Raises
    ------
    ValueError
        For images or settings that can't be trained with.
    FloatingPointError
        At the end of an epoch whose loss is not a finite number.

    References
    ----------
    Smith and Topin 2019, "Super-Convergence".
    """
    checked_network(model)
    images, labels = _checked("dataset", dataset)
    epochs, batch_size = whole_number("epochs", epochs, 1), whole_number("batch_size", batch_size, 1)
    learning_rate = finite_number("learning_rate", learning_rate, above=0)
    generator = torch.Generator().manual_seed(whole_number("seed", seed, most=SEEDS))
    place = _usable(device)
    batches = math.ceil(len(images) / batch_size)
    criterion = nn.CrossEntropyLoss()
    measured = None if validation is None else _checked("validation", validation)
    all_labels = labels if measured is None else torch.cat([labels, measured[1]])
    highest_label = int(all_labels.max())
    history = History()
    with _training(model, images, labels, place) as (images, labels), _progress_bar(epochs * batches) as bar:
        optimizer = torch.optim.Adam(model.parameters(), learning_rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, total_steps=epochs * batches)
        for epoch in range(1, epochs + 1):
            order = torch.randperm(len(images), generator=generator).to(place)
            seen = []  # the scores of each batch, looked at once an epoch: to look is to wait for the device
            for chosen in order.split(batch_size):
                scores = scores_of(model, images[chosen])
                _check_the_labels(highest_label, scores)
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
                scores = _scores(model, measured[0], name="validation images")
                history.validation_loss.append(criterion(scores, measured[1]).item())
                history.validation_accuracy.append((scores.argmax(1) == measured[1]).double().mean().item())
            bar.set_postfix(epoch=epoch, accuracy=f"{history.accuracy[-1]:.3f}", refresh=False)
    return history


def accuracy(model: nn.Module, dataset: Any) -> float:
    """The share of the images of (images, labels) whose largest score stands at their label, from 0 to 1."""
    images, labels = _checked("dataset", dataset)
    scores = _finite(_scores(model, images))
    _check_the_labels(int(labels.max()), scores)
    return (scores.argmax(1) == labels).double().mean().item()


def predictions(model: nn.Module, images: torch.Tensor) -> torch.Tensor:
    """The class with the largest score for each image: images (n, channels, height, width) to (n,)."""
    return _finite(_scores(model, checked_images("images", images))).argmax(1)


def _scores(model: nn.Module, images: torch.Tensor, name: str = "images") -> torch.Tensor:
    """The scores of a model in evaluation mode, on the CPU; the model comes back in the mode that it had."""
    what = f"{name} has the shape {tuple(images.shape)}"
    with evaluating(checked_network(model)), torch.inference_mode():
        scores = [scores_of(model, like_weights(model, batch), what).cpu() for batch in images.split(AT_ONCE)]
    return torch.cat(scores)


def _finite(scores: torch.Tensor) -> torch.Tensor:
    """The scores, or ValueError if the largest of them can't be told."""
    if scores.isnan().any():
        raise ValueError("model gives scores that are NaN: it has no answer")
    return scores


def _check_the_labels(highest: int, scores: torch.Tensor) -> None:
    if highest >= scores.shape[1]:
        raise ValueError(f"labels go up to {highest}: the model scores the classes 0 to {scores.shape[1] - 1}")


def _checked(name: str, dataset: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """The images and labels of a data set, or a ValueError that says what is wrong with them."""
    if not isinstance(dataset, (tuple, list)) or len(dataset) != 2:
        parts = f" of {len(dataset)} parts" if isinstance(dataset, (tuple, list)) else ""
        raise ValueError(f"{name} came as {type(dataset).__name__}{parts}: give (images, labels)")
    of = "" if name == "dataset" else f"{name} "
    images, labels = checked_images(f"{of}images", dataset[0]).detach(), dataset[1]
    if not isinstance(labels, torch.Tensor):
        raise ValueError(f"{of}labels are {type(labels).__name__}: give an int64 tensor of shape ({len(images)},)")
    if labels.shape != images.shape[:1] or labels.dtype != torch.int64:
        came = f"{labels.dtype} of shape {tuple(labels.shape)}"
        raise ValueError(f"{of}labels are {came}: give an int64 tensor of shape ({len(images)},)")
    if labels.min() < 0:
        raise ValueError(f"{of}labels go down to {labels.min()}: classes are counted from 0")
    return images, labels.cpu()


def _usable(device: Any) -> torch.device:
    """The device, by itself the fastest that is there, or ValueError unless this machine has it."""
    if device is None:
        there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
        device = next(name for name, is_there in there.items() if is_there)
    try:
        return torch.zeros(1, device=device).device
    except (AssertionError, RuntimeError, TypeError) as error:  # the first from a PyTorch built without CUDA
        raise ValueError(f'device is {device!r}: give "cuda", "mps" or "cpu", one that this machine has') from error


@contextmanager
def _training(
    model: nn.Module, images: torch.Tensor, labels: torch.Tensor, device: Any
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The model in training mode and its data, on the device; however it ends, the model comes home to be used."""
    home = next(model.parameters()).device
    # oneDNN and cuDNN convolve faster with the channels last in memory; the values and shapes are the same.
    # On "mps" the gradients of nn.BatchNorm2d would be wrong: https://github.com/pytorch/pytorch/issues/175189
    is_faster = device.type != "mps" and any(isinstance(module, nn.Conv2d) for module in model.modules())
    layout = torch.channels_last if is_faster else torch.contiguous_format
    try:
        model.to(device).to(memory_format=layout).train()
        yield like_weights(model, images).contiguous(memory_format=layout), labels.to(device)
    finally:
        model.to(home).to(memory_format=torch.contiguous_format).eval()


def _progress_bar(total: int) -> tqdm:
    return tqdm(total=total, file=sys.stdout, leave=False, delay=0.5, bar_format="{l_bar}{bar:30}{postfix}")
