"""Lesson 04: pooling agrees with PyTorch, and receptive fields with papers and with live networks."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F
from torchvision import models

from lessonlib import data, filters
from lessonlib.exercises import pooling as exercise
from lessonlib.pooling import avg_pool2d, max_pool2d, on_a_strip, over_bars, pooled_size, reach_table, receptive_field


@st.composite
def settings_of_a_pooling(draw):
    """The arguments of a pooling layer, of which each is one number for rows and columns, or a pair."""
    pairs = lambda least, most: st.tuples(st.integers(least, most), st.integers(least, most))
    kernel_size = draw(st.one_of(st.integers(1, 5), pairs(1, 5)))
    half = min(np.broadcast_to(kernel_size, 2)) // 2
    return {
        "kernel_size": kernel_size,
        "stride": draw(st.one_of(st.none(), st.integers(1, 6), pairs(1, 6))),
        "padding": draw(st.one_of(st.integers(0, half), pairs(0, half))),
        "ceil_mode": draw(st.booleans()),
    }


shapes = st.tuples(st.integers(1, 11), st.integers(1, 11))
fronts = st.sampled_from([(1,), (2, 3), (1, 1)])
seeds = st.integers(0, 2**32 - 1)


def random_maps(seed, shape):
    return np.random.default_rng(seed).normal(size=shape)


def by_pytorch(function, images, **arguments):
    """What PyTorch makes of it, or None where it refuses."""
    try:
        return function(torch.from_numpy(images), **arguments).numpy()
    except RuntimeError as error:
        assert "Output size is too small" in str(error)


@given(seeds, fronts, shapes, settings_of_a_pooling())
def test_max_pool2d_and_pooled_size_agree_with_pytorch(seed, front, shape, arguments):
    images = random_maps(seed, front + shape) - 3
    expected = by_pytorch(F.max_pool2d, images, **arguments)
    if expected is None:
        for call in (lambda: max_pool2d(images, **arguments), lambda: pooled_size(shape, **arguments)):
            with pytest.raises(ValueError, match="kernel_size is .* has no room for it"):
                call()
    else:
        assert np.array_equal(max_pool2d(images, **arguments), expected)
        assert pooled_size(shape, **arguments) == expected.shape[-2:]


@given(seeds, fronts, shapes, settings_of_a_pooling(), st.booleans())
def test_avg_pool2d_agrees_with_pytorch(seed, front, shape, arguments, count_include_pad):
    images = random_maps(seed, front + shape)
    expected = by_pytorch(F.avg_pool2d, images, **arguments, count_include_pad=count_include_pad)
    assume(expected is not None)
    result = avg_pool2d(images, **arguments, count_include_pad=count_include_pad)
    np.testing.assert_allclose(result, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    "arguments, size",
    [
        ({"size": 32, "kernel_size": 3}, 10),
        ({"size": np.int64(55), "kernel_size": 3, "stride": 2, "ceil_mode": True}, 27),
        ({"size": [427, 640], "kernel_size": 2}, (213, 320)),
        ({"size": torch.zeros(427, 640).shape, "kernel_size": (2, 4)}, (213, 160)),
        ({"size": 32, "kernel_size": (2, 4)}, (16, 8)),
    ],
)
def test_pooled_sizes_by_hand(arguments, size):
    assert pooled_size(**arguments) == size


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_maps_keep_their_float_type(dtype):
    maps = np.ones((2, 5, 5), dtype)
    assert max_pool2d(maps, 2, padding=1).dtype == avg_pool2d(maps, 2, padding=1, ceil_mode=True).dtype == dtype


@pytest.mark.parametrize("dtype", [np.uint8, np.int64])
def test_whole_numbers_keep_their_maximum_and_do_not_wrap_round(dtype):
    maps = np.full((4, 4), np.iinfo(dtype).max // 2, dtype)
    largest = max_pool2d(maps, 2, padding=1)
    assert largest.dtype.kind == "i" and (largest == maps[0, 0]).all()
    assert (avg_pool2d(maps.astype(np.uint8), 2) == int(maps.astype(np.uint8)[0, 0])).all()


def test_padding_never_wins_a_maximum():
    assert max_pool2d(-np.arange(1, 10).reshape(3, 3), 2, padding=1).tolist() == [[-1, -2], [-4, -5]]


@pytest.mark.parametrize("function", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(
    "wrong, why",
    [
        ({"kernel_size": 0}, "kernel_size is 0"),
        ({"kernel_size": (4, 2), "padding": (1, 2)}, r"padding is \(1, 2\): give at most half of kernel_size"),
        ({"kernel_size": 7}, r"kernel_size is \(7, 7\): a map of \(4, 6\) with padding \(0, 0\) has no room for it"),
    ],
)
def test_what_can_not_be_pooled_is_refused_by_name(function, wrong, why):
    with pytest.raises(ValueError, match=why):
        function(**{"images": np.zeros((4, 6)), "kernel_size": 2} | wrong)


layers = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 2)), max_size=4)


@given(layers, layers)
def test_the_receptive_field_is_what_a_change_of_the_image_can_reach(down, right):
    """Convolutions with positive weights, over columns and rows: the gradient of a number is exactly its field."""
    (rows, down_jump), (columns, right_jump) = receptive_field(down), receptive_field(right)
    convolutions = [
        *(nn.Conv2d(1, 1, (kernel, 1), (stride, 1), dilation=(dilation, 1)) for kernel, stride, dilation in down),
        *(nn.Conv2d(1, 1, (1, kernel), (1, stride), dilation=(1, dilation)) for kernel, stride, dilation in right),
    ]
    network = nn.Sequential(*convolutions).double()
    for parameter in network.parameters():
        nn.init.constant_(parameter, 1.0)
    pixels = torch.zeros(1, rows + down_jump, columns + right_jump, dtype=torch.float64, requires_grad=True)
    for place, (top, left) in (((0, 0), (0, 0)), ((1, 1), (down_jump, right_jump))):
        (gradient,) = torch.autograd.grad(network(pixels)[0][place], pixels)
        seen = torch.nonzero(gradient[0])
        assert seen.min(dim=0).values.tolist() == [top, left]
        assert seen.max(dim=0).values.tolist() == [top + rows - 1, left + columns - 1]
    pair = lambda one, other: one if one == other else (one, other)
    assert receptive_field(network) == (pair(rows, columns), pair(down_jump, right_jump))


@pytest.mark.parametrize("build, field", [(models.alexnet, (195, 32)), (models.vgg16, (212, 32))])
def test_published_receptive_fields(build, field):
    """Araujo et al. 2019, table of receptive fields."""
    with torch.device("meta"):
        assert receptive_field(build().features) == field


@pytest.mark.parametrize(
    "stack, field",
    [
        ([], (1, 1)),
        ([(3, 1), (3, 1), (2, 2)] * 2, (16, 4)),
        ([((3, 5), 1, (2, 1))], (5, 1)),
        ([((3, 5), (1, 2))], ((3, 5), (1, 2))),
        (nn.Conv2d(1, 1, 3), (3, 1)),
        (nn.Sequential(nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU()), nn.MaxPool2d(2)), (4, 2)),
        (nn.Sequential(nn.AvgPool2d(3, stride=1), nn.BatchNorm2d(1), nn.MaxPool2d((2, 1))), ((4, 3), (2, 1))),
        ([nn.Conv2d(1, 1, 3, 2)] * 70, (2**71 - 1, 2**70)),
        (nn.Sequential(*[nn.Conv2d(1, 1, 3)] * 2, nn.Mish(), nn.Softmax(dim=1)), (5, 1)),
    ],
)  # fmt: skip
def test_receptive_fields_by_hand(stack, field):
    assert receptive_field(stack) == field


@pytest.mark.parametrize(
    "bad, why",
    [
        (nn.Sequential(nn.Conv2d(1, 1, 3), nn.Flatten()), "layers hold Flatten: give tuples"),
        (nn.Softmax(dim=-1), "layers hold Softmax"),
        (models.segmentation.deeplabv3.ASPPPooling(1, 1), "layers hold ASPPPooling"),  # with a forward of its own
        ((3, 1), "layers hold 3"),
        ([(3, 0)], "stride is 0"),
    ],
)
def test_layers_without_a_window_of_fixed_size_are_refused(bad, why):
    with pytest.raises(ValueError, match=why):
        receptive_field(bad)


def test_digits_take_the_columns_of_a_strip_in_turn():
    digits = data.digits().test
    images, labels = on_a_strip(digits, columns=[0, 5, 16])
    assert images.shape == (360, 1, 12, 24) and torch.equal(labels, digits.labels)
    for number, column in enumerate([0, 5, 16, 0]):
        assert torch.equal(images[number, :, 2:10, column : column + 8], digits.images[number])
        assert images[number].sum() == digits.images[number].sum()


def test_over_bars_gives_shares_of_the_largest_response_with_angles_down_and_places_to_the_right():
    upright = filters.bar((9, 15), angle=90, width=3)
    shares = over_bars(lambda image: (upright * image).sum(), [-2, 0, 7], [0, 90], size=(9, 15), width=3)
    assert shares[1, 1] == shares.max() == 1 and shares.shape == (2, 3)
    assert 0 < shares[1, 0] < 1 and shares[1, 2] == 0


def test_the_reach_of_a_cell_counts_places_at_90_degrees_and_angles_in_the_middle():
    shares = np.array([[0.9, 0.4, 0.9], [0.2, 0.7, 0.1], [0.6, 1, 0.9], [0.1, 0.2, 0.1]])
    ((name, places, turned),) = reach_table({"cell": shares}, [-1, 0, 1], [0, 45, 90, 135]).rows
    assert (name, places, turned) == ("cell", 3, "45° to 90°")
    peak_elsewhere = np.array([[0.1, 0.1, 0.1], [0.2, 0.45, 0.2], [1, 0.8, 1], [0.1, 0.3, 0.1]])
    ((_, _, turned),) = reach_table({"cell": peak_elsewhere}, [-1, 0, 1], [0, 45, 90, 135]).rows
    assert turned == "45° to 90°"


def test_the_facts_that_the_exercises_tell_are_true():
    image = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    for pool, share in ((nn.MaxPool2d(2), [[0, 0], [0, 1]]), (nn.AvgPool2d(2), [[0.25, 0.25], [0.25, 0.25]])):
        (gradient,) = torch.autograd.grad(pool(image[None]).sum(), image)
        assert gradient.tolist() == share
    assert exercise.average_as_convolution.reference().weight.numel() == 12
    assert receptive_field([(3, 1)] * 4)[0] == 9
    assert receptive_field([(3, 1), (3, 1), (2, 2)]) == (6, 2) and exercise.receptive_field.reference() == 6 + 10
    signal = np.array([[0, 0, 4, 4, 0, 0, 4, 4]])
    assert max_pool2d(signal, (1, 2)).tolist() == [[0, 4, 0, 4]]
    assert max_pool2d(np.roll(signal, 1), (1, 2)).tolist() == [[4, 4, 4, 4]]
