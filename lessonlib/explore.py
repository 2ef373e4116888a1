"""Under the mouse: the window, the weights and the arithmetic of each single number of a map."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from lessonlib.arguments import finite_array, whole_number
from lessonlib.filters import output_size
from lessonlib.pooling import pooled_size

OPERATIONS = ("convolution", "max", "average")
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
    column), image, kernel, stride, padding, dilation. What filters or pooling would refuse raises their ValueError.
    """

    _esm = Path(__file__).with_suffix(".js")

    image = traitlets.Any().tag(sync=True, to_json=_image_to_json)
    kernel = traitlets.Any().tag(sync=True, to_json=_kernel_to_json, from_json=_kernel_from_json)
    stride = traitlets.Any().tag(sync=True)
    padding = traitlets.Any().tag(sync=True)
    dilation = traitlets.Any().tag(sync=True)
    operation = traitlets.Any().tag(sync=True)
    place = traitlets.Tuple(traitlets.Int(), traitlets.Int(), default_value=(0, 0)).tag(sync=True)

    def __init__(self, image, kernel=None, stride=None, padding=0, dilation=1, operation="convolution"):
        if operation != "convolution":
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

    def __repr__(self):
        window = self.kernel.shape[-2:] if self.operation == "convolution" else (self.kernel, self.kernel)
        size = _map_size(self.image, self.kernel, self.stride, self.padding, self.dilation, self.operation)
        image, window, size = (" x ".join(map(str, shape)) for shape in (self.image.shape, window, size))
        what = "convolution" if self.operation == "convolution" else f"{self.operation} pooling"
        return f"Explorer: {what}, image {image}, window {window}, stride {self.stride}, padding {self.padding}, map {size}"


def _checked(image, kernel, stride, padding, dilation, operation):
    """The settings by name, as they are kept; ValueError for what can't be explored."""
    if operation not in OPERATIONS:
        raise ValueError(f"operation is {operation!r}: give one of {', '.join(OPERATIONS)}")
    image = finite_array("image", image)
    if image.ndim not in (2, 3) or not image.size:
        raise ValueError(f"image has the shape {image.shape}: give (height, width) or (channels, height, width)")
    if operation == "convolution":
        kernel = finite_array("kernel", kernel)
        if kernel.shape[:-2] != image.shape[:-2] or kernel.ndim != image.ndim or not kernel.size:
            right = "(rows, columns)" if image.ndim == 2 else f"({len(image)}, rows, columns)"
            raise ValueError(f"kernel has the shape {kernel.shape}: for an image of {image.shape} give {right}")
    else:
        kernel = whole_number("kernel", kernel, 1)
        if dilation != 1:
            raise ValueError(f"dilation is {dilation!r}: pooling has none, leave it at 1")
    stride, padding = whole_number("stride", stride, 1), whole_number("padding", padding)
    dilation = whole_number("dilation", dilation, 1)
    _map_size(image, kernel, stride, padding, dilation, operation)
    return dict(zip(SETTINGS, (image, kernel, stride, padding, dilation, operation)))


def _map_size(image, kernel, stride, padding, dilation, operation):
    sides = image.shape[-2:]
    if operation == "convolution":
        return output_size(sides, kernel.shape[-2:], stride, padding, dilation)
    return pooled_size(sides, kernel, stride, padding)
