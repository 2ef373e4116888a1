"""Lesson 05: whole networks, and what each of their steps gives, learns and sees."""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import nn

from lessonlib import data, repeatable, training
from lessonlib.arguments import shape_of_three, whole_number
from lessonlib.layers import (
    evaluating,
    in_order,
    is_layer,
    kernel_sides,
    layer_shapes,
    looks_at_one_place,
)
from lessonlib.parameters import parameter_table
from lessonlib.pooling import receptive_field

KINDS = {
    nn.Conv2d: "conv",
    nn.MaxPool2d: "max pooling",
    nn.AvgPool2d: "average pooling",
    nn.AdaptiveMaxPool2d: "global max pooling",
    nn.AdaptiveAvgPool2d: "global average pooling",
}
HISTORY = (  # of the pattern: (year, who, what)
    (1959, "Hubel and Wiesel", "cells in the cat's visual cortex respond to slits of one angle"),
    (1962, "Hubel and Wiesel", "simple cells, and complex cells that tolerate a shift"),
    (1980, "Fukushima", "Neocognitron: layers of S-cells and C-cells in turn"),
    (1989, "LeCun et al.", "backpropagation trains a convolutional network for zip codes"),
    (1998, "LeCun et al.", "LeNet-5: 60,000 parameters; cheques are read by machine"),
    (2012, "Krizhevsky et al.", "AlexNet wins the ImageNet contest: 60 million parameters"),
    (2014, "Simonyan, Zisserman", "VGG: up to 19 layers, convolutions of 3 x 3"),
    (2015, "He et al.", "ResNet: residual connections, up to 152 layers"),
)
GLOBAL = (nn.AdaptiveMaxPool2d, nn.AdaptiveAvgPool2d)
CANVAS, MOST_TRAINING_IMAGES = 20, 2000  # of the lesson: a laptop trains on them in a second or two
SEE_ALL = (nn.Linear, nn.GroupNorm, nn.InstanceNorm2d)  # the last two take means over the whole map


class Step(NamedTuple):
    """One step of a network: its name, the shape that it gives, its parameters, and (rows, columns) that it sees."""

    name: str
    shape: tuple
    parameters: int
    sees: tuple


def load(name):
    """The images of the lesson, few and small enough to train a network in seconds.

    Parameters
    ----------
    name : str
        "scattered digits" stand on a canvas of 20 x 20, and 2,000 of them are for training; of the other sets of data.load
        the first 2,000 images of each part are taken.

    Returns
    -------
    data.Splits

    Examples
    --------
    >>> [tuple(images.shape) for images, _ in load("scattered digits")]
    [(2000, 1, 20, 20), (1500, 1, 20, 20), (1500, 1, 20, 20)]
    """
    if name == "scattered digits":
        return data.scattered_digits(canvas=CANVAS, train=MOST_TRAINING_IMAGES)
    most = MOST_TRAINING_IMAGES
    return data.Splits(*(data.Images(images[:most], labels[:most]) for images, labels in data.load(name)))


def in_the_middle(name, train=1000):
    """As load, but all scattered digits stand in the middle of their canvas, and fewer are for training.

    Parameters
    ----------
    name : str
    train : int

    Returns
    -------
    data.Splits
    """
    middle = (CANVAS - data.DIGIT) // 2, (CANVAS + data.DIGIT) // 2
    if name == "scattered digits":
        return data.scattered_digits(canvas=CANVAS, train=train, rows=middle, columns=middle)
    known, *others = load(name)
    return data.Splits(data.Images(*(part[:train] for part in known)), *others)


def train_epoch(model, optimizer, images, labels, batch_size):
    """Train a model for one epoch: each image is used once, in the order in which they stand.

    Parameters
    ----------
    model : nn.Module
    optimizer : torch.optim.Optimizer
        Of the parameters of the model.
    images : tensor (n, channels, height, width)
    labels : int64 tensor (n,)
    batch_size : int
        The last batch holds what is left.

    Examples
    --------
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> before = model[1].bias.clone()
    >>> train_epoch(model, optimizer, torch.rand(5, 1, 2, 2), torch.zeros(5, dtype=torch.int64), batch_size=2)
    >>> (model[1].bias - before).sign()
    tensor([ 1., -1.], grad_fn=<SignBackward0>)
    """
    model.train()
    for batch, its_labels in zip(images.split(batch_size), labels.split(batch_size), strict=True):
        loss = nn.functional.cross_entropy(model(batch), its_labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def shifted_to_the_side(images, most, seed=0):
    """Each image moved to the right or to the left by a random number of pixels, at most `most`; what leaves comes in again.

    Parameters
    ----------
    images : tensor (n, channels, height, width)
    most, seed : int

    Returns
    -------
    tensor (n, channels, height, width)
    """
    generator = torch.Generator().manual_seed(seed)
    moves = torch.randint(-most, most + 1, (len(images),), generator=generator).tolist()
    return torch.stack([image.roll(move, dims=-1) for image, move in zip(images, moves, strict=True)])


def never_answered(model, images):
    """The classes that a model gives as its answer for none of the images, a list."""
    with evaluating(model), torch.inference_mode():
        scores = model(images)
    return sorted(set(range(scores.shape[1])) - set(scores.argmax(dim=1).tolist()))


def features(in_channels, out_channels, padding=1):
    """The pattern of a CNN: (convolution 3 x 3, ReLU, max pooling 2 x 2), once for each number in out_channels."""
    layers, inputs = [], whole_number("in_channels", in_channels, 1)
    for outputs in out_channels:
        outputs = whole_number("out_channels", outputs, 1)
        layers += [nn.Conv2d(inputs, outputs, 3, padding=whole_number("padding", padding)), nn.ReLU(), nn.MaxPool2d(2)]
        inputs = outputs
    if not layers:
        raise ValueError("out_channels is empty: give the number of filters of each block, such as (16, 32, 64)")
    return nn.Sequential(*layers)


def pooled_classifier(channels, num_classes=10):
    """From maps to scores: the largest value of each map, wherever it stands, then a linear layer."""
    return nn.Sequential(
        nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(whole_number("channels", channels, 1), num_classes)
    )


def flat_classifier(shape, num_classes=10):
    """From maps of shape (channels, height, width) to scores: all values as one vector, then a linear layer."""
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape_of_three("shape", shape)), num_classes))


def convnet(input_shape, out_channels=(16, 32, 64), num_classes=10):
    """The CNN of the lesson: features, then the pooled classifier.

    The last block has no pooling of its own, since the global one follows: the largest value of a map is the largest of
    its windows' largest values, if the windows cover the map.

    Parameters
    ----------
    input_shape : (int, int, int)
        (channels, height, width).
    out_channels : sequence of int
        The number of filters of each block.
    num_classes : int

    Returns
    -------
    nn.Sequential
    """
    layers, (channels, _, _) = _features_of(input_shape, out_channels)
    return nn.Sequential(*layers[:-1], *pooled_classifier(channels, num_classes))


def convnet_with_flatten(input_shape, out_channels=(16, 32, 64), num_classes=10, padding=1):
    """The same features, then the flat classifier: its size depends on the image's."""
    layers, shape = _features_of(input_shape, out_channels, padding)
    return nn.Sequential(*layers, *flat_classifier(shape, num_classes))


def ffnn(input_shape, hidden, num_classes=10):
    """A feed-forward network with one hidden layer: every pixel is connected with every hidden unit."""
    first = nn.Linear(math.prod(shape_of_three("input_shape", input_shape)), whole_number("hidden", hidden, 1))
    return nn.Sequential(nn.Flatten(), first, nn.ReLU(), nn.Linear(hidden, num_classes))


class Centred(nn.Module):
    """The first half of a batch normalisation: the mean over the batch is subtracted, and the differences stay as they are.

    Parameters
    ----------
    channels : int

    Examples
    --------
    >>> maps = torch.tensor([5.0, 7.0]).reshape(2, 1, 1, 1)  # one number for each of two images
    >>> Centred(1)(maps).flatten().tolist()
    [-1.0, 1.0]
    """

    def __init__(self, channels):
        super().__init__()
        self.register_buffer("running_mean", torch.zeros(channels, 1, 1))

    def forward(self, maps):
        if not self.training:
            return maps - self.running_mean
        mean = maps.mean(dim=(0, 2, 3), keepdim=True)[0]
        self.running_mean.lerp_(mean.detach(), 0.1)  # as nn.BatchNorm2d remembers it for new images
        return maps - mean


def steps(model, input_shape):
    """What each step of a network gives, learns and sees, for one image of input_shape.

    Parameters
    ----------
    model : nn.Sequential
        Of convolutions, poolings, global poolings, flatten and linear layers; an activation and other layers that look
        at one place are told with the layer before them.
    input_shape : (int, int, int)
        (channels, height, width).

    Returns
    -------
    list of Step
        The first one is the image. A number sees as many rows and columns as its receptive field has, at most the whole
        image.
    """
    image = shape_of_three("input_shape", input_shape)
    if not isinstance(model, nn.Sequential):
        raise ValueError(f"model is {type(model).__name__}: give an nn.Sequential")
    for layer in in_order([model]):
        if not is_layer(layer):
            raise ValueError(f"model holds {type(layer).__name__}: give layers that run one after the other")
    rows, windows, counted, sees_all = [Step("image", image, 0, (1, 1))], [], set(), False
    for _, layer, shape in layer_shapes(model, image):
        count = 0 if layer in counted else sum(parameter.numel() for parameter in layer.parameters())
        counted.add(layer)  # when it runs again, it learns nothing new
        if looks_at_one_place(layer, axes=1 + len(shape)):
            name, parameters = f"{rows[-1].name}, {type(layer).__name__}", rows[-1].parameters + count
            rows[-1] = rows[-1]._replace(name=name, shape=shape, parameters=parameters)
            continue
        sees_all = sees_all or isinstance(layer, SEE_ALL) or (isinstance(layer, GLOBAL) and shape[1:] == (1, 1))
        if not (sees_all or isinstance(layer, nn.Flatten)):
            windows.append(layer)
        sees = image[1:] if sees_all else _at_most(receptive_field(windows)[0], image[1:])
        rows.append(Step(_name(layer), shape, count, sees))
    return rows


def costs(model, input_shape):
    """Where a network keeps its parameters and where it works, for one image of input_shape.

    Parameters
    ----------
    model : nn.Module
    input_shape : (int, int, int)
        (channels, height, width).

    Returns
    -------
    dict
        {"parameters": {"convolution": count, "linear": count}, "multiply-adds": ...}. Everything that
        parameters.parameter_table counts and that sits in no linear layer counts as convolution.
    """
    table = parameter_table(model, input_shape)
    found = {}
    for cost in ("parameters", "multiply-adds"):
        linear = sum(count for layer, count in zip(table["layer"], table[cost], strict=True) if layer == "Linear")
        found[cost] = {"convolution": table.footer[cost] - linear, "linear": linear}
    return found


def accuracies(build, splits, runs, **settings):
    """The accuracy on validation images of several runs, each with a network and an order of images of its own.

    Parameters
    ----------
    build : callable
        Gives a new network, and takes no argument.
    splits : data.Splits
    runs : int
    **settings
        Those of training.fit.

    Returns
    -------
    list of float
        A share from 0 to 1 for each run.
    """
    results = []
    for seed in range(runs):
        repeatable.set_seed(seed)
        model = build()
        training.fit(model, splits.train, seed=seed, **settings)
        results.append(training.accuracy(model, splits.validation))
    return results


def kept_answers(model, images, shifts):
    """How often a network keeps its answer when an image moves to the right.

    What leaves an image on the right is lost; black comes in on the left.

    Parameters
    ----------
    model : nn.Module
    images : tensor (n, channels, height, width)
    shifts : sequence of int
        In pixels.

    Returns
    -------
    list of float
        For each shift, the share of the images that get the same answer as before.
    """
    answers, kept = training.predictions(model, images), []
    for shift in shifts:
        moved = nn.functional.pad(images, (shift, -shift))
        kept.append((training.predictions(model, moved) == answers).double().mean().item())
    return kept


def each_once(images):
    """The places of the images to keep so that no handwritten digit is shown twice: of each the first, a list."""
    return np.unique(data.handwritten(images), return_index=True)[1].tolist()


def _features_of(input_shape, out_channels, padding=1):
    """The features for images of input_shape, and the shape of their last maps."""
    layers = features(shape_of_three("input_shape", input_shape)[0], out_channels, padding)
    _, _, shape = layer_shapes(layers, input_shape)[-1]
    return layers, shape


def _name(layer):
    """A layer in the words of the lessons: "conv 3 x 3"."""
    name, sides = KINDS.get(type(layer), type(layer).__name__.lower()), kernel_sides(layer)
    return f"{name} {' x '.join(map(str, sides))}".strip()


def _at_most(field, image):
    """The sides of a receptive field as (rows, columns), none larger than the image."""
    sides = field if isinstance(field, tuple) else (field, field)
    return tuple(map(min, sides, image))
