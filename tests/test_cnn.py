"""Lesson 05: the networks have the shapes and counts of the lesson."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision import models

from lessonlib import cnn, data, parameters, repeatable, training
from lessonlib.exercises import cnn as exercise
from lessonlib.parameters import parameter_table

GREY = (1, 28, 28)


def count(model):
    return sum(each.numel() for each in model.parameters())


def scores_of(model, shape):
    with torch.inference_mode():
        return model(torch.zeros(2, *shape))


@settings(max_examples=20)
@given(st.integers(1, 3), st.integers(8, 40), st.integers(8, 40), st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_every_builder_gives_one_score_for_each_class(channels, height, width, filters):
    shape = (channels, height, width)
    for model in (cnn.convnet(shape, filters), cnn.convnet_with_flatten(shape, filters), cnn.ffnn(shape, 5)):
        assert scores_of(model, shape).shape == (2, 10)


def test_networks_have_the_parameters_of_the_lesson():
    assert count(parameters.lenet()) == 61_706
    assert count(cnn.convnet(GREY, (8, 16))) == (8 * 9 + 8) + (16 * 8 * 9 + 16) + (16 * 10 + 10)
    assert count(cnn.ffnn(GREY, 20)) == 784 * 20 + 20 + 20 * 10 + 10
    unpooled = cnn.convnet_with_flatten(GREY, (4, 6), pooled=False)
    assert count(unpooled) == (4 * 9 + 4) + (6 * 4 * 9 + 6) + (6 * 28 * 28 * 10 + 10)
    assert scores_of(cnn.features(1, (10, 10)), GREY).flatten(1).shape == (2, 490)


def test_steps_tell_shape_parameters_and_field_of_each_step():
    image, first, pooled, *_, last = cnn.steps(cnn.convnet(GREY, (8, 16)), GREY)
    assert image == cnn.Step("image", GREY, 0, (1, 1))
    assert first == cnn.Step("conv 3 x 3, ReLU", (8, 28, 28), 80, (3, 3))
    assert pooled == cnn.Step("max pooling 2 x 2", (8, 14, 14), 0, (4, 4))
    assert last == cnn.Step("linear", (10,), 170, (28, 28))


@pytest.mark.parametrize(
    "build, shape",
    [
        (parameters.lenet, GREY),
        (lambda: cnn.convnet_with_flatten((3, 20, 32)), (3, 20, 32)),
    ],
    ids=["LeNet", "flatten"],
)
def test_steps_agree_with_the_table_of_parameters(build, shape):
    model = build()
    steps = cnn.steps(model, shape)
    assert sum(step.parameters for step in steps) == parameter_table(model, shape).footer["parameters"]
    assert steps[-1].shape == tuple(scores_of(model, shape).shape[1:])


def test_the_first_images_of_each_set():
    splits = cnn.first_of(data.digits(), 200)
    assert [len(each.images) for each in splits] == [len(each.labels) for each in splits] == [200, 180, 200]
    assert torch.equal(splits.test.images, data.digits().test.images[:200])


def test_answers_are_kept_where_no_pixel_of_the_digit_matters_for_its_place():
    images = nn.functional.pad(data.digits().test.images[:50], (0, 4))
    counts_ink = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1, 10))
    assert cnn.kept_answers(counts_ink, images, range(5)) == [1] * 5
    torch.manual_seed(0)
    assert cnn.kept_answers(cnn.ffnn((1, 8, 12), 20), images, [0, 3])[1] < 1


def test_costs_of_lenet_are_those_of_the_exercise():
    costs = cnn.costs(parameters.lenet(), GREY)
    assert costs["parameters"] == {"convolution": 2_572, "linear": 59_134}
    assert tuple(costs["multiply-adds"].values()) == exercise.lenet_costs.reference()


def test_each_handwritten_digit_is_found_once():
    digits = data.digits().test.images
    drawings = nn.functional.pad(digits[:20], (3, 1, 2, 2))
    again = torch.cat([drawings, drawings.roll((2, -3), dims=(2, 3)), torch.zeros(2, 1, 12, 12)])
    assert cnn.each_once(again) == [*range(20), 40]
    assert len(cnn.each_once(data.scattered_digits(train=1, test=1500).test.images)) <= len(digits)
    assert cnn.each_once(torch.ones(2, 3, 4, 4).cumsum(dim=0)) == [0, 1] and cnn.each_once(again[:0]) == []


def test_accuracies_are_those_of_networks_trained_anew():
    splits = cnn.first_of(data.digits(), 100)
    runs = [cnn.accuracies(lambda: cnn.ffnn((1, 8, 8), 5), splits, runs=2, epochs=2) for _ in range(2)]
    assert runs[0] == runs[1] and len(runs[0]) == 2 and all(0 <= share <= 1 for share in runs[0])
    repeatable.set_seed(1)
    model = cnn.ffnn((1, 8, 8), 5)
    training.fit(model, splits.train, epochs=2, seed=1)
    assert runs[0][1] == training.accuracy(model, splits.test)


def test_steps_tell_a_layer_that_looks_at_one_place_with_the_one_before_it():
    gated = nn.Sequential(nn.Conv2d(1, 4, 3), nn.GLU(dim=1), nn.Mish(), nn.Flatten(), nn.Linear(72, 2), nn.Softmax(-1))
    assert [step.name for step in cnn.steps(gated, (1, 8, 8))] == [
        *("image", "conv 3 x 3, GLU, Mish", "flatten", "linear, Softmax"),
    ]
    assert cnn.steps(gated, (1, 8, 8))[1] == cnn.Step("conv 3 x 3, GLU, Mish", (2, 6, 6), 40, (3, 3))
    shared = nn.Conv2d(1, 1, 3)
    assert [step.parameters for step in cnn.steps(nn.Sequential(shared, shared), (1, 8, 8))] == [0, 10, 0]
    assert cnn.steps(nn.Sequential(shared, nn.GroupNorm(1, 1)), (1, 8, 8))[-1].sees == (8, 8)


def test_steps_of_what_is_no_sequential_are_refused():
    with pytest.raises(ValueError, match="model holds BasicBlock: give layers that run one after the other"):
        cnn.steps(nn.Sequential(models.resnet.BasicBlock(1, 1)), (1, 8, 8))
    with pytest.raises(ValueError, match="model is ResNet: give an nn.Sequential"):
        cnn.steps(models.resnet18(), (3, 64, 64))
    with pytest.raises(ValueError, match="input_shape is"):
        cnn.steps(parameters.lenet(), (3, 28, 28))


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda: cnn.features(0, (8,)), "in_channels is 0"),
        (lambda: cnn.features(1, (1.5,)), "out_channels is 1.5"),
        (lambda: cnn.convnet_with_flatten((1, 4, 4), (8, 8, 8)), "input_shape is"),
        (lambda: cnn.convnet(28), r"input_shape is 28: give \(channels, height, width\)"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


@pytest.mark.parametrize(
    "question, answer",
    [
        (exercise.in_features, torch.tensor(490.0)),
        (exercise.repair, ["global pooling", "shifted training images"]),
        (exercise.mended, nn.Sequential(cnn.features(1, (8, 16)), cnn.flat_classifier((16, 7, 7)))),
    ],
)  # fmt: skip
def test_right_answers_written_in_other_ways(question, answer):
    assert question.check(answer).symbol == "✓"


def test_of_several_repairs_a_wrong_one_is_named():
    report = exercise.repair.check(("global pooling", "more epochs"))
    assert report.symbol == "✗" and "however long it trains" in report.message
