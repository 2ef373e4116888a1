"""Lesson 06: what did a trained network look at?"""

from contextlib import nullcontext

import numpy as np
import torch
from torch import nn

from lessonlib.arguments import finite_array, pair, whole_number
from lessonlib.filters import gabor
from lessonlib.layers import (
    LOOK_AT_A_WINDOW,
    checked_images,
    checked_network,
    evaluating,
    in_order,
    layer_outputs,
    like_weights,
    run,
    scores_of,
)
from lessonlib.pooling import receptive_field
from lessonlib.training import accuracy


def feature_maps(model, images):
    """The maps that each layer gives. Layers after the flatten give none.

    Parameters
    ----------
    model : nn.Module
    images : tensor (n, channels, height, width)

    Returns
    -------
    dict
        {layer's name: array (n, channels, height, width)}; the names are those of parameters.parameter_table.
    """
    images = _tensor("images", images, 4, checked_network(model))
    return {name: _array(output) for name, _, output in layer_outputs(model, images) if output.ndim == 4}


def occlusion_map(model, image, label, patch_size=5):
    """Where the image must not be covered: what the probability of label loses.

    For each pixel, the probability of the whole image less that of the image with a square patch of patch_size pixels, in the image's
    median colour, laid around this pixel (an even one reaches one pixel further up and left).

    Parameters
    ----------
    model : nn.Module or callable
        A network, or a function from images (n, channels, height, width) to scores (n, classes).
    image : tensor (channels, height, width)
    label : int
    patch_size : int
        The side of the patch.

    Returns
    -------
    array (height, width)
        From -1 to 1; 0 where the square changes nothing.

    References
    ----------
    Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks", section 4.2.
    """
    patch_size = whole_number("patch_size", patch_size, 1)
    with _asked(model), torch.inference_mode():
        image = _tensor("image", image, 3, model)
        height, width = image.shape[1:]
        colour = image.flatten(1).median(dim=1).values[:, None, None]
        before = _probability(model, image[None], label)
        lost = before.new_zeros(height, width)
        for row in range(height):
            covered = image.repeat(width, 1, 1, 1)
            for column in range(width):
                covered[column, :, _around(row, patch_size), _around(column, patch_size)] = colour
            changed = (covered != image).flatten(1).any(dim=1)  # the others need no forward pass
            if changed.any():
                lost[row, changed] = before - _probability(model, covered[changed], label)
    return _array(lost)


def saliency_map(model, image, label):
    """Where a small change of a pixel moves the score of label most: the absolute value of its gradient.

    Parameters
    ----------
    model : nn.Module or callable
        A network, or a function as for occlusion_map.
    image : tensor (channels, height, width)
        Of several channels the largest gradient counts.
    label : int

    Returns
    -------
    array (height, width)

    References
    ----------
    Simonyan, Vedaldi and Zisserman 2014, "Deep inside convolutional networks", section 3.1.
    """
    with _asked(model), torch.enable_grad():
        pixels = _tensor("image", image, 3, model).requires_grad_()
        score = _scores(model, pixels[None].clone(), label)[0, label]  # a copy: a layer may work in place
        (gradient,) = torch.autograd.grad(score, pixels)
    return _array(gradient.abs().amax(dim=0))


def grad_cam(model, image, label, layer):
    """Which places of a layer's maps speak for label.

    The weighted sum of the layer's maps, where a map's weight is the mean of the gradient of the label's score over its
    places; then a ReLU.

    Parameters
    ----------
    model : nn.Module
    image : tensor (channels, height, width)
    label : int
    layer : nn.Module or str
        A layer of the model, or its name as feature_maps gives it; of one that runs more than once the last run counts.

    Returns
    -------
    array (rows, columns)
        As large as the layer's maps, from 0 on.

    References
    ----------
    Selvaraju et al. 2017, "Grad-CAM: visual explanations from deep networks via gradient-based localization", equations
    1 and 2.
    """
    layers = dict(checked_network(model).named_modules())
    layer = layers.get(layer, layer)
    if not any(layer is module for module in layers.values()):
        raise ValueError(f"layer is {layer!r}, which is not in the model: give one of its layers, such as model[0]")
    kept = []

    def keep(_, inputs, output):
        if not (isinstance(output, torch.Tensor) and output.ndim == 4):
            return output
        kept[:] = [output.detach().requires_grad_()]
        return kept[0].clone()  # the next layer may work in place

    with _asked(model), torch.enable_grad():
        pixels = _tensor("image", image, 3, model)
        hook = layer.register_forward_hook(keep)
        try:
            score = _scores(model, pixels[None], label)[0, label]
        finally:
            hook.remove()
        if not kept:
            raise ValueError("layer gives no maps (n, channels, rows, columns): give one before the flatten")
        (gradient,) = torch.autograd.grad(score, kept)
        return _array(torch.einsum("c,chw->hw", gradient[0].mean(dim=(1, 2)), kept[0][0]).relu())


def enlarged(cells, shape):
    """A small map (rows, columns) as an array of shape (height, width), with the values between its own in between."""
    cells = torch.tensor(finite_array("cells", cells).astype(np.float64))[None, None]
    return nn.functional.interpolate(cells, size=shape, mode="bilinear", align_corners=False)[0, 0].numpy()


def window_of(layers, row, column):
    """Which pixels one number of the last map sees.

    Parameters
    ----------
    layers : nn.Sequential
        As for pooling.receptive_field, or one layer.
    row, column : int
        The number's place in the map that layers give.

    Returns
    -------
    rows, columns : slice
        Of an image. Where the window reaches over the border of the image, into the padding, a slice begins below 0 or
        ends after the image: pad the image, or cut the slice, before you use it.

    Examples
    --------
    >>> window_of(nn.Sequential(nn.Conv2d(1, 1, 3), nn.MaxPool2d(2)), row=1, column=0)
    (slice(2, 6, None), slice(0, 4, None))
    """
    sides, jumps = (pair("layers", each, 1) for each in receptive_field(layers))
    start, step = [0, 0], [1, 1]
    for layer in in_order([layers]):
        if isinstance(layer, LOOK_AT_A_WINDOW):
            padding, stride = pair("padding", layer.padding), pair("stride", layer.stride, 1)
            start = [begin - jump * border for begin, jump, border in zip(start, step, padding, strict=True)]
            step = [jump * by for jump, by in zip(step, stride, strict=True)]
    first = [begin + at * jump for begin, at, jump in zip(start, (row, column), jumps, strict=True)]
    return tuple(slice(begin, begin + side) for begin, side in zip(first, sides, strict=True))


def cut(image, window):
    """The pixels of an image (channels, height, width) inside a window of two slices, 0 where it has none."""
    rows, columns = window
    height, width = image.shape[-2:]
    borders = (-columns.start, columns.stop - width, -rows.start, rows.stop - height)
    return nn.functional.pad(image, borders)  # a negative border cuts


def ink_box(image):
    """The smallest window that holds all of an image (channels, height, width) that is not 0: slices (rows, columns)."""
    ink = np.asarray(image).any(axis=0)
    places = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return tuple(slice(int(inked[0]), int(inked[-1]) + 1) for inked in places)


def centred(image, side):
    """A square window of side pixels around the middle of what is not 0 in an image (channels, height, width)."""
    firsts = [(inked.start + inked.stop) // 2 - side // 2 for inked in ink_box(image)]
    return cut(image, [slice(first, first + side) for first in firsts])


def edges_and_bars():
    """Filters of 3 x 3: an edge and a bar at each of twelve angles, an array (24, 3, 3)."""
    return np.array([gabor(3, angle, 3, phase) for phase in (-90, 0) for angle in range(0, 180, 15)])


def likeness(weights, patterns):
    """How like each filter is to the pattern that it resembles most.

    The likeness is the cosine similarity without its sign: the sum of the products of two arrays, divided by the lengths
    of both. Of the m patterns the largest counts.

    Parameters
    ----------
    weights : array (n, height, width)
    patterns : array (m, height, width)

    Returns
    -------
    array (n,)
        From 0 to 1.

    Examples
    --------
    >>> likeness([[[1, 0]]], [[[-2, 0]], [[0, 1]]])
    array([1.])
    """
    rows = []
    for arrays in (np.asarray(weights, float), np.asarray(patterns, float)):
        rows.append(arrays.reshape(len(arrays), -1) / np.linalg.norm(arrays, axis=(1, 2))[:, None])
    return np.abs(rows[0] @ rows[1].T).max(axis=1)


def nine_best(layers, images, same=None):
    """To which images does each unit of the last map respond most?

    The response to an image is the largest number of the unit's map; units that respond to no image are left out.

    Parameters
    ----------
    layers : nn.Module
    images : tensor (n, channels, height, width)
    same : array (n,), optional
        As for strongest.

    Returns
    -------
    dict
        {number of the unit: places of up to nine images}, the largest response first.
    """
    responses = _maps_of(layers, images)[1].amax(dim=(2, 3)).T
    return {unit: strongest(each, same) for unit, each in enumerate(responses) if each.max() > 0}


def purity(labels):
    """The share of the commonest label, from 1 / n to 1."""
    labels = finite_array("labels", labels)
    return float(np.unique(labels, return_counts=True)[1].max() / len(labels))


def strongest(responses, same=None, count=9):
    """The places of the largest responses, the largest first.

    Parameters
    ----------
    responses : array (n,)
        One number for each image.
    same : array (n,), optional
        A number for each image, as data.handwritten gives it; of the images with the same number only the one with the
        largest response is taken.
    count : int
        How many.

    Returns
    -------
    int array (count,)

    Examples
    --------
    >>> strongest([0.1, 0.9, 0.5], count=2)
    array([1, 2])
    """
    responses, count = finite_array("responses", responses), whole_number("count", count, 1)
    order = np.argsort(-responses, kind="stable")
    if same is not None:
        order = order[np.sort(np.unique(np.asarray(same)[order], return_index=True)[1])]
    return order[:count]


def patches(layers, images, unit):
    """What a unit saw where it responded most, one patch for each image.

    Parameters
    ----------
    layers : nn.Sequential
        As for window_of.
    images : tensor (n, channels, height, width)
    unit : int
        The number of one of the last maps.

    Returns
    -------
    list of tensors (channels, height, width)
        Each as large as the unit's receptive field, and black outside of the image.
    """
    images, maps = _maps_of(layers, images)
    places = [divmod(responses.argmax().item(), responses.shape[1]) for responses in maps[:, unit]]
    return [cut(image, window_of(layers, *place)) for image, place in zip(images, places, strict=True)]


def share(evidence, where):
    """The share of a map's positive weight that lies at some places.

    A map without positive weight says nothing about any place: it counts as a map that is the same everywhere.

    Parameters
    ----------
    evidence : array (height, width)
        The map.
    where : bool array (height, width)
        The places.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> share([[3, 1], [-5, 0]], np.array([[True, False], [True, False]]))
    0.75
    """
    evidence, where = np.maximum(finite_array("evidence", evidence), 0), np.asarray(where, bool)
    return float(evidence[where].sum() / evidence.sum() if evidence.any() else where.mean())


def tagged(images, where=slice(None)):
    """A copy of images with a white square of 3 x 3 near their upper left corner, a border of one pixel around it.

    Parameters
    ----------
    images : tensor (n, channels, height, width)
    where : array of bool or of int, optional
        True or False for each image, or places; by itself all.

    Returns
    -------
    tensor (n, channels, height, width)
    """
    images = images.clone()
    images[where, :, 1:4, 1:4] = 1
    return images


def mean_share(method, model, cases):
    """How much of its weight a method lays where the evidence is, on average.

    Parameters
    ----------
    method : callable
        Gives a map for (model, image, label).
    model : nn.Module
    cases : list
        Of (image, label, where), with where as for share.
    """
    return float(np.mean([share(method(model, image, label), where) for image, label, where in cases]))


def two_digits(images, labels, side, pairs=40):
    """Images that hold two digits side by side, each asked for both of its labels.

    Parameters
    ----------
    images : tensor (n, channels, height, width)
        With one digit each. Neighbours with different labels become pairs.
    labels : int tensor (n,)
    side : int
        Of the square that is cut out around each digit.
    pairs : int

    Returns
    -------
    list
        Of (image (channels, side, 2 * side), label, where): the label of the left digit with the left half True, then that of
        the right one with the right half True, and so on.
    """
    left_half = np.arange(2 * side) // side == np.zeros((side, 1))
    cases = []
    for first in range(0, len(labels) - 1, 2):
        if labels[first] != labels[first + 1] and len(cases) < 2 * pairs:
            image = torch.cat([centred(each, side) for each in images[first : first + 2]], dim=2)
            cases += [(image, labels[first].item(), left_half), (image, labels[first + 1].item(), ~left_half)]
    return cases


def accuracy_by_tag(model, images, labels):
    """The accuracy on sevens and on other digits, without the tag and with it: {view: {kind: share}}."""
    kinds = {"sevens": labels == 7, "other digits": labels != 7}
    views = {"without the tag": images, "with the tag": tagged(images)}
    return {
        view: {kind: accuracy(model, (seen[chosen], labels[chosen])) for kind, chosen in kinds.items()}
        for view, seen in views.items()
    }


def confusions(labels, answers, same):
    """How often each label got each answer, and for how many different digits.

    Parameters
    ----------
    labels, answers : int array (n,)
        The classes of n images.
    same : array (n,)
        A number for each image, as data.handwritten gives it.

    Returns
    -------
    counts, digits : int array (10, 10)
    """
    labels, answers = np.asarray(labels), np.asarray(answers)
    counts = np.zeros((2, 10, 10), dtype=int)
    np.add.at(counts[0], (labels, answers), 1)
    label, answer, _ = np.unique([labels, answers, same], axis=1)
    np.add.at(counts[1], (label, answer), 1)
    return counts[0], counts[1]


def _maps_of(layers, images):
    """Images (n, channels, height, width) as a tensor, and the maps that layers give for them."""
    images = _tensor("images", images, 4, checked_network(layers))
    with evaluating(layers), torch.inference_mode():
        maps = run(layers, images)
    if not (isinstance(maps, torch.Tensor) and maps.ndim == 4):
        raise ValueError("layers give no maps (n, channels, rows, columns): stop before the flatten")
    return images, maps


def _around(place, size):
    first = place - size // 2
    return slice(max(first, 0), max(first + size, 0))


def _tensor(name, images, axes, model):
    """Images as a new tensor on the model's device and of its type, or ValueError."""
    array = finite_array(name, images)
    dtype = np.float64 if array.dtype.itemsize > 4 else np.float32
    return like_weights(model, checked_images(name, torch.tensor(array.astype(dtype)), axes))


def _scores(model, images, label):
    """The model's scores for images, or ValueError if they are none, or there is none for this label."""
    whole_number("label", label)
    scores = scores_of(model, images, f"image has the shape {tuple(images.shape[1:])}")
    if label >= scores.shape[1]:
        raise ValueError(f"label is {label}: the model scores the classes 0 to {scores.shape[1] - 1}")
    if not torch.isfinite(scores).all():
        raise ValueError("model gives scores that are NaN or infinite: nothing can be said about them")
    return scores


def _probability(model, images, label):
    """The probability of label for each image."""
    return _scores(model, images, label).softmax(dim=1)[:, label]


def _array(values):
    return values.detach().cpu().numpy()


def _asked(model):
    """The model ready to be asked; afterwards each of its layers is again in the mode that it had."""
    if isinstance(model, type) or not callable(model):
        raise ValueError(f"model is {type(model).__name__}: give a network, or a function from images to scores")
    return evaluating(checked_network(model)) if isinstance(model, nn.Module) else nullcontext()
