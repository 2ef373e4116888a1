"""Lesson 02: what is the response of a filter at each place of an image, and how many places are there?"""

import numpy as np

from lessonlib.arguments import finite_array, finite_number, pair, whole_number

MOST_ENTRIES = 2**28  # of a matrix: 2 GB
BAND = 100  # rows of a map computed at a time: what they need stays in the cache of a processor

# The field's usual values. The edge filters give + where the image gets lighter, to the right or downwards.
KERNELS = {
    "identity": np.float32([[0, 0, 0], [0, 1, 0], [0, 0, 0]]),
    "box blur": np.float32([[1, 1, 1], [1, 1, 1], [1, 1, 1]]) / 9,
    "Gaussian blur": np.float32([[1, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16,
    "sharpen": np.float32([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "Sobel for vertical edges": np.float32([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]),
    "Sobel for horizontal edges": np.float32([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
    "Laplacian": np.float32([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    "emboss": np.float32([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
}


def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """The side of a filter's map in pixels: one number for each place at which its window stands.

    Parameters
    ----------
    size : int or (int, int)
        The side of the image, or (rows, columns).
    kernel_size, stride, padding, dilation : int or (int, int)
        As in nn.Conv2d; padding is added on both sides.

    Returns
    -------
    int or (int, int)
        A pair where one of the arguments is a pair.

    Raises
    ------
    ValueError
        Where the kernel does not fit into the padded image.

    References
    ----------
    Dumoulin and Visin 2016, "A guide to convolution arithmetic for deep learning", version 2 (2018), relationship 15.

    Examples
    --------
    >>> output_size(224, 7, stride=2, padding=3)
    112
    """
    if any(isinstance(each, (tuple, list)) for each in (size, kernel_size, stride, padding, dilation)):
        steps = _pairs(stride, padding, dilation)
        sides = zip(pair("size", size, 1), pair("kernel_size", kernel_size, 1), *steps, strict=True)
        return tuple(output_size(*side) for side in sides)
    size, kernel_size = whole_number("size", size, 1), whole_number("kernel_size", kernel_size, 1)
    stride, dilation = whole_number("stride", stride, 1), whole_number("dilation", dilation, 1)
    padded = size + 2 * whole_number("padding", padding)
    span = dilation * (kernel_size - 1) + 1
    if span > padded:
        raise ValueError(
            f"kernel_size is {kernel_size}: with dilation {dilation} the kernel spans {span} pixels, "
            f"and the padded image has {padded}; give a smaller kernel or more padding"
        )
    return (padded - span) // stride + 1


def cross_correlate(image, kernel, stride=1, padding=0, dilation=1):
    """The map of a filter: at each place, the sum of the products of the kernel and the window under it.

    Parameters
    ----------
    image : array (height, width)
        An array, tensor or nested list.
    kernel : array (rows, columns)
    stride, padding, dilation : int or (int, int)
        As in torch.nn.functional.conv2d, which computes the same and calls it convolution; the padding is 0.

    Returns
    -------
    array of output_size
        In the image's own float type; from whole numbers it is exact.

    Raises
    ------
    ValueError
        Where one of the two is no matrix of finite numbers, the kernel does not fit into the padded image, or the padded
        image does not fit into memory.

    Examples
    --------
    >>> cross_correlate([[0, 1, 2], [3, 4, 5]], [[-1, 1]])
    array([[1, 1],
           [1, 1]])
    """
    image, kernel, dtype = _of_one_type(image, kernel)
    stride, padding, dilation = _pairs(stride, padding, dilation)
    rows, columns = output_size(image.shape, kernel.shape, stride, padding, dilation)
    image = np.pad(image, [(border, border) for border in padding])
    total = np.zeros((rows, columns), image.dtype)
    for first in range(0, rows, BAND):
        band = total[first : first + BAND]
        # Few weights, many places: each weight meets all places of the band at once.
        for (i, j), weight in np.ndenumerate(kernel):
            down = _every(stride[0], first * stride[0] + i * dilation[0], len(band))
            right = _every(stride[1], j * dilation[1], columns)
            band += weight * image[down, right]
    return total.astype(dtype, copy=False)


def convolve(image, kernel, stride=1, padding=0, dilation=1):
    """Convolution in the mathematical sense: cross_correlate with the kernel turned by 180 degrees."""
    flipped = _matrix("kernel", kernel)[::-1, ::-1]
    return cross_correlate(image, flipped, stride, padding, dilation)


def convolution_matrix(kernel, image_shape):
    """cross_correlate as a matrix: convolution_matrix(kernel, image.shape) @ image.ravel() is its map, flattened.

    Parameters
    ----------
    kernel : array (rows, columns)
    image_shape : (int, int)
        (height, width).

    Returns
    -------
    array (outputs, inputs)
        For stride 1 and no padding: a row for each place of the window, a column for each pixel, and on every row the
        same few numbers.

    Raises
    ------
    ValueError
        Where it does not fit into memory.

    Examples
    --------
    >>> convolution_matrix([[1, 2]], image_shape=(1, 3))
    array([[1, 2, 0],
           [0, 1, 2]])
    """
    kernel, (height, width) = _matrix("kernel", kernel), pair("image_shape", image_shape, 1)
    rows, columns = output_size((height, width), kernel.shape)
    if rows * columns * height * width > MOST_ENTRIES:  # np.zeros would say yes, and the kernel would be killed later
        raise ValueError(f"image_shape is {image_shape}: its matrix does not fit into memory, give a smaller image")
    matrix = np.zeros((rows, columns, height, width), kernel.dtype)
    row, column = np.indices((rows, columns))
    for (i, j), weight in np.ndenumerate(kernel):
        matrix[row, column, row + i, column + j] = weight
    return matrix.reshape(rows * columns, height * width)


def best_kernel(image, result, size):
    """The single filter that comes closest to a map: its kernel and its bias.

    Parameters
    ----------
    image : array (height, width)
    result : array
        The map that cross_correlate(image, kernel) + bias should give.
    size : int or (int, int)
        Rows and columns of the kernel.

    Returns
    -------
    float64 array (rows, columns), float
        Those with the smallest sum of squared differences from the map (linear least squares).

    Raises
    ------
    ValueError
        Where the map has not the size that such a kernel gives.

    Examples
    --------
    >>> kernel, bias = best_kernel([[0, 1, 3, 6, 7]], [[6, 7, 8, 6]], size=(1, 2))
    >>> kernel.round(3), round(bias, 3)
    (array([[-1.,  1.]]), 5.0)
    """
    image, result, (rows, columns) = _matrix("image", image), _matrix("result", result), pair("size", size, 1)
    places = output_size(image.shape, (rows, columns))
    if result.shape != places:
        raise ValueError(f"result has the shape {result.shape}: a kernel of {rows} x {columns} gives {places}")
    windows = np.lib.stride_tricks.sliding_window_view(image, (rows, columns)).reshape(result.size, -1)
    ones = np.ones((result.size, 1))  # what the bias is multiplied with
    *weights, bias = np.linalg.lstsq(np.hstack([windows, ones]), result.ravel().astype(float), rcond=None)[0]
    return np.reshape(weights, (rows, columns)), float(bias)


def gabor(size, angle, wavelength, phase=0):
    """The weights of a simulated simple cell: a Gabor filter, which prefers bars of one angle and one width.

    With the distances across and along the preferred bar, in pixels from the middle, a weight is
    exp(-(across**2 + (along / 2)**2) / (2 * sigma**2)) * (cos(2 * pi * across / wavelength + phase) - c).
    sigma is 0.56 * wavelength, a bandwidth of one octave, and c makes the sum of the weights 0.

    Parameters
    ----------
    size : int or (int, int)
        Rows and columns in pixels, at least one wavelength, better two or three.
    angle : float
        The direction in which the preferred bar points, in degrees: 0 horizontal, 90 vertical, counter-clockwise as you
        see the image.
    wavelength : float
        From one stripe to the next of the same sign, in pixels, above 2.
    phase : float
        In degrees: 0 for a light bar in the middle, -90 for an edge that is light on the right (angle 90) or below
        (angle 0).

    Returns
    -------
    float32 array (rows, columns)
        The positive part sums to 1 and the negative part to -1: the response to an image in [0, 1] lies between -1 and
        1, and is 0 on flat grey.

    References
    ----------
    Daugman 1985, "Uncertainty relation for resolution in space, spatial frequency, and orientation optimized by
    two-dimensional visual cortical filters"; Jones and Palmer 1987, "An evaluation of the two-dimensional Gabor filter
    model of simple receptive fields in cat striate cortex".
    """
    across, along = _across_and_along(size, angle)
    wavelength = finite_number("wavelength", wavelength, above=2)
    if min(across.shape) < wavelength:
        raise ValueError(f"size is {size!r}: give at least the wavelength, {wavelength:g} pixels")
    bell = np.exp(-(across**2 + (along / 2) ** 2) / (2 * (0.56 * wavelength) ** 2))
    wave = _wave(across, wavelength, phase)
    weights = bell * (wave - np.average(wave, weights=bell))
    return np.float32(2 * weights / np.abs(weights).sum())


def grating(size, angle, wavelength, phase=0):
    """An image of soft stripes: 0.5 + 0.5 * cos(2 * pi * across / wavelength + phase).

    Parameters
    ----------
    size, angle, wavelength, phase
        As for gabor: a cell prefers the grating of its own values.

    Returns
    -------
    float32 array (rows, columns)
        In [0, 1].
    """
    wavelength = finite_number("wavelength", wavelength, above=2)
    across, _ = _across_and_along(size, angle)
    return np.float32(0.5 + 0.5 * _wave(across, wavelength, phase))


def bar(size, angle, width, offset=0):
    """An image of a white bar on black, from border to border, grey where it half covers a pixel.

    Parameters
    ----------
    size : int or (int, int)
        Rows and columns, in pixels.
    angle : float
        The direction in which the bar points, in degrees: 0 horizontal, 90 vertical, counter-clockwise as you see it.
    width : float
        In pixels, above 0.
    offset : float
        How far the bar is moved out of the middle, in pixels at a right angle to itself: to the right (angle 90),
        downwards (angle 0).

    Returns
    -------
    float32 array (rows, columns)
        In [0, 1].

    Examples
    --------
    >>> bar((1, 5), angle=90, width=1, offset=1)
    array([[0., 0., 0., 1., 0.]], dtype=float32)
    """
    across, _ = _across_and_along(size, angle)
    half = finite_number("width", width, above=0) / 2
    across = across - finite_number("offset", offset)
    covered = np.minimum(across + 0.5, half) - np.maximum(across - 0.5, -half)
    return np.float32(np.clip(covered, 0, 1))


def _pairs(stride, padding, dilation):
    return pair("stride", stride, 1), pair("padding", padding), pair("dilation", dilation, 1)


def _every(step, start, count):
    """The slice that takes count pixels, from start on, a step apart."""
    return slice(start, start + step * count, step)


def _across_and_along(size, angle):
    """The distance of each pixel from the middle, in pixels: across a bar that points in this angle, and along it."""
    rows, columns = pair("size", size, 1)
    turn = np.deg2rad(finite_number("angle", angle))
    down = np.arange(rows)[:, None] - (rows - 1) / 2
    right = np.arange(columns) - (columns - 1) / 2
    return right * np.sin(turn) + down * np.cos(turn), right * np.cos(turn) - down * np.sin(turn)


def _wave(across, wavelength, phase):
    return np.cos(2 * np.pi * across / wavelength + np.deg2rad(finite_number("phase", phase)))


def _of_one_type(image, kernel):
    """Both in the type in which to compute, and the map's type: the image's floats, else the kernel's, else int64."""
    image, kernel = _matrix("image", image), _matrix("kernel", kernel)
    dtype = image.dtype if image.dtype.kind == "f" else np.result_type(image, kernel)
    # Half floats are added as single ones, and rounded once.
    wide = np.result_type(dtype, np.float32) if dtype.kind == "f" else dtype
    return image.astype(wide, copy=False), kernel.astype(wide, copy=False), dtype


def _matrix(name, values):
    """Rows of finite numbers as an array (height, width)."""
    array = finite_array(name, values)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"{name} has the shape {array.shape}: give (height, width)")
    return array
