"""training: a model learns, the same on every run, comes home ready to be used, and says what it can't train with."""

import math
import time

import pytest
import torch
from torch import nn

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
    return training.fit(model, dataset or bright_sides(), **{"device": "cpu", "epochs": 2, **settings})


def what_stays_on_the_line(text):
    """What a terminal still shows of a text that goes back to the start of its line again and again."""
    line = ""
    for part in text.split("\r"):
        line = part + line[len(part) :]
    return line


class Troubled(nn.Module):
    """A linear model that calls on_batch(number, scores) at every batch, and gives what that returns."""

    def __init__(self, on_batch):
        super().__init__()
        self.model, self.on_batch, self.batches = linear_model(), on_batch, 0

    def forward(self, images):
        self.batches += 1
        return self.on_batch(self.batches, self.model(images))


def interrupt_the_third(number, scores):
    if number == 3:
        raise KeyboardInterrupt
    return scores


def wait(number, scores):
    time.sleep(0.1)
    return scores


@pytest.mark.parametrize("build", [linear_model, convolutional_model])
def test_a_fitted_model_knows_images_that_it_has_not_seen(build):
    model = build()
    fit(model, epochs=20, batch_size=8)
    assert training.accuracy(model, bright_sides(seed=1)) > 0.95


@pytest.mark.parametrize("epochs", [1, 3])
def test_the_history_has_a_loss_and_an_accuracy_for_each_epoch(epochs):
    history = fit(linear_model(), epochs=epochs)
    assert (len(history.loss), len(history.accuracy)) == (epochs, epochs)
    assert all(loss > 0 for loss in history.loss) and all(0 <= share <= 1 for share in history.accuracy)


def test_the_loss_falls_while_the_accuracy_rises():
    history = fit(linear_model(), epochs=20)
    assert history.loss[-1] < history.loss[0] and history.accuracy[-1] > history.accuracy[0]


def test_the_same_seed_gives_the_same_result_and_another_seed_another():
    models = [convolutional_model() for _ in range(3)]
    first, again, other = (fit(model, seed=seed, batch_size=8) for model, seed in zip(models, (0, 0, 1), strict=True))
    assert first == again != other
    assert all(map(torch.equal, models[0].parameters(), models[1].parameters()))


def test_a_fitted_model_comes_home_in_evaluation_mode():
    model = linear_model()
    fit(model)
    assert not any(module.training for module in model.modules())
    assert {parameter.device.type for parameter in model.parameters()} == {"cpu"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_a_model_learns_on_a_cuda_device_and_comes_home():
    model = convolutional_model()
    fit(model, epochs=20, batch_size=8, device="cuda")
    assert {parameter.device.type for parameter in model.parameters()} == {"cpu"}
    assert training.accuracy(model, bright_sides(seed=1)) > 0.95
    assert training.accuracy(model.cuda(), bright_sides(seed=1)) > 0.95


def test_an_interrupted_model_keeps_what_it_has_learned_and_can_be_used():
    model = Troubled(interrupt_the_third)
    with pytest.raises(KeyboardInterrupt):
        fit(model, batch_size=8)
    assert not model.training
    assert not torch.equal(model.model[1].weight, linear_model()[1].weight)
    assert 0 <= training.accuracy(model, bright_sides()) <= 1


@pytest.mark.parametrize("factor", [math.nan, math.inf])
def test_a_loss_that_is_no_finite_number_stops_the_training_and_names_the_learning_rate(factor):
    with pytest.raises(FloatingPointError, match="epoch 1.*learning_rate"):
        fit(Troubled(lambda number, scores: scores * factor))


def test_a_learning_rate_that_blows_the_model_up_is_named():
    with pytest.raises(FloatingPointError, match="learning_rate"):
        fit(linear_model(), learning_rate=1e38, epochs=5, batch_size=8)


IMAGES, LABELS = bright_sides(4)


@pytest.mark.parametrize("measure", [fit, training.accuracy])
@pytest.mark.parametrize(
    "images, labels, named",
    [
        pytest.param((255 * IMAGES).byte(), LABELS, "images came as Tensor of torch.uint8", id="uint8"),
        pytest.param(IMAGES.numpy(), LABELS, "images came as ndarray of float32", id="NumPy"),
        pytest.param(IMAGES[:, 0], LABELS, r"images .*\(4, 4, 4\)", id="no channels"),
        pytest.param(IMAGES * math.nan, LABELS, "images holds NaN", id="NaN"),
        pytest.param(IMAGES / 0, LABELS, "images holds NaN or infinity", id="infinity"),
        pytest.param(IMAGES, LABELS[:3], r"labels .*\(3,\).*\(4,\)", id="too few labels"),
        pytest.param(IMAGES, LABELS.float(), "labels are torch.float32", id="labels that are no whole numbers"),
        pytest.param(IMAGES, LABELS.tolist(), "labels are list", id="labels that are no tensor"),
        pytest.param(IMAGES[:0], LABELS[:0], r"images has the shape \(0, 1, 4, 4\)", id="empty"),
    ],
)
def test_images_that_no_model_can_learn_from_are_refused_by_name(measure, images, labels, named):
    with pytest.raises(ValueError, match=named):
        measure(linear_model(), (images, labels))


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_for_which_the_model_has_no_score_is_refused_by_name(label):
    with pytest.raises(ValueError, match="labels"):
        fit(linear_model(), (IMAGES, torch.full_like(LABELS, label)))


@pytest.mark.parametrize(
    "setting, value",
    [("epochs", 0), ("epochs", 1.5), ("epochs", True), ("batch_size", 0), ("batch_size", "all"), ("seed", "one")]
    + [("learning_rate", value) for value in (0, -0.1, math.nan, math.inf, "fast", None, True)]
    + [("label_smoothing", value) for value in (-0.1, 1, math.nan, "some", None)],
)
def test_a_bad_setting_is_named_with_its_value(setting, value):
    with pytest.raises(ValueError, match=f"{setting} is {value!r}"):
        fit(linear_model(), **{setting: value})


def test_an_unknown_device_is_named():
    with pytest.raises(ValueError, match="device is 'abacus'"):
        fit(linear_model(), device="abacus")


@pytest.mark.parametrize("build", [linear_model, lambda: Troubled(wait)], ids=["a quick run", "a slow run"])
def test_the_progress_bar_leaves_an_empty_line_behind(build, capsys):
    fit(build(), epochs=4, batch_size=32)
    shown = capsys.readouterr()
    assert what_stays_on_the_line(shown.out).strip(" ") == ""
    assert shown.err == ""


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
    assert training.accuracy(model, dataset, batch_size=4) == training.accuracy(model, dataset)


@pytest.mark.parametrize("batch_size", [0, -1, 1.5])
def test_accuracy_names_a_bad_batch_size(batch_size):
    with pytest.raises(ValueError, match=f"batch_size is {batch_size}"):
        training.accuracy(linear_model(), bright_sides(), batch_size=batch_size)


@pytest.mark.parametrize("kind", [tuple, list])
def test_a_plain_pair_is_as_welcome_as_images(kind):
    models = linear_model(), linear_model()
    assert fit(models[0], kind(bright_sides())) == fit(models[1], bright_sides())
    assert training.accuracy(models[0], kind(bright_sides())) == training.accuracy(models[1], bright_sides())


class Gives(nn.Module):
    """A linear model that gives what change makes of its scores."""

    def __init__(self, change):
        super().__init__()
        self.model, self.change = linear_model(), change

    def forward(self, images):
        return self.change(self.model(images))


@pytest.mark.parametrize("measure", [fit, training.accuracy])
@pytest.mark.parametrize(
    "change, came",
    [
        (lambda scores: scores[:, 0], r"\(4,\)"),
        (lambda scores: scores[:1], r"\(1, 2\)"),
        (lambda scores: scores[:, :, None], r"\(4, 2, 1\)"),
        (lambda scores: (scores, scores), "tuple"),
        (lambda scores: scores.long(), "torch.int64"),
    ],
)
def test_what_are_no_scores_is_refused(measure, change, came):
    with pytest.raises(ValueError, match=f"model gives {came} for 4 images: it must give scores"):
        measure(Gives(change), (IMAGES, LABELS))


def test_scores_without_gradient_or_without_a_number_are_refused():
    with pytest.raises(ValueError, match="no gradient leads"):
        fit(Gives(torch.Tensor.detach))
    with pytest.raises(ValueError, match="scores that are NaN"):
        training.predictions(Gives(lambda scores: scores * math.nan), IMAGES)


@pytest.mark.parametrize(
    "images, named",
    [
        (IMAGES.numpy(), "images came as ndarray of float32"),
        (IMAGES.tolist(), "images came as list"),
        (None, "images came as NoneType"),
        ((255 * IMAGES).round(), "images goes from .*: give pixels in"),
        (255 * IMAGES, "images goes from .*: give pixels in"),
        (IMAGES[0], r"images has the shape \(1, 4, 4\)"),
        (IMAGES.to("meta"), "images came as a nested, sparse or meta tensor"),
        (IMAGES.to_sparse(), "images came as a nested, sparse or meta tensor"),
        (IMAGES.cfloat(), "images came as Tensor of torch.complex64"),
        (IMAGES.repeat(1, 3, 1, 1), "layer '1', Linear, gets .* 48 features, and takes 16"),
    ],
)
def test_images_that_can_not_be_answered_are_refused_by_name(images, named):
    with pytest.raises(ValueError, match=named):
        training.predictions(linear_model(), images)
    with pytest.raises(ValueError, match=named):
        fit(linear_model(), (images, LABELS))


def test_standardised_images_are_welcome():
    images, labels = bright_sides()
    assert fit(linear_model(), (20 * (images - 0.5), labels)).loss


@pytest.mark.parametrize("dataset", [(IMAGES, LABELS, LABELS), (IMAGES,), IMAGES[:2], None, "ab", {1: 2, 3: 4}])
def test_a_data_set_that_is_no_pair_is_named(dataset):
    for name, call in (
        ("dataset", lambda: training.fit(linear_model(), dataset)),
        ("dataset", lambda: training.accuracy(linear_model(), dataset)),
    ):
        with pytest.raises(ValueError, match=rf"{name} came as .*: give \(images, labels\)"):
            call()
    if dataset is not None:
        with pytest.raises(ValueError, match=r"validation came as .*: give \(images, labels\)"):
            fit(linear_model(), validation=dataset)


def test_labels_without_a_score_are_refused_before_they_are_measured():
    for measure in (lambda: training.accuracy(linear_model(), (IMAGES, LABELS + 99)),
                    lambda: fit(linear_model(), validation=(IMAGES, LABELS + 99))):  # fmt: skip
        with pytest.raises(ValueError, match=r"labels go up to (99|100): the model scores the classes 0 to 1"):
            measure()
    with pytest.raises(ValueError, match=r"validation images has the shape \(4, 1, 4, 2\)"):
        fit(linear_model(), validation=(IMAGES[..., :2], LABELS))


def frozen_model():
    return linear_model().requires_grad_(False)


def without_numbers():
    with torch.device("meta"):
        return linear_model()


def of_inference():
    with torch.inference_mode():
        return linear_model()


@pytest.mark.parametrize(
    "build, why",
    [
        (frozen_model, "model can't learn: all of its parameters are frozen"),
        (nn.Flatten, "model can't learn: it has no parameters"),
        (lambda: linear_model().half(), "model holds parameters of torch.float16: train it in float32"),
        (lambda: linear_model().bfloat16(), "model holds parameters of torch.bfloat16"),
        (lambda: nn.Sequential(nn.Flatten(), nn.LazyLinear(2)), "model holds LazyLinear"),
        (without_numbers, 'model is on the device "meta"'),
        (of_inference, "model was built in inference mode"),
    ],
)
def test_a_model_that_can_not_learn_is_refused(build, why):
    with pytest.raises(ValueError, match=why):
        fit(build())


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


def test_training_works_where_gradients_are_switched_off():
    expected = fit(linear_model())
    for around in (torch.no_grad, torch.inference_mode):
        model = linear_model()
        with around():
            assert fit(model, data.Images(*(each.clone() for each in bright_sides()))) == expected


def normalised_model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.BatchNorm1d(16), nn.Dropout(), nn.Linear(16, 2))


@pytest.mark.parametrize("batch_size", [1, 4, 8])
def test_a_last_batch_of_one_is_refused_before_the_first_step_where_it_can_not_be_normalised(batch_size):
    model = normalised_model()
    before = {name: each.clone() for name, each in model.state_dict().items()}
    with pytest.raises(ValueError, match=f"batch_size is {batch_size}: 9 images leave a last batch of one"):
        fit(model, bright_sides(9), batch_size=batch_size)
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())


def test_a_last_batch_of_one_is_welcome_where_its_maps_can_be_normalised():
    fit(normalised_model(), bright_sides(9), batch_size=5)
    fit(nn.Sequential(nn.BatchNorm2d(1), nn.Flatten(), nn.Linear(16, 2)), bright_sides(9), batch_size=4)


@pytest.mark.parametrize("setting", [{"learning_rate": 10**400}, {"label_smoothing": False}, {"seed": 2**64}])
def test_settings_out_of_range_are_named(setting):
    with pytest.raises(ValueError, match=f"{next(iter(setting))} is "):
        fit(linear_model(), **setting)


@pytest.mark.parametrize("device", ["meta", -3, [7], 1.5])
def test_a_device_that_can_not_train_is_named(device):
    with pytest.raises(ValueError, match="device is "):
        fit(linear_model(), device=device)


def test_a_batch_may_be_larger_than_any_data_set():
    assert fit(linear_model(), batch_size=10**30) == fit(linear_model(), batch_size=64)
    assert training.accuracy(linear_model(), bright_sides(), batch_size=10**30) <= 1
