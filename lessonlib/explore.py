"""Under the mouse: the window, the weights and the arithmetic of each single number of a map."""

import json
import math
from base64 import b64encode
from html import escape
from pathlib import Path

import anywidget
import numpy as np
import traitlets

from lessonlib.arguments import finite_array, one_of, shape_text, whole_number
from lessonlib.figures import canvas, palette
from lessonlib.filters import cross_correlate, output_size
from lessonlib.pooling import avg_pool2d, max_pool2d, pooled_size

OPERATIONS = ("convolution", "max", "average")
MOST_PIXELS = 1_000_000  # of the padded image, over all channels: what a browser paints while the mouse moves
MOST_PRODUCTS = 25_000_000  # of a map: what a browser multiplies while a slider moves, in less than a tenth of a second
MOST_CHANNELS, MOST_WEIGHTS = 16, 400  # each with a row of its own, and each with a cell of its own in that row
SETTINGS = ("image", "kernel", "kernel_size", "stride", "padding", "dilation", "operation")
MOST_STORED = 5_000  # numbers of an image that are stored with a notebook, so that a page can run without a kernel


def _channels(array):
    """An image or a kernel as (channels, height, width), also where it has no channels."""
    return array if array.ndim == 3 else array[None]


def _image_to_json(image, explorer):
    channels = _channels(image)
    return {"shape": channels.shape, "values": memoryview(channels.astype("<f8").tobytes())}


def _kernel_to_json(kernel, explorer):
    return None if kernel is None else _channels(kernel).tolist()


def _kernel_from_json(kernel, explorer):
    return None if kernel is None else np.reshape(kernel, explorer.kernel.shape)


class Explorer(anywidget.AnyWidget):
    """An image, a window on it and its map: move the mouse, and see what makes each number of the map.

    A place of the map is chosen with the mouse or, where the map has the focus, with the arrow keys. Entries of the
    kernel can be overwritten, and sliders change the rest. All of it can be read and set from Python, and so can place,
    (row, column) in the map.

    Parameters
    ----------
    image : array (height, width) or (channels, height, width)
        An array, tensor or nested list of finite numbers.
    kernel : array (rows, columns) or (channels, rows, columns)
        The weights of a convolution, with as many channels as the image has.
    kernel_size : int
        The side of the window of a pooling, by itself 2.
    stride : int
        By itself 1, for pooling the window, as in torch.nn.
    padding, dilation : int
        As in filters.cross_correlate; pooling knows no dilation.
    operation : {"convolution", "max", "average"}
        The first is filters.cross_correlate.

    Raises
    ------
    ValueError
        What filters or pooling would refuse, and an image or a window too large to be painted under a mouse that moves.
    """

    _esm, _css = Path(__file__).with_suffix(".js"), Path(__file__).with_suffix(".css")

    image = traitlets.Any().tag(sync=True, to_json=_image_to_json)
    kernel = traitlets.Any().tag(sync=True, to_json=_kernel_to_json, from_json=_kernel_from_json)
    kernel_size = traitlets.Any().tag(sync=True)
    stride = traitlets.Any().tag(sync=True)
    padding = traitlets.Any().tag(sync=True)
    dilation = traitlets.Any().tag(sync=True)
    operation = traitlets.Any().tag(sync=True)
    place = traitlets.Any((0, 0)).tag(sync=True, from_json=lambda place, explorer: tuple(place))

    def __init__(
        self,
        image,
        kernel=None,
        *,
        kernel_size=None,
        stride=None,
        padding=0,
        dilation=1,
        operation="convolution",
    ):
        if one_of("operation", operation, OPERATIONS) != "convolution":
            kernel_size = 2 if kernel_size is None else kernel_size
            stride = kernel_size if stride is None else stride
        super().__init__(
            image=image,
            kernel=kernel,
            kernel_size=kernel_size,
            stride=1 if stride is None else stride,
            padding=padding,
            dilation=dilation,
            operation=operation,
        )

    @traitlets.validate(*SETTINGS)
    def _fits(self, proposal):
        name = proposal.trait.name
        return _checked(**self._settings() | {name: proposal.value})[name]

    def _settings(self):
        return {name: getattr(self, name) for name in SETTINGS}

    def __repr__(self):
        what = "convolution" if self.operation == "convolution" else f"{self.operation} pooling"
        image, window = shape_text(self.image.shape), shape_text(_window(self.kernel, self.kernel_size))
        steps = f"stride {self.stride}, padding {self.padding}"
        return f"Explorer: {what}, image {image}, window {window}, {steps}, map {shape_text(_map_size(**self._settings()))}"

    def _repr_mimebundle_(self, **kwargs):
        """Beside the live one, what a page shows that has no kernel: a still image, and the settings to run it from."""
        data, metadata = super()._repr_mimebundle_(**kwargs)
        return data | {"text/html": self._still()}, metadata

    def _still(self):
        """An HTML element: explore.js makes a live explorer of it, see alone() there; where nothing does, it stays still."""
        png = b64encode(_drawn(self).png).decode()
        alone = f' data-explorer="{escape(self._stored())}"' if self.image.size <= MOST_STORED else ""
        return f'<div class="explorer-still"{alone}><img alt="{escape(repr(self))}" src="data:image/png;base64,{png}"></div>'

    def _stored(self):
        """The settings as JSON."""
        image = {"shape": _channels(self.image).shape, "values": self.image.ravel().tolist()}
        return json.dumps(self._settings() | {"image": image, "kernel": _kernel_to_json(self.kernel, self)})


@canvas.in_course_style
def _drawn(explorer):
    """The image with the first window framed, and the map with its first number framed: of several channels the first."""
    channels, steps = _channels(explorer.image).astype(float), (explorer.stride, explorer.padding)
    if explorer.operation == "convolution":
        pairs = zip(channels, _channels(explorer.kernel), strict=True)
        result = sum(cross_correlate(*pair, *steps, explorer.dilation) for pair in pairs)
    else:
        pool = max_pool2d if explorer.operation == "max" else avg_pool2d
        result = pool(channels[0], explorer.kernel_size, *steps)
    signed = bool((result < 0).any())
    figure, (left, right) = canvas.grid(1, 2, 2.4)
    canvas.show_array(left, channels[0], palette.IMAGE, canvas.limits_of(channels[0], False))
    canvas.show_array(right, result, palette.SIGNED if signed else palette.FEATURES, canvas.limits_of(result, signed))
    left.set_title(f"image {shape_text(explorer.image.shape)}")
    right.set_title(f"map {shape_text(result.shape)}")
    spans = [explorer.dilation * (side - 1) + 1 for side in _window(explorer.kernel, explorer.kernel_size)]
    canvas.frame(left, -explorer.padding, -explorer.padding, *spans)
    canvas.frame(right, 0, 0, 1, 1)
    return canvas.CaptionedFigure(figure, repr(explorer))


def _checked(image, kernel, kernel_size, stride, padding, dilation, operation):
    """The settings by name, as they are kept; ValueError for what can't be explored."""
    one_of("operation", operation, OPERATIONS)
    image = finite_array("image", image)
    if image.ndim not in (2, 3) or not image.size:
        raise ValueError(f"image has the shape {image.shape}: give (height, width) or (channels, height, width)")
    if image.ndim == 3 and image.shape[2] in (1, 2, 3, 4) and min(image.shape[:2]) > image.shape[2]:
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
    elif kernel is not None or dilation != 1:
        raise ValueError("pooling has neither a kernel nor a dilation: give kernel_size, stride and padding")
    else:
        kernel_size = whole_number("kernel_size", kernel_size, 1)
    stride, padding = whole_number("stride", stride, 1), whole_number("padding", padding)
    dilation = whole_number("dilation", dilation, 1)
    settings = image, kernel, kernel_size, stride, padding, dilation, operation
    _check_size(*settings)
    return dict(zip(SETTINGS, settings, strict=True))


def _check_size(image, kernel, kernel_size, stride, padding, dilation, operation):
    """ValueError for what is too large to be painted under a mouse that moves."""
    places = math.prod(_map_size(image, kernel, kernel_size, stride, padding, dilation, operation))
    channels, weights = math.prod(image.shape[:-2]), math.prod(_window(kernel, kernel_size))
    pixels = channels * math.prod(side + 2 * padding for side in image.shape[-2:])
    for name, count, what, most in (
        ("image", channels, "channels", MOST_CHANNELS),
        ("image", pixels, "pixels, with its padding", MOST_PIXELS),
        ("kernel_size" if kernel is None else "kernel", weights, "places in its window", MOST_WEIGHTS),
        ("image", channels * weights * places, "products under this window", MOST_PRODUCTS),
    ):
        if count > most:
            raise ValueError(f"{name} has {count:,} {what}: {most:,} can be explored, give a smaller one")


def _window(kernel, kernel_size):
    return (kernel_size, kernel_size) if kernel is None else kernel.shape[-2:]


def _map_size(image, kernel, kernel_size, stride, padding, dilation, operation):
    sides = image.shape[-2:]
    if operation == "convolution":
        return output_size(sides, kernel.shape[-2:], stride, padding, dilation)
    return pooled_size(sides, kernel_size, stride, padding)
