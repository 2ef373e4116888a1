"""Lesson 01: every count agrees with PyTorch's own layers and with the papers."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torchvision import models

from lessonlib import parameters
from lessonlib.exercises import parameters as exercise
from lessonlib.parameters import (
    LocallyConnected2d,
    conv2d_parameters,
    feature_map,
    lenet5_of_1998,
    linear_parameters,
    nearest,
    network_table,
    parameter_table,
    parameters_by_kind,
    strokes,
    windows_of_its_own,
)

sizes = st.integers(1, 12)
kernels = st.one_of(st.integers(1, 5), st.tuples(st.integers(1, 5), st.integers(1, 5)))


def count(module):
    return sum(parameter.numel() for parameter in module.parameters())


@given(sizes, sizes, st.booleans())
def test_linear_parameters_agree_with_pytorch(in_features, out_features, bias):
    assert linear_parameters(in_features, out_features, bias) == count(nn.Linear(in_features, out_features, bias))


@given(sizes, sizes, kernels, st.integers(1, 4), st.booleans())
def test_conv2d_parameters_agree_with_pytorch(inputs, outputs, kernel_size, groups, bias):
    layer = nn.Conv2d(inputs * groups, outputs * groups, kernel_size, groups=groups, bias=bias)
    assert conv2d_parameters(inputs * groups, outputs * groups, kernel_size, groups, bias) == count(layer)


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda: linear_parameters(0, 1), "in_features is 0"),
        (lambda: conv2d_parameters(4, 6, 3, groups=3), "groups is 3: it must divide in_channels, which is 4"),
        (lambda: conv2d_parameters(6, 4, 3, groups=3), "groups is 3: it must divide out_channels, which is 4"),
        (
            lambda: parameter_table(parameters.lenet(), (1, 56, 56)),
            r"input_shape is \(1, 56, 56\): .*layer '7', Linear",
        ),
    ],
)
def test_a_wrong_number_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


def test_the_table_of_lenet_counts_shapes_parameters_and_multiply_adds():
    table = parameter_table(parameters.lenet(), (1, 28, 28))
    assert table["output shape"][:4] == ["6 x 28 x 28", "6 x 28 x 28", "6 x 14 x 14", "16 x 10 x 10"]
    assert table["layer"][0] == "Conv2d 5 x 5" and table["multiply-adds"][1] == 0
    assert (table.footer["parameters"], table.footer["share"]) == (61_706, "100.0%")
    assert table.footer["multiply-adds"] == 357_600 + 58_920


def test_the_table_leaves_the_model_as_it_was():
    model = models.resnet18().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    parameter_table(model, (3, 64, 64))
    assert model.training and not any(module._forward_hooks for module in model.modules())
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


PUBLISHED = {
    models.alexnet: 61_100_840,
    models.vgg16: 138_357_544,
    models.resnet18: 11_689_512,
    models.efficientnet_b0: 5_288_548,
    models.vit_b_16: 86_567_656,
}


@pytest.mark.parametrize("build, paper", PUBLISHED.items(), ids=lambda value: getattr(value, "__name__", ""))
def test_networks_have_the_published_number_of_parameters(build, paper):
    with torch.device("meta"):
        network = build()
    table = parameter_table(network, (3, 224, 224))
    assert table.footer["parameters"] == sum(table["parameters"]) == count(network) == paper
    assert network_table({"it": network})["total"] == [paper]


def test_lenet5_of_1998_has_the_numbers_of_the_paper():
    table = lenet5_of_1998()
    assert table["parameters"] == [156, 12, 1_516, 32, 48_120, 10_164, 0]
    assert (table.footer["parameters"], table.footer["connections"]) == (60_000, 340_908)


def test_what_is_neither_convolution_nor_linear_in_resnet_is_batch_normalisation():
    network = models.resnet18()
    normalisation = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)]
    assert parameters_by_kind(network)["other"] == sum(map(count, normalisation)) == 9_600


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
    assert table["name"] == ["twice", "twice", ""]
    assert table["parameters"] == [20, 0, 1 + 20] and table.footer["parameters"] == 41
    assert table["multiply-adds"] == [16, 16, ""] and table.footer["multiply-adds"] == 32
    tied = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4))
    tied[1].weight = tied[0].weight
    assert parameter_table(tied, (4,))["parameters"] == [20, 4]
    assert sum(parameters_by_kind(tied).values()) == count(tied) == 24


@pytest.mark.parametrize(
    "layer, shape, gives, multiply_adds",
    [
        (nn.Linear(5, 7), (3, 4, 5), "3 x 4 x 7", 3 * 4 * 5 * 7),
        (nn.Conv1d(2, 6, 3), (2, 10), "6 x 8", 6 * 2 * 3 * 8),
        (nn.Conv3d(2, 6, (1, 2, 3), groups=2), (2, 4, 5, 6), "6 x 4 x 4 x 4", 6 * 6 * 64),
        (nn.ConvTranspose2d(2, 6, 3, stride=2), (2, 4, 5), "6 x 9 x 11", 2 * 6 * 9 * 20),
        (nn.BatchNorm2d(3), (3, 4, 4), "3 x 4 x 4", 0),
        (nn.GRUCell(5, 6), (5,), "6", 0),  # not known here, so its row stays empty
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else "",
)
def test_layers_of_other_kinds_are_counted_too(layer, shape, gives, multiply_adds):
    table = parameter_table(layer, shape)
    assert table["output shape"][0] == gives
    assert table.footer["parameters"] == count(layer) and table.footer["multiply-adds"] == multiply_adds


@pytest.mark.parametrize(
    "question, number",
    [
        (exercise.linear_layer, torch.tensor([100_480])),
        (exercise.larger_lenet, 290_186.0),
        (exercise.conv2d_parameters, conv2d_parameters),
        (exercise.conv2d_parameters, lambda i, o, k, bias=True: torch.tensor(o * i * k**2 + float(bias) * o)),
    ],
)
def test_right_answers_written_in_other_ways(question, number):
    assert question.check(number).symbol == "✓"


def test_the_fact_about_the_large_convolution_of_vgg_is_true():
    assert conv2d_parameters(512, 512, 3) == 2_359_808 and "2,359,808" in exercise.conv2d_parameters.fact


def test_a_layer_that_shares_nothing_is_a_convolution_if_its_weights_are_equal_everywhere():
    images, layer = torch.rand(2, 3, 6, 6), LocallyConnected2d(3, 4, kernel_size=3, side=6)
    convolution = nn.Conv2d(3, 4, 3, padding=1)
    with torch.no_grad():
        layer.weight[:] = convolution.weight.flatten(1)
        layer.bias[:] = convolution.bias[:, None, None]
    assert torch.allclose(layer(images), convolution(images), atol=1e-6)
    with torch.no_grad():
        layer.weight[6 * 1 + 2] = 0  # of row 1, column 2
    changed = (layer(images) - convolution(images)).abs().amax(dim=(0, 1)) > 1e-6
    assert changed.nonzero().tolist() == [[1, 2]]


def test_the_controls_differ_from_the_cnn_in_one_part_each():
    images = torch.rand(3, 1, 20, 20)
    networks = {build.__name__: build() for build in (parameters.cnn, parameters.cnn_with_flatten)}
    unshared, cnn_layers = parameters.cnn_without_sharing(), networks["cnn"]
    assert [type(layer) for layer in unshared if not isinstance(layer, LocallyConnected2d)] == [
        type(layer) for layer in cnn_layers if not isinstance(layer, nn.Conv2d)
    ]
    assert [layer(maps).shape for layer, maps in zip(unshared, through(unshared, images), strict=True)] == [
        layer(maps).shape for layer, maps in zip(cnn_layers, through(cnn_layers, images), strict=True)
    ]
    assert count(networks["cnn"][:5]) == count(networks["cnn_with_flatten"][:5])
    assert all(network(images).shape == (3, 10) for network in (*networks.values(), parameters.ffnn()))


def through(network, images):
    """What each layer of a network gets."""
    for layer in network:
        yield images
        images = layer(images)


def test_no_small_window_of_two_kinds_of_strokes_is_new_and_a_wide_one_is():
    one_kind = [strokes("|", "|"), strokes("-", "-")]
    assert [windows_of_its_own(strokes("|", "-"), one_kind, size) for size in (3, 8)] == [0, 0]
    assert windows_of_its_own(strokes("|", "-"), one_kind, size=16) > 0


def test_a_feature_map_holds_the_response_to_each_window():
    image, detector = torch.rand(5, 6), torch.rand(2, 3)
    assert feature_map(image, detector)[3, 1] == pytest.approx((image[3:5, 1:4] * detector).sum().item())


def test_the_nearest_is_the_known_image_with_the_smallest_distance():
    known = torch.stack([torch.zeros(1, 2, 2), torch.ones(1, 2, 2)])
    assert nearest(torch.full((2, 1, 2, 2), 0.4) + torch.tensor([0, 0.2]).view(2, 1, 1, 1), known).tolist() == [0, 1]
