"""Every architecture of torchvision has its table: whatever a student counts, no parameter is left out."""

import pytest
import torch
from torchvision import models

from lessonlib import parameters

SEGMENTATION, VIDEO = (models.list_models(module=module) for module in (models.segmentation, models.video))
SHAPES = dict.fromkeys([*models.list_models(module=models), *SEGMENTATION], (3, 224, 224))
SHAPES |= dict.fromkeys(VIDEO, (3, 16, 224, 224)) | {"inception_v3": (3, 299, 299)}


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.filterwarnings("ignore:The default weight initialization")
def test_the_table_of_every_architecture_holds_all_of_its_parameters(name, monkeypatch):
    plan = models.regnet.BlockParams.from_init_params

    def planned_with_numbers(*arguments, **named):
        with torch.device("cpu"):
            return plan(*arguments, **named)

    monkeypatch.setattr(models.regnet.BlockParams, "from_init_params", planned_with_numbers)
    no_download = {"weights_backbone": None} if name in SEGMENTATION else {}
    with torch.device("meta"):
        model = models.get_model(name, weights=None, **no_download)
    table = parameters.parameter_table(model, SHAPES[name])
    total = sum(parameter.numel() for parameter in model.parameters())
    assert table.footer["parameters"] == sum(table["parameters"]) == total
    assert sum(parameters.parameters_by_kind(model).values()) == total
