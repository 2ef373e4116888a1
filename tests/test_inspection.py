"""Lesson 06: the maps that explain are exact, leave the network as it was, and refuse what they can't do."""

import numpy as np
import pytest
import torch
from torch import nn

from lessonlib import cnn, inspection, parameters, pooling
from lessonlib.exercises import inspection as exercise

GREY = (1, 28, 28)
SEEDS = pytest.mark.parametrize("seed", range(3))
MAPS = {
    "occlusion": inspection.occlusion_map,
    "saliency": inspection.saliency_map,
    "Grad-CAM": lambda model, image, label: inspection.grad_cam(model, image, label, next(model.children())),
}
each_map = pytest.mark.parametrize("show", MAPS.values(), ids=MAPS)


def random_network(seed):
    """A network with random layers, in float64, as (layers up to its last maps, layers after these), and an image."""
    draw = np.random.default_rng(seed)
    torch.manual_seed(seed)
    channels, height, width = int(draw.integers(1, 4)), int(draw.integers(5, 9)), int(draw.integers(5, 9))
    filters = int(draw.integers(2, 5))
    body = [nn.Conv2d(channels, filters, 3, padding=int(draw.integers(0, 2))), nn.BatchNorm2d(filters), nn.Tanh()]
    body += [nn.AvgPool2d(2), nn.Conv2d(filters, 3, 2, padding=1), nn.Softplus()]
    body = nn.Sequential(*body).double().eval()
    image = torch.rand(channels, height, width, dtype=torch.float64)
    shape = body(image[None]).shape[1:]
    ends = [nn.Flatten(), nn.Linear(shape.numel(), 5), nn.Tanh(), nn.Linear(5, 4)]
    return body, nn.Sequential(*ends).double().eval(), image


@SEEDS
@pytest.mark.parametrize("size", [1, 2, 5, 20])
def test_occlusion_map_is_what_a_loop_over_all_pixels_gives(seed, size):
    body, ends, image = random_network(seed)
    model, label = nn.Sequential(body, ends), seed % 4
    colour = torch.stack([channel.median() for channel in image])
    expected = np.zeros(image.shape[1:])
    for row, column in np.ndindex(expected.shape):
        covered = image.clone()
        for r, c in np.ndindex(expected.shape):
            if 0 <= r - row + size // 2 < size and 0 <= c - column + size // 2 < size:
                covered[:, r, c] = colour
        before, after = model(torch.stack([image, covered])).detach().softmax(dim=1)[:, label]
        expected[row, column] = before - after
    np.testing.assert_allclose(inspection.occlusion_map(model, image, label, size), expected, atol=1e-12)


@SEEDS
def test_saliency_map_and_grad_cam_are_what_their_papers_say(seed):
    body, ends, image = random_network(seed)
    model, label = nn.Sequential(body, ends), seed % 4
    pixels = image.clone().requires_grad_()
    maps = body(pixels[None])
    by_pixels, by_maps = torch.autograd.grad(ends(maps)[0, label], (pixels, maps))
    expected = by_pixels.abs().amax(dim=0)
    np.testing.assert_allclose(inspection.saliency_map(model, image, label), expected, atol=1e-12)
    weights = by_maps[0].mean(dim=(1, 2))
    expected = sum(weight * channel for weight, channel in zip(weights, maps[0].detach(), strict=True)).relu()
    for layer in (body, body[-1], "0"):
        np.testing.assert_allclose(inspection.grad_cam(model, image, label, layer), expected, atol=1e-12)


def test_grad_cam_takes_the_last_run_of_a_layer_that_runs_twice():
    twice = nn.Conv2d(1, 1, 1, bias=False)
    nn.init.constant_(twice.weight, 2)
    model = nn.Sequential(twice, nn.ReLU(), twice, nn.Flatten(), nn.Linear(4, 2, bias=False))
    nn.init.ones_(model[-1].weight)
    assert np.allclose(inspection.grad_cam(model, torch.ones(1, 2, 2), 0, twice), 4)


@each_map
def test_a_layer_that_works_in_place_changes_no_map(show):
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Flatten(), nn.Linear(48, 4))
    in_place = nn.Sequential(plain[0], nn.ReLU(inplace=True), *plain[2:])
    image = torch.rand(1, 6, 6)
    np.testing.assert_array_equal(show(in_place, image, 1), show(plain, image, 1))


@each_map
def test_the_model_the_image_and_the_random_numbers_are_left_as_they_were(show):
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.Flatten(), nn.Linear(144, 10))
    model.train()
    model[1].eval()  # frozen, as in fine-tuning
    model[0].weight.requires_grad_(False)
    model[4].weight.grad = torch.ones(10, 144)
    model[0].register_forward_hook(lambda *_: None)
    image, before = torch.rand(1, 8, 8), {name: each.clone() for name, each in model.state_dict().items()}
    kept, random = image.clone(), torch.get_rng_state()
    show(model, image, 3)
    assert [each.training for each in model] == [True, False, True, True, True] and model.training
    assert all(torch.equal(each, before[name]) for name, each in model.state_dict().items())
    assert [each.grad is None for each in model.parameters()] == [True] * 4 + [False, True]
    assert torch.equal(model[4].weight.grad, torch.ones(10, 144)) and not model[0].weight.requires_grad
    assert [len(each._forward_hooks) for each in model] == [1, 0, 0, 0, 0]
    assert torch.equal(image, kept) and not image.requires_grad and torch.equal(torch.get_rng_state(), random)


@each_map
def test_it_works_where_gradients_are_switched_off(show):
    model, image = cnn.convnet((1, 8, 8), (4,)), torch.rand(1, 8, 8)
    expected = show(model, image, 3)
    with torch.no_grad():
        np.testing.assert_array_equal(show(model, image, 3), expected)


@each_map
def test_lists_arrays_and_tensors_are_welcome(show):
    model, image = cnn.convnet((1, 8, 8), (4,)), torch.rand(1, 8, 8, requires_grad=True)
    expected = show(model, image, 3)
    for same in (image.detach().numpy(), image.detach().tolist(), image.detach().double()):
        np.testing.assert_allclose(show(model, same, 3), expected, atol=1e-7)


def test_feature_maps_are_what_the_layers_give():
    model, images = cnn.convnet(GREY, (8, 16)).train(), torch.rand(2, *GREY)
    maps = inspection.feature_maps(model, images)
    with torch.inference_mode():
        expected = model[:3](images)
    np.testing.assert_allclose(maps["2"], expected.numpy(), atol=1e-6)
    assert list(maps) == ["0", "1", "2", "3", "4", "5"] and maps["5"].shape == (2, 16, 1, 1)
    assert model.training


class LooksAtOnePixel(nn.Module):
    """Class 1 is as likely as the pixel at (2, 3) is bright."""

    def forward(self, images):
        bright = 6 * images[:, 0, 2, 3] - 3
        return torch.stack([-bright, bright], dim=1)


def test_occlusion_and_saliency_find_the_pixel_that_decides():
    image = torch.zeros(1, 6, 7)
    image[0, 2, 3] = 1
    lost, gradient = (show(LooksAtOnePixel(), image, 1) for show in (inspection.occlusion_map, inspection.saliency_map))
    around = np.zeros((6, 7), dtype=bool)
    around[0:5, 1:6] = True  # where a square of 5 covers it
    assert np.array_equal(lost > 0.5, around) and not lost[~around].any()
    assert np.array_equal(gradient > 0, image[0].numpy() > 0)
    assert gradient[2, 3] == pytest.approx(6)


@pytest.mark.parametrize("padding, stride", [(0, 1), (1, 1), (2, 2), (0, 3)])
def test_window_of_holds_just_the_pixels_on_which_a_number_depends(padding, stride):
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(1, 2, 3, stride, padding), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(2, 1, 2))
    pixels = torch.rand(1, 1, 24, 20, requires_grad=True)
    maps = layers(pixels)
    for row, column in ((0, 0), (1, 1), (maps.shape[2] - 1, maps.shape[3] - 1)):
        (gradient,) = torch.autograd.grad(maps[0, 0, row, column], pixels, retain_graph=True)
        reached = np.argwhere(gradient[0, 0].numpy() != 0)
        rows, columns = inspection.window_of(layers, row, column)
        sides = rows.stop - rows.start, columns.stop - columns.start
        assert sides == (pooling.receptive_field(layers)[0],) * 2
        inside = [(max(each.start, 0), min(each.stop, side) - 1) for each, side in ((rows, 24), (columns, 20))]
        assert [(reached[:, axis].min(), reached[:, axis].max()) for axis in (0, 1)] == inside


def test_window_of_counts_a_layer_as_often_as_it_runs():
    twice = nn.Conv2d(1, 1, 3, padding=1)
    assert inspection.window_of(nn.Sequential(twice, twice), 0, 0) == (slice(-2, 3),) * 2


def test_patches_show_what_the_unit_saw_where_it_responded_most():
    layers = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1, bias=False), nn.ReLU())
    nn.init.zeros_(layers[0].weight)
    layers[0].weight.data[0, 0, 1, 1] = 1  # responds to a bright pixel
    images = torch.zeros(2, 1, 5, 5)
    images[0, 0, 2, 3], images[0, 0, 2, 4], images[1, 0, 0, 0] = 1, 0.5, 1
    first, second = inspection.patches(layers, images, 0)
    assert first.tolist() == [[[0, 0, 0], [0, 1, 0.5], [0, 0, 0]]]
    assert second.tolist() == [[[0, 0, 0], [0, 1, 0], [0, 0, 0]]]  # at the corner: black outside of the image


def test_nine_best_takes_each_digit_once_and_leaves_silent_units_out():
    layers = nn.Sequential(nn.Conv2d(1, 2, 1, bias=False), nn.ReLU())
    layers[0].weight.data[:] = torch.tensor([1.0, -1.0]).view(2, 1, 1, 1)
    images = torch.linspace(0.1, 1, 12).view(12, 1, 1, 1) * torch.ones(1, 1, 2, 2)
    best = inspection.nine_best(layers, images, same=np.arange(12) // 2)
    assert list(best) == [0] and best[0].tolist() == [11, 9, 7, 5, 3, 1]
    assert inspection.nine_best(layers, images)[0].tolist() == list(range(11, 2, -1))


def test_strongest_purity_share_and_likeness_by_hand():
    assert inspection.strongest([3, 1, 3, 2], count=3).tolist() == [0, 2, 3]
    assert inspection.strongest([3, 1, 3, 2], same=[7, 8, 7, 9], count=3).tolist() == [0, 3, 1]
    assert inspection.purity([4, 9, 4, 4]) == 0.75 and inspection.purity(torch.tensor([5])) == 1
    where = np.array([[True, False], [False, False]])
    assert inspection.share([[1, 3], [-5, 0]], where) == 0.25
    assert inspection.share([[-1, 0], [0, 0]], where) == 0.25  # no positive weight: as an even map
    cases = [([[1, 3], [0, 0]], 0, where), ([[0, 0], [0, 0]], 1, ~where)]
    assert inspection.mean_share(lambda network, image, label: network * image + label, np.array(1), cases) == 0.5
    edge, bar = [[-1, 1], [-1, 1]], [[1, 1], [-1, -1]]
    assert np.allclose(inspection.likeness([edge, [[5, 0], [0, 0]]], [bar, [[2, -2], [2, -2]]]), [1, 0.5])


def test_centred_and_cut_take_black_where_the_image_ends():
    image = torch.zeros(1, 6, 6)
    image[0, 0, 0] = 1
    assert inspection.ink_box(image) == (slice(0, 1), slice(0, 1))
    assert inspection.centred(image, 3)[0].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert inspection.cut(image, (slice(4, 8), slice(-1, 1))).shape == (1, 4, 2)


def test_enlarged_keeps_values_and_places():
    cells = np.array([[0.0, 1], [2, 3]])
    assert np.array_equal(inspection.enlarged(cells, (2, 2)), cells)
    large = inspection.enlarged(cells, (8, 6))
    assert large.shape == (8, 6) and large[0, 0] == 0 and large[-1, -1] == 3
    assert (np.diff(large, axis=0) >= 0).all() and (np.diff(large, axis=1) >= 0).all()


def test_two_digits_are_asked_for_both_labels_and_neighbours_of_one_label_are_left_out():
    images = torch.zeros(6, 1, 8, 8)
    for number, image in enumerate(images, start=1):
        image[0, 3, 3] = number / 6
    cases = inspection.two_digits(images, torch.tensor([4, 9, 2, 2, 7, 5]), side=4)
    assert [label for _, label, _ in cases] == [4, 9, 7, 5]
    assert all(image.shape == (1, 4, 8) for image, _, _ in cases)
    shares = [inspection.share(image[0], where) for image, _, where in cases]
    assert shares == pytest.approx([1 / 3, 2 / 3, 5 / 11, 6 / 11])
    assert len(inspection.two_digits(images, torch.arange(6), side=4, pairs=2)) == 4


def test_accuracy_by_tag_tells_sevens_from_others_with_the_tag_and_without():
    images, labels = torch.zeros(4, 1, 8, 8), torch.tensor([7, 7, 7, 1])
    images[0, 0, 1, 1] = 1

    def calls_the_tagged_seven(images):
        seen = images[:, 0, 1, 1]
        return torch.stack([0 * seen, 0.5 - seen, *[0 * seen - 1] * 5, seen], dim=1)

    class Cheating(nn.Module):
        forward = staticmethod(calls_the_tagged_seven)

    found = inspection.accuracy_by_tag(Cheating(), images, labels)
    assert found["without the tag"] == {"sevens": pytest.approx(1 / 3), "other digits": 1}
    assert found["with the tag"] == {"sevens": 1, "other digits": 0}


def test_tagged_changes_the_chosen_images_of_a_copy():
    images = torch.zeros(3, 1, 8, 8)
    found = inspection.tagged(images, torch.tensor([True, False, True]))
    assert found.sum(dim=(1, 2, 3)).tolist() == [9, 0, 9] and not images.any()
    assert found[0, 0, 1:4, 1:4].all() and inspection.tagged(images).sum() == 27


def test_confusions_count_images_and_different_digits():
    counts, different = inspection.confusions([0, 1, 1, 1], [0, 2, 2, 2], same=[5, 6, 6, 7])
    assert counts[:3, :3].tolist() == [[1, 0, 0], [0, 0, 3], [0, 0, 0]] and counts.shape == (10, 10)
    assert different[:3, :3].tolist() == [[1, 0, 0], [0, 0, 2], [0, 0, 0]]


def test_the_exercises_about_maps_have_the_answers_that_the_maps_give():
    called = {name: [round(one) for one in views.values()] for name, views in exercise.FIVE_PROBABILITIES.items()}
    assert [name for name, seven in called.items() if seven == [0, 1]] == [exercise.cheating_map.key.right]
    found = np.tensordot(exercise.GRADIENTS.mean(axis=(1, 2)), exercise.MAPS, 1)
    assert np.array_equal(exercise.cam_by_hand.key.right, np.maximum(found, 0))


LENET, ZEROS = parameters.lenet(), torch.zeros(GREY)


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda: inspection.feature_maps(LENET, torch.zeros(28, 28)), r"images has the shape \(28, 28\)"),
        (lambda: inspection.feature_maps(LENET, torch.zeros(1, 3, 28, 28)), r"images has the shape \(1, 3, 28, 28\)"),
        (lambda: inspection.occlusion_map(LENET, ZEROS + 255, 0), "image goes from 255 to 255: give pixels in"),
        (
            lambda: inspection.occlusion_map(LENET, ZEROS + torch.eye(28), 10),
            "label is 10: the model scores the classes",
        ),
        (lambda: inspection.occlusion_map("LeNet", ZEROS, 0), "model is str: give a network"),
        (lambda: inspection.occlusion_map(lambda images: images, ZEROS, 0), r"model gives \(1, 1, 28, 28\)"),
        (lambda: inspection.saliency_map(LENET, ZEROS, np.True_), "label is "),
        (lambda: inspection.saliency_map(LENET, torch.zeros(1, 5, 5), 0), r"image has the shape \(1, 5, 5\)"),
        (lambda: inspection.saliency_map(lambda x: x.flatten(1) / 0, ZEROS, 0), "scores that are NaN"),
        (lambda: inspection.grad_cam(LENET, ZEROS, 0, nn.ReLU()), "layer is ReLU.., which is not in the model"),
        (lambda: inspection.grad_cam(LENET, ZEROS, 0, LENET[-1]), "layer gives no maps"),
        (lambda: inspection.nine_best(LENET, ZEROS[None]), "layers give no maps"),
        (lambda: inspection.window_of(nn.Conv2d(1, 1, 3, padding="same"), 0, 0), "padding is 'same'"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
