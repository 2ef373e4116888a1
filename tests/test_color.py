"""Lesson 03: conv2d and the specification sheet agree with PyTorch, on random layers and on those of real networks."""

import inspect

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision import models

from lessonlib import color
from lessonlib.color import MEANING, conv2d, layers_of_real_networks, random_layer, specification
from lessonlib.exercises import color as exercise
from lessonlib.layers import module_runs

COLUMNS = ["argument", "here", "what it is", "height", "width", "channels", "parameters", "multiply-adds"]
NUMBERS = COLUMNS[3:]


def one_or_two(least, most):
    """One whole number for rows and columns, or a pair of them."""
    number = st.integers(least, most)
    return st.one_of(number, st.tuples(number, number))


@st.composite
def layers(draw):
    """The arguments of a layer, and an input size that is large enough for it."""
    groups = draw(st.integers(1, 3))
    arguments = {
        "in_channels": groups * draw(st.integers(1, 3)),
        "out_channels": groups * draw(st.integers(1, 4)),
        "kernel_size": draw(one_or_two(1, 4)),
        "stride": draw(one_or_two(1, 4)),
        "padding": draw(one_or_two(0, 3)),
        "dilation": draw(one_or_two(1, 3)),
        "groups": groups,
        "bias": draw(st.booleans()),
        "padding_mode": draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"])),
    }
    return arguments, (draw(st.integers(10, 18)), draw(st.integers(10, 18)))


def random_images(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def last_row(sheet):
    return [sheet[column][-1] for column in NUMBERS]


def by_pytorch(layer, size):
    """Height, width, channels, parameters and multiply-adds of a layer that runs."""
    channels, *sides = layer(torch.zeros(layer.in_channels, *size)).shape
    count = sum(each.numel() for each in layer.parameters())
    return [*sides, channels, count, layer.weight.numel() * sides[0] * sides[1]]


@given(layers(), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_conv2d_agrees_with_pytorch(layer, n, seed):
    arguments, size = layer
    module = nn.Conv2d(**arguments | {"padding_mode": "zeros"}).double()
    images = random_images(seed, n, arguments["in_channels"], *size)
    ours = conv2d(images, module.weight, module.bias, *list(arguments.values())[3:7])
    theirs = module(torch.from_numpy(images)).detach().numpy()
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_images_keep_their_float_type(dtype):
    assert conv2d(exercise.CHANNELS.astype(dtype), exercise.SLICES[None].astype(np.float64), [0.5]).dtype == dtype


def test_the_channels_of_the_lesson_by_hand_and_small_whole_numbers_that_do_not_wrap_round():
    assert conv2d(exercise.CHANNELS.tolist(), exercise.SLICES[None], [1]).tolist() == [[[57, 73], [105, 121]]]
    images = np.full((1, 2, 2), 255, np.uint8)
    assert conv2d(images, np.full((1, 1, 2, 2), -3)).tolist() == [[[-3060]]]


def test_one_image_is_a_batch_of_one():
    images, weight = random_images(0, 1, 3, 6, 7), random_images(1, 4, 3, 3, 2)
    assert np.array_equal(conv2d(images[0], weight, padding=1), conv2d(images, weight, padding=1)[0])


IMAGES, WEIGHT = np.zeros((2, 4, 5, 6)), np.zeros((6, 4, 3, 3))


@pytest.mark.parametrize(
    "changes, why",
    [
        ({"weight": WEIGHT[:, :3]}, r"weight has .* 3 slices a filter: the images have 4 channels .* so give 4"),
        ({"weight": np.zeros((6, 4, 7, 3))}, "kernel_size is 7: with dilation 1 the kernel spans 7 pixels"),
        ({"bias": np.zeros(4)}, r"bias has the shape \(4,\): give \(6,\), one number for each filter"),
        ({"groups": 3}, "groups is 3: it must divide the channels of images, which are 4"),
        ({"stride": 0}, "stride is 0"),
    ],
)
def test_what_can_not_be_convolved_is_refused_by_name(changes, why):
    with pytest.raises(ValueError, match=why):
        conv2d(**({"images": IMAGES, "weight": WEIGHT} | changes))


@given(layers())
def test_the_sheet_agrees_with_pytorch(layer):
    arguments, size = layer
    module = nn.Conv2d(**arguments)
    sheet = specification(module, (module.in_channels, *size))
    assert last_row(sheet) == by_pytorch(module, size)
    assert repr(specification(arguments, (module.in_channels, *size))) == repr(sheet)


@given(layers())
def test_what_pytorch_counts_is_what_the_layer_gives_and_costs(layer):
    arguments, size = layer
    module = nn.Conv2d(**arguments)
    assert color.counted_by_pytorch(module, (module.in_channels, *size)) == by_pytorch(module, size)


@given(layers())
def test_every_row_of_the_sheet_is_the_layer_with_the_arguments_so_far(layer):
    arguments, size = layer
    sheet, so_far = specification(arguments, (arguments["in_channels"], *size)), dict(color.NOTHING_YET)
    shown = dict(zip(NUMBERS, (*size, arguments["in_channels"], "", ""), strict=True))
    for row, name in enumerate(MEANING, start=1):
        so_far[name] = arguments[name]
        changes = {column: sheet[column][row] for column in NUMBERS if sheet[column][row] != ""}
        assert all(shown[column] != number for column, number in changes.items())
        shown |= changes
        assert [*shown.values()] == by_pytorch(nn.Conv2d(**so_far), size)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@given(layers(), st.sampled_from(["same", "valid"]))
def test_the_words_for_padding_mean_what_they_mean_in_pytorch(layer, padding):
    arguments, size = layer
    module = nn.Conv2d(**arguments | {"padding": padding, "stride": 1})
    assert last_row(specification(module, (module.in_channels, *size))) == by_pytorch(module, size)


def test_the_sheet_names_every_argument_and_writes_it_as_one_would():
    sheet = specification(nn.Conv2d(3, 8, (3, 5), padding=(1, 2), padding_mode="reflect", bias=False), (3, 9, 10))
    assert list(sheet.columns) == COLUMNS
    assert sheet["argument"] == ["input", *MEANING, "output"]
    assert sheet["here"] == ["3 x 9 x 10", 3, 8, (1, 2), "reflect", (3, 5), 1, 1, 1, False, "8 x 9 x 10"]


def test_the_sheet_has_every_argument_of_pytorch_that_specifies_a_layer():
    assert set(MEANING) == set(inspect.signature(nn.Conv2d).parameters) - {"device", "dtype"}


@pytest.mark.parametrize("mode, padding", [("reflect", 4), ("circular", 5), ("reflect", "same")])
def test_the_sheet_refuses_the_padding_that_pytorch_refuses(mode, padding):
    layer = nn.Conv2d(1, 1, 9, padding=padding, padding_mode=mode)
    with pytest.raises(RuntimeError, match="[Pp]adding"):
        layer(torch.zeros(1, 1, 4, 4))
    with pytest.raises(ValueError, match=r"input_shape is \(1, 4, 4\): .*[Pp]adding"):
        specification(layer, (1, 4, 4))


def test_layers_of_real_networks_get_what_they_get_from_an_image():
    with torch.device("meta"):
        networks = {
            "AlexNet": models.alexnet(),
            "VGG-16": models.vgg16(),
            "ResNet-50": models.resnet50(),
            "MobileNetV2": models.mobilenet_v2(),
            "DeepLabV3": models.segmentation.deeplabv3_resnet50(weights=None, weights_backbone=None),
        }
    runs = {name: module_runs(network, (3, 224, 224)) for name, network in networks.items()}
    seen = {(name, str(run.module), run.took[0][1:]) for name in runs for run in runs[name] if run.took}
    for name, (layer, input_shape) in layers_of_real_networks().items():
        assert (name.split()[0], str(layer), input_shape) in seen


def test_random_layers_differ_run_and_come_again():
    layers = [random_layer(seed) for seed in range(50)]
    assert len({str(layer) for layer, _ in layers}) > 40 and str(random_layer(7)) == str(layers[7])
    for layer, input_shape in layers:
        assert layer(torch.zeros(input_shape)).shape[0] == layer.out_channels
    assert {layer.groups for layer, _ in layers} == {1, 2, 3}


def test_the_table_of_real_layers_says_what_their_sheets_say():
    table = color.table_of_real_layers()
    for name, (layer, input_shape) in layers_of_real_networks().items():
        sheet = specification(layer, input_shape)
        assert table[name] == [*sheet["here"], sheet["parameters"][-1], sheet["multiply-adds"][-1]]
    assert table["argument"][1] == "in_channels" and len(table["argument"]) == len(table["AlexNet first"])


LAYER = {"in_channels": 4, "out_channels": 6, "kernel_size": 3}


@pytest.mark.parametrize(
    "layer, input_shape, why",
    [
        (LAYER | {"kernel_size": 9}, (4, 8, 8), "kernel_size is 9: with dilation 1 the kernel spans 9 pixels"),
        (LAYER | {"padding": "full"}, (4, 8, 8), "layer is .*'full'"),
        (LAYER | {"padding": "same", "stride": 2}, (4, 8, 8), "layer is .*strided"),
        (LAYER | {"groups": 3}, (4, 8, 8), "layer is .*in_channels must be divisible by groups"),
        (LAYER | {"filters": 3}, (4, 8, 8), "layer is .*filters"),
        (nn.Linear(4, 6), (4, 8, 8), "layer came as Linear: give an nn.Conv2d, or its arguments as a dictionary"),
        (LAYER, (4, 8), r"input_shape is \(4, 8\): give \(channels, height, width\)"),
        (LAYER, (3, 8, 8), r"input_shape is \(3, 8, 8\): .* which has 3 channels, and takes 4"),
    ],
)
def test_what_makes_no_layer_is_refused_by_name(layer, input_shape, why):
    with pytest.raises(ValueError, match=why):
        specification(layer, input_shape)


def counted(module):
    return sum(each.numel() for each in module.parameters())


def test_the_networks_that_are_compared_have_about_as_many_parameters_as_the_lesson_says():
    four_maps = color.small_cnn(1, then=56, pooling=nn.PixelUnshuffle(2), fixed=True)
    networks = [color.small_cnn(1, then=131), color.small_cnn(16, then=16), four_maps]
    assert [counted(network) for network in networks] == [2_640, 2_650, 2_652]


@pytest.mark.parametrize("pooling", [None, nn.MaxPool2d(2), nn.MaxPool2d(2, stride=1), nn.PixelUnshuffle(2)])
def test_a_fixed_first_layer_hands_the_image_on_and_does_not_learn(pooling):
    network, images = color.small_cnn(1, then=4, pooling=pooling, fixed=True), torch.rand(2, 1, 10, 10)
    assert torch.equal(network[:2](images), images) and network(images).shape == (2, 10)
    assert [name for name, weights in network.named_parameters() if not weights.requires_grad] == ["0.weight", "0.bias"]
    assert all(weights.requires_grad for weights in color.small_cnn(1, then=4).parameters())


def test_the_facts_that_the_exercises_tell_are_true():
    assert counted(nn.Conv2d(512, 512, 3, device="meta")) == 2_359_808
    with torch.device("meta"):
        vgg = [layer.out_channels for layer in models.vgg16().features if isinstance(layer, nn.Conv2d)]
        assert models.resnet50().conv1.bias is None
        first, *_, last = models.mobilenet_v2().features
    assert first[0].groups == last[0].groups == 1
    assert (vgg[0], vgg[-1]) == (64, 512)
    cost = [
        specification(layer, (64, 56, 56))["multiply-adds"][-1]
        for layer in (
            nn.Conv2d(64, 128, 3, padding=1),
            nn.Conv2d(64, 64, 3, padding=1, groups=64),
            nn.Conv2d(64, 128, 1),
        )
    ]
    assert 8 < cost[0] / (cost[1] + cost[2]) < 9
