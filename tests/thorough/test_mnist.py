"""Lesson 05 on the real MNIST: one name at its top changes, and 98.5 % are reached in an epoch."""

import torch

from coursetools.lesson import NOTEBOOKS, read
from lessonlib import cnn, data, training


def test_a_whole_lesson_runs_on_mnist_by_changing_one_name(mnist, briefly, run_here, monkeypatch):
    few = data.Splits(*(data.Images(*[part[:200] for part in images]) for images in mnist))
    monkeypatch.setattr(data, "load", {"mnist": few}.get)
    notebook = briefly(read(NOTEBOOKS / "05_cnn.ipynb"))
    (cell,) = [cell for cell in notebook.cells if cell.source.startswith('DATA = "scattered digits"')]
    cell.source = cell.source.replace("scattered digits", "mnist", 1)
    run_here(notebook)


def test_the_network_of_the_lesson_reaches_98_5_percent(mnist):
    train, _, test = mnist
    torch.manual_seed(0)
    model = cnn.convnet((1, 28, 28))
    training.fit(model, train, epochs=1)
    assert training.accuracy(model, test) >= 0.985
