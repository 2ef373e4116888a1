"""Lesson 05: the networks have the shapes and counts of the lesson, and the maps show what they say."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision import models

from lessonlib import authoring, cnn, data, training
from lessonlib.exercises import cnn as exercise
from lessonlib.parameters import parameter_table

GREY = (1, 28, 28)


def count(model):
    return sum(each.numel() for each in model.parameters())


def scores_of(model, shape):
    with torch.inference_mode():
        return model(torch.zeros(2, *shape))


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 3), st.integers(8, 40), st.integers(8, 40), st.lists(st.integers(1, 6), min_size=1, max_size=3))
def test_every_builder_gives_one_score_for_each_class(channels, height, width, filters):
    shape = (channels, height, width)
    for model in (cnn.convnet(shape, filters), cnn.convnet_with_flatten(shape, filters), cnn.ffnn(shape, 5)):
        assert scores_of(model, shape).shape == (2, 10)


def test_networks_have_the_parameters_of_the_lesson():
    assert count(cnn.lenet()) == 61_706
    assert count(cnn.convnet(GREY, (8, 16))) == (8 * 9 + 8) + (16 * 8 * 9 + 16) + (16 * 10 + 10)
    assert count(cnn.ffnn(GREY, 20)) == 784 * 20 + 20 + 20 * 10 + 10
    assert scores_of(cnn.features(1, (10, 10)), GREY).flatten(1).shape == (2, 490)


def test_steps_tell_shape_parameters_and_field_of_each_step():
    picture, first, pooled, *_, last = cnn.steps(cnn.convnet(GREY, (8, 16)), GREY)
    assert picture == cnn.Step("picture", GREY, 0, (1, 1))
    assert first == cnn.Step("convolution 3 x 3, ReLU", (8, 28, 28), 80, (3, 3))
    assert pooled == cnn.Step("max pooling 2 x 2", (8, 14, 14), 0, (4, 4))
    assert last == cnn.Step("linear", (10,), 170, (28, 28))


@pytest.mark.parametrize(
    "build, shape",
    [
        (cnn.lenet, GREY),
        (lambda: models.vgg11().features, (3, 64, 64)),
        (lambda: cnn.convnet_with_flatten((3, 20, 32)), (3, 20, 32)),
    ],
    ids=["LeNet", "VGG", "flatten"],
)
def test_steps_agree_with_the_table_of_parameters(build, shape):
    model = build()
    steps = cnn.steps(model, shape)
    assert sum(step.parameters for step in steps) == parameter_table(model, shape)["parameters"][-1]
    assert steps[-1].shape == tuple(scores_of(model, shape).shape[1:])


def test_steps_of_what_is_no_sequential_are_refused():
    with pytest.raises(ValueError, match="model is ResNet: give an nn.Sequential"):
        cnn.steps(models.resnet18(), (3, 64, 64))
    with pytest.raises(ValueError, match="input_shape is"):
        cnn.steps(cnn.lenet(), (3, 28, 28))


def test_feature_maps_are_what_the_layers_give():
    model, images = cnn.convnet(GREY, (8, 16)).train(), torch.rand(2, *GREY)
    maps = cnn.feature_maps(model, images)
    with torch.inference_mode():
        expected = model[:3](images)
    np.testing.assert_allclose(maps["2"], expected.numpy(), atol=1e-6)
    assert list(maps) == ["0", "1", "2", "3", "4", "5", "6"] and maps["6"].shape == (2, 16, 1, 1)
    assert model.training


class LooksAtOnePixel(nn.Module):
    """Class 1 is as likely as the pixel at (2, 3) is bright."""

    def forward(self, images):
        bright = 6 * images[:, 0, 2, 3] - 3
        return torch.stack([-bright, bright], dim=1)


def test_occlusion_and_saliency_find_the_pixel_that_decides():
    picture = torch.zeros(1, 6, 7)
    picture[0, 2, 3] = 1
    lost, gradient = (show(LooksAtOnePixel(), picture, 1) for show in (cnn.occlusion_map, cnn.saliency_map))
    around = np.zeros((6, 7), dtype=bool)
    around[0:5, 1:6] = True  # where a square of 5 covers it
    assert np.array_equal(lost > 0.5, around) and not lost[~around].any()
    assert np.array_equal(gradient > 0, picture[0].numpy() > 0)
    assert gradient[2, 3] == pytest.approx(6)


@pytest.mark.parametrize("show", [cnn.occlusion_map, cnn.saliency_map])
def test_maps_of_evidence_leave_the_model_and_the_picture_as_they_were(show):
    model, picture = cnn.convnet(GREY, (4,)).train(), torch.rand(GREY)
    before = picture.clone()
    assert show(model, picture, 3).shape == (28, 28)
    assert model.training and torch.equal(picture, before)
    assert all(each.grad is None for each in model.parameters())


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda: cnn.features(0, (8,)), "in_channels is 0"),
        (lambda: cnn.features(1, (8, 0)), "filters is 0"),
        (lambda: cnn.features(1, (1.5,)), "filters is 1.5"),
        (lambda: cnn.convnet_with_flatten((1, 4, 4), (8, 8, 8)), "input_shape is"),
        (lambda: cnn.convnet(28), r"input_shape is 28: give \(channels, height, width\)"),
        (lambda: cnn.feature_maps(cnn.lenet(), torch.zeros(28, 28)), r"images has the shape \(28, 28\)"),
        (lambda: cnn.feature_maps(cnn.lenet(), [[[[np.nan]]]]), "images holds NaN"),
        (lambda: cnn.occlusion_map(cnn.lenet(), torch.zeros(28, 28), 0), r"image has the shape \(28, 28\)"),
        (lambda: cnn.occlusion_map(cnn.lenet(), torch.zeros(GREY), 10), "label is 10: the model scores the classes 0"),
        (lambda: cnn.occlusion_map(cnn.lenet(), torch.zeros(GREY), 0, size=0), "size is 0"),
        (lambda: cnn.saliency_map(cnn.lenet(), torch.zeros(GREY), -1), "label is -1"),
        (lambda: cnn.saliency_map(cnn.lenet(), "a digit", 0), "image came as str"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()


@pytest.mark.parametrize(
    "question, answer",
    [
        (exercise.in_features, 7 * 7 * 10),
        (exercise.in_features, np.int64(490)),
        (exercise.in_features, torch.tensor(490.0)),
        (exercise.lenet_costs, [357_600, 58_920]),
        (exercise.mended, nn.Sequential(cnn.features(1, (8, 16)), cnn.flat_classifier((16, 7, 7)))),
    ],
)  # fmt: skip
def test_right_answers_written_in_other_ways(question, answer):
    assert question.check(answer).symbol == "✓"


def test_the_lesson_reaches_98_5_percent_on_mnist(mnist):
    train, test = mnist
    torch.manual_seed(0)
    model = cnn.convnet(GREY)
    training.fit(model, train, epochs=1)
    assert training.accuracy(model, test) >= 0.985


def test_the_whole_lesson_runs_on_mnist_by_changing_one_name(mnist, briefly, run_here, monkeypatch):
    few = [data.Pictures(*[part[:200] for part in each]) for each in mnist]
    monkeypatch.setattr(data, "load", {"mnist": few}.get)
    notebook = briefly(authoring.read(Path("notebooks/05_cnn.ipynb")))
    (cell,) = [cell for cell in notebook.cells if cell.source.startswith('DATA = "scattered digits"')]
    cell.source = cell.source.replace("scattered digits", "mnist")
    run_here(notebook)
