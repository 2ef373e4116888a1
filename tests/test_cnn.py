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


def test_images_of_the_lesson_are_few_and_small(monkeypatch):
    many = data.Images(torch.rand(2500, 1, 8, 8), torch.zeros(2500, dtype=torch.int64))
    monkeypatch.setattr(data, "load", {"mnist": data.Splits(many, many, many)}.get)
    assert [len(part.labels) for part in cnn.load("mnist")] == [2000] * 3
    assert [len(part.labels) for part in cnn.in_the_middle("mnist", train=30)] == [30, 2000, 2000]


def test_digits_in_the_middle_leave_six_pixels_on_each_side():
    for images, _ in cnn.in_the_middle("scattered digits", train=50):
        assert not images[:, :, :, :6].any() and not images[:, :, 14:].any() and images[:, :, 6:14, 6:14].any()


def test_images_move_to_both_sides_and_lose_nothing():
    images = cnn.in_the_middle("scattered digits", train=200).train.images
    moved = cnn.shifted_to_the_side(images, most=6)
    places = [image.any(dim=1).nonzero()[0, 1].item() for image in moved]
    assert min(places) < 6 < max(places) and torch.equal(moved.sum(dim=3), images.sum(dim=3))


def test_an_epoch_takes_each_image_once_in_order_and_the_rest_as_a_smaller_batch():
    class Records(nn.Linear):
        def forward(self, batch):
            seen.append(batch.flatten().tolist())
            return super().forward(batch)

    seen, model = [], Records(1, 2)
    images, labels = torch.arange(5.0)[:, None], torch.zeros(5, dtype=torch.int64)
    cnn.train_epoch(model, torch.optim.SGD(model.parameters(), lr=0.1), images, labels, batch_size=2)
    assert seen == [[0, 1], [2, 3], [4]]


def test_never_answered_are_the_classes_that_no_image_gets():
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3, bias=False))
    model[1].weight.data = torch.tensor([[1.0] * 4, [-1] * 4, [2, 2, 2, 2]])
    assert cnn.never_answered(model, torch.rand(9, 1, 2, 2)) == [0, 1]


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


def test_vgg_16_has_its_work_in_the_convolutions():
    with torch.device("meta"):
        costs = cnn.costs(models.vgg16(), (3, 224, 224))
    shares = {cost: count["convolution"] / sum(count.values()) for cost, count in costs.items()}
    assert {cost: f"{share:.0%}" for cost, share in shares.items()} == {"parameters": "11%", "multiply-adds": "99%"}
    assert "hold 11% of the parameters and do 99% of the multiply-adds" in exercise.lenet_costs.fact


def test_three_blocks_have_the_fewest_parameters():
    counts = [count(cnn.convnet_with_flatten((1, 32, 32), [16] * blocks)) for blocks in (1, 2, 3, 4)]
    assert exercise.BLOCKS[counts.index(min(counts))] == exercise.fewest_parameters.reference()
    assert counts[1] - counts[2] == 7_680 - 2_320 and counts[2] - counts[3] == 1_920 - 2_320


def test_each_handwritten_digit_is_found_once():
    digits = data.digits().test.images
    drawings = nn.functional.pad(digits[:20], (3, 1, 2, 2))
    again = torch.cat([drawings, drawings.roll((2, -3), dims=(2, 3)), torch.zeros(2, 1, 12, 12)])
    assert cnn.each_once(again) == [*range(20), 40]
    assert len(cnn.each_once(data.scattered_digits(train=1, test=1500).test.images)) <= len(digits)
    assert cnn.each_once(torch.ones(2, 3, 4, 4).cumsum(dim=0)) == [0, 1] and cnn.each_once(again[:0]) == []


def test_accuracies_are_those_of_networks_trained_anew():
    splits = data.Splits(*(data.Images(*(part[:100] for part in images)) for images in data.digits()))
    runs = [cnn.accuracies(lambda: cnn.ffnn((1, 8, 8), 5), splits, runs=2, epochs=2) for _ in range(2)]
    assert runs[0] == runs[1] and len(runs[0]) == 2 and all(0 <= share <= 1 for share in runs[0])
    repeatable.set_seed(1)
    model = cnn.ffnn((1, 8, 8), 5)
    training.fit(model, splits.train, epochs=2, seed=1)
    assert runs[0][1] == training.accuracy(model, splits.validation)


def test_centred_numbers_have_the_mean_0_and_differ_as_before():
    maps = torch.tensor([[1.0, 10], [3, 40]])[:, :, None, None]
    centred = cnn.Centred(2)
    assert centred(maps).flatten(1).tolist() == [[-1, -15], [1, 15]]
    for _ in range(100):
        centred(maps)
    torch.testing.assert_close(centred.eval()(maps), centred.train()(maps), atol=1e-2, rtol=0)


def test_averages_alone_give_all_inner_pixels_the_same_weight():
    convolutions = nn.Conv2d(1, 3, 3, padding=1), nn.Conv2d(3, 4, 3, padding=1)
    for pooling, are_the_same in ((nn.AvgPool2d, True), (nn.MaxPool2d, False)):
        network = nn.Sequential(convolutions[0], pooling(2), convolutions[1], nn.AdaptiveAvgPool2d(1))
        image = torch.rand(1, 1, 20, 20, requires_grad=True)
        network(image)[0, 0].backward()
        inner = image.grad[0, 0, 3:-3, 3:-3]
        assert torch.allclose(inner, inner[0, 0]) == are_the_same


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


def indexed_epoch(model, optimizer, images, labels, batch_size):
    for first in range(0, len(images), batch_size):
        batch, its_labels = images[first : first + batch_size], labels[first : first + batch_size]
        nn.functional.nll_loss(nn.functional.log_softmax(model(batch), dim=1), its_labels).backward()
        optimizer.step()
        model.zero_grad()


def epoch_with_the_last_lines_outside(model, optimizer, images, labels, batch_size):
    for batch, its_labels in zip(images.split(batch_size), labels.split(batch_size), strict=True):
        loss = nn.functional.cross_entropy(model(batch), its_labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def epoch_that_forgets_too_early(model, optimizer, images, labels, batch_size):
    for batch, its_labels in zip(images.split(batch_size), labels.split(batch_size), strict=True):
        nn.functional.cross_entropy(model(batch), its_labels).backward()
        optimizer.zero_grad()
        optimizer.step()


def epoch_in_another_order(model, optimizer, images, labels, batch_size):
    exercise.train_epoch.reference(model, optimizer, images.flip(0), labels.flip(0), batch_size)


def test_an_epoch_is_judged_by_the_weights_after_it():
    assert exercise.train_epoch.check(cnn.train_epoch).symbol == "✓"
    assert exercise.train_epoch.check(indexed_epoch).symbol == "✓"
    named = {
        epoch_with_the_last_lines_outside: "loss_of_the_last_batch_only",
        epoch_that_forgets_too_early: "step_without_gradient",
        epoch_in_another_order: None,
    }
    for epoch, mistake in named.items():
        report = exercise.train_epoch.check(epoch)
        assert (report.symbol, report.mistake) == (
            "✗",
            mistake,
        ) and "judged by the weights after it: " in report.message


def test_a_mended_network_must_be_able_to_learn():
    frozen = exercise.mended.reference()
    frozen[0].bias.requires_grad_(False)
    assert exercise.mended.check(frozen).mistake == "weights_frozen"


def test_of_several_repairs_a_wrong_one_is_named():
    report = exercise.repair.check(("global pooling", "more epochs"))
    assert report.symbol == "✗" and "with more epochs it trains longer" in report.message
