"""Lesson 05: whole networks, and what each of their steps gives, learns and sees."""

import math
from typing import NamedTuple

from torch import nn

from lessonlib.arguments import whole_number
from lessonlib.parameters import layer_shapes
from lessonlib.pooling import LOOK_AT_ONE_PLACE, receptive_field

KINDS = {
    nn.Conv2d: "convolution",
    nn.MaxPool2d: "max pooling",
    nn.AvgPool2d: "average pooling",
    nn.AdaptiveMaxPool2d: "global max pooling",
    nn.AdaptiveAvgPool2d: "global average pooling",
}
GLOBAL = (nn.AdaptiveMaxPool2d, nn.AdaptiveAvgPool2d)


class Step(NamedTuple):
    """One step of a network: its name, the shape that it gives, its parameters, and (rows, columns) that it sees."""

    name: str
    shape: tuple
    parameters: int
    sees: tuple


def features(in_channels, filters, padding=1):
    """The pattern of a CNN: (convolution 3 x 3, ReLU, max pooling 2 x 2), once for each number in filters."""
    layers, inputs = [], whole_number("in_channels", in_channels, 1)
    for outputs in filters:
        outputs = whole_number("filters", outputs, 1)
        layers += [nn.Conv2d(inputs, outputs, 3, padding=whole_number("padding", padding)), nn.ReLU(), nn.MaxPool2d(2)]
        inputs = outputs
    if not layers:
        raise ValueError("filters is empty: give the number of filters of each block, such as (16, 32, 64)")
    return nn.Sequential(*layers)


def pooled_classifier(channels, classes=10):
    """From maps to scores: the largest value of each map, wherever it stands, then a linear layer."""
    return nn.Sequential(nn.AdaptiveMaxPool2d(1), nn.Flatten(), _linear(whole_number("channels", channels, 1), classes))


def flat_classifier(shape, classes=10):
    """From maps of shape (channels, height, width) to scores: all values as one vector, then a linear layer."""
    return nn.Sequential(nn.Flatten(), _linear(math.prod(_checked(shape)), classes))


def convnet(input_shape, filters=(16, 32, 64), classes=10):
    """The CNN of the lesson: features, then the pooled classifier. input_shape: (channels, height, width).

    The last block has no pooling of its own, since the global one follows: the largest value of a map is the
    largest of its windows' largest values.
    """
    layers, (channels, _, _) = _features_of(input_shape, filters)
    return nn.Sequential(*layers[:-1], *pooled_classifier(channels, classes))


def convnet_with_flatten(input_shape, filters=(16, 32, 64), classes=10, padding=1):
    """The same features, then the flat classifier, whose size depends on that of the image."""
    layers, shape = _features_of(input_shape, filters, padding)
    return nn.Sequential(*layers, *flat_classifier(shape, classes))


def ffnn(input_shape, hidden, classes=10):
    """A feed-forward network with one hidden layer: every pixel is connected with every hidden unit."""
    first = _linear(math.prod(_checked(input_shape)), whole_number("hidden", hidden, 1))
    return nn.Sequential(nn.Flatten(), first, nn.ReLU(), _linear(hidden, classes))


def lenet():
    """Today's LeNet, after LeCun et al. 1998, for images of 1 x 28 x 28: sigmoids and average pooling."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10)),
    )


def steps(model, input_shape):
    """What each step of a network gives, learns and sees, for one image of input_shape: a list of Steps.

    model: an nn.Sequential of convolutions, poolings, global poolings, flatten and linear layers; an activation
    and other layers that look at one place are told with the layer before them. The first Step is the image.
    A number sees as many rows and columns as its receptive field has, at most the whole image.
    """
    if not isinstance(model, nn.Sequential):
        raise ValueError(f"model is {type(model).__name__}: give an nn.Sequential")
    image = _checked(input_shape)
    found, windows, sees_all = [Step("image", image, 0, (1, 1))], [], False
    for _, layer, shape in layer_shapes(model, image):
        count = sum(each.numel() for each in layer.parameters())
        if isinstance(layer, LOOK_AT_ONE_PLACE):
            name, parameters = f"{found[-1].name}, {type(layer).__name__}", found[-1].parameters + count
            found[-1] = found[-1]._replace(name=name, parameters=parameters)
            continue
        sees_all = sees_all or isinstance(layer, nn.Linear) or (isinstance(layer, GLOBAL) and shape[1:] == (1, 1))
        if not (sees_all or isinstance(layer, nn.Flatten)):
            windows.append(layer)
        sees = image[1:] if sees_all else _at_most(receptive_field(windows)[0], image[1:])
        found.append(Step(_name(layer), shape, count, sees))
    return found


def each_once(images):
    """Which images to keep so that no drawing is shown twice: the index of the first image of each drawing.

    images: (n, channels, height, width), black where nothing is drawn. Two images hold the same drawing where what is
    cut out along its edges has equal pixels, wherever it stands: so a scattered digit is known again.
    """
    first = {}
    for index, image in enumerate(images):
        rows, columns = (image.amax(dim=0) > 0).nonzero(as_tuple=True)
        if len(rows):
            image = image[:, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        first.setdefault((image.shape, image.cpu().numpy().tobytes()), index)
    return list(first.values())


def _checked(shape):
    """The shape of an image or of maps as (channels, height, width), or ValueError."""
    if not (isinstance(shape, (tuple, list)) and len(shape) == 3):
        raise ValueError(f"input_shape is {shape}: give (channels, height, width)")
    return tuple(whole_number("input_shape", length, 1) for length in shape)


def _features_of(input_shape, filters, padding=1):
    """The features for images of input_shape, and the shape of their last maps."""
    layers = features(_checked(input_shape)[0], filters, padding)
    _, _, shape = layer_shapes(layers, input_shape)[-1]
    return layers, shape


def _linear(inputs, classes):
    return nn.Linear(inputs, whole_number("classes", classes, 1))


def _name(layer):
    """A layer in the words of the lessons: "convolution 3 x 3"."""
    name, side = KINDS.get(type(layer), type(layer).__name__.lower()), getattr(layer, "kernel_size", None)
    if side is None:
        return name
    rows, columns = side if isinstance(side, tuple) else (side, side)
    return f"{name} {rows} x {columns}"


def _at_most(field, image):
    """The sides of a receptive field as (rows, columns), none larger than the image."""
    sides = field if isinstance(field, tuple) else (field, field)
    return tuple(map(min, sides, image))
