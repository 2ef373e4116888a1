"""Lesson 01: how many numbers does a layer learn, and what does it cost to apply it?"""

import math

import torch
from torch import nn

from lessonlib.arguments import pair, whole_number
from lessonlib.tables import Table


def linear_parameters(in_features, out_features, bias=True):
    """The number of parameters of nn.Linear: a weight for each input and output, a bias for each output."""
    in_features, out_features = (
        whole_number("in_features", in_features, 1),
        whole_number("out_features", out_features, 1),
    )
    return in_features * out_features + (out_features if bias else 0)


def conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    """The number of parameters of nn.Conv2d: its filters, and a bias for each of them.

    Each of the out_channels filters sees in_channels / groups channels through a window of
    kernel_size, an int or a pair (rows, columns). Raises ValueError where groups divides
    in_channels or out_channels with a remainder.
    """
    in_channels, out_channels = (
        whole_number("in_channels", in_channels, 1),
        whole_number("out_channels", out_channels, 1),
    )
    rows, columns = pair("kernel_size", kernel_size, 1)
    groups = whole_number("groups", groups, 1)
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ValueError(f"groups is {groups!r}: it must divide {name}, which is {channels}, without a remainder")
    return out_channels * (in_channels // groups) * rows * columns + (out_channels if bias else 0)


def parameter_table(model, input_shape):
    """What each layer of a model gives, learns and costs, for one image of input_shape.

    model: any nn.Module; input_shape: without the batch, (channels, height, width) for images. Returns a
    Table with a row for each layer without layers of its own, in the order in which they run, and a last row
    with the totals. Multiply-adds count the products with weights, biases left out, as is usual in the field.
    """
    layers = layer_shapes(model, input_shape)
    total = sum(_count(layer) for _, layer, _ in layers)
    rows = [
        (
            name,
            _layer_name(layer),
            _shape(shape),
            _count(layer),
            _multiply_adds(layer, shape),
            _share(_count(layer), total),
        )
        for name, layer, shape in layers
    ]
    rows.append(("total", "", "", total, sum(row[4] for row in rows), _share(total, total)))
    return Table(["name", "layer", "output shape", "parameters", "multiply-adds", "share"], rows)


def parameters_by_kind(model):
    """Where the parameters of a model sit: a dictionary with "convolution", "linear" and "other"."""
    counts = {"convolution": 0, "linear": 0, "other": 0}
    for module in model.modules():
        kind = (
            "convolution" if isinstance(module, nn.Conv2d) else "linear" if isinstance(module, nn.Linear) else "other"
        )
        counts[kind] += _count(module)
    return counts


def network_table(networks):
    """The parameters of several networks, by kind: a Table with a row for each entry of a dictionary of models."""
    counts = {name: parameters_by_kind(network) for name, network in networks.items()}
    rows = [(name, *count.values(), sum(count.values())) for name, count in counts.items()]
    return Table(["network", "convolution", "linear", "other", "total"], rows)


def lenet5_of_1998():
    """LeNet-5 layer by layer, counted from its description in LeCun et al. 1998, section II.B.

    Returns a Table of trainable parameters and connections. Unlike today's layers, its subsampling learns
    (a factor and a bias for each map), C3 sees only some maps of S2 (table I), and its output compares
    84 numbers with 10 fixed patterns.
    """
    seen_by_c3 = [3] * 6 + [4] * 9 + [6]  # how many maps of S2 each map of C3 sees
    c3 = sum(conv2d_parameters(maps, 1, 5) for maps in seen_by_c3)
    rows = [
        ("C1", "6 filters, 5 x 5", "6 x 28 x 28", conv2d_parameters(1, 6, 5), conv2d_parameters(1, 6, 5) * 28 * 28),
        ("S2", "subsampling", "6 x 14 x 14", 6 * 2, 6 * (2 * 2 + 1) * 14 * 14),
        ("C3", "16 filters, 5 x 5", "16 x 10 x 10", c3, c3 * 10 * 10),
        ("S4", "subsampling", "16 x 5 x 5", 16 * 2, 16 * (2 * 2 + 1) * 5 * 5),
        ("C5", "120 filters, 5 x 5", "120 x 1 x 1", conv2d_parameters(16, 120, 5), conv2d_parameters(16, 120, 5)),
        ("F6", "linear", "84", linear_parameters(120, 84), linear_parameters(120, 84)),
        ("output", "10 fixed patterns", "10", 0, 84 * 10),
    ]
    rows.append(("total", "", "", sum(row[3] for row in rows), sum(row[4] for row in rows)))
    return Table(["name", "layer", "output shape", "parameters", "connections"], rows)


def alexnet_of_2012(groups=2):
    """The layers with parameters of AlexNet, from Krizhevsky et al. 2012, section 3.5: an nn.Sequential to count, not to run.

    groups: in the second, fourth and fifth convolution each filter sees one part in so many of the maps before it; the
    paper split the network over two graphics cards. The AlexNet of torchvision has fewer filters, and no groups.
    """
    return nn.Sequential(
        *(nn.Conv2d(3, 96, 11), nn.Conv2d(96, 256, 5, groups=groups), nn.Conv2d(256, 384, 3)),
        *(nn.Conv2d(384, 384, 3, groups=groups), nn.Conv2d(384, 256, 3, groups=groups)),
        *(nn.Linear(256 * 6 * 6, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000)),
    )


def layer_outputs(model, images):
    """(name, layer, output) of every layer without layers of its own, in the order in which they run on images.

    images: a tensor (n, ...) on the model's device. The model is left as it was, in the mode that it had.
    """
    seen, hooks = [], []
    for name, layer in model.named_modules():
        if not any(True for _ in layer.children()):
            # A copy, because the next layer may work in place.
            note = lambda layer, _, output, name=name: seen.append((name, layer, output.clone()))
            hooks.append(layer.register_forward_hook(note))
    was_training = model.training
    try:
        with torch.inference_mode():
            model.eval()(images)
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()
    return seen


def layer_shapes(model, input_shape):
    """(name, layer, output shape) of every layer, for one image of input_shape: shapes without the batch."""
    shape = tuple(whole_number("input_shape", length, 1) for length in input_shape)
    device = next((each.device for each in model.parameters()), torch.device("cpu"))
    try:
        outputs = layer_outputs(model, torch.zeros(1, *shape, device=device))
    except RuntimeError as error:
        raise ValueError(f"input_shape is {shape}: the model can't take it ({error})") from error
    return [(name, layer, tuple(output.shape[1:])) for name, layer, output in outputs]


def _count(module):
    """The parameters of the module itself, without those of the modules inside it."""
    return sum(parameter.numel() for parameter in module.parameters(recurse=False))


def _multiply_adds(layer, shape):
    """Each weight of a convolution is used at every place of its map, of a linear layer once for each vector."""
    if isinstance(layer, nn.Conv2d):
        return layer.weight.numel() * shape[-2] * shape[-1]
    return layer.weight.numel() * math.prod(shape[:-1]) if isinstance(layer, nn.Linear) else 0


def _layer_name(layer):
    kernel = getattr(layer, "kernel_size", None)
    rows, columns = (kernel if isinstance(kernel, tuple) else (kernel, kernel)) if kernel else (None, None)
    return type(layer).__name__ + (f" {rows} x {columns}" if kernel else "")


def _shape(shape):
    return " x ".join(map(str, shape))


def _share(count, total):
    return f"{count / total:.1%}" if total else "0.0%"
