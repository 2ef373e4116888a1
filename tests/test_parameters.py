"""Lesson 01: every count agrees with PyTorch's own layers and with the papers."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision import models

from lessonlib.exercises import parameters as exercise
from lessonlib.parameters import (
    alexnet_of_2012,
    conv2d_parameters,
    lenet5_of_1998,
    linear_parameters,
    network_table,
    parameter_table,
    parameters_by_kind,
)

sizes = st.integers(1, 12)
kernels = st.one_of(st.integers(1, 5), st.tuples(st.integers(1, 5), st.integers(1, 5)))


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


def lenet(first_linear=16 * 5 * 5):
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Sigmoid(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Sigmoid(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(first_linear, 120), nn.Sigmoid(), nn.Linear(120, 84), nn.Sigmoid(), nn.Linear(84, 10),
    )  # fmt: skip


@given(sizes, sizes, st.booleans())
def test_linear_parameters_agree_with_pytorch(in_features, out_features, bias):
    assert linear_parameters(in_features, out_features, bias) == count(nn.Linear(in_features, out_features, bias))


@given(sizes, sizes, kernels, st.integers(1, 4), st.booleans())
def test_conv2d_parameters_agree_with_pytorch(inputs, outputs, kernel_size, groups, bias):
    layer = nn.Conv2d(inputs * groups, outputs * groups, kernel_size, groups=groups, bias=bias)
    assert conv2d_parameters(inputs * groups, outputs * groups, kernel_size, groups, bias) == count(layer)


def test_numpy_integers_are_welcome():
    assert conv2d_parameters(np.int64(3), np.int32(64), np.uint8(3)) == 1792


@pytest.mark.parametrize("bad", [0, -1, 2.5, 3.0, "3", None, True])
@pytest.mark.parametrize("argument", ["in_channels", "out_channels", "kernel_size", "groups"])
def test_bad_numbers_are_refused_by_name(argument, bad):
    arguments = {"in_channels": 4, "out_channels": 4, "kernel_size": 3, "groups": 1} | {argument: bad}
    with pytest.raises(ValueError, match=f"{argument} is {bad!r}: give a whole number, 1 or larger"):
        conv2d_parameters(**arguments)


@pytest.mark.parametrize("argument", ["in_features", "out_features"])
def test_a_linear_layer_without_features_is_refused(argument):
    with pytest.raises(ValueError, match=f"{argument} is 0"):
        linear_parameters(**({"in_features": 1, "out_features": 1} | {argument: 0}))


@pytest.mark.parametrize("channels, name", [((4, 6), "in_channels"), ((6, 4), "out_channels")])
def test_groups_must_divide_the_channels(channels, name):
    with pytest.raises(ValueError, match=f"groups is 3: it must divide {name}, which is 4"):
        conv2d_parameters(*channels, 3, groups=3)


def test_a_kernel_size_of_three_numbers_is_refused():
    with pytest.raises(ValueError, match=r"kernel_size is \(3, 3, 3\): give one whole number or a pair"):
        conv2d_parameters(1, 1, (3, 3, 3))


def test_the_table_of_lenet_counts_shapes_parameters_and_multiply_adds():
    table = parameter_table(lenet(), (1, 28, 28))
    assert table["output shape"][:4] == ["6 x 28 x 28", "6 x 28 x 28", "6 x 14 x 14", "16 x 10 x 10"]
    assert table.footer["parameters"] == 61_706
    by_layer = dict(zip(table["layer"], table["multiply-adds"], strict=True))
    convolutions = sum(
        cost for layer, cost in zip(table["layer"], table["multiply-adds"], strict=True) if "Conv" in layer
    )
    assert (convolutions, table.footer["multiply-adds"] - convolutions) == (357_600, 58_920)
    assert by_layer["Sigmoid"] == 0 and table.footer["share"] == "100.0%"


def test_the_table_leaves_the_model_as_it_was():
    model = models.resnet18().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    parameter_table(model, (3, 64, 64))
    assert model.training and not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_a_linear_layer_over_many_places_costs_its_weights_at_each():
    assert parameter_table(nn.Linear(5, 7), (3, 4, 5))["multiply-adds"] == [3 * 4 * 5 * 7]


def test_an_input_that_the_model_cannot_take_is_refused():
    with pytest.raises(ValueError, match=r"input_shape is \(1, 56, 56\): the model can't take it"):
        parameter_table(lenet(), (1, 56, 56))


@pytest.mark.parametrize(
    "build, paper",
    [(models.alexnet, 61_100_840), (models.vgg16, 138_357_544), (models.resnet18, 11_689_512), (lenet, 61_706)],
)
def test_networks_have_the_published_number_of_parameters(build, paper):
    with torch.device("meta"):
        network = build()
    assert sum(parameters_by_kind(network).values()) == count(network) == paper
    assert network_table({"it": network})["total"] == [paper]


def test_lenet5_of_1998_has_the_numbers_of_the_paper():
    table = lenet5_of_1998()
    assert table["parameters"] == [156, 12, 1_516, 32, 48_120, 10_164, 0]
    assert table.footer["parameters"] == 60_000
    assert table.footer["connections"] == 340_908


@pytest.mark.parametrize("groups, paper", [(2, 60_965_224), (1, 62_378_344)])
def test_alexnet_of_2012_is_counted_with_and_without_its_two_groups(groups, paper):
    with torch.device("meta"):
        network = alexnet_of_2012(groups)
    assert count(network) == paper


def test_torchvision_s_alexnet_has_the_filters_that_the_lesson_says():
    with torch.device("meta"):
        filters = [layer.out_channels for layer in models.alexnet().modules() if isinstance(layer, nn.Conv2d)]
    assert filters == [64, 192, 384, 256, 256]


def test_what_is_neither_convolution_nor_linear_in_resnet_is_batch_normalisation():
    network = models.resnet18()
    normalisation = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert parameters_by_kind(network)["other"] == sum(map(count, normalisation)) == 9_600


@pytest.mark.parametrize(
    "question, number",
    [
        (exercise.linear_layer, 100_480),
        (exercise.conv_layer, 4_864),
        (exercise.linear_in_its_place, 3_692_640),
        (exercise.larger_lenet, count(lenet(16 * 12 * 12))),
        (exercise.alexnet_share, 95.96),
        (exercise.alexnet_share, 96.0),
        (exercise.alexnet_share, 95.95785),
        (exercise.linear_layer, 100_480.0),
        (exercise.linear_layer, torch.tensor([100_480])),
        (exercise.linear_layer, np.float32(100_480)),
        (exercise.twice_the_side, 2**2),
        (exercise.shuffled_pixels, " cnn "),
        (exercise.conv2d_parameters, conv2d_parameters),
        (
            exercise.conv2d_parameters,
            lambda in_channels, out_channels, kernel_size, bias=True: count(
                nn.Conv2d(in_channels, out_channels, kernel_size, bias=bias)
            ),
        ),
        (
            exercise.conv2d_parameters,
            lambda i, o, k, bias=True: torch.tensor(o * i * k**2 + float(bias) * o),
        ),
    ],
)
def test_right_answers_written_in_other_ways(question, number):
    assert question.check(number).symbol == "✓"


@pytest.mark.parametrize(
    "question, wrong, why",
    [
        (exercise.linear_layer, 100_352, "128 biases"),
        (exercise.linear_layer, 101_136, "bias for each input"),
        (exercise.linear_layer, 912, "multiply them"),
        (exercise.conv_layer, 4_800, "64 biases"),
        (exercise.conv_layer, 1_664, "input channels"),
        (exercise.conv_layer, 1_600, "input channels and the biases"),
        (exercise.conv_layer, 4_992, "slice"),
        (exercise.conv_layer, 4_803, "bias for each input channel"),
        (exercise.conv_layer, 4_980_736, "32 x 32 places"),
        (exercise.linear_in_its_place, 3_687_936, "biases"),
        (exercise.linear_in_its_place, 614_656, "number of filters"),
        (exercise.larger_lenet, 61_706, "after the flatten"),
        (exercise.larger_lenet, 246_824, "everything by four"),
        (exercise.alexnet_share, 4.04, "convolutions"),
    ],
)
def test_listed_mistakes_are_named(question, wrong, why):
    report = question.check(wrong)
    assert report.symbol == "✗" and why in report.message


def test_the_fact_about_lenet_on_a_larger_image_is_true():
    assert count(lenet(16 * 12 * 12)) == 290_186


def test_the_fact_about_the_large_convolution_of_vgg_is_true():
    assert conv2d_parameters(512, 512, 3) == 2_359_808 and "2,359,808" in exercise.conv2d_parameters.fact


class Own(nn.Module):
    """Parameters of the model's own, a layer that is used twice, and one that never runs."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))
        self.twice, self.idle = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, vectors):
        return self.scale * self.twice(self.twice(vectors))


def test_parameters_are_counted_once_wherever_they_are_held():
    table = parameter_table(Own(), (4,))
    assert table["name"] == ["twice", "twice", ""] and table.footer["name"] == "total"
    assert table["parameters"] == [20, 0, 1 + 20] and table.footer["parameters"] == 41
    assert table["multiply-adds"] == [16, 16, ""] and table.footer["multiply-adds"] == 32
    tied = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    tied[1].weight = tied[0].weight
    table = parameter_table(tied, (4,))
    assert table["parameters"] == [20, 4] and table.footer["parameters"] == count(tied) == 24
    assert sum(parameters_by_kind(tied).values()) == 24


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, kdim=3, vdim=5, batch_first=True)

    def forward(self, rows):
        return self.attention(rows, rows[:, :4, :3], rows[:, :4, :5], need_weights=False)[0]


@pytest.mark.parametrize(
    "layer, shape, gives, multiply_adds",
    [
        (nn.Conv1d(2, 6, 3), (2, 10), "6 x 8", 6 * 2 * 3 * 8),
        (nn.Conv3d(2, 6, (1, 2, 3), groups=2), (2, 4, 5, 6), "6 x 4 x 4 x 4", 6 * 6 * 64),
        (nn.ConvTranspose2d(2, 6, 3, stride=2), (2, 4, 5), "6 x 9 x 11", 2 * 6 * 9 * 20),
        (nn.LSTM(5, 6, num_layers=2, bidirectional=True, batch_first=True), (7, 5), "7 x 12",
         7 * 2 * 4 * (6 * 5 + 6 * 6 + 6 * 12 + 6 * 6)),
        (nn.GRUCell(5, 6), (5,), "6", 3 * (6 * 5 + 6 * 6)),
        (Attention(), (7, 8), "7 x 8", 7 * 8 * 8 + 4 * 3 * 8 + 4 * 5 * 8 + 7 * 8 * 8),
        (nn.utils.parametrizations.weight_norm(nn.Linear(4, 6, bias=False)), (4,), "6", 24),
        (nn.BatchNorm2d(3), (3, 4, 4), "3 x 4 x 4", 0),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)  # fmt: skip
def test_layers_of_other_kinds_are_counted_too(layer, shape, gives, multiply_adds):
    table = parameter_table(layer, shape)
    assert table["output shape"][0] == gives
    assert table.footer["parameters"] == count(layer) and table.footer["multiply-adds"] == multiply_adds


def test_windows_are_named_with_all_of_their_sides():
    model = nn.Sequential(nn.Conv1d(1, 1, 3), nn.MaxPool1d(2))
    assert parameter_table(model, (1, 8))["layer"][:2] == ["Conv1d 3", "MaxPool1d 2"]


@pytest.mark.parametrize("bad", [[lenet()], lenet(), None])
def test_networks_that_are_no_dictionary_are_refused(bad):
    with pytest.raises(ValueError, match="networks came as"):
        network_table(bad)
