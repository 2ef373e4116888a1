"""Lesson 02: filters agree with PyTorch and SciPy, and cells, bars and kernels do what they say."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import signal
from torch import nn
from torch.nn import functional as F

from lessonlib import filters
from lessonlib.filters import (
    KERNELS,
    bar,
    best_kernel,
    convolution_matrix,
    convolve,
    cross_correlate,
    gabor,
    grating,
    output_size,
)

ANGLES = range(0, 180, 15)
IMAGE = np.arange(9).reshape(3, 3)
KERNEL = np.array([[0, 1], [2, 3]])


def one_or_two(least, most):
    """One whole number for rows and columns, or a pair of them."""
    number = st.integers(least, most)
    return st.one_of(number, st.tuples(number, number))


shapes = st.tuples(st.integers(1, 12), st.integers(1, 12))
kernel_shapes = st.tuples(st.integers(1, 4), st.integers(1, 4))
steps = st.fixed_dictionaries({"stride": one_or_two(1, 4), "padding": one_or_two(0, 3), "dilation": one_or_two(1, 3)})
seeds = st.integers(0, 2**32 - 1)


def fits(shape, kernel_shape, padding=0, dilation=1, stride=1):
    sides = zip(shape, kernel_shape, np.broadcast_to(padding, 2), np.broadcast_to(dilation, 2), strict=True)
    return all(size + 2 * pad >= apart * (kernel - 1) + 1 for size, kernel, pad, apart in sides)


def by_pytorch(image, kernel, **steps):
    image, kernel = (torch.from_numpy(np.array(each))[None, None] for each in (image, kernel))
    return F.conv2d(image, kernel, **steps)[0, 0].numpy()


def random_pair(seed, shape, kernel_shape):
    generator = np.random.default_rng(seed)
    return generator.normal(size=shape), generator.normal(size=kernel_shape)


@given(shapes, kernel_shapes, steps)
def test_output_size_is_that_of_pytorch(shape, kernel_shape, steps):
    assume(fits(shape, kernel_shape, **steps))
    layer = nn.Conv2d(1, 1, kernel_shape, **steps)
    size = output_size(shape, kernel_shape, **steps)
    assert type(size) is tuple and size == tuple(layer(torch.zeros(1, 1, *shape)).shape[2:])


@pytest.mark.parametrize(
    "arguments, size",
    [
        ({"size": 28, "kernel_size": 5, "stride": 2}, 12),
        ({"size": np.int64(28), "kernel_size": 5, "padding": 1}, 26),
        ({"size": 28, "kernel_size": 3, "dilation": 2}, 24),
        ({"size": 28, "kernel_size": 3, "stride": (1, 2)}, (26, 13)),
        ({"size": [427, 640], "kernel_size": 3}, (425, 638)),
        ({"size": torch.zeros(427, 640).shape, "kernel_size": (3, 5), "padding": (1, 0)}, (427, 636)),
    ],
)  # fmt: skip
def test_output_sizes_of_the_lesson(arguments, size):
    assert output_size(**arguments) == size


@given(seeds, shapes, kernel_shapes, steps)
def test_cross_correlate_agrees_with_pytorch(seed, shape, kernel_shape, steps):
    assume(fits(shape, kernel_shape, **steps))
    image, kernel = random_pair(seed, shape, kernel_shape)
    result = cross_correlate(image, kernel, **steps)
    np.testing.assert_allclose(result, by_pytorch(image, kernel, **steps), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("steps", [{}, {"padding": 1}, {"stride": (3, 2), "dilation": 2}])
def test_cross_correlate_agrees_with_pytorch_where_it_computes_in_bands(steps):
    image, kernel = random_pair(0, (2 * filters.BAND + 7, 50), (5, 3))
    result = cross_correlate(image, kernel, **steps)
    np.testing.assert_allclose(result, by_pytorch(image, kernel, **steps), rtol=1e-10, atol=1e-12)


def test_the_image_of_the_lesson_by_hand():
    assert cross_correlate(IMAGE, KERNEL).tolist() == [[19, 25], [37, 43]]
    assert convolve(IMAGE, KERNEL).tolist() == [[5, 11], [23, 29]]
    assert cross_correlate([[2**40 + 1]], [[2**20]]).tolist() == [[2**60 + 2**20]]  # whole numbers are exact


@pytest.mark.parametrize("convert", [list, np.asfortranarray, torch.tensor, lambda rows: torch.tensor(rows).float()])
def test_arrays_tensors_and_lists_are_welcome_and_an_array_comes_back(convert):
    image, kernel = convert(IMAGE.tolist()), convert(KERNEL.tolist())
    for result in (cross_correlate(image, kernel), convolve(image, np.flip(KERNEL))):
        assert isinstance(result, np.ndarray) and result.tolist() == [[19, 25], [37, 43]]
    assert convolution_matrix(kernel, (3, 3)).shape == (4, 9)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("kernel", [KERNEL, KERNEL / 2])
def test_an_image_keeps_its_float_type(dtype, kernel):
    assert cross_correlate(IMAGE.astype(dtype), kernel, padding=1).dtype == dtype


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16])
def test_an_image_of_small_whole_numbers_gives_what_its_float_copy_gives(dtype):
    limits = np.iinfo(dtype)
    image = np.random.default_rng(0).integers(limits.min, limits.max, (6, 7), dtype, endpoint=True)
    for kernel in ([[9, -9], [-7, 3]], *KERNELS.values()):
        result = cross_correlate(image, kernel)
        np.testing.assert_allclose(result, cross_correlate(image.astype(float), kernel), rtol=1e-6)


@given(seeds, shapes, kernel_shapes)
def test_convolve_agrees_with_scipy(seed, shape, kernel_shape):
    image, kernel = random_pair(seed, shape, kernel_shape)
    full = convolve(image, kernel, padding=(kernel_shape[0] - 1, kernel_shape[1] - 1))
    np.testing.assert_allclose(full, signal.convolve2d(image, kernel), rtol=1e-10, atol=1e-12)
    assert np.array_equal(convolve(image, kernel, 2, 3, 2), cross_correlate(image, np.flip(kernel), 2, 3, 2))


@given(seeds, shapes, kernel_shapes)
def test_convolution_matrix_is_cross_correlate_as_a_product(seed, shape, kernel_shape):
    assume(fits(shape, kernel_shape))
    image, kernel = random_pair(seed, shape, kernel_shape)
    matrix, result = convolution_matrix(kernel, shape), cross_correlate(image, kernel)
    assert matrix.shape == (result.size, image.size)
    np.testing.assert_allclose(matrix @ image.ravel(), result.ravel(), rtol=1e-10, atol=1e-12)


def test_each_row_of_the_matrix_holds_the_same_few_numbers():
    kernel = np.arange(1, 7).reshape(2, 3)
    matrix = convolution_matrix(kernel, (5, 8))
    assert matrix.shape == (4 * 6, 5 * 8)
    assert all(row[row != 0].tolist() == kernel.ravel().tolist() for row in matrix)
    assert np.count_nonzero(convolution_matrix(np.ones((3, 3)), (28, 28))) == 6_084


@given(seeds, st.tuples(st.integers(1, 3), st.integers(1, 3)), st.floats(-9, 9))
def test_the_best_kernel_is_the_one_that_made_the_map(seed, kernel_shape, bias):
    image, kernel = random_pair(seed, (12, 13), kernel_shape)
    found, found_bias = best_kernel(image, cross_correlate(image, kernel) + bias, kernel_shape)
    np.testing.assert_allclose(found, kernel, atol=1e-8)
    assert found_bias == pytest.approx(bias, abs=1e-8)


@given(seeds)
def test_no_kernel_and_no_bias_beside_the_best_comes_closer_to_a_map(seed):
    image, kernel = random_pair(seed, (9, 10), (3, 3))
    target = cross_correlate(image, kernel).clip(min=0) + 2  # which no kernel gives
    best, bias = best_kernel(image, target, 3)
    squared = lambda kernel, bias: np.square(cross_correlate(image, kernel) + bias - target).sum()
    nudges = [*np.eye(9).reshape(9, 3, 3), np.zeros((3, 3))]
    for nudge, step in [(nudge, step) for nudge in nudges for step in (-0.01, 0.01)]:
        assert squared(best + step * nudge, bias + step * (not nudge.any())) > squared(best, bias)


@given(seeds, kernel_shapes)
def test_the_gradient_of_a_shared_weight_is_a_cross_correlation_with_what_comes_from_above(seed, kernel_shape):
    image, kernel = random_pair(seed, (6, 7), kernel_shape)
    weights = torch.tensor(kernel)[None, None].requires_grad_()
    output = F.conv2d(torch.tensor(image)[None, None], weights)
    upstream = np.random.default_rng(seed).normal(size=output.shape[2:])
    output.backward(torch.tensor(upstream)[None, None])
    np.testing.assert_allclose(cross_correlate(image, upstream), weights.grad[0, 0], atol=1e-10)


def response(cell, image):
    return float((cell * image).sum(dtype=float))


@given(st.floats(-360, 360), st.sampled_from([(21, 8), ((20, 31), 6.5), (9, 4)]), st.floats(-180, 180))
def test_a_cell_is_silent_on_grey_and_answers_at_most_1(angle, measures, phase):
    size, wavelength = measures
    cell = gabor(size, angle, wavelength, phase)
    assert cell.dtype == np.float32 and cell.shape == (size if isinstance(size, tuple) else (size, size))
    assert response(cell, 0.5) == pytest.approx(0, abs=1e-6)
    assert response(cell, cell > 0) == pytest.approx(1, abs=1e-5)
    assert response(cell, cell < 0) == pytest.approx(-1, abs=1e-5)


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize("size, wavelength", [(21, 8), (16, 8), (25, 6), (9, 4)])
def test_a_cell_prefers_bars_and_gratings_of_its_own_angle(angle, size, wavelength):
    cell = gabor(size, angle, wavelength)
    bars = [response(cell, bar(size, each, wavelength / 2)) for each in ANGLES]
    gratings = [response(cell, grating(size, each, wavelength)) for each in ANGLES]
    assert ANGLES[np.argmax(bars)] == ANGLES[np.argmax(gratings)] == angle
    assert bars[(ANGLES.index(angle) + 6) % 12] < 0.05 * max(bars)  # at a right angle


DRAWN = {
    30: ["       ", "      #", "    ## ", "  ###  ", " ##    ", "#      ", "       "],
    90: ["   #   ", "   #   ", "   #   ", "   #   ", "   #   ", "   #   ", "   #   "],
    120: [" #     ", "  #    ", "  #    ", "   #   ", "    #  ", "    #  ", "     # "],
}


@pytest.mark.parametrize("angle", DRAWN)
def test_angles_turn_counter_clockwise_as_you_see_the_image(angle):
    drawn = np.array([[pixel == "#" for pixel in row] for row in DRAWN[angle]])
    assert max(ANGLES, key=lambda angle: response(gabor(7, angle, 4), drawn)) == angle
    assert max(ANGLES, key=lambda angle: response(bar(7, angle, 1), drawn)) == angle


def test_a_cell_of_phase_minus_90_prefers_edges_that_are_light_on_the_right_or_below():
    light_on_the_right = np.repeat([[0.0, 0.5, 1.0]], [10, 1, 10], axis=1).repeat(21, axis=0)
    assert response(gabor(21, 90, 8, phase=-90), light_on_the_right) > 0.3
    assert response(gabor(21, 90, 8, phase=-90), 1 - light_on_the_right) < -0.3
    assert response(gabor(21, 0, 8, phase=-90), light_on_the_right.T) > 0.3
    assert response(gabor(21, 90, 8), light_on_the_right) == pytest.approx(0, abs=1e-6)


def test_a_gabor_filter_follows_its_formula():
    y, x = np.indices((15, 15)) - 7  # at 90 degrees, x goes across the bar and y along it
    bell = np.exp(-(x**2 + (y / 2) ** 2) / (2 * (0.56 * 6) ** 2))
    weights = bell * np.cos(2 * np.pi * x / 6 + np.pi / 3)
    weights -= bell * weights.sum() / bell.sum()
    ours = gabor(15, 90, 6, phase=60)
    np.testing.assert_allclose(ours, weights / np.abs(weights).sum() * 2, atol=1e-7)


@given(
    one_or_two(1, 20), st.floats(-360, 360), st.floats(0.1, 30), st.floats(-9, 9), st.floats(-400, 400)
)  # fmt: skip
def test_bars_and_gratings_are_images(size, angle, width, offset, phase):
    for image in (bar(size, angle, width, offset), grating(size, angle, 2 + width, phase)):
        assert image.dtype == np.float32 and image.shape == tuple(np.broadcast_to(size, 2))
        assert image.min() >= 0 and image.max() <= 1


def test_a_bar_covers_as_many_pixels_as_it_is_wide():
    assert bar((2, 5), 90, 3).tolist() == [[0, 1, 1, 1, 0]] * 2
    assert bar((2, 5), 90, 2).tolist() == [[0, 0.5, 1, 0.5, 0]] * 2
    assert bar((2, 5), 90, 0.5).tolist() == [[0, 0, 0.5, 0, 0]] * 2
    assert bar((2, 4), 90, 2).tolist() == [[0, 1, 1, 0]] * 2
    assert bar(101, 30, 4).sum() == pytest.approx(4 * 101 / np.cos(np.pi / 6), rel=0.01)


def test_an_offset_moves_a_bar_to_the_right_or_downwards():
    assert bar((2, 5), 90, 1, offset=1).tolist() == [[0, 0, 0, 1, 0]] * 2
    assert bar((5, 2), 0, 1, offset=-2).tolist() == [[1, 1], [0, 0], [0, 0], [0, 0], [0, 0]]
    assert bar(9, 45, 1, offset=np.sqrt(8))[6, 6] == pytest.approx(1, abs=1e-6)


def test_a_grating_repeats_after_a_wavelength_and_moves_with_its_phase():
    stripes = grating(24, 90, 6)
    np.testing.assert_allclose(stripes[:, 6:], stripes[:, :-6], atol=1e-6)
    np.testing.assert_allclose(grating(24, 90, 6, phase=180), 1 - stripes, atol=1e-6)
    np.testing.assert_allclose(grating(24, 90, 6, phase=-60)[:, 1:], stripes[:, :-1], atol=1e-6)
    assert stripes.std(axis=0).max() < 1e-6 and grating(24, 0, 6).std(axis=1).max() < 1e-6


def on(name, image):
    return cross_correlate(np.float32(image), KERNELS[name])


LIGHT_ON_THE_RIGHT = np.repeat([[0.0, 1.0]], 4, axis=1).repeat(6, axis=0)
SPOT = np.pad([[1.0]], 3)


@pytest.mark.parametrize("name", KERNELS)
def test_a_kernel_keeps_the_brightness_of_a_flat_area_or_is_silent_on_it(name):
    is_silent = name.startswith("Sobel") or name == "Laplacian"
    np.testing.assert_allclose(on(name, np.full((5, 6), 0.5)), 0 if is_silent else 0.5, rtol=1e-6)
    assert KERNELS[name].dtype == np.float32


def test_kernels_by_hand():
    image = np.random.default_rng(0).random((5, 6), np.float32)
    assert np.array_equal(on("identity", image), image[1:-1, 1:-1])
    assert (KERNELS["Gaussian blur"] * 16).tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
    row = on("sharpen", 0.5 + 0.2 * LIGHT_ON_THE_RIGHT)[0]  # overshoots on both sides of an edge
    np.testing.assert_allclose(row, [0.5, 0.5, 0.3, 0.9, 0.7, 0.7], atol=1e-6)
    assert on("Laplacian", SPOT)[2, 2] == -4 and not on("Laplacian", np.indices((5, 6)).sum(axis=0)).any()
    lower_right = np.add.outer(np.arange(8), np.arange(8)) > 7  # emboss lights edges from one corner
    assert on("emboss", lower_right).max() > 1.5 and on("emboss", ~lower_right).min() < -0.5


def test_sobel_finds_edges_of_its_own_direction_and_tells_which_side_is_light():
    vertical, horizontal = (KERNELS["Sobel for vertical edges"], KERNELS["Sobel for horizontal edges"])
    assert cross_correlate(LIGHT_ON_THE_RIGHT, vertical)[0].tolist() == [0, 0, 4, 4, 0, 0]
    assert cross_correlate(LIGHT_ON_THE_RIGHT[:, ::-1], vertical)[0].tolist() == [0, 0, -4, -4, 0, 0]
    assert not cross_correlate(LIGHT_ON_THE_RIGHT, horizontal).any()
    assert np.array_equal(horizontal, vertical.T)


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda: convolution_matrix(KERNEL, (427, 640)), r"image_shape is \(427, 640\): its matrix does not fit"),
        (lambda: cross_correlate(IMAGE, KERNEL, stride=0), "stride is 0"),
        (lambda: cross_correlate(IMAGE, KERNEL, dilation=3), "kernel_size is 2: with dilation 3 .* spans 4 pixels"),
        (lambda: gabor((21, 5), 0, 8), r"size is \(21, 5\): give at least the wavelength, 8 pixels"),
        (lambda: bar(9, 0, -1), "width is -1"),
        (lambda: best_kernel(IMAGE, IMAGE, 2), r"result has the shape \(3, 3\): a kernel of 2 x 2 gives \(2, 2\)"),
    ],
)
def test_what_a_filter_can_not_take_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_the_facts_that_the_exercises_tell_are_true():
    assert output_size(28, 5, stride=2) == output_size(27, 5, stride=2) == 12
    assert "affine linear transformation" in nn.Linear.__doc__
    assert "valid 2D `cross-correlation`_ operator" in nn.Conv2d.__doc__
    assert np.array_equal(np.outer([1, 2, 1], [-1, 0, 1]), KERNELS["Sobel for vertical edges"])
