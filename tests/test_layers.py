"""layers: shapes without numbers, what a layer looks at is measured, and a network that can't be run says why."""

import warnings

import pytest
import torch
from torch import nn
from torchvision import models

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
    small = [kind for kind in kinds if not kind.__name__.startswith("Transformer")]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tried = {layer for layer in map(built, small) if layer and not isinstance(layer, nn.Sequential)}
        names = {type(layer).__name__ for layer in tried}
        assert {"Mish", "PReLU", "Softmax", "GLU", "ChannelShuffle", "GroupNorm", "InstanceNorm2d"} <= names
        for layer in tried:
            assert layers.looks_at_one_place(layer) is not changes_other_places(layer), layer


@pytest.mark.parametrize("dim, axes, one_place", [(1, 4, True), (-3, 4, True), (-1, 4, False), (-1, 2, True)])
def test_a_softmax_looks_at_one_place_if_it_runs_over_the_channels(dim, axes, one_place):
    assert layers.looks_at_one_place(nn.Softmax(dim=dim), axes) is one_place


@pytest.mark.parametrize("fails", [False, True])
def test_evaluating_gives_each_module_its_own_mode_back(fails):
    model = network().train()
    model[1].eval()  # frozen, as in fine-tuning
    try:
        with layers.evaluating(model):
            assert not any(module.training for module in model.modules())
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert [module.training for module in model.modules()] == [True, True, False, True, True, True]


IMAGES = torch.rand(3, 1, 8, 8)
ASKED = {
    "fit": lambda model: training.fit(
        model, (IMAGES, torch.arange(3)), epochs=1, device="cpu", validation=(IMAGES, torch.arange(3))
    ),
    "accuracy": lambda model: training.accuracy(model, (IMAGES, torch.arange(3))),
    "predictions": lambda model: training.predictions(model, IMAGES),
    "parameter_table": lambda model: parameters.parameter_table(model, (1, 8, 8)),
    "steps": lambda model: cnn.steps(model, (1, 8, 8)),
    "feature_maps": lambda model: inspection.feature_maps(model, IMAGES),
    "occlusion_map": lambda model: inspection.occlusion_map(model, IMAGES[0], 1),
    "saliency_map": lambda model: inspection.saliency_map(model, IMAGES[0], 1),
    "grad_cam": lambda model: inspection.grad_cam(model, IMAGES[0], 1, "0"),
}
each_way = pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
with torch.device("meta"):
    WITHOUT_NUMBERS = network()


@pytest.mark.parametrize("ask", [ASKED[name] for name in ASKED if name != "fit"], ids=[n for n in ASKED if n != "fit"])
def test_a_frozen_normalisation_stays_frozen_whoever_asks(ask):
    model = network().train()
    model[1].eval()
    ask(model)
    assert model.training and model[0].training and not model[1].training
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


@each_way
@pytest.mark.parametrize(
    "bad, why",
    [
        ("a name", "model is str: give"),
        (None, "model is NoneType: give"),
        (nn.Flatten, "model is .*Flatten|model is type"),
        (nn.Sequential(nn.Flatten(), nn.LazyLinear(3)), "model holds LazyLinear, which has no shape yet"),
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
    ids=["text", "None", "class", "lazy", "channels", "features", "window"],
)
def test_a_network_that_can_not_be_run_is_refused_alike_whoever_asks(ask, bad, why):
    with pytest.raises(ValueError, match=why):
        ask(bad)


@pytest.mark.parametrize("name", ASKED)
def test_a_network_without_numbers_has_shapes_and_nothing_else(name):
    if name in ("parameter_table", "steps"):
        assert ASKED[name](WITHOUT_NUMBERS)
    else:
        with pytest.raises(ValueError, match='model is on the device "meta", without numbers'):
            ASKED[name](WITHOUT_NUMBERS)


@pytest.mark.parametrize("name", ["predictions", "accuracy", "feature_maps", "occlusion_map", "grad_cam"])
@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16], ids=str)
def test_images_are_turned_into_the_type_of_the_weights(name, dtype):
    assert ASKED[name](network().to(dtype)) is not None


def test_shapes_are_found_without_numbers_and_random_numbers_and_weights_stay():
    model, random = network().train(), torch.get_rng_state()
    before = {name: (each.clone(), each.data_ptr()) for name, each in model.state_dict().items()}
    devices = []
    model[2].register_forward_hook(lambda layer, inputs, output: devices.append(output.device.type))
    shapes = [shape for _, _, shape in layers.layer_shapes(model, (1, 8, 8))]
    assert shapes == [(4, 6, 6), (4, 6, 6), (4, 6, 6), (144,), (3,)] and devices == ["meta"]
    assert torch.equal(random, torch.get_rng_state())
    for name, each in model.state_dict().items():
        assert torch.equal(each, before[name][0]) and each.data_ptr() == before[name][1]


class AsksForNumbers(nn.Module):
    def forward(self, images):
        return images * images.sum().item()


def test_a_model_that_asks_for_numbers_is_run_with_numbers():
    model = nn.Sequential(AsksForNumbers(), nn.Conv2d(1, 2, 3))
    assert [each.gave for each in layers.module_runs(model, (1, 4, 4))][:2] == [(1, 1, 4, 4), (1, 2, 2, 2)]


def test_what_is_not_checked_without_numbers_is_checked_all_the_same():
    with pytest.raises(ValueError, match="ConvTranspose2d gets .* which has 1 channels, and takes 3"):
        layers.layer_shapes(nn.ConvTranspose2d(3, 4, 3), (1, 4, 4))


@pytest.mark.parametrize("bad", [None, 3, "abc", (), (1, -8, 8), (1, 8.0, 8), (True, 8, 8)], ids=repr)
def test_a_bad_shape_is_named(bad):
    with pytest.raises(ValueError, match="input_shape is"):
        layers.layer_shapes(network(), bad)


def test_an_image_that_does_not_fit_into_memory_is_told_as_such():
    with pytest.raises(ValueError, match=r"input_shape is \(1, 10000000, 10000000\)"):
        layers.layer_shapes(network(), (1, 10**7, 10**7))


def architectures():
    video = dict.fromkeys(models.list_models(module=models.video), (3, 16, 224, 224))
    flat = [*models.list_models(module=models), *models.list_models(module=models.segmentation)]
    return {name: (3, 299, 299) if name == "inception_v3" else (3, 224, 224) for name in flat} | video


ARCHITECTURES = architectures()


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.filterwarnings("ignore:The default weight initialization")
def test_the_table_of_every_architecture_holds_all_of_its_parameters(name, monkeypatch):
    plan = models.regnet.BlockParams.from_init_params

    def planned_with_numbers(*arguments, **named):
        with torch.device("cpu"):
            return plan(*arguments, **named)

    monkeypatch.setattr(models.regnet.BlockParams, "from_init_params", planned_with_numbers)
    no_download = {"weights_backbone": None} if name in models.list_models(module=models.segmentation) else {}
    with torch.device("meta"):
        model = models.get_model(name, weights=None, **no_download)
    table = parameters.parameter_table(model, ARCHITECTURES[name])
    total = sum(each.numel() for each in model.parameters())
    assert table.footer["parameters"] == sum(table["parameters"]) == total
    assert sum(parameters.parameters_by_kind(model).values()) == total
