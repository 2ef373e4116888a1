"""Answers that no list holds: right ones written in other ways, and wrong ones that are judged by what they do."""

import numpy as np
import pytest
import torch
from scipy import signal
from torch import nn
from torch.nn import functional as F

from lessonlib import color, data, filters, pooling
from lessonlib.exercises import cnn as cnn_sheet
from lessonlib.exercises import color as color_sheet
from lessonlib.exercises import filters as filters_sheet
from lessonlib.exercises import pooling as pooling_sheet

SOBEL = filters.KERNELS["Sobel for vertical edges"]


def cross_correlated_by_loops(image, kernel):
    places = [(r, c) for r in range(len(image) - len(kernel) + 1) for c in range(len(image[0]) - len(kernel[0]) + 1)]
    sums = [sum(image[r + i][c + j] * w for (i, j), w in np.ndenumerate(kernel)) for r, c in places]
    return np.reshape(sums, (len(image) - len(kernel) + 1, -1)).tolist()


def cross_correlated_by_tensors(image, kernel):
    return F.conv2d(torch.tensor(image).double()[None, None], torch.tensor(kernel).double()[None, None])


def gradient_by_places(image, upstream):
    rows, columns = filters.output_size(image.shape, upstream.shape)
    windows = [upstream[r, c] * image[r : r + rows, c : c + columns] for r, c in np.ndindex(upstream.shape)]
    return sum(windows)


def gradient_by_autograd(image, upstream):
    kernel = torch.zeros(1, 1, *filters.output_size(image.shape, upstream.shape), dtype=float, requires_grad=True)
    F.conv2d(torch.tensor(image).double()[None, None], kernel).backward(torch.tensor(upstream).double()[None, None])
    return kernel.grad[0, 0]


def pooled_by_a_layer(image, kernel_size, stride=None):
    return nn.MaxPool2d(kernel_size, stride)(torch.tensor(image, dtype=torch.float32)[None])


def pooled_by_lists(image, kernel_size, stride=None):
    step = stride or kernel_size
    tops, lefts = (range(0, side - kernel_size + 1, step) for side in image.shape)
    inside = [(i, j) for i in range(kernel_size) for j in range(kernel_size)]
    return [[max(image[top + i][left + j] for i, j in inside) for left in lefts] for top in tops]


def with_weight(layer, weight, bias=None):
    layer.weight.data = torch.as_tensor(weight).expand_as(layer.weight).clone()
    if bias is not None:
        layer.bias = nn.Parameter(torch.tensor([bias]))
    return layer


def depthwise(**changes):
    settings = {"kernel_size": 2, "stride": 2, "groups": 3, "bias": False} | changes
    return with_weight(nn.Conv2d(3, 3, **settings), 0.25)


GREY = data.GREY_WEIGHTS.view(1, 3, 1, 1)
GREY_3_BY_3 = with_weight(nn.Conv2d(3, 1, 3, padding=1, bias=False), F.pad(GREY, (1, 1, 1, 1))).double()
ACROSS_CHANNELS = with_weight(nn.Conv2d(3, 3, 2, 2, bias=False), torch.eye(3).view(3, 3, 1, 1) / 4).double()


@pytest.mark.parametrize(
    "question, answer",
    [
        *((filters_sheet.cell_angle, angle) for angle in (210, -150, torch.tensor(30))),
        (filters_sheet.first_map, torch.tensor([[[[19.0, 25], [37, 43]]]])),
        (filters_sheet.cross_correlate, cross_correlated_by_loops),
        (filters_sheet.cross_correlate, cross_correlated_by_tensors),
        (filters_sheet.cross_correlate, lambda image, kernel: signal.correlate2d(image, kernel, "valid")),
        *((filters_sheet.edge_filter, form([[-1.0, 1.0]])) for form in (list, np.array, torch.tensor)),
        *((filters_sheet.edge_filter, kernel) for kernel in (SOBEL / 4, [[-1, 0, 0, 0, 1]], [[-1, 0.5, 0.5]])),
        (filters_sheet.kernel_gradient, gradient_by_places),
        (filters_sheet.kernel_gradient, gradient_by_autograd),
        (filters_sheet.linear_or_not, ["Linear", "affine ", "NEITHER"]),
        (color_sheet.two_channels, color.conv2d(color_sheet.CHANNELS, color_sheet.SLICES[None])),
        (color_sheet.grey_layer, nn.Sequential(color_sheet.grey_layer.reference(), nn.Identity())),
        *((color_sheet.grey_layer, weight) for weight in (GREY_3_BY_3, GREY, GREY.tolist())),
        (color_sheet.fill_in, nn.Conv2d(3, 64, (7, 7), stride=(2, 2), padding=(3, 3), padding_mode="reflect")),
        (color_sheet.fill_in, nn.Conv2d(3, 64, 7, stride=2, padding=6, dilation=2)),
        (color_sheet.fill_in, {"in_channels": 3, "out_channels": 64, "kernel_size": 7, "stride": 2, "padding": 3}),
        *(
            (pooling_sheet.max_pool2d, function)
            for function in (pooling.max_pool2d, pooled_by_a_layer, pooled_by_lists)
        ),
        (pooling_sheet.average_as_convolution, nn.Sequential(depthwise())),
        (pooling_sheet.average_as_convolution, ACROSS_CHANNELS),
        (pooling_sheet.verdicts, ["Equivariant", "neither ", "INVARIANT"]),
        (pooling_sheet.one_step, [[4, 4, 4, 4]]),
    ],
)
def test_a_right_answer_is_right_however_it_is_written(question, answer):
    assert question.check(answer).symbol == "✓"


@pytest.mark.parametrize(
    "question, wrong, why",
    [
        (filters_sheet.cell_angle, -60, "the gradient"),
        (
            filters_sheet.cross_correlate,
            lambda image, kernel: signal.correlate2d(image, kernel),
            "hang over the border",
        ),
        (filters_sheet.count_places, 9, "right for 4 zeros in all"),
        (filters_sheet.kernel_gradient, lambda image, upstream: signal.convolve2d(image, upstream, "valid"), "flipped"),
        (filters_sheet.edge_filter, np.zeros((2, 2)), "columns sums to 0"),
        (filters_sheet.edge_filter, [[-1, 1.5, 0.5]], "weights sum to 1"),
        (filters_sheet.edge_filter, [[4, -4]], "Like Sobel's kernel flipped, it gives -4"),
        (filters_sheet.edge_filter, [[-4], [4]], "gives +4 along horizontal edges"),
        (filters_sheet.edge_filter, [[1, -1, -1, 1]], "with both signs"),
        (filters_sheet.edge_filter, [[-1, 0.5, -0.5, 1]], "have two peaks"),
        (filters_sheet.edge_filter, [[-2, 2, -2, 2]], "The largest response at a vertical edge: 2, but it should be 1"),
        (
            filters_sheet.edge_filter,
            filters.KERNELS["Laplacian"],
            "The response along a horizontal edge: 1, but it should be 0",
        ),
        (filters_sheet.edge_filter, [[-0.5, 0.5]], "multiply the weights by 2"),
        (filters_sheet.edge_filter, [-1, 1], "A kernel is a list of rows"),
        (color_sheet.grey_layer, nn.Conv2d(3, 3, 1), "output has the shape: (3, 4, 5), but it should be (1, 4, 5)"),
        (color_sheet.grey_layer, nn.Conv2d(1, 1, 1), "It takes 1 channels, its first argument"),
        (color_sheet.grey_layer, data.GREY_WEIGHTS, "Give the layer, an nn.Conv2d, or its weight"),
        (color_sheet.grey_layer, with_weight(nn.Conv2d(3, 1, 1), GREY, bias=0.25), "On black it gives 0.25, not 0"),
        (color_sheet.fill_in, nn.Conv2d(3, 64, 7, stride=2), "a side of 109"),
        (color_sheet.fill_in, nn.Conv2d(3, 32, 7, stride=2, padding=3), "32 x 112 x 112, but it should be 64 x 112"),
        (color_sheet.fill_in, nn.Conv2d(3, 64, 300), "kernel_size is 300"),
        (pooling_sheet.average_as_convolution, nn.AvgPool2d(2), "Give the layer itself, an nn.Conv2d"),
        (pooling_sheet.average_as_convolution, nn.Conv2d(1, 1, 2, 2), "has 3 channels, and takes 1"),
        (pooling_sheet.average_as_convolution, depthwise(groups=1), "sums all three channels"),
        (pooling_sheet.average_as_convolution, depthwise(bias=True), "where only a bias responds"),
        (pooling_sheet.average_as_convolution, depthwise(kernel_size=3), "should be (3, 2, 3)"),
        (pooling_sheet.one_step, [0, 4, 0, 4], "would be invariant"),
    ],
)
def test_a_wrong_answer_is_told_what_it_does(question, wrong, why):
    report = question.check(wrong)
    assert report.symbol == "✗" and why in report.message


class Times(nn.Module):
    """A layer of one's own, whose text does not tell its factor."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, scores):
        return self.factor * scores


def test_a_mended_layer_of_ones_own_is_trained_anew():
    networks = [nn.Sequential(*cnn_sheet.small_network.reference(), Times(factor)) for factor in (0.0, 1.0)]
    assert [cnn_sheet.small_network.check(network).symbol for network in networks] == ["✗", "✓"]
