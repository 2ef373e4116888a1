"""Under the mouse: the window, the weights and the arithmetic of each single number of a map."""

import math
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from lessonlib.arguments import finite_array, one_of, shown, whole_number
from lessonlib.filters import output_size
from lessonlib.pooling import pooled_size

OPERATIONS = ("convolution", "max", "average")
MOST_PIXELS = 1_000_000  # of the padded image, over all channels: what a browser paints while the mouse moves
MOST_PRODUCTS = 100_000_000  # of a map: what a browser multiplies in about a second
MOST_CHANNELS, MOST_WEIGHTS = 16, 400  # each with a row of its own, and each with a cell of its own in that row
SETTINGS = ("image", "kernel", "stride", "padding", "dilation", "operation")


def _image_to_json(image, explorer):
    channels = np.atleast_3d(image.T).T
    return {"shape": channels.shape, "values": memoryview(channels.astype("<f8").tobytes())}


def _kernel_to_json(kernel, explorer):
    return kernel if isinstance(kernel, int) else np.atleast_3d(kernel.T).T.tolist()


def _kernel_from_json(kernel, explorer):
    return kernel if isinstance(kernel, int) else np.reshape(kernel, explorer.kernel.shape)


class Explorer(anywidget.AnyWidget):
    """An image, a window on it and its map: move the mouse, and see what makes each number of the map.

    image: (height, width) or (channels, height, width), an array, tensor or nested list of finite numbers.
    kernel: for a convolution the weights, (rows, columns) or (channels, rows, columns), as many channels as the
    image has; for pooling the side of the window, 2 by default. stride: 1 by default; for pooling the window, as
    in torch.nn. padding and dilation, whole numbers, as in filters.cross_correlate; pooling knows no dilation.
    operation: "convolution" (that is, filters.cross_correlate), "max" or "average".

    A place of the map is chosen with the mouse or, where the map has the focus, with the arrow keys. Entries of the
    kernel can be overwritten, and sliders change the rest. All of it can be read and set from Python: place (row,
    column), image, kernel, stride, padding, dilation. What filters or pooling would refuse raises their ValueError;
    so does a place outside the map, and an image or a window too large to be painted under a mouse that moves.
    """

    _esm = Path(__file__).with_suffix(".js")

    image = traitlets.Any().tag(sync=True, to_json=_image_to_json)
    kernel = traitlets.Any().tag(sync=True, to_json=_kernel_to_json, from_json=_kernel_from_json)
    stride = traitlets.Any().tag(sync=True)
    padding = traitlets.Any().tag(sync=True)
    dilation = traitlets.Any().tag(sync=True)
    operation = traitlets.Any().tag(sync=True)
    place = traitlets.Any(default_value=(0, 0)).tag(sync=True)

    def __init__(self, image, kernel=None, stride=None, padding=0, dilation=1, operation="convolution"):
        if one_of("operation", operation, OPERATIONS) != "convolution":
            kernel = 2 if kernel is None else kernel
            stride = kernel if stride is None else stride
        super().__init__(
            image=image,
            kernel=kernel,
            stride=1 if stride is None else stride,
            padding=padding,
            dilation=dilation,
            operation=operation,
        )

    @traitlets.validate(*SETTINGS)
    def _fits(self, proposal):
        name = proposal.trait.name
        return _checked(**{each: getattr(self, each) for each in SETTINGS} | {name: proposal.value})[name]

    @traitlets.validate("place")
    def _lies_in_the_map(self, proposal):
        size = _map_size(*(getattr(self, each) for each in SETTINGS))
        try:
            row, column = (
                whole_number("place", at, 0, side - 1) for at, side in zip(proposal.value, size, strict=True)
            )
        except Exception:  # no pair, no whole numbers, or none of the map
            raise ValueError(
                f"place is {shown(proposal.value)}: give (row, column) in the map, which is {size[0]} x {size[1]}"
            ) from None
        return row, column

    def __repr__(self):
        size = _map_size(*(getattr(self, each) for each in SETTINGS))
        shapes = self.image.shape, _window(self.kernel, self.operation), size
        image, window, size = (" x ".join(map(str, shape)) for shape in shapes)
        what = "convolution" if self.operation == "convolution" else f"{self.operation} pooling"
        return f"Explorer: {what}, image {image}, window {window}, stride {self.stride}, padding {self.padding}, map {size}"


def _checked(image, kernel, stride, padding, dilation, operation):
    """The settings by name, as they are kept; ValueError for what can't be explored."""
    one_of("operation", operation, OPERATIONS)
    image = finite_array("image", image)
    if image.ndim not in (2, 3) or not image.size:
        raise ValueError(f"image has the shape {image.shape}: give (height, width) or (channels, height, width)")
    if image.ndim == 3 and image.shape[2] in (1, 3, 4) and min(image.shape[:2]) > image.shape[2]:
        height, width, channels = image.shape
        raise ValueError(
            f"image has the shape {image.shape}: channels come first, give ({channels}, {height}, {width}), "
            "for example np.moveaxis(image, -1, 0)"
        )
    if operation == "convolution":
        kernel = finite_array("kernel", kernel)
        if kernel.shape[:-2] != image.shape[:-2] or kernel.ndim != image.ndim or not kernel.size:
            right = "(rows, columns)" if image.ndim == 2 else f"({len(image)}, rows, columns)"
            raise ValueError(f"kernel has the shape {kernel.shape}: for an image of {image.shape} give {right}")
    else:
        kernel = whole_number("kernel", kernel, 1)
        if whole_number("dilation", dilation, 1) != 1:
            raise ValueError(f"dilation is {dilation!r}: pooling has none, leave it at 1")
    stride, padding = whole_number("stride", stride, 1), whole_number("padding", padding)
    dilation = whole_number("dilation", dilation, 1)
    _check_size(image, kernel, stride, padding, dilation, operation)
    return dict(zip(SETTINGS, (image, kernel, stride, padding, dilation, operation), strict=True))


def _check_size(image, kernel, stride, padding, dilation, operation):
    """ValueError for what is too large to be painted under a mouse that moves."""
    rows, columns = _map_size(image, kernel, stride, padding, dilation, operation)
    channels, weights = math.prod(image.shape[:-2]), math.prod(_window(kernel, operation))
    if channels > MOST_CHANNELS:
        raise ValueError(
            f"image has {channels} channels: {MOST_CHANNELS} can be explored, give image[:{MOST_CHANNELS}]"
        )
    if image.size > MOST_PIXELS:
        raise ValueError(f"image holds {image.size:,} numbers: {MOST_PIXELS:,} can be explored, give a part of it")
    if channels * math.prod(side + 2 * padding for side in image.shape[-2:]) > MOST_PIXELS:
        raise ValueError(f"padding is {padding}: {MOST_PIXELS:,} pixels can be explored, those of the padding included")
    if weights > MOST_WEIGHTS:
        raise ValueError(
            f"kernel has {weights:,} places in its window: {MOST_WEIGHTS} can be explored, give a smaller one"
        )
    if channels * weights * rows * columns > MOST_PRODUCTS:
        raise ValueError(
            f"image of {image.shape} needs {channels * weights * rows * columns:,} products under this kernel: "
            f"{MOST_PRODUCTS:,} can be explored, give a part of it or a larger stride"
        )


def _window(kernel, operation):
    return kernel.shape[-2:] if operation == "convolution" else (kernel, kernel)


def _map_size(image, kernel, stride, padding, dilation, operation):
    sides = image.shape[-2:]
    if operation == "convolution":
        return output_size(sides, _window(kernel, operation), stride, padding, dilation)
    return pooled_size(sides, kernel, stride, padding)
