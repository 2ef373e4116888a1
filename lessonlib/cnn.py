"""Lesson 05: whole networks, what each of their steps gives, and what a trained one looks at."""

import math
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import nn

from lessonlib.arguments import finite_array, whole_number
from lessonlib.parameters import layer_outputs, layer_shapes
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
    """The CNN of the lesson: features, then the pooled classifier. input_shape: (channels, height, width)."""
    layers, (channels, _, _) = _features_of(input_shape, filters)
    return nn.Sequential(*layers, *pooled_classifier(channels, classes))


def convnet_with_flatten(input_shape, filters=(16, 32, 64), classes=10, padding=1):
    """The same features, then the flat classifier, whose size depends on that of the picture."""
    layers, shape = _features_of(input_shape, filters, padding)
    return nn.Sequential(*layers, *flat_classifier(shape, classes))


def ffnn(input_shape, hidden, classes=10):
    """A feed-forward network with one hidden layer: every pixel is connected with every hidden unit."""
    first = _linear(math.prod(_checked(input_shape)), whole_number("hidden", hidden, 1))
    return nn.Sequential(nn.Flatten(), first, nn.ReLU(), _linear(hidden, classes))


def lenet():
    """Today's LeNet, after LeCun et al. 1998, for pictures of 1 x 28 x 28: sigmoids and average pooling."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10)),
    )


def steps(model, input_shape):
    """What each step of a network gives, learns and sees, for one picture of input_shape: a list of Steps.

    model: an nn.Sequential of convolutions, poolings, global poolings, flatten and linear layers; an activation
    and other layers that look at one place are told with the layer before them. The first Step is the picture.
    A number sees as many rows and columns as its receptive field has, at most the whole picture.
    """
    if not isinstance(model, nn.Sequential):
        raise ValueError(f"model is {type(model).__name__}: give an nn.Sequential")
    picture = _checked(input_shape)
    found, windows, sees_all = [Step("picture", picture, 0, (1, 1))], [], False
    for _, layer, shape in layer_shapes(model, picture):
        count = sum(each.numel() for each in layer.parameters())
        if isinstance(layer, LOOK_AT_ONE_PLACE):
            name, parameters = f"{found[-1].name}, {type(layer).__name__}", found[-1].parameters + count
            found[-1] = found[-1]._replace(name=name, parameters=parameters)
            continue
        sees_all = sees_all or isinstance(layer, nn.Linear) or (isinstance(layer, GLOBAL) and shape[1:] == (1, 1))
        if not (sees_all or isinstance(layer, nn.Flatten)):
            windows.append(layer)
        sees = picture[1:] if sees_all else _at_most(receptive_field(windows)[0], picture[1:])
        found.append(Step(_name(layer), shape, count, sees))
    return found


def feature_maps(model, images):
    """The maps that each layer gives for images (n, channels, height, width): {layer's name: array (n, c, h, w)}.

    The names are those of parameters.parameter_table. Layers behind the flatten give no maps.
    """
    outputs = layer_outputs(model, _tensor("images", images, 4, model))
    return {name: output.cpu().numpy() for name, _, output in outputs if output.ndim == 4}


def occlusion_map(model, image, label, size=5):
    """Where the picture must not be covered: an array (height, width) of what the probability of label loses.

    For each pixel, the probability of the whole picture less that of the picture with a square of size pixels,
    in the picture's median colour, laid around this pixel. image (channels, height, width). Values from -1 to 1.
    Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2.
    """
    image, size = _tensor("image", image, 3, model), whole_number("size", size, 1)
    height, width = image.shape[1:]
    colour = image.flatten(1).median(dim=1).values[:, None, None]
    rows = []
    with _in_evaluation_mode(model), torch.inference_mode():
        before = _scores(model, image[None], label).softmax(1)[0, label]
        for row in range(height):
            covered = image.repeat(width, 1, 1, 1)
            for column in range(width):
                covered[column, :, _around(row, size), _around(column, size)] = colour
            rows.append(before - model(covered).softmax(1)[:, label])
    return torch.stack(rows).cpu().numpy()


def saliency_map(model, image, label):
    """Which pixels the score of label hangs on: an array (height, width) of the size of its gradient.

    image (channels, height, width); of several channels the largest counts. Source: Simonyan, Vedaldi and
    Zisserman 2014, "Deep inside convolutional networks", section 3.1.
    """
    pixels = _tensor("image", image, 3, model).requires_grad_()
    with _in_evaluation_mode(model), torch.enable_grad():
        score = _scores(model, pixels[None], label)[0, label]
        (gradient,) = torch.autograd.grad(score, pixels)
    return gradient.abs().amax(dim=0).cpu().numpy()


def _checked(shape):
    """The shape of a picture or of maps as (channels, height, width), or ValueError."""
    if not (isinstance(shape, (tuple, list)) and len(shape) == 3):
        raise ValueError(f"input_shape is {shape}: give (channels, height, width)")
    return tuple(whole_number("input_shape", length, 1) for length in shape)


def _features_of(input_shape, filters, padding=1):
    """The features for pictures of input_shape, and the shape of their last maps."""
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


def _at_most(field, picture):
    """The sides of a receptive field as (rows, columns), none larger than the picture."""
    sides = field if isinstance(field, tuple) else (field, field)
    return tuple(map(min, sides, picture))


def _around(place, size):
    first = place - size // 2
    return slice(max(first, 0), first + size)


def _tensor(name, images, rank, model):
    """Pictures as a new float tensor on the model's device, or ValueError."""
    array = finite_array(name, images)
    if array.ndim != rank or not array.size:
        axes = ("n", "channels", "height", "width")[-rank:]
        raise ValueError(f"{name} has the shape {array.shape}: give ({', '.join(axes)})")
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    return torch.tensor(array, dtype=torch.float32, device=device)


def _scores(model, images, label):
    """The model's scores for images, or ValueError if it has none for this label."""
    scores = model(images)
    if not 0 <= whole_number("label", label) < scores.shape[1]:
        raise ValueError(f"label is {label}: the model scores the classes 0 to {scores.shape[1] - 1}")
    return scores


@contextmanager
def _in_evaluation_mode(model):
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)
