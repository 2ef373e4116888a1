"""training: a model learns, the same on every run, comes home ready to be used, and says what it can't train with."""

import math

import pytest
import torch
from torch import nn
from tqdm import tqdm

from lessonlib import data, training


def bright_sides(count=64, seed=0):
    """Noise of shape (1, 4, 4) with one brighter half: label 0 where it is the left half, 1 where it is the right."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(2, (count,), generator=generator)
    images = 0.5 * torch.rand(count, 1, 4, 4, generator=generator)
    images[labels == 0, :, :, :2] += 0.5
    images[labels == 1, :, :, 2:] += 0.5
    return data.Images(images, labels)


def linear_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(16, 2))


def convolutional_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(64, 2))


def fit(model, dataset=None, **settings):
    dataset = bright_sides() if dataset is None else dataset
    return training.fit(model, dataset, **{"device": "cpu", "epochs": 2, **settings})


def gives(change):
    """A linear model that gives what change makes of its scores."""
    model = linear_model()
    model.register_forward_hook(lambda module, images, scores: change(scores))
    return model


@pytest.mark.parametrize("build", [linear_model, convolutional_model])
def test_a_fitted_model_knows_images_that_it_has_not_seen(build):
    model = build()
    fit(model, epochs=20, batch_size=8)
    assert not any(module.training for module in model.modules())
    assert training.accuracy(model, bright_sides(seed=1)) > 0.95


def test_the_history_has_a_loss_and_an_accuracy_for_each_epoch():
    history = fit(linear_model(), epochs=20, validation=bright_sides(seed=1))
    assert [len(numbers) for numbers in vars(history).values()] == [20] * 4
    assert history.loss[-1] < history.loss[0] and history.accuracy[-1] > history.accuracy[0]
    assert 0 <= min(history.validation_accuracy) <= max(history.validation_accuracy) <= 1


def test_the_same_seed_gives_the_same_result_and_another_seed_another():
    models = [convolutional_model() for _ in range(3)]
    first, again, other = (fit(model, seed=seed, batch_size=8) for model, seed in zip(models, (0, 0, 1), strict=True))
    assert first == again != other
    assert all(map(torch.equal, models[0].parameters(), models[1].parameters()))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_a_model_learns_on_a_cuda_device_and_comes_home():
    model = convolutional_model()
    fit(model, epochs=20, batch_size=8, device="cuda")
    assert {parameter.device.type for parameter in model.parameters()} == {"cpu"}
    assert training.accuracy(model, bright_sides(seed=1)) > 0.95
    assert training.accuracy(model.cuda(), bright_sides(seed=1)) > 0.95


def test_an_interrupted_model_keeps_what_it_has_learned_and_can_be_used():
    batches = iter("first second".split())

    def interrupt_the_third(scores):
        if next(batches, None) is None:
            raise KeyboardInterrupt
        return scores

    model = gives(interrupt_the_third)
    with pytest.raises(KeyboardInterrupt):
        fit(model, batch_size=8)
    assert not model.training
    assert not torch.equal(model[1].weight, linear_model()[1].weight)


def test_a_learning_rate_that_blows_the_model_up_is_named():
    with pytest.raises(FloatingPointError, match="learning_rate"):
        fit(linear_model(), learning_rate=1e38, epochs=5, batch_size=8)


IMAGES, LABELS = bright_sides(4)


@pytest.mark.parametrize("measure", [fit, training.accuracy])
@pytest.mark.parametrize(
    "images, labels, named",
    [
        ((255 * IMAGES).byte(), LABELS, "images came as Tensor of torch.uint8"),
        (IMAGES.numpy(), LABELS, "images came as ndarray of float32"),
        ((255 * IMAGES).round(), LABELS, "images goes from .*: give pixels in"),
        (IMAGES[:, 0], LABELS, r"images has the shape \(4, 4, 4\)"),
        (IMAGES * math.nan, LABELS, "images holds NaN"),
        (IMAGES.repeat(1, 3, 1, 1), LABELS, "layer '1', Linear, gets .* 48 features, and takes 16"),
        (IMAGES, LABELS[:3], r"labels .*\(3,\).*\(4,\)"),
        (IMAGES, LABELS.float(), "labels are torch.float32"),
        (IMAGES, LABELS - 2, "labels go down to"),
        (IMAGES, LABELS + 99, r"labels go up to (99|100): the model scores the classes 0 to 1"),
    ],
)
def test_images_that_no_model_can_learn_from_are_refused_by_name(measure, images, labels, named):
    with pytest.raises(ValueError, match=named):
        measure(linear_model(), (images, labels))


def test_validation_images_are_told_as_such():
    with pytest.raises(ValueError, match="labels go up to (99|100)"):
        fit(linear_model(), validation=(IMAGES, LABELS + 99))
    with pytest.raises(ValueError, match=r"validation images has the shape \(4, 1, 4, 2\)"):
        fit(linear_model(), validation=(IMAGES[..., :2], LABELS))
    with pytest.raises(ValueError, match=r"validation came as Tensor: give \(images, labels\)"):
        fit(linear_model(), validation=IMAGES)


@pytest.mark.parametrize(
    "setting, value",
    [
        *(("epochs", 0), ("epochs", 1.5), ("batch_size", 0), ("batch_size", "all"), ("seed", "one"), ("seed", 2**64)),
        *(("learning_rate", 0), ("learning_rate", math.nan), ("learning_rate", "fast")),
        ("device", "abacus"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(setting, value):
    with pytest.raises(ValueError, match=f"{setting} is {value!r}"):
        fit(linear_model(), **{setting: value})


def test_the_progress_bar_appears_and_leaves_an_empty_line(capsys, monkeypatch):
    at_once = {"delay": 0, "mininterval": 0, "disable": False}
    monkeypatch.setattr(training, "tqdm", lambda **settings: tqdm(**settings | at_once))
    fit(linear_model(), batch_size=32)
    drawn, line = capsys.readouterr().out, ""
    for part in drawn.split("\r"):  # what a terminal still shows
        line = part + line[len(part) :]
    assert "100%" in drawn and not line.strip(" ")


def test_accuracy_is_the_share_of_images_whose_largest_score_stands_at_their_label():
    scores = torch.tensor([[0.9, 0.1, 0.0], [0.2, 0.3, 0.5], [0.1, 0.8, 0.1], [0.6, 0.4, 0.0]])
    images = scores.view(4, 1, 1, 3)
    assert training.predictions(nn.Flatten(), images).tolist() == [0, 2, 1, 0]
    assert training.accuracy(nn.Flatten(), (images, torch.tensor([0, 2, 1, 2]))) == 0.75


@pytest.mark.parametrize("mode", [True, False], ids=["training", "evaluation"])
def test_accuracy_measures_in_evaluation_mode_and_leaves_the_model_in_the_mode_that_it_had(mode):
    model = nn.Sequential(nn.Flatten(), nn.Dropout(0.99)).train(mode)
    images = torch.eye(16).view(16, 1, 4, 4)
    assert training.accuracy(model, (images, torch.arange(16))) == 1
    assert model.training is mode


@pytest.mark.parametrize("build", [linear_model, convolutional_model])
def test_a_last_batch_of_a_single_image_is_welcome(build):
    model, dataset = build(), bright_sides(9)
    fit(model, dataset, batch_size=4)
    assert 0 <= training.accuracy(model, dataset) <= 1


@pytest.mark.parametrize("measure", [fit, training.accuracy])
@pytest.mark.parametrize(
    "change, came",
    [
        (lambda scores: scores[:, 0], r"\(4,\)"),
        (lambda scores: scores[:1], r"\(1, 2\)"),
        (lambda scores: (scores, scores), "tuple"),
        (lambda scores: scores.long(), "torch.int64"),
    ],
)
def test_what_are_no_scores_is_refused(measure, change, came):
    with pytest.raises(ValueError, match=f"model gives {came} for 4 images: it must give scores"):
        measure(gives(change), (IMAGES, LABELS))


def test_a_model_that_answers_nan_has_no_answer():
    with pytest.raises(ValueError, match="scores that are NaN"):
        training.predictions(gives(lambda scores: scores * math.nan), IMAGES)


def test_standardised_images_are_welcome():
    images, labels = bright_sides()
    assert fit(linear_model(), (20 * (images - 0.5), labels)).loss


@pytest.mark.parametrize("measure", [fit, training.accuracy])
@pytest.mark.parametrize("dataset", [(IMAGES, LABELS, LABELS), IMAGES, "ab", {1: 2, 3: 4}])
def test_a_data_set_that_is_no_pair_is_named(measure, dataset):
    with pytest.raises(ValueError, match=r"dataset came as .*: give \(images, labels\)"):
        measure(linear_model(), dataset)


def test_frozen_layers_stay_as_they_are_while_the_others_learn():
    model = convolutional_model()
    model[0].requires_grad_(False)
    before = [each.clone() for each in model.parameters()]
    fit(model)
    assert [torch.equal(*each) for each in zip(before, model.parameters(), strict=True)] == [True, True, False, False]


def test_a_model_in_float64_learns_what_one_in_float32_learns():
    single, double = linear_model(), linear_model().double()
    assert fit(single).loss == pytest.approx(fit(double).loss, abs=1e-4)
    assert double[1].weight.dtype == torch.float64


def test_a_last_batch_of_one_that_can_not_be_normalised_names_the_layer():
    model = nn.Sequential(nn.Flatten(), nn.BatchNorm1d(16), nn.Linear(16, 2))
    with pytest.raises(ValueError, match="layer '1', BatchNorm1d, .*[Ee]xpected more than 1 value per channel"):
        fit(model, bright_sides(9), batch_size=4)
    fit(model, bright_sides(9), batch_size=5)
