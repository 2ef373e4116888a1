"""The questions of lesson 02, with their answers and the mistakes that they know."""

from dataclasses import replace

import numpy as np

from lessonlib import filters
from lessonlib.checking import Behaviour, Call, Choice, Function, Numbers, Refused, Sheet, Side

sheet = Sheet()

CELL = filters.gabor(21, angle=30, wavelength=8)  # drawn in the lesson without its name


def _rows_of(kernel):
    """A kernel in any form as an array (rows, columns)."""
    try:
        kernel = Numbers().observe(kernel)
    except Refused as reason:
        raise ValueError(str(reason).replace("{form}", "a list of rows of numbers")) from None
    if isinstance(kernel, tuple):
        raise ValueError("Its rows have different lengths.")
    if kernel.ndim < 2 or not kernel.size:
        raise ValueError("A kernel is a list of rows, [[..., ...]].")
    if kernel.shape[:-2].count(1) != kernel.ndim - 2:
        raise ValueError(f"Its shape is {kernel.shape}: give one kernel, (rows, columns).")
    return kernel.reshape(kernel.shape[-2:]).astype(float)


def _what_it_answers(kernel):
    """The responses of a kernel on images of 64 x 64: on flat white, and at edges from dark (0) to light (1).

    A wide kernel responds at several places near a vertical edge: what counts is the lowest and the highest
    response, and how often the responses rise and fall again.
    """
    kernel = _rows_of(kernel)
    dark_to_light = np.repeat([[0.0, 1.0]], 32, axis=1).repeat(64, axis=0)
    horizontal = filters.cross_correlate(dark_to_light.T, kernel)
    vertical = filters.cross_correlate(dark_to_light, kernel)[0]
    steps = np.diff(vertical.round(5))
    rises = steps[steps != 0] > 0
    return {
        "the response to flat white, which is the sum of the weights": filters.cross_correlate(
            np.ones((64, 64)), kernel
        )[0, 0],
        "the response along a horizontal edge": horizontal.flat[np.abs(horizontal).argmax()],
        "the lowest response at a vertical edge": vertical.min(),
        "the largest response at a vertical edge": vertical.max(),
        "how often the response rises and falls at a vertical edge": np.count_nonzero(rises[:-1] & ~rises[1:]),
    }


class Direction(Numbers):
    """An angle in degrees, a multiple of 15. A bar turned by 180 degrees is the same bar."""

    def observe(self, answer):
        angle = super().observe(answer)
        if isinstance(angle, tuple) or not np.isfinite(angle).all() or (angle % 15).any():
            raise Refused("Give a multiple of 15 degrees.")
        return np.asarray(angle % 180)

    def difference(self, observed, right):
        """Angles go round, so that none is too large or too small."""
        found = super().difference(observed, right)
        return replace(found, kind="angle") if found and found.kind == "value" else found


@sheet.exercise(
    title="Predict: a bar across",
    task=(
        "The cell's largest response is to a vertical bar. A horizontal bar, just as bright, takes its place. "
        'How large is the response to it? Choose "as much", "half" or "nothing".'
    ),
    kind=Choice(("as much", "half", "nothing")),
    hints=[
        "The horizontal bar covers a few whole rows of the weights. Which signs do the weights have along one row?",
        "The bar is white, so the products are the weights themselves. What do the weights of one row sum to?",
    ],
    fact=(
        "Right: in each row of the weights, positive and negative ones sum to 0, and the horizontal bar covers whole rows. "
        "Hubel and Wiesel found this preference by luck: the shadow of a glass slide's edge made a cell fire strongly, "
        "but only at the right angle. Later they saw that this first cell was of another kind, a complex cell "
        "(Hubel 1988, Eye, Brain, and Vision)."
    ),
    mistakes={
        "light_alone_counts": (
            "as much",
            "it is the same amount of light, but it falls on other weights: on positive ones and on negative ones.",
        ),
        "middle_alone_counts": (
            "half",
            "the middle of the bar falls on positive weights. Beside the middle the weights are negative, further out weakly "
            "positive or 0. What is the sum?",
        ),
    },
)
def bar_across():
    return "nothing"


@sheet.exercise(
    title="Which way does this cell point?",
    task=(
        "The weights of this cell are drawn. At which angle does a bar get the largest response? Give degrees, a "
        "multiple of 15: 0 is a horizontal bar, 90 a vertical one, and a bar at 45 degrees rises to the right."
    ),
    kind=Direction(),
    shows=CELL,
    hints=[
        "Light on positive weights raises the response. Lay a bar on many positive weights, and on no negative ones.",
        "Follow the orange stripe from left to right: does it rise or fall? And is it flatter or steeper than the diagonal, which lies at 45 degrees?",
        "Lay a straight edge along the orange stripe. Where it moves 7 pixels to the right, by how many does it rise? At 15 degrees it rises by 2, "
        "at 30 by 4, at 45 by 7, at 60 by 12 and at 75 by 26.",
    ],
    fact=(
        "Right: at 30 degrees the bar lies along the orange stripe and covers little of the purple ones. "
        "Jones and Palmer (1987) fitted Gabor filters to simple cells of the cat. The differences that "
        "remained looked like noise."
    ),
    mistakes={
        "angle_of_the_gradient": (
            120,
            "in that direction the weights change fastest: it is the direction of the gradient. The best bar lies at 90 "
            "degrees to it.",
        ),
        "angle_clockwise": (
            150,
            "a bar at 150 degrees falls to the right, and the orange stripe rises to the right. At angles between 0 and 90 "
            "degrees a bar rises to the right.",
        ),
        "angle_of_a_diagonal": (45, "at 45 degrees the stripes would run along the diagonal. These are flatter."),
        "angle_of_the_other_diagonal": (
            135,
            "at 135 degrees the stripes would fall to the right. These rise to the right.",
        ),
        "angle_from_the_vertical": (
            60,
            "the orange stripe lies 60 degrees from the vertical. Angles are counted from the horizontal: 0 degrees is a "
            "horizontal bar.",
        ),
    },
)
def cell_angle():
    cell = filters.gabor(21, angle=30, wavelength=8)
    angles = range(0, 180, 15)
    responses = [np.sum(cell * filters.bar(21, angle, width=4)) for angle in angles]
    return angles[np.argmax(responses)]


def _image_and_kernel(choose):
    """An image of 3 x 4 and a kernel of 2 x 2, of small numbers."""
    image = [[choose.randint(0, 9) for _ in range(4)] for _ in range(3)]
    return {"image": image, "kernel": [choose.sample(range(-1, 5), 2) for _ in range(2)]}


@sheet.exercise(
    title="By hand",
    task=(
        "Slide the kernel {kernel}, as it is, over the image {image}. Give the map: two rows of {'two' if len(image[0]) == 3 else 'three'} numbers."
    ),
    given={"image": [[0, 1, 2], [3, 4, 5], [6, 7, 8]], "kernel": [[0, 1], [2, 3]]},
    draw=_image_and_kernel,
    hints=[
        "The window stands at {2 * (len(image[0]) - 1)} places. The first covers the pixels {image[0][0]}, {image[0][1]}, {image[1][0]} and {image[1][1]}.",
        "At each place, multiply each pixel with the weight that lies on it, and sum: {kernel[0][0]} * {image[0][0]} + {kernel[0][1]} * {image[0][1]} + {kernel[1][0]} * {image[1][0]} + {kernel[1][1]} * {image[1][1]}.",
        "The window's next pixels are {image[0][1]}, {image[0][2]}, {image[1][1]} and {image[1][2]}: one sum for each place.",
    ],
    fact=(
        "Right: at each of the {2 * (len(image[0]) - 1)} places, each pixel is multiplied with the weight on it, and the products are summed. "
        "In mathematics this operation is called cross-correlation. PyTorch's page of nn.Conv2d says so as well: its "
        'star stands for "the valid 2D cross-correlation operator".'
    ),
    mistakes={
        "first_map_flipped": (
            lambda image, kernel: filters.convolve(image, kernel),
            "this is the map of the flipped kernel, {[row[::-1] for row in kernel[::-1]]}. Here the kernel slides as it is.",
        ),
        "first_map_products": (
            lambda image, kernel: np.multiply(np.array(image)[:2, :2], kernel),
            "these are the four products of the first window. Sum them: they make one number of the map.",
        ),
        "first_map_all_products": (
            lambda image, kernel: np.lib.stride_tricks.sliding_window_view(image, (2, 2)) * np.array(kernel),
            "these are the products of every window, and they are not summed: each place has one number, the sum of its products.",
        ),
        "first_map_padded": (
            lambda image, kernel: filters.cross_correlate(image, kernel, padding=1),
            "this is the map of the image with zeros around it. Without them the window stays inside, and stands at 2 x {len(image[0]) - 1} places.",
        ),
        "first_map_matrix_product": (
            lambda image, kernel: np.array(image)[:2, :2] @ kernel,
            "this is the matrix product of the first window and the kernel. Multiply each pixel with the weight on it, and sum.",
        ),
        "first_map_matrix_products_summed": (
            lambda image, kernel: (np.lib.stride_tricks.sliding_window_view(image, (2, 2)) @ kernel).sum(axis=(2, 3)),
            "these are sums of the matrix products of windows and kernel. Multiply each pixel with the weight on it.",
        ),
        "first_map_transposed": (
            lambda image, kernel: filters.cross_correlate(image, kernel).T,
            "rows and columns of the map are swapped: the second number in a row belongs to the window one column further.",
        ),
        "first_map_kernel_transposed": (
            lambda image, kernel: filters.cross_correlate(image, np.transpose(kernel)),
            "rows and columns of the kernel are swapped: {kernel[0][1]} stands to the right of {kernel[0][0]}, and {kernel[1][0]} below it.",
        ),
    },
)
def first_map(image, kernel):
    image, kernel = np.array(image), np.array(kernel)
    return [[(kernel * image[row : row + 2, column : column + 2]).sum() for column in range(2)] for row in range(2)]


@sheet.exercise(
    title="Write cross_correlate",
    task=(
        "Write `cross_correlate(image, kernel)` for two NumPy arrays, of shapes (height, width) and (rows, columns). "
        "It returns the map as an array, without padding. Loops are fine."
    ),
    kind=Function(
        cases=(
            Call(np.arange(12).reshape(3, 4), np.array([[0, 1], [2, 3]])),
            Call(np.arange(15).reshape(5, 3), np.array([[1, 0], [-2, 3]])),
            Call(np.arange(12.0).reshape(4, 3), np.array([[0.5, -1.0], [0.25, 2.0]])),
            Call(np.arange(24).reshape(4, 6) % 7, np.array([[1, 2, 3], [0, -1, 5]])),
            Call(np.arange(30).reshape(6, 5) % 11 / 4, np.array([[1.0, -2.0], [0.0, 3.0], [4.0, 1.0]])),
            Call(np.arange(42).reshape(6, 7) % 5, np.array([[3], [-1], [2], [1]])),
            Call(np.arange(10).reshape(2, 5), np.array([[2]])),
            Call(np.arange(12).reshape(3, 4) * 5 % 9 - 4, np.array([[0.5, -1.0], [0.25, 1.0]])),
            Call(np.arange(8).reshape(2, 4) * 3 % 8 / 4 - 1, np.array([[2, -3]])),
            Call(np.arange(12).reshape(2, 6) % 7, np.array([[1, 0], [2, 1]])),
        )
    ),
    hints=[
        "The window has `image.shape[0] - kernel.shape[0] + 1` places from top to bottom. And from left to right?",
        "At (row, column) the window is `image[row : row + kernel.shape[0], column : column + kernel.shape[1]]`.",
        "Two loops, over the map's rows and columns, and in them `result[row, column] = (window * kernel).sum()`.",
    ],
    fact=(
        "Right: for every place, your map holds the sum of the products of kernel and window. "
        "You can also loop over the weights: in each round, add the shifted image times one weight. The number of "
        "products is the same, but NumPy does all products of a round at once. The library works in this way, on "
        "100 rows of the map at a time."
    ),
)
def cross_correlate(image, kernel):
    rows, columns = kernel.shape
    result = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            window = image[row : row + rows, column : column + columns]
            result[row, column] = (window * kernel).sum()
    return result


@cross_correlate.mistake(
    "you flip the kernel. That is the convolution of mathematics; here the kernel slides over the image as it is."
)
def flips_the_kernel(image, kernel):
    return filters.convolve(image, kernel)


@cross_correlate.mistake(
    "you pad the image with zeros, so that the map keeps its size. Without padding the window stays inside."
)
def keeps_the_size(image, kernel):
    rows, columns = kernel.shape
    borders = [((rows - 1) // 2, rows // 2), ((columns - 1) // 2, columns // 2)]
    return filters.cross_correlate(np.pad(image, borders), kernel)


@cross_correlate.mistake(
    "you let the window hang over the border on every side, and the map gets larger than the image. It stays inside."
)
def hangs_over_the_border(image, kernel):
    rows, columns = kernel.shape
    return filters.cross_correlate(image, kernel, padding=(rows - 1, columns - 1))


@cross_correlate.mistake(
    "the last row and the last column are missing: on n pixels, a window of k has n - k + 1 places, not n - k."
)
def one_place_too_few(image, kernel):
    return filters.cross_correlate(image, kernel)[:-1, :-1]


@cross_correlate.mistake("you swapped rows and columns of the kernel: its first index goes with the row of the image.")
def kernel_transposed(image, kernel):
    return filters.cross_correlate(image, kernel.T)


@cross_correlate.mistake(
    "you take the matrix product of window and kernel. Multiply each pixel with the weight on it: `*`, not `@`."
)
def matrix_products(image, kernel):
    return (np.lib.stride_tricks.sliding_window_view(image, kernel.shape) @ kernel).sum(axis=(2, 3))


@cross_correlate.mistake("only the last product of each window is kept. Add the products up: `+=`, not `=`.")
def keeps_the_last_product(image, kernel):
    return kernel[-1, -1] * image[kernel.shape[0] - 1 :, kernel.shape[1] - 1 :]


@cross_correlate.mistake(
    "you multiply and do not sum: each place has one number, the sum of the products of its window."
)
def does_not_sum(image, kernel):
    return np.lib.stride_tricks.sliding_window_view(image, kernel.shape) * kernel


@cross_correlate.mistake(
    "only the first number of the map is there, and the others are 0. If `return` stands inside the loops, move it below them."
)
def returns_after_the_first_place(image, kernel):
    result = np.zeros_like(filters.cross_correlate(image, kernel), dtype=float)
    result[0, 0] = (image[: len(kernel), : kernel.shape[1]] * kernel).sum()
    return result


@sheet.exercise(
    title="Predict: a single white pixel",
    task=(
        "A black image with one white pixel (1), far from the border, is filtered with [[1, 2, 3], [4, 5, 6]]. "
        "Most numbers of the map are 0. Give the 2 x 3 numbers that are not 0, as they stand in the map."
    ),
    hints=[
        "The window meets the white pixel at six places. At each of them a single product is not 0.",
        "The window comes from above and from the left: its lower right corner, where the 6 is, meets the pixel first.",
        "[[6, 5, ...], ...]: the weights come in reverse order.",
    ],
    fact=(
        "Right: the window comes from above and from the left, so its last weight meets the white pixel first, and the "
        "weights come out in reverse order. If the flipped kernel slides, a single white pixel gives back the kernel "
        "itself: that is the convolution of mathematics."
    ),
    mistakes={
        "impulse_gives_the_kernel": (
            [[1, 2, 3], [4, 5, 6]],
            "this is the kernel itself. It would come out if the kernel were flipped. Here its last weight comes first.",
        ),
        "impulse_flips_columns": (
            [[3, 2, 1], [6, 5, 4]],
            "this is the kernel flipped from left to right only. Its last row comes first as well: flip it top to bottom, too.",
        ),
        "impulse_flips_rows": (
            [[4, 5, 6], [1, 2, 3]],
            "this is the kernel flipped from top to bottom only. Its last column comes first as well: flip it left to right, too.",
        ),
        "impulse_gives_the_sum": (
            21,
            "this is the sum of all weights. The pixel lies under one weight at a time: six places, six numbers.",
        ),
    },
)
def impulse():
    image = np.zeros((7, 9))
    image[3, 4] = 1
    return filters.cross_correlate(image, [[1, 2, 3], [4, 5, 6]])[2:4, 2:5]


def _setting(choose):
    """An image's side, a kernel and its three arguments, small enough to be counted."""
    numbers = {"size": (20, 40), "kernel_size": (3, 5), "stride": (2, 3), "padding": (3, 6), "dilation": (2, 4)}
    return {name: choose.randint(*ends) for name, ends in numbers.items()}


@sheet.exercise(
    title="Predict: how many places?",
    task=(
        "A side has {size} pixels, and the kernel {kernel_size} weights. Stride is {stride}, padding is {padding} and "
        "dilation is {dilation}. At how many places does the window stand?"
    ),
    given={"size": 20, "kernel_size": 3, "stride": 2, "padding": 4, "dilation": 3},
    draw=_setting,
    hints=[
        "First the two lengths: how long is the side with its padding? From the first weight to the last, how many "
        "pixels does the window reach over?",
        "The side has {size} + 2 * {padding} pixels, and the window reaches over {dilation} * {kernel_size - 1} + 1. How many "
        "steps of {stride} fit into the difference?",
        "The first place needs no step: whole steps + 1.",
    ],
    fact=(
        "Right: the window reaches over {dilation * (kernel_size - 1) + 1} of {size + 2 * padding} pixels, so "
        "{size + 2 * padding - dilation * (kernel_size - 1) - 1} pixels are left. Into these fit "
        "{(size + 2 * padding - dilation * (kernel_size - 1) - 1) // stride} whole steps of {stride}, and the first place "
        "needs no step."
    ),
    mistakes={
        "places_without_the_first": (
            lambda **setting: filters.output_size(**setting) - 1,
            "that is one place too few. If you counted the steps: the first place comes before any step.",
        ),
        "places_rounded_up": (
            lambda **setting: filters.output_size(**setting) + 1,
            "that is one place too many. If the last step does not fit any more, there is no place for it: round down.",
        ),
        "places_with_a_fraction": (
            lambda size, kernel_size, stride, padding, dilation: (
                (size + 2 * padding - dilation * (kernel_size - 1) - 1) / stride + 1
            ),
            "the window stands at a place or it does not: a number of places is whole. A last step that does not fit is not taken: "
            "round down.",
        ),
        "places_padded_on_one_side": (
            lambda size, padding, **setting: filters.output_size(size + padding, **setting),
            "that is right for {padding} zeros in all. Padding puts {padding} zeros at both ends, {2 * padding} in all.",
        ),
        "places_without_padding": (
            lambda padding, **setting: filters.output_size(**setting),
            "that is right without padding. Here {padding} zeros stand at both ends of the side.",
        ),
        "places_without_stride": (
            lambda stride, **setting: filters.output_size(**setting),
            "that is right for steps of one pixel. Here the window moves by {stride}.",
        ),
        "places_without_dilation": (
            lambda dilation, **setting: filters.output_size(**setting),
            "that is right for weights side by side. Here they lie {dilation} pixels apart, and the window reaches further.",
        ),
    },
)
def count_places(size, kernel_size, stride, padding, dilation):
    reach = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - reach) // stride + 1


@sheet.exercise(
    title="Write output_size",
    task=(
        "Write `output_size(size, kernel_size, stride=1, padding=0, dilation=1)`. It returns the side of the map for "
        "an image with the side `size`. All are whole numbers, and the kernel fits."
    ),
    kind=Function(
        cases=(
            Call(28, 5),
            Call(10, 1),
            Call(28, 5, padding=1),
            Call(28, 5, stride=2),
            Call(28, 5, stride=3, padding=1),
            Call(28, 4, stride=2, padding=2),
            Call(28, 3, dilation=2),
            Call(7, 3, stride=2),
            Call(224, 7, stride=2, padding=3),
            Call(10, 2, stride=4),
            Call(33, 3, stride=3, padding=2, dilation=2),
            Call(6, 3, stride=5),
            Call(512, 3),
            Call(1000, 2, stride=3, padding=7, dilation=6),
        )
    ),
    hints=[
        "Without stride, padding and dilation: the window's first pixel can be any of `size - kernel_size + 1`.",
        "Padding makes the image larger on two sides. Dilation makes the kernel longer: 3 weights, 2 apart, span 5.",
        "With `span = dilation * (kernel_size - 1) + 1`, the window has `size + 2 * padding - span` pixels left to go.",
        "`(size + 2 * padding - span) // stride + 1`",
    ],
    fact=(
        "Right: your function counts the first place and all whole steps after it. "
        "A step that does not fit any more is not taken, and no error is raised: with stride 2, a window of 5 has the "
        "same 12 places on 28 pixels as on 27, and never sees the last pixel."
    ),
)
def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - span) // stride + 1


@output_size.mistake("you counted the steps. The first place comes before any step: add 1.")
def counts_the_steps(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - span) // stride


@output_size.mistake(
    "you added the 1 before you divided. The 1 is the first place, which needs no step: divide first, then add it."
)
def adds_before_dividing(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - span + 1) // stride


@output_size.mistake("you rounded up. A window that does not fit any more is left out: round down.")
def rounds_up(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return -(-(size + 2 * padding - span) // stride) + 1


@output_size.mistake("you did not round. There are no half places: round down, with `//`.")
def does_not_round(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return (size + 2 * padding - span) / stride + 1


@output_size.mistake("you padded on one side. padding is added on both: 2 * padding.")
def pads_one_side(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return (size + padding - span) // stride + 1


@output_size.mistake("you left out padding, which makes the image larger on both sides.")
def padding_forgotten(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return (size - span) // stride + 1


@output_size.mistake("you left out stride: the window takes only every stride-th place.")
def stride_forgotten(size, kernel_size, stride=1, padding=0, dilation=1):
    span = dilation * (kernel_size - 1) + 1
    return size + 2 * padding - span + 1


@output_size.mistake(
    "you left out dilation: weights that lie `dilation` pixels apart span `dilation * (kernel_size - 1) + 1` pixels."
)
def dilation_forgotten(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - kernel_size) // stride + 1


@output_size.mistake(
    "you let the weights reach over `dilation * kernel_size` pixels. Between them are `kernel_size - 1` steps, so they reach over `dilation * (kernel_size - 1) + 1`."
)
def reach_too_long(size, kernel_size, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * kernel_size) // stride + 1


@output_size.mistake("you left out stride, padding and dilation.")
def only_the_kernel(size, kernel_size, stride=1, padding=0, dilation=1):
    return size - kernel_size + 1


@sheet.exercise(
    title="Design a filter",
    task=(
        "Give a kernel that finds vertical edges from dark (0, on the left) to light (1, on the right). At such an edge "
        "the largest response is +1, and no response is negative. On flat areas and along horizontal edges the response is 0."
    ),
    kind=Behaviour(_what_it_answers),
    hints=[
        "On a flat area every weight meets the same value. What must the weights sum to, so that the response is 0?",
        "Subtract the pixel on the left from the pixel on the right.",
        "One row of two weights will do: [[-1, ...]].",
    ],
    fact=(
        "Right: each row of your kernel sums to 0, so flat areas and horizontal edges give 0. The columns on the right have "
        "the positive sums. Sobel's kernel, which you meet next, is right as well if you divide it by 4. It is the column "
        "1, 2, 1 times the row -1, 0, 1: a difference across the edge, and a blur along it, so noise disturbs it less."
    ),
    mistakes={
        "edge_filter_of_zeros": (
            [[0, 0, 0], [0, 0, 0], [0, 0, 0]],
            "Each of its columns sums to 0, so its response is 0 at a vertical edge as well. Columns on the left need a negative sum, "
            "columns on the right a positive one.",
        ),
        "edge_filter_turned": (
            [[-1], [1]],
            "Its response is +1 along horizontal edges, and 0 at vertical ones. For a vertical edge, columns on the left "
            "need a negative sum and columns on the right a positive one.",
        ),
        "edge_filter_of_the_other_sign": (
            [[1, -1]],
            "Its sign is wrong: its response is -1. The kernel is not flipped: the weight on the right meets the pixel on the right.",
        ),
        "edge_filter_of_sobel_flipped": (
            [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
            "Like Sobel's kernel flipped, it gives -4. The weight on the right meets the pixel on the right: change the signs, "
            "and divide by 4.",
        ),
        "edge_filter_of_sobel_turned": (
            [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
            "Like Sobel's kernel for horizontal edges, it gives +4 along horizontal edges and 0 at vertical ones. Columns on the "
            "left need a negative sum, columns on the right a positive one; then the response must be 1.",
        ),
        "edge_filter_that_likes_light": (
            [[-1, 2]],
            "Its weights sum to 1 and not to 0, so its response to flat white is +1 as well. Its largest response to the edge is +2.",
        ),
        "edge_filter_that_blurs": (
            [[1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9], [1 / 9, 1 / 9, 1 / 9]],
            "Its weights sum to 1, as in a blur: flat white stays white. An edge is a difference: the weights must sum to 0.",
        ),
        "edge_filter_too_strong": (
            [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]],
            "It finds the right edges, but its largest response is +4: divide the weights by 4.",
        ),
        "edge_filter_of_three_rows": (
            [[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]],
            "It finds the right edges, but its largest response is +3: divide the weights by 3.",
        ),
        "edge_filter_of_two_rows": (
            [[-1, 1], [-1, 1]],
            "It finds the right edges, but its largest response is +2: divide the weights by 2.",
        ),
        "edge_filter_halved": (
            [[-0.5, 0, 0.5]],
            "It finds the right edges, but its largest response is +0.5: multiply the weights by 2.",
        ),
        "edge_filter_for_lines": (
            [[-1, 2, -1]],
            "Like [[-1, 2, -1]], a kernel for thin lines, it responds to one edge with both signs: +1 at one place, -1 at another.",
        ),
        "edge_filter_that_repeats": (
            [[-1, 1, -1, 1]],
            "Its responses at one edge have two peaks: from left to right, they rise, fall and rise again. The sums of its "
            "columns must change their sign only once, from negative to positive.",
        ),
    },
)
def edge_filter():
    return [[-1, 1]]


@sheet.exercise(
    title="Predict: the matrix of a filter",
    task=(
        "A filter of {kernel_size} x {kernel_size} weights, none of them 0, turns an image of {side} x {side} into a map of {side - kernel_size + 1} x {side - kernel_size + 1}. As a matrix it "
        "has {side - kernel_size + 1} * {side - kernel_size + 1} = {(side - kernel_size + 1) ** 2} rows and {side} * {side} = {side**2} columns. How many of its entries are not 0?"
    ),
    given={"side": 28, "kernel_size": 3},
    draw=lambda choose: {"side": choose.randint(10, 64), "kernel_size": choose.randint(2, 6)},
    hints=[
        "A row of the matrix computes one number of the map. How many pixels does that number depend on?",
        "{kernel_size**2} entries in each of the {(side - kernel_size + 1) ** 2} rows.",
    ],
    fact=(
        "Right: each of the {(side - kernel_size + 1) ** 2} rows has {kernel_size**2} entries that are not 0, one for each "
        "pixel under the window. All others, {1 - (kernel_size / side) ** 2:.1%} of the matrix, are 0. Goodfellow et al. "
        "(2016, section 9.2) call this sparse interactions and parameter sharing."
    ),
    mistakes={
        "different_numbers": (
            lambda side, kernel_size: kernel_size * kernel_size,
            "there are {kernel_size**2} different numbers, but each of them stands on every row again.",
        ),
        "row_for_each_pixel": (
            lambda side, kernel_size: side * side * kernel_size * kernel_size,
            "that would be {kernel_size**2} entries for each pixel of the image. The matrix has a row for each place of the window, {side - kernel_size + 1} * {side - kernel_size + 1}.",
        ),
        "all_entries": (
            lambda side, kernel_size: (side - kernel_size + 1) * (side - kernel_size + 1) * side * side,
            "these are all entries. A number of the map depends on the {kernel_size**2} pixels under the window: all others have weight 0.",
        ),
        "one_entry_a_row": (
            lambda side, kernel_size: (side - kernel_size + 1) * (side - kernel_size + 1),
            "that would be one entry in each row. A number of the map is a sum of {kernel_size**2} products.",
        ),
        "side_of_the_window": (
            lambda side, kernel_size: (side - kernel_size + 1) * (side - kernel_size + 1) * kernel_size,
            "that would be {kernel_size} entries in each row. The window has {kernel_size} * {kernel_size} weights.",
        ),
    },
)
def entries_not_zero(side, kernel_size):
    return (side - kernel_size + 1) * (side - kernel_size + 1) * kernel_size * kernel_size


@sheet.exercise(
    title="Predict: twice as bright",
    task=(
        "Every pixel of an image becomes twice as bright. How large are the numbers in the map of an edge filter now? "
        'Choose "the same", "twice" or "four times".'
    ),
    kind=Choice(("the same", "twice", "four times")),
    hints=[
        "A number of the map is a sum of products, pixel times weight. What becomes of each product?",
        "Twice each term is twice the sum.",
    ],
    fact=(
        "Right: each product of pixel and weight doubles, and so does their sum. "
        "If you add the same brightness to every pixel instead, the map of an edge filter does not change at all "
        "(without padding), because its weights sum to 0."
    ),
    mistakes={
        "edges_stay": (
            "the same",
            "the edges stay where they are, but the step from dark to light is twice as high, and the map says how high it is.",
        ),
        "both_factors_double": ("four times", "only the pixels double; the weights stay as they are."),
    },
)
def twice_as_bright():
    return "twice"


@sheet.exercise(
    title="Linear, affine or neither?",
    task=(
        "Judge layer A, `nn.Conv2d(1, 1, 3, bias=False)`, then B, `nn.Conv2d(1, 1, 3)`, then C, which is A followed "
        "by `nn.ReLU()`. "
        'Give three words, each "linear", "affine" (linear plus a constant) or "neither".'
    ),
    kind=Choice(("linear", "affine", "neither"), labels=("A", "B", "C")),
    hints=[
        "A linear operation passes both tests, with differences of 0. What about an operation that adds a constant?",
        "Layer A passes both tests, layer B only the second one, and layer C fails both, although it passes doubling.",
        "Passes both: linear. Passes only the second: affine. Passes none: neither.",
    ],
    fact=(
        "Right: A passes both tests. B has a bias, and passes only the second one. C has a ReLU, and passes neither. "
        "By this measure nn.Linear, with its bias, is affine. PyTorch's own page says so: it \"applies an affine "
        'linear transformation".'
    ),
    mistakes={
        "bias_called_linear": (
            ("linear", "linear", "neither"),
            "a bias adds the same number whatever the image is, so the first test fails, and only the second is passed: affine.",
        ),
        "bias_called_neither": (
            ("linear", "neither", "neither"),
            "linear plus a constant has a name: layer B is affine.",
        ),
        "relu_called_affine": (
            ("linear", "affine", "affine"),
            "a ReLU is made of two straight pieces, but it is bent where they meet, and the second test fails: not affine.",
        ),
        "relu_called_linear": (
            ("linear", "affine", "linear"),
            "a ReLU doubles when its input doubles, but it is bent at 0: it does not add, and both tests fail. Not linear.",
        ),
        "all_called_linear": (
            ("linear", "linear", "linear"),
            "only A is linear: B has a bias, which adds a constant, and C has a ReLU, which is bent at 0.",
        ),
        "no_bias_called_affine": (
            ("affine", "affine", "neither"),
            "layer A adds no constant and passes both tests: that is more than affine, it is linear.",
        ),
        "bias_swapped": (
            ("affine", "linear", "neither"),
            "you swapped A and B: it is the bias that makes a linear operation affine, and `bias=False` leaves it out.",
        ),
    },
)
def linear_or_not():
    return ("linear", "affine", "neither")


@sheet.exercise(
    title="Two filters in one",
    task=(
        "Two filters of {kernel_size} x {kernel_size} follow each other, without padding and with nothing in between. A single square kernel "
        "does the same. How many rows does it have? Give one number."
    ),
    kind=Side(),
    given={"kernel_size": 3},
    draw=lambda choose: {"kernel_size": choose.randint(4, 15)},
    hints=[
        "One number of the second map depends on {kernel_size} x {kernel_size} numbers of the first map. On which pixels do those depend?",
        "{kernel_size} windows of {kernel_size} pixels, each one pixel further than the last: {kernel_size} + 1 + ...",
    ],
    fact=(
        "Right: the second filter reads {kernel_size} windows of the first side by side. One covers {kernel_size} pixels, "
        "and each of the other {kernel_size - 1} adds one. Two filters of 3 x 3 have 18 weights, one of 5 x 5 has 25: not "
        "every kernel of 5 x 5 is two of 3 x 3. VGG "
        "stacks small ones because they have fewer weights, and for the ReLU in between (Simonyan and Zisserman 2014, "
        "section 2.3)."
    ),
    mistakes={
        "sides_added": (
            (lambda kernel_size: 2 * kernel_size),
            "this is the sum of the two sides. The second filter reads {kernel_size} windows of the first side by side: one covers "
            "{kernel_size} pixels, and each of the other {kernel_size - 1} adds one.",
        ),
        "sides_multiplied": (
            (lambda kernel_size: kernel_size**2),
            "this is the product of the two sides, as if {kernel_size} windows lay end to end. They overlap: each window after the first adds a "
            "single pixel.",
        ),
        "size_kept": (
            lambda kernel_size: kernel_size,
            "the second filter looks at neighbours in the first map, and each of those looks one pixel further.",
        ),
        "pixels_lost": (
            (lambda kernel_size: 2 * kernel_size - 2),
            "that is how many rows the two filters take off, {kernel_size - 1} each. A single kernel of k rows takes off k - 1: for which k is "
            "that {2 * kernel_size - 2}?",
        ),
        "weights_counted": (
            (lambda kernel_size: (2 * kernel_size - 1) ** 2),
            "that is the number of its weights. The question asks for the number of its rows.",
        ),
    },
)
def stacked_size(kernel_size):
    return kernel_size + kernel_size - 1


@sheet.exercise(
    title="Predict: shift, then filter",
    task=(
        "You shift an image by three columns, and filter it. Away from the border, what do you get, compared with the "
        'map of the image before? Choose "the same map", "the shifted map" or "another map".'
    ),
    kind=Choice(("the same map", "the shifted map", "another map")),
    hints=[
        "The window meets the same patch as before. At the same place?",
        "It meets the patch three columns further to the right, and writes its response there.",
    ],
    fact=(
        "Right: the window meets the same pixels three columns further, and writes the same response there. "
        "This is called equivariance: the map moves along with the image. A stride of 2 breaks it: if the image moves "
        "by one pixel, the map would have to move by half a step (Zhang 2019)."
    ),
    mistakes={
        "called_invariant": (
            "the same map",
            "that would be invariance. The map tells where the filter found something, and that place has moved.",
        ),
        "called_arbitrary": (
            "another map",
            "the weights are the same at every place, so the same patch gets the same response wherever it lies.",
        ),
    },
)
def shift_then_filter():
    return "the shifted map"


@sheet.exercise(
    title="The gradient of a shared weight",
    task=(
        "Write `kernel_gradient(image, upstream)`. `upstream` has the shape of the map, and holds for each of its numbers the "
        "derivative of the loss. Return the derivative of the loss for each weight, in an array of the kernel's shape."
    ),
    kind=Function(
        cases=(
            Call(np.arange(12).reshape(3, 4), np.array([[1, 2, 0], [0, -1, 3]])),
            Call(np.arange(15).reshape(5, 3) % 7, np.array([[1, -2], [3, 0], [2, 5]])),
            Call(np.arange(24).reshape(4, 6) % 5, np.array([[1, 0, 2, -1, 4], [2, 1, -3, 0, 1]])),
            Call(np.arange(30).reshape(6, 5) % 11 / 4, np.array([[0.5, -1.0, 2.0], [1.5, 0.0, -0.25]])),
            Call(np.arange(20).reshape(4, 5) * 7 % 11, np.array([[2, -1], [0, 4], [1, 3], [-2, 5]])),
            Call(np.arange(12).reshape(2, 6) % 7, np.array([[3, 1, -2, 5]])),
            Call(np.arange(12).reshape(3, 4) % 5, np.array([[3, 1, 0, -2], [2, 5, 4, 1], [1, -1, 6, 2]])),
            Call(np.arange(12).reshape(3, 4) % 5, np.array([[3]])),
        )
    ),
    hints=[
        "The weight `kernel[i, j]` meets the pixel `image[row + i, column + j]` and helps to make the map's number at "
        "(row, column). What does the chain rule say for this one place?",
        "A weight helps to make every number of the map: the contributions of all places are summed.",
        "The kernel has `image.shape[0] - upstream.shape[0] + 1` rows. The pixels under its weight (i, j) are "
        "`image[i : i + upstream.shape[0], j : j + upstream.shape[1]]`.",
        "For each weight: `gradient[i, j] = np.sum(upstream * pixels)`.",
    ],
    fact=(
        "Right: a weight meets one pixel at each place, and its derivative is the sum over all places of that pixel times the "
        "derivative there. Read it once more: the gradient is the cross-correlation of the image with `upstream`."
    ),
)
def kernel_gradient(image, upstream):
    rows, columns = upstream.shape
    gradient = np.zeros((image.shape[0] - rows + 1, image.shape[1] - columns + 1))
    for i, j in np.ndindex(gradient.shape):
        gradient[i, j] = np.sum(upstream * image[i : i + rows, j : j + columns])
    return gradient


@kernel_gradient.mistake(
    "these are the products of the first place alone. A weight is used at every place: sum over all."
)
def takes_the_first_place(image, upstream):
    rows, columns = filters.output_size(image.shape, upstream.shape)
    return upstream[0, 0] * image[:rows, :columns]


@kernel_gradient.mistake("only the last place is left: add up what each place contributes, `+=` and not `=`.")
def keeps_the_last_place(image, upstream):
    return upstream[-1, -1] * image[len(upstream) - 1 :, upstream.shape[1] - 1 :]


@kernel_gradient.mistake("this is the mean over the places. What a weight does at all places adds up: take the sum.")
def takes_the_mean(image, upstream):
    return filters.cross_correlate(image, upstream) / upstream.size


@kernel_gradient.mistake(
    "`upstream` is flipped. Its number at (row, column) belongs to the window that begins there: leave it as it is."
)
def flips_upstream(image, upstream):
    return filters.convolve(image, upstream)


@kernel_gradient.mistake("the gradient is flipped: its first number belongs to the weight `kernel[0, 0]`.")
def flips_the_gradient(image, upstream):
    return np.flip(filters.cross_correlate(image, upstream))


@kernel_gradient.mistake("rows and columns of the gradient are swapped: `gradient[i, j]` belongs to `kernel[i, j]`.")
def swaps_the_axes(image, upstream):
    return filters.cross_correlate(image, upstream).T


@kernel_gradient.mistake(
    "these are sums of pixels alone. By the chain rule, each pixel is multiplied by the number of `upstream` at its place."
)
def leaves_out_upstream(image, upstream):
    return filters.cross_correlate(image, np.ones(upstream.shape))


@kernel_gradient.mistake(
    "this is the sum of `upstream`, the derivative for a bias. For a weight, multiply by the pixel that it meets."
)
def leaves_out_the_pixels(image, upstream):
    return np.full(filters.output_size(image.shape, upstream.shape), upstream.sum())


def _signal(choose):
    """Nine small numbers, and a kernel of three that is not its own mirror image."""
    return {
        "signal": [choose.randint(0, 9) for _ in range(9)],
        "kernel": [choose.randint(-2, 3) for _ in range(3)],
        "stride": choose.choice([2, 3]),
    }


def _slid(signal, kernel, stride=1, padding=0):
    padded = [[0] * padding + signal + [0] * padding]
    return filters.cross_correlate(padded, [kernel])[0][::stride]


@sheet.drill(
    title="A row by hand",
    task="Slide the kernel {kernel}, as it is, over the row {signal} with stride {stride}, without padding. Give the numbers of the map.",
    given={"signal": [1, 0, 2, 3, 1, 0, 4, 2, 5], "kernel": [1, 0, -1], "stride": 2},
    draw=_signal,
    easy=lambda choose: _signal(choose) | {"kernel": [*choose.sample([1, 2, 3], 2), 0], "stride": 2},
    hints=[
        "Where does the window begin? At the first number, then {stride} further on, and so on.",
        "The first sum is {kernel[0]} * {signal[0]} + {kernel[1]} * {signal[1]} + {kernel[2]} * {signal[2]}, the next one begins at {signal[stride]}.",
    ],
    fact="Right: the window stands at {(9 - 3) // stride + 1} places, {stride} apart, and gives one sum of three products at each.",
    mistakes={
        "row_flipped": (
            lambda signal, kernel, stride: _slid(signal, kernel[::-1], stride),
            "you flipped the kernel. It slides as it is.",
        ),
        "row_without_stride": (
            lambda signal, kernel, stride: _slid(signal, kernel),
            "you moved the window by one number. With stride {stride} it moves by {stride}.",
        ),
        "row_padded": (
            lambda signal, kernel, stride: _slid(signal, kernel, stride, padding=1),
            "you padded the row with a zero at both ends. Here the window begins on its first number.",
        ),
        "row_of_window_sums": (
            lambda signal, kernel, stride: _slid(signal, [1, 1, 1], stride),
            "you summed each window. Multiply each number by the weight that lies on it first.",
        ),
        "row_without_its_last_place": (
            lambda signal, kernel, stride: _slid(signal, kernel, stride)[:-1],
            "the last place is missing: the window still fits there.",
        ),
    },
)
def row_by_hand(signal, kernel, stride):
    starts = range(0, len(signal) - 2, stride)
    return [kernel[0] * signal[i] + kernel[1] * signal[i + 1] + kernel[2] * signal[i + 2] for i in starts]


@sheet.drill(
    title="The padding that keeps the size",
    task="A kernel has {kernel_size} weights on a side and dilation {dilation}. Which padding keeps the size of the image, at stride 1?",
    given={"kernel_size": 3, "dilation": 2},
    draw=lambda choose: {"kernel_size": choose.choice([3, 5, 7, 9]), "dilation": choose.randint(2, 5)},
    hints=[
        "How many pixels does the window reach over, from its first weight to its last? By how much does that shorten a side?",
        "Without padding a side loses {dilation} * {kernel_size - 1} pixels. Padding adds its number at both ends.",
    ],
    fact=(
        "Right: the window reaches over {dilation * (kernel_size - 1) + 1} pixels and takes {dilation * (kernel_size - 1)} from a "
        "side; half of them come back at each end. `padding='same'` computes this number."
    ),
    mistakes={
        "padding_of_both_ends": (
            lambda kernel_size, dilation: dilation * (kernel_size - 1),
            "this is what both ends need together. Padding is the number at one end.",
        ),
        "padding_without_dilation": (
            lambda kernel_size, dilation: (kernel_size - 1) // 2,
            "this is right for weights side by side. Here they lie {dilation} pixels apart.",
        ),
        "padding_of_the_reach": (
            lambda kernel_size, dilation: dilation * (kernel_size - 1) + 1,
            "this is how many pixels the window reaches over. How many does a side lose, and how many of them at one end?",
        ),
        "padding_of_half_the_weights": (
            lambda kernel_size, dilation: dilation * kernel_size // 2,
            "you took {kernel_size} steps of {dilation}. From the first of {kernel_size} weights to the last there are {kernel_size - 1}.",
        ),
    },
)
def padding_that_keeps(kernel_size, dilation):
    return dilation * (kernel_size - 1) // 2


@sheet.drill(
    title="Another white pixel",
    task=(
        "A black image with one white pixel (1), far from the border, is filtered with {kernel}. Give the {len(kernel)} x "
        "{len(kernel[0])} numbers that this pixel makes in the map, as they stand there."
    ),
    given={"kernel": [[2, 0, 1], [5, 3, 4]]},
    draw=lambda choose: {"kernel": [choose.sample(range(-3, 8), 3) for _ in range(2)]},
    easy=lambda choose: {"kernel": [choose.sample(range(1, 8), 2) for _ in range(2)]},
    hints=[
        "The window comes from above and from the left. Which of its weights meets the white pixel first?",
        "The last weight, {kernel[-1][-1]}, comes first, and the first one, {kernel[0][0]}, comes last.",
    ],
    fact="Right: the last weight meets the white pixel first, so the weights come out in reverse order, rows and columns.",
    mistakes={
        "pixel_gives_the_kernel": (
            lambda kernel: kernel,
            "this is the kernel as it is. The window comes from above and from the left: its last weight meets the pixel first.",
        ),
        "pixel_flips_columns": (
            lambda kernel: [row[::-1] for row in kernel],
            "you reversed the columns alone. The last row comes first as well.",
        ),
        "pixel_flips_rows": (
            lambda kernel: kernel[::-1],
            "you reversed the rows alone. The last column comes first as well.",
        ),
        "pixel_gives_the_sum": (
            lambda kernel: sum(map(sum, kernel)),
            "this is the sum of all weights. The pixel lies under one weight at a time.",
        ),
    },
)
def another_white_pixel(kernel):
    return [row[::-1] for row in kernel[::-1]]
