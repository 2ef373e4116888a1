"""What several test modules share."""

import copy

import pytest

TRAIN_BRIEFLY = """
from lessonlib import training

_fit = training.fit
training.fit = lambda model, dataset, *args, **kwargs: _fit(model, [part[:64] for part in dataset], *args, **kwargs)
"""


@pytest.fixture(scope="session")
def briefly():
    """Makes of a lesson a copy that trains on a few pictures: for tests of all but its accuracies."""

    def trained_briefly(notebook):
        notebook = copy.deepcopy(notebook)
        (setup,) = [cell for cell in notebook.cells if cell.id == "setup"]
        setup.source += TRAIN_BRIEFLY
        return notebook

    return trained_briefly
