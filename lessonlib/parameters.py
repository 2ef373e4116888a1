"""Lesson 01: how many numbers does a layer learn, and what does it cost to apply it?"""

import math

import torch
from torch import nn

from lessonlib.arguments import pair, shape_text, whole_number
from lessonlib.layers import BATCH_NORMS, CONVOLUTIONS, checked_network, is_layer, kernel_sides, module_runs
from lessonlib.tables import Table

SIDE = 20  # pixels of the canvas on which the lesson compares networks
INSIDE = {  # the closed boxes of the lesson, in a few words
    "FFNN": "128 units, each with a weight for each pixel; 10 outputs",
    "CNN": "small filters, local maximum, small filters, global maximum;\nfilters shared by all places",
    "CNN with flatten": "small filters, local maximum, small filters, local maximum;\nfilters shared; outputs with a weight for each place",
    "CNN without sharing": "small filters, local maximum, small filters, global maximum;\nfilters with weights of their own at each place",
}
# They learn, and multiply with no matrix.
SCALES = (*BATCH_NORMS, nn.GroupNorm, nn.InstanceNorm2d, nn.LayerNorm, nn.PReLU)


def linear_parameters(in_features, out_features, bias=True):
    """The number of parameters of nn.Linear: a weight for each input and output, a bias for each output."""
    in_features = whole_number("in_features", in_features, 1)
    out_features = whole_number("out_features", out_features, 1)
    return in_features * out_features + out_features * bool(bias)


def conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    """The number of parameters of nn.Conv2d: its filters, and a bias for each of them.

    Parameters
    ----------
    in_channels, out_channels : int
        Each of the out_channels filters sees in_channels / groups channels.
    kernel_size : int or (int, int)
        The window of a filter, in pixels: its side, or (rows, columns).
    groups : int
        Divides both numbers of channels.
    bias : bool

    Returns
    -------
    int

    Raises
    ------
    ValueError
        Where groups divides in_channels or out_channels with a remainder.

    Examples
    --------
    >>> conv2d_parameters(3, 64, kernel_size=5)
    4864
    """
    in_channels = whole_number("in_channels", in_channels, 1)
    out_channels = whole_number("out_channels", out_channels, 1)
    rows, columns = pair("kernel_size", kernel_size, 1)
    groups = whole_number("groups", groups, 1)
    for name, channels in (("in_channels", in_channels), ("out_channels", out_channels)):
        if channels % groups:
            raise ValueError(f"groups is {groups!r}: it must divide {name}, which is {channels}, without a remainder")
    return out_channels * (in_channels // groups) * rows * columns + out_channels * bool(bias)


def parameter_table(model, input_shape):
    """What each layer of a model gives, learns and costs, for one image of input_shape.

    Parameters
    ----------
    model : nn.Module
    input_shape : tuple of int
        Without the batch: (channels, height, width) for images.

    Returns
    -------
    Table
        A row for each layer without layers of its own, in the order in which they run, and the totals as its footer. A
        layer that runs again has a row for each run, and its parameters in the first. Parameters that belong to no layer
        that runs stand in the row of the module around them, after its layers. Multiply-adds count the products with
        weights, biases left out, as is usual in the field; they stay empty where a module uses its parameters in a way
        that is not known here, and the total is that of the others.

    Raises
    ------
    ValueError
        Where the model can't take such an image: it names the layer.

    Examples
    --------
    >>> parameter_table(nn.Linear(3, 2), input_shape=(3,)).footer["parameters"]
    8
    """
    runs = module_runs(model, input_shape)
    counts = _counts(model, {run.module for run in runs})
    total, rows = sum(counts.values()), []
    for run in runs:
        count = counts.pop(run.module, 0)
        if count or is_layer(run.module):
            named = run.name, _layer_name(run.module), shape_text(run.gave[1:])
            rows.append((*named, count, _multiply_adds(run), _share(count, total)))
    multiply_adds = sum(row[4] for row in rows if row[4] != "")
    footer = "total", "", "", total, multiply_adds, _share(total, total)
    return Table(["name", "layer", "output shape", "parameters", "multiply-adds", "share"], rows, footer)


def count(model):
    """How many numbers a model has to learn."""
    return sum(parameters_by_kind(model).values())


def parameters_by_kind(model):
    """Where the parameters of a model sit: a dictionary with "convolution", "linear" and "other"."""
    kinds, seen = {"convolution": 0, "linear": 0, "other": 0}, set()
    for module in checked_network(model).modules():
        kind = "other"
        if isinstance(module, CONVOLUTIONS):
            kind = "convolution"
        elif isinstance(module, nn.Linear):
            kind = "linear"
        kinds[kind] += _count(module, seen)
    return kinds


def network_table(networks):
    """The parameters of several networks, by kind: a Table with a row for each entry of a dictionary of models."""
    counts = {name: parameters_by_kind(network) for name, network in networks.items()}
    rows = [(name, *count.values(), sum(count.values())) for name, count in counts.items()]
    return Table(["network", "convolution", "linear", "other", "total"], rows)


def lenet5_of_1998():
    """LeNet-5 layer by layer, counted from its description.

    Unlike today's layers, its subsampling learns (a factor and a bias for each map), C3 sees only some maps of S2
    (table I), and its output compares 84 numbers with 10 fixed patterns.

    Returns
    -------
    Table
        The trainable parameters and the connections of each layer, with their totals as its footer.

    References
    ----------
    LeCun, Bottou, Bengio and Haffner 1998, "Gradient-based learning applied to document recognition", section II.B.
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
    footer = "total", "", "", sum(row[3] for row in rows), sum(row[4] for row in rows)
    return Table(["name", "layer", "output shape", "parameters", "connections"], rows, footer)


class LocallyConnected2d(nn.Module):
    """nn.Conv2d with padding that keeps the size, but at every place it has weights and biases of its own.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Odd.
    side : int
        Of the square maps that it takes and gives.

    References
    ----------
    Goodfellow, Bengio and Courville 2016, "Deep Learning", section 9.5.
    """

    def __init__(self, in_channels, out_channels, kernel_size, side):
        super().__init__()
        window = in_channels * kernel_size**2
        self.kernel_size, self.side = kernel_size, side
        bound = window**-0.5  # as nn.Conv2d begins
        self.weight = nn.Parameter(torch.empty(side**2, out_channels, window).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(out_channels, side, side).uniform_(-bound, bound))

    def forward(self, images):
        border = self.kernel_size // 2
        padded = nn.functional.pad(images, [border] * 4)
        windows = padded.unfold(2, self.kernel_size, 1).unfold(3, self.kernel_size, 1)
        windows = windows.permute(2, 3, 1, 4, 5, 0).reshape(self.side**2, -1, len(images))
        maps = self.weight @ windows  # a matrix for each place
        return maps.permute(2, 1, 0).reshape(len(images), -1, self.side, self.side) + self.bias


def ffnn(side=SIDE):
    """Each of 128 units has a weight for every pixel of an image of side x side."""
    return nn.Sequential(nn.Flatten(), nn.Linear(side**2, 128), nn.ReLU(), nn.Linear(128, 10))


def cnn(side=SIDE):
    """Two layers of small shared filters, then the strongest response of each filter, wherever it stands."""
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1)),
        *(nn.Flatten(), nn.Linear(32, 10)),
    )


def cnn_with_flatten(side=SIDE):
    """cnn, but its last layer has a weight for each place of each map."""
    return nn.Sequential(*cnn()[:5], nn.MaxPool2d(2), nn.Flatten(), nn.Linear(32 * (side // 4) ** 2, 10))


def cnn_without_sharing(side=SIDE):
    """cnn, but at every place its filters have weights of their own."""
    first, second = LocallyConnected2d(1, 8, 3, side), LocallyConnected2d(8, 32, 3, side // 2)
    network = cnn()
    return nn.Sequential(first, *network[1:3], second, *network[4:])


def lenet():
    """The LeNet of Dive into Deep Learning, after LeCun et al. 1998, for images of 1 x 28 x 28: sigmoids, average pooling."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(16 * 5 * 5, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10)),
    )


def feature_map(image, detector):
    """The response of a detector to each window of an image: the sum of the products of weights and pixels.

    Parameters
    ----------
    image : tensor (height, width)
    detector : tensor (rows, columns)

    Returns
    -------
    tensor (height - rows + 1, width - columns + 1)

    Examples
    --------
    >>> feature_map(torch.tensor([[0.0, 0, 1, 1]]), torch.tensor([[-1.0, 1]]))
    tensor([[0., 1., 0.]])
    """
    return nn.functional.conv2d(image[None, None], detector[None, None])[0, 0]


def strokes(*kinds, contrast=1):
    """An image of 20 x 32 pixels with a white stroke on its left, and one on its right.

    Parameters
    ----------
    *kinds : two of "|" and "-"
        Vertical or horizontal.
    contrast : float
        The brightness of the strokes.

    Returns
    -------
    float32 tensor (20, 32)
    """
    image = torch.zeros(20, 32)
    for kind, column in zip(kinds, (8, 24), strict=True):
        rows, columns = (slice(6, 14), column) if kind == "|" else (10, slice(column - 4, column + 4))
        image[rows, columns] = contrast
    return image


def windows_of_its_own(image, others, size):
    """How many windows of an image have pixels that no window of the other images has.

    Parameters
    ----------
    image : tensor (height, width)
    others : list of tensors (height, width)
    size : int
        Rows and columns of a window.

    Examples
    --------
    >>> windows_of_its_own(torch.eye(3), [torch.zeros(3, 3)], size=2)
    4
    """
    seen = set().union(*(_windows(other, size) for other in others))
    return sum(window not in seen for window in _windows(image, size))


def nearest(images, known):
    """For each image the place of the known image at the smallest distance, pixel by pixel: a tensor (n,)."""
    return torch.cdist(images.flatten(1), known.flatten(1)).argmin(dim=1)


def _windows(image, size):
    """The windows of an image, each as its pixels in order."""
    return [tuple(window.flatten().tolist()) for row in image.unfold(0, size, 1).unfold(1, size, 1) for window in row]


def _count(module, seen):
    """The parameters of the module itself, without those of the modules inside it and those already seen."""
    own = module.parameters(recurse=False)
    new = {id(parameter): parameter.numel() for parameter in own if id(parameter) not in seen}
    seen.update(new)
    return sum(new.values())


def _counts(model, ran):
    """{module that ran: its parameters, and those of modules inside it that did not run}, each counted once."""
    counts, seen, visited = dict.fromkeys(ran, 0), set(), set()

    def visit(module, around):
        if module not in visited:
            visited.add(module)
            owner = module if module in ran else around
            counts[owner] += _count(module, seen)
            for child in module.children():
                visit(child, owner)

    visit(model, model)
    return counts


def _multiply_adds(run):
    """Each weight of a convolution is used at every place of its map, transposed at every place of its input, of a linear
    layer once for each vector."""
    layer = run.module
    if isinstance(layer, (nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)):
        return layer.weight.numel() * math.prod(run.took[0][2:])
    if isinstance(layer, (nn.Conv1d, nn.Conv2d, nn.Conv3d)):
        return layer.weight.numel() * math.prod(run.gave[2:])
    if isinstance(layer, nn.Linear):
        return layer.weight.numel() * math.prod(run.gave[:-1])
    learns = next(layer.parameters(), None) is not None
    return "" if learns and not isinstance(layer, SCALES) else 0


def _layer_name(layer):
    return " ".join([type(layer).__name__, shape_text(kernel_sides(layer))]).strip()


def _share(count, total):
    return f"{count / total:.1%}" if total else "0.0%"
