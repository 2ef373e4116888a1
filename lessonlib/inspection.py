"""Lesson 06: what did a trained network look at?"""

from contextlib import contextmanager

import torch

from lessonlib.arguments import finite_array, whole_number
from lessonlib.parameters import layer_outputs


def feature_maps(model, images):
    """The maps that each layer gives for images (n, channels, height, width): {layer's name: array (n, c, h, w)}.

    The names are those of parameters.parameter_table. Layers after the flatten give no maps.
    """
    outputs = layer_outputs(model, _tensor("images", images, 4, model))
    return {name: output.cpu().numpy() for name, _, output in outputs if output.ndim == 4}


def occlusion_map(model, image, label, size=5):
    """Where the image must not be covered: an array (height, width) of what the probability of label loses.

    For each pixel, the probability of the whole image less that of the image with a square of size pixels,
    in the image's median colour, laid around this pixel. image (channels, height, width). Values from -1 to 1.
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


def _around(place, size):
    first = place - size // 2
    return slice(max(first, 0), first + size)


def _tensor(name, images, rank, model):
    """Images as a new float tensor on the model's device, or ValueError."""
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
