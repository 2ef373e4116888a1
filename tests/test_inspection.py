"""Lesson 06: the maps that explain show what they say."""

import numpy as np
import pytest
import torch
from torch import nn

from lessonlib import cnn, inspection

GREY = (1, 28, 28)


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


@pytest.mark.parametrize("show", [inspection.occlusion_map, inspection.saliency_map])
def test_maps_of_evidence_leave_the_model_and_the_image_as_they_were(show):
    model, image = cnn.convnet(GREY, (4,)).train(), torch.rand(GREY)
    before = image.clone()
    assert show(model, image, 3).shape == (28, 28)
    assert model.training and torch.equal(image, before)
    assert all(each.grad is None for each in model.parameters())


@pytest.mark.parametrize(
    "call, named",
    [
        (lambda: inspection.feature_maps(cnn.lenet(), torch.zeros(28, 28)), r"images has the shape \(28, 28\)"),
        (lambda: inspection.feature_maps(cnn.lenet(), [[[[np.nan]]]]), "images holds NaN"),
        (lambda: inspection.occlusion_map(cnn.lenet(), torch.zeros(28, 28), 0), r"image has the shape \(28, 28\)"),
        (
            lambda: inspection.occlusion_map(cnn.lenet(), torch.zeros(GREY), 10),
            "label is 10: the model scores the classes 0",
        ),
        (lambda: inspection.occlusion_map(cnn.lenet(), torch.zeros(GREY), 0, size=0), "size is 0"),
        (lambda: inspection.saliency_map(cnn.lenet(), torch.zeros(GREY), -1), "label is -1"),
        (lambda: inspection.saliency_map(cnn.lenet(), "a digit", 0), "image came as str"),
    ],
)
def test_bad_input_is_named(call, named):
    with pytest.raises(ValueError, match=named):
        call()
