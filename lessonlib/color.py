"""Lesson 03: many filters over many channels at once, and what it takes to specify such a layer fully."""

import random

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from lessonlib.arguments import finite_array, pair, shape_of_three, shape_text, shown, whole_number
from lessonlib.filters import output_size
from lessonlib.layers import module_runs
from lessonlib.parameters import conv2d_parameters
from lessonlib.tables import Table

# The arguments of nn.Conv2d in the order in which they act, each with what it is.
MEANING = {
    "in_channels": "slices of a filter",
    "out_channels": "filters, and maps",
    "padding": "pixels on each side",
    "padding_mode": "what they hold",
    "kernel_size": "the window",
    "dilation": "weight to weight",
    "stride": "place to place",
    "groups": "split the channels",
    "bias": "one for each map",
}
# A layer that hands one channel on, as it is.
NOTHING_YET = dict.fromkeys(MEANING, 1) | {"padding": 0, "padding_mode": "zeros", "bias": False}


def conv2d(images, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """A convolutional layer in NumPy: the same arguments, shapes and results as torch.nn.functional.conv2d.

    Parameters
    ----------
    images : array (n, in_channels, height, width) or (in_channels, height, width)
        Arrays, tensors or nested lists, as weight and bias.
    weight : array (out_channels, in_channels / groups, rows, columns)
        weight[i] is a filter, and weight[i, j] one of its slices.
    bias : array (out_channels,), optional
    stride, padding, dilation : int or (int, int)
        The padding is 0.
    groups : int

    Returns
    -------
    array (n, out_channels, *size) or (out_channels, *size)
        Feature maps, with size from output_size, in the images' float type; whole numbers become float64.

    Raises
    ------
    ValueError
        Where shapes do not go together, or the kernel does not fit into the padded images.

    Examples
    --------
    >>> colour = [[[1, 2]], [[3, 4]], [[5, 6]]]  # 3 channels of 1 x 2 pixels
    >>> conv2d(colour, [[[[1]], [[0]], [[-1]]]])  # one filter: the first channel minus the last
    array([[[-4., -4.]]])
    """
    images = finite_array("images", images)
    if images.ndim == 3:
        return conv2d(images[None], weight, bias, stride, padding, dilation, groups)[0]
    images, weight, bias = _checked(images, weight, bias, groups)
    stride, padding, dilation = pair("stride", stride, 1), pair("padding", padding), pair("dilation", dilation, 1)
    size = output_size(images.shape[2:], weight.shape[2:], stride, padding, dilation)
    images = np.pad(images, [(0, 0), (0, 0), *((border, border) for border in padding)])
    spans = [apart * (weights - 1) + 1 for apart, weights in zip(dilation, weight.shape[2:], strict=True)]
    windows = np.lib.stride_tricks.sliding_window_view(images, spans, axis=(2, 3))
    windows = windows[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]].transpose(0, 1, 4, 5, 2, 3)
    filters = weight.reshape(groups, len(weight) // groups, -1)
    maps = np.empty((len(images), *filters.shape[:2], size[0] * size[1]), images.dtype)
    # One image at a time: its windows stay in the cache.
    for image_windows, image_maps in zip(windows, maps, strict=True):
        np.matmul(filters, image_windows.reshape(groups, filters.shape[2], -1), out=image_maps)
    return maps.reshape(len(images), len(weight), *size) + bias[:, None, None]


def specification(layer, input_shape):
    """What each argument of a convolutional layer does to its maps and to its cost.

    The sheet builds the layer up, one argument at a time, in the order in which they act: a row holds the numbers of
    nn.Conv2d with the arguments down to this one, and is empty where this one changes nothing. The last row is the
    whole layer.

    Parameters
    ----------
    layer : nn.Conv2d or dict
        A layer, or its arguments by name.
    input_shape : (int, int, int)
        (channels, height, width), without the batch.

    Returns
    -------
    Table
        Multiply-adds count the products with weights for one image, as in parameter_table.

    Raises
    ------
    ValueError
        For arguments that make no layer, and for an input that the layer can't take.

    Examples
    --------
    >>> specification(nn.Conv2d(3, 10, 5), input_shape=(3, 32, 32))["parameters"][-1]
    760
    """
    layer, (channels, *size) = _layer(layer), shape_of_three("input_shape", input_shape)
    arguments = {name: getattr(layer, name) for name in MEANING} | {"bias": layer.bias is not None}
    numbers, so_far = (*size, channels, "", ""), dict(NOTHING_YET)
    rows = [("input", shape_text((channels, *size)), "", *numbers)]
    for name, meaning in MEANING.items():
        so_far[name] = arguments[name]
        before, numbers = numbers, _numbers(size, **so_far)
        changed = [now if now != then else "" for then, now in zip(before, numbers, strict=True)]
        rows.append((name, _as_written(arguments[name]), meaning, *changed))
    rows.append(("output", shape_text((numbers[2], *numbers[:2])), "", *numbers))
    module_runs(layer, input_shape)  # says what else the layer can't take
    return Table(["argument", "here", "what it is", "height", "width", "channels", "parameters", "multiply-adds"], rows)


def layers_of_real_networks():
    """Six convolutional layers of torchvision's models, each with the shape that it gets from an image of 224 x 224.

    Returns
    -------
    dict
        (layer, input_shape) by name, to be handed to specification. The layers have shapes, and no memory.
    """
    from torchvision import models  # here: it takes longer to import than PyTorch, and most lessons do without

    with torch.device("meta"):
        resnet, mobilenet = models.resnet50(), models.mobilenet_v2()
        deeplab = models.segmentation.deeplabv3_resnet50(weights=None, weights_backbone=None)
        return {
            "AlexNet first": (models.alexnet().features[0], (3, 224, 224)),
            "VGG-16 second": (models.vgg16().features[2], (64, 224, 224)),
            "ResNet-50 first": (resnet.conv1, (3, 224, 224)),
            "ResNet-50 1 x 1": (resnet.layer1[1].conv1, (256, 56, 56)),
            "MobileNetV2 depthwise": (mobilenet.features[1].conv[0][0], (32, 112, 112)),
            "DeepLabV3 dilated": (deeplab.classifier[0].convs[1][0], (2048, 28, 28)),
        }


def table_of_real_layers():
    """What specification says of each of layers_of_real_networks, a column for each: a Table."""
    sheets = {name: specification(*layer) for name, layer in layers_of_real_networks().items()}
    columns = [[*sheet["here"], sheet["parameters"][-1], sheet["multiply-adds"][-1]] for sheet in sheets.values()]
    arguments = ["input", *MEANING, "output", "parameters", "multiply-adds"]
    return Table(["argument", *sheets], zip(arguments, *columns, strict=True))


def small_cnn(filters, then, pooling=None, fixed=False):
    """The network of lesson 03 that classifies digits of 10 x 10 pixels, with as many filters as you like.

    Parameters
    ----------
    filters : int
        Of the first layer.
    then : int
        Filters of the second layer.
    pooling : nn.Module, optional
        What stands between the two layers, by itself nothing.
    fixed : bool
        Whether the first layer hands on the image as it is, and does not learn.

    Returns
    -------
    nn.Sequential

    Examples
    --------
    >>> network = small_cnn(filters=1, then=131, pooling=nn.MaxPool2d(2))
    >>> sum(weights.numel() for weights in network.parameters())
    2640
    """
    first = nn.Conv2d(1, filters, kernel_size=3, padding=1)
    if fixed:
        nn.init.dirac_(first.weight)  # 1 in the middle, 0 elsewhere
        nn.init.zeros_(first.bias)
        first.requires_grad_(False)
    between = pooling or nn.Identity()
    maps = between(torch.zeros(1, filters, 10, 10)).shape[1]  # one map may be cut into four
    return nn.Sequential(
        *(first, nn.ReLU(), between),
        *(nn.Conv2d(maps, then, kernel_size=3), nn.ReLU()),
        *(nn.AdaptiveMaxPool2d(1), nn.Flatten()),
        nn.Linear(then, 10),
    )


def random_layer(seed):
    """A convolutional layer with arguments drawn at random, and the shape of an input that it can take.

    Parameters
    ----------
    seed : int

    Returns
    -------
    (nn.Conv2d, (int, int, int))

    Examples
    --------
    >>> layer, input_shape = random_layer(seed=3)
    >>> layer.kernel_size, input_shape
    ((4, 1), (2, 11, 13))
    """
    choose = random.Random(whole_number("seed", seed))
    groups = choose.randint(1, 3)
    in_channels, out_channels = (groups * choose.randint(1, 4) for _ in range(2))
    layer = nn.Conv2d(
        in_channels,
        out_channels,
        kernel_size=(choose.randint(1, 4), choose.randint(1, 4)),
        stride=choose.randint(1, 3),
        padding=choose.randint(0, 3),
        dilation=choose.randint(1, 3),
        groups=groups,
        bias=choose.random() < 0.5,
        padding_mode=choose.choice(["zeros", "reflect", "replicate", "circular"]),
    )
    return layer, (in_channels, choose.randint(10, 14), choose.randint(10, 14))


def counted_by_pytorch(layer, input_shape):
    """What a layer gives and costs, counted by PyTorch while the layer runs on one image.

    Parameters
    ----------
    layer : nn.Conv2d
    input_shape : (int, int, int)
        (channels, height, width)

    Returns
    -------
    list of int
        Height, width, channels, parameters and multiply-adds, to be held against the last row of specification.

    Examples
    --------
    >>> counted_by_pytorch(nn.Conv2d(3, 10, 5), input_shape=(3, 32, 32))
    [28, 28, 10, 760, 588000]
    """
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        channels, *size = layer(torch.zeros(1, *input_shape))[0].shape
    parameters = sum(weights.numel() for weights in layer.parameters())
    return [*size, channels, parameters, counter.get_total_flops() // 2]  # a product and a sum are two operations


def _checked(images, weight, bias, groups):
    """Images, weight and bias as arrays of one float type, or ValueError where their shapes do not go together."""
    weight, groups = finite_array("weight", weight), whole_number("groups", groups, 1)
    if images.ndim != 4 or 0 in images.shape[1:]:
        raise ValueError(f"images have the shape {images.shape}: give (n, channels, height, width), or one without n")
    if weight.ndim != 4 or not weight.size:
        raise ValueError(
            f"weight has the shape {weight.shape}: give (out_channels, in_channels / groups, rows, columns)"
        )
    for name, channels in (("the channels of images", images.shape[1]), ("the filters of weight", len(weight))):
        if channels % groups:
            raise ValueError(f"groups is {groups}: it must divide {name}, which are {channels}, without a remainder")
    seen = images.shape[1] // groups
    if weight.shape[1] != seen:
        raise ValueError(
            f"weight has the shape {weight.shape}, with {weight.shape[1]} slices a filter: the images have "
            f"{images.shape[1]} channels and groups is {groups}, so give {seen}"
        )
    bias = finite_array("bias", np.zeros(len(weight), weight.dtype) if bias is None else bias)
    if bias.shape != (len(weight),):
        raise ValueError(f"bias has the shape {bias.shape}: give ({len(weight)},), one number for each filter")
    dtype = images.dtype if images.dtype.kind == "f" else np.result_type(images, weight, bias, np.float64)
    return (array.astype(dtype, copy=False) for array in (images, weight, bias))


def _layer(layer):
    """The layer itself, from itself or from its arguments by name."""
    if isinstance(layer, nn.Conv2d):
        return layer
    if not isinstance(layer, dict):
        raise ValueError(f"layer came as {type(layer).__name__}: give an nn.Conv2d, or its arguments as a dictionary")
    try:
        return nn.Conv2d(**layer, device="meta")
    except Exception as error:  # PyTorch has many kinds, and says which argument it is
        raise ValueError(f"layer is {shown(layer)}: nn.Conv2d can't be made from it: {error}") from error


def _numbers(size, in_channels, out_channels, kernel_size, stride, padding, padding_mode, dilation, groups, bias):
    """What a layer makes of maps of this size, (height, width): height, width, channels, parameters, multiply-adds.

    padding_mode changes none of them.
    """
    weights = conv2d_parameters(in_channels, out_channels, kernel_size, groups, bias=False)
    if padding != "same":  # which is as many zeros as it takes to keep the size
        size = output_size(tuple(size), kernel_size, stride, 0 if padding == "valid" else padding, dilation)
    return (*size, out_channels, weights + (out_channels if bias else 0), weights * size[0] * size[1])


def _as_written(value):
    """An argument as one would write it: 3 for the pair (3, 3)."""
    return value[0] if isinstance(value, tuple) and value[0] == value[1] else value
