"""layers: shapes without numbers, what a layer looks at is measured, and a network that can't be run says why."""

import warnings

import pytest
import torch
from torch import nn

from lessonlib import cnn, inspection, layers, parameters, training

MAPS = (1, 4, 6, 5)


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(144, 3))


def built(kind):
    """A layer of torch.nn for maps of four channels, from the first arguments with which it takes them, or None."""
    for arguments, named in (((), {"dim": 1}), ((), {}), ((4,), {}), ((2,), {}), ((2, 4), {})):
        try:
            layer = kind(*arguments, **named).eval()
            if layer(torch.rand(MAPS)).shape[2:] == MAPS[2:]:
                return layer
        except Exception:
            continue
    return None


def changes_other_places(layer):
    torch.manual_seed(0)
    maps = torch.randn(MAPS)
    changed = maps.clone()
    changed[..., 3, 2] = torch.randn(4)
    with torch.no_grad():
        different = (layer(maps) != layer(changed)).any(dim=(0, 1))
    different[3, 2] = False
    return different.any().item()


def test_which_layers_of_torch_look_at_one_place_is_what_a_changed_place_shows():
    kinds = [kind for kind in vars(nn).values() if isinstance(kind, type) and issubclass(kind, nn.Module)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [layer for layer in map(built, kinds) if layer and layers.looks_at_one_place(layer)]
        assert {"Mish", "PReLU", "Softmax", "GLU", "BatchNorm2d", "Dropout"} <= {
            type(layer).__name__ for layer in found
        }
        assert not [layer for layer in found if changes_other_places(layer)]


@pytest.mark.parametrize("dim, axes, one_place", [(1, 4, True), (-3, 4, True), (-1, 4, False), (-1, 2, True)])
def test_a_softmax_looks_at_one_place_if_it_runs_over_the_channels(dim, axes, one_place):
    assert layers.looks_at_one_place(nn.Softmax(dim=dim), axes) is one_place


IMAGES, LABELS = torch.rand(3, 1, 8, 8), torch.arange(3)
ASKED = {
    "fit": lambda model: training.fit(model, (IMAGES, LABELS), epochs=1, device="cpu"),
    "accuracy": lambda model: training.accuracy(model, (IMAGES, LABELS)),
    "parameter_table": lambda model: parameters.parameter_table(model, (1, 8, 8)),
    "steps": lambda model: cnn.steps(model, (1, 8, 8)),
    "feature_maps": lambda model: inspection.feature_maps(model, IMAGES),
    "saliency_map": lambda model: inspection.saliency_map(model, IMAGES[0], 1),
}


@pytest.mark.parametrize("name", [name for name in ASKED if name != "fit"])
def test_a_frozen_normalisation_stays_frozen_whoever_asks(name):
    model = network().train()
    model[1].eval()
    ASKED[name](model)
    assert model.training and model[0].training and not model[1].training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
@pytest.mark.parametrize(
    "wrong, why",
    [
        (nn.Flatten, "model is .*Flatten|model is type"),
        (
            nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(144, 3)),
            r"the model can't take it: layer '0', Conv2d, gets \(\d, 1, 8, 8\), which has 1 channels, and takes 3",
        ),
        (
            nn.Sequential(nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(100, 3)),
            r"layer '2', Linear, gets \(\d, 144\), which has 144 features, and takes 100",
        ),
        (
            nn.Sequential(nn.Conv2d(1, 4, 3), nn.MaxPool2d(7)),
            r"layer '1', MaxPool2d, gets \(\d, 4, 6, 6\) \(RuntimeError: .*[Oo]utput size is too small",
        ),
    ],
    ids=["class", "channels", "features", "window"],
)
def test_a_network_that_can_not_be_run_is_refused_alike_whoever_asks(ask, wrong, why):
    with pytest.raises(ValueError, match=why):
        ask(wrong)


@pytest.mark.parametrize("name", ["accuracy", "feature_maps"])
def test_images_are_turned_into_the_type_of_the_weights(name):
    assert ASKED[name](network().double()) is not None


def test_to_find_shapes_changes_nothing():
    model, random = network().train(), torch.get_rng_state()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    shapes = [shape for _, _, shape in layers.layer_shapes(model, (1, 8, 8))]
    assert shapes == [(4, 6, 6), (4, 6, 6), (4, 6, 6), (144,), (3,)] and model.training
    assert torch.equal(random, torch.get_rng_state())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("wrong", [3, (), (1, -8, 8), (1, 8.0, 8)], ids=repr)
def test_a_wrong_shape_is_named(wrong):
    with pytest.raises(ValueError, match="input_shape is"):
        layers.layer_shapes(network(), wrong)
