"""Lesson 04: what does pooling keep of a map, and how much of the image does one of its numbers see?"""

import numpy as np
import torch
from torch import nn

from lessonlib import filters
from lessonlib.arguments import finite_array, pair
from lessonlib.layers import LOOK_AT_A_WINDOW, in_order, looks_at_one_place
from lessonlib.tables import Table


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """The side of a pooled map: how many windows of kernel_size, stride apart, fit into a map of this size.

    Parameters
    ----------
    size, kernel_size : int or (int, int)
        A side, or (rows, columns).
    stride : int or (int, int), optional
        By itself the window's own size.
    padding : int or (int, int)
        On both sides, half a window at most.
    ceil_mode : bool
        Rows and columns that are left over are dropped. With ceil_mode they get a window that hangs over the border, if
        it begins inside the map.

    Returns
    -------
    int or (int, int)
        A pair where one of the arguments is a pair.

    Raises
    ------
    ValueError
        Where no window fits. The rule is that of torch.nn.MaxPool2d.

    Examples
    --------
    >>> pooled_size(32, 3), pooled_size(32, 3, ceil_mode=True)
    (10, 11)
    """
    is_pair = any(isinstance(each, (tuple, list)) for each in (size, kernel_size, stride, padding))
    places = _places(pair("size", size, 1), *_window(kernel_size, stride, padding), ceil_mode)
    return places if is_pair else places[0]


def max_pool2d(images, kernel_size, stride=None, padding=0, ceil_mode=False):
    """The largest value in each window, as torch.nn.functional.max_pool2d.

    Parameters
    ----------
    images : array (..., height, width)
        An array, tensor or nested list of finite numbers.
    kernel_size, stride, padding, ceil_mode
        As for pooled_size. The padding never wins: it is minus infinity.

    Returns
    -------
    array (..., rows, columns)

    Examples
    --------
    >>> max_pool2d([[1, 3, 5, 3], [6, 2, 0, 8]], 2)
    array([[6, 8]])
    """
    images = _maps(images)
    lowest = -np.inf if images.dtype.kind == "f" else np.iinfo(images.dtype).min
    return _in_windows(images, *_window(kernel_size, stride, padding), ceil_mode, lowest).max(axis=(-2, -1))


def avg_pool2d(images, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True):
    """The mean of each window, as torch.nn.functional.avg_pool2d.

    Parameters
    ----------
    images, kernel_size, stride, padding, ceil_mode
        As for max_pool2d, but the padding is 0.
    count_include_pad : bool
        Whether the padding counts as so many values. What lies beyond it, under a window that ceil_mode adds, never does.

    Returns
    -------
    array of floats (..., rows, columns)

    Examples
    --------
    >>> avg_pool2d([[1, 3, 5, 3], [6, 2, 0, 8]], 2)
    array([[3., 4.]])
    """
    images, window = _maps(images), _window(kernel_size, stride, padding)
    dtype = images.dtype if images.dtype.kind == "f" else np.float64
    # Half floats are added as single ones, and whole numbers as floats: sums of many would not fit into their types.
    values = _in_windows(images.astype(np.result_type(dtype, np.float32)), *window, ceil_mode, 0)
    sides = zip(images.shape[-2:], values.shape[-4:-2], *window, strict=True)
    rows, columns = (_counts(*side, count_include_pad).astype(values.dtype) for side in sides)
    means = values.sum(axis=(-2, -1)) / (rows[:, None] * columns)
    return means.astype(dtype, copy=False)


def receptive_field(layers):
    """How much of the image one number of the last map can see.

    Parameters
    ----------
    layers : nn.Sequential, or a list of tuples
        In the order in which they run: convolutions, poolings and layers such as ReLU, or tuples (kernel_size, stride)
        or (kernel_size, stride, dilation).

    Returns
    -------
    size, jump : int or (int, int)
        In pixels: the side of the square that reaches it, and the step from its square to that of its neighbour; pairs
        (rows, columns) where the two sides differ.

    Raises
    ------
    ValueError
        For a layer without a window of fixed size, such as a linear one or a global pooling.

    References
    ----------
    Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural networks", on networks with a
    single path.

    Examples
    --------
    >>> receptive_field([(5, 1), (3, 3), (3, 1)])
    (13, 3)
    """
    sizes, jumps = [1, 1], [1, 1]  # Python's numbers, which are exact however deep the network is
    for window in _windows_of(layers):
        for side, (kernel_size, stride, dilation) in enumerate(zip(*window, strict=True)):
            sizes[side] += (kernel_size - 1) * dilation * jumps[side]
            jumps[side] *= stride
    return tuple(rows if rows == columns else (rows, columns) for rows, columns in (sizes, jumps))


def over_bars(cell, offsets, angles, size=(21, 105), width=4):
    """The responses of a simulated cell to a bar at each place and angle, as shares of the largest of them.

    Parameters
    ----------
    cell : function
        From an image of this size to a number.
    offsets, angles : array (n,)
        Of the bar, as for filters.bar.
    size : (int, int)
        Of the image.
    width : float
        Of the bar.

    Returns
    -------
    array (angles, offsets)

    Examples
    --------
    >>> over_bars(lambda image: image[0, 3], [0, 1], angles=[90], size=(3, 5), width=1).round(2)
    array([[0., 1.]])
    """
    responses = [[cell(filters.bar(size, angle, width, offset)) for offset in offsets] for angle in angles]
    return np.array(responses, float) / np.max(responses)


def reach_table(cells, offsets, angles):
    """Where cells respond with more than half: of their largest response, and of that to a vertical bar in the middle.

    Parameters
    ----------
    cells : dict
        {name: shares (angles, offsets)}, as over_bars gives them.
    offsets, angles : array (n,)
        Of the bars; 0 is among the offsets, and 90 among the angles.

    Returns
    -------
    tables.Table
        A row for each cell.
    """
    offsets, angles = np.asarray(offsets), np.asarray(angles)
    rows = []
    for name, shares in cells.items():
        places = (shares[angles == 90] > 0.5).sum()
        in_the_middle = shares[:, offsets == 0].ravel()
        turned = angles[in_the_middle > 0.5 * in_the_middle[angles == 90]]
        rows.append((name, places, f"{turned.min()}° to {turned.max()}°"))
    return Table(["more than half of the largest", "places of a vertical bar", "angles in the middle"], rows)


def ahead_at_even(accuracies):
    """How far the mean accuracy at even shifts is ahead of that at odd ones.

    Parameters
    ----------
    accuracies : array (n,)
        At shifts by 0, 1, 2 pixels and so on.

    Examples
    --------
    >>> round(ahead_at_even([0.9, 0.7, 0.9, 0.7]), 2)
    0.2
    """
    return float(np.mean(accuracies[::2]) - np.mean(accuracies[1::2]))


def on_a_strip(digits, columns, size=(12, 24)):
    """Handwritten digits on a black strip, in the middle of its height.

    Parameters
    ----------
    digits : data.Images
        Such as data.digits().train.
    columns : sequence of int
        Where digits begin. They take them in turn.
    size : (int, int)
        Of the strip.

    Returns
    -------
    data.Images
        Of shape (1, *size).

    Examples
    --------
    >>> from lessonlib import data
    >>> on_a_strip(data.digits().test, columns=[4]).images.shape
    torch.Size([360, 1, 12, 24])
    """
    height, width = digits.images.shape[-2:]
    top = (size[0] - height) // 2
    strips = torch.zeros(len(digits.images), 1, *size)
    for turn, column in enumerate(columns):
        these = slice(turn, None, len(columns))
        strips[these, :, top : top + height, column : column + width] = digits.images[these]
    return digits._replace(images=strips)


def _maps(images):
    """The maps as an array (..., height, width)."""
    images = finite_array("images", images)
    if images.ndim < 2 or not images.size:
        raise ValueError(f"images have the shape {images.shape}: give (height, width), or more axes in front")
    return images


def _window(kernel_size, stride, padding):
    """kernel_size, stride and padding, each as a pair; the stride is by default the window."""
    kernel_size, padding = pair("kernel_size", kernel_size, 1), pair("padding", padding)
    stride = kernel_size if stride is None else pair("stride", stride, 1)
    if any(2 * border > side for border, side in zip(padding, kernel_size, strict=True)):
        raise ValueError(f"padding is {padding}: give at most half of kernel_size, which is {kernel_size}")
    return kernel_size, stride, padding


def _places(sizes, kernel_size, stride, padding, ceil_mode):
    """How many places the window has: (rows, columns)."""
    places = []
    for size, kernel, step, border in zip(sizes, kernel_size, stride, padding, strict=True):
        left = size + 2 * border - kernel  # pixels that the window can still move over
        last = -(-left // step) if ceil_mode else left // step
        begins_inside = last * step < size + border
        places.append(last + 1 if begins_inside else last)
    if min(places) < 1:
        raise ValueError(
            f"kernel_size is {kernel_size}: a map of {tuple(sizes)} with padding {padding} has no room for it"
        )
    return tuple(places)


def _in_windows(images, kernel_size, stride, padding, ceil_mode, fill):
    """The values under each window, as a view of the padded maps: (..., places down, places right, *kernel_size)."""
    sizes = images.shape[-2:]
    places = _places(sizes, kernel_size, stride, padding, ceil_mode)
    # The last window may end before the padding does, or, with ceil_mode, after it.
    ends = [(count - 1) * step + kernel for count, step, kernel in zip(places, stride, kernel_size, strict=True)]
    borders = [(border, max(end - border - size, 0)) for border, end, size in zip(padding, ends, sizes, strict=True)]
    padded = np.pad(images, [(0, 0)] * (images.ndim - 2) + borders, constant_values=fill)
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel_size, axis=(-2, -1))
    return windows[..., :: stride[0], :: stride[1], :, :][..., : places[0], : places[1], :, :]


def _counts(size, places, kernel_size, stride, padding, count_include_pad):
    """Along one side, how many values each window takes its mean of."""
    border = padding if count_include_pad else 0
    first = np.arange(places) * (stride if places > 1 else 0) - padding  # one place, however large the stride
    return np.minimum(first + kernel_size, size + border) - np.maximum(first, -border)


def _windows_of(layers):
    """kernel_size, stride and dilation of each layer that looks at a window, each as a pair."""
    names = "kernel_size", "stride", "dilation"
    for layer in in_order(layers if isinstance(layers, (tuple, list, nn.ModuleList)) else [layers]):
        if isinstance(layer, LOOK_AT_A_WINDOW):
            yield [pair(name, getattr(layer, name, 1), 1) for name in names]  # nn.AvgPool2d has no dilation
        elif isinstance(layer, (tuple, list)) and len(layer) in (2, 3):
            yield [pair(name, number, 1) for name, number in zip(names, (*layer, 1), strict=False)]
        elif not looks_at_one_place(layer):
            what = type(layer).__name__ if isinstance(layer, nn.Module) else repr(layer)
            raise ValueError(
                f"layers hold {what}: give tuples (kernel_size, stride) or (kernel_size, stride, dilation), or "
                "convolutions, poolings and layers such as ReLU, up to the first that sees the whole map"
            )
