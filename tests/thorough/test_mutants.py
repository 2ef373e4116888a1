"""No answer sheet is fooled: each solution is changed in one place, and every change that matters is called wrong.

A mutant is the source of a reference with one change. Where a sheet says ✓ to one, it must do what the task asks for on
many drawn inputs, also those that no case of the exercise has.
"""

import ast
import copy
import itertools
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from test_exercises import EXERCISES
from torch import nn

from lessonlib.checking import Call, Function, Refused
from lessonlib.checking.apart import run_apart
from lessonlib.checking.explaining import explain
from lessonlib.exercises import cnn


class Changed(ast.NodeTransformer):
    """A tree with one change: of all that `others` offers for its nodes, the one at this place."""

    def __init__(self, function, place):
        self.function, self.place = function, place

    def visit(self, node):
        node = self.generic_visit(node)
        offered = list(others(node, self.function))
        chosen, self.place = self.place, self.place - len(offered)
        return offered[chosen] if 0 <= chosen < len(offered) else node


def mutants(exercise):
    """{source: what a student hands over who wrote it}, of all mutants of a reference that can be built."""
    tree = ast.parse(exercise.solution_source())
    built = {}
    for place in itertools.count():
        change = Changed(tree.body[0], place)
        source = ast.unparse(ast.fix_missing_locations(change.visit(copy.deepcopy(tree))))
        if change.place >= 0:  # there are fewer places
            return built
        names = {"np": np, "nn": nn} | vars(sys.modules[exercise.reference.__module__])
        exec(source, names)
        torch.manual_seed(0)
        try:
            built[source] = exercise.answer(names[exercise.name])
        except Exception:
            continue


OPERATORS = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.FloorDiv],
    ast.Div: [ast.Mult],
    ast.FloorDiv: [ast.Div, ast.Mod, ast.Mult],
    ast.Is: [ast.IsNot],
}
RESULTS = ("np.transpose({})", "np.flip({})", "np.maximum(0, {})", "abs({})", "-{}", "np.round({})", "{} + 1", "{} - 1")
BOUNDS = ("{} + 1", "{} - 1")
REDUCTIONS = ("sum", "mean", "max", "min")
LAYERS = ("Softmax(dim=1)", "Sigmoid()", "ReLU()", "Dropout()", "MaxPool2d(2)", "Flatten()")
SETTINGS = ("padding=0", "padding=2", "stride=1", "stride=3", "dilation=2", "groups=1", "bias=True", "start_dim=0")


def others(node, function):
    """What a student may write in place of a node."""
    parameters = [argument.arg for argument in function.args.args]
    yield from (other() for other in OPERATORS.get(type(node), ()))
    match node:
        case ast.Constant(bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(int() | float()):
            yield from (ast.Constant(node.value + step) for step in (1, -1))
        case ast.Name(ctx=ast.Load()) if node.id in parameters:
            yield from (ast.Name(other) for other in parameters if other != node.id)
        case ast.Attribute(attr=name) if name in REDUCTIONS:
            yield from (ast.Attribute(node.value, other) for other in REDUCTIONS if other != name)
        case ast.Slice():
            bounds = {name: getattr(node, name) for name in ("lower", "upper") if getattr(node, name)}
            for (name, bound), other in itertools.product(bounds.items(), BOUNDS):
                yield ast.Slice(**bounds | {name: written(other, bound)})
        case ast.For():
            yield ast.For(node.target, node.iter, [*node.body, function.body[-1]], [])  # returns in the first round
            yield ast.For(node.target, node.iter, [*node.body, ast.Break()], [])
        case ast.Return() if not function.name.startswith(("small", "mended")):
            yield from (ast.Return(written(other, node.value)) for other in RESULTS)
        case ast.Call():
            yield from calls_changed(node)


def calls_changed(node):
    """A range that ends elsewhere, a call without an argument, a layer set otherwise, a network with other layers."""
    name, arguments = ast.unparse(node.func), node.args
    if name == "range":
        yield from (ast.Call(node.func, [*arguments[:-1], written(other, arguments[-1])], []) for other in BOUNDS)
    for i in range(len(arguments)):
        yield ast.Call(node.func, arguments[:i] + arguments[i + 1 :], node.keywords)
    for i in range(len(node.keywords)):
        yield ast.Call(node.func, arguments, node.keywords[:i] + node.keywords[i + 1 :])
    if name.startswith("nn."):
        for setting in map(written, SETTINGS):
            kept = [keyword for keyword in node.keywords if keyword.arg != setting.arg]
            yield ast.Call(node.func, arguments, [*kept, setting])
    if name == "nn.Sequential":
        for layer, i in itertools.product(LAYERS, range(len(arguments) + 1)):
            yield ast.Call(node.func, [*arguments[:i], written(f"nn.{layer}"), *arguments[i:]], [])


def written(source, *parts):
    """The tree of an expression, or of a keyword, in which {} stands for a part."""
    tree = ast.parse(f"f({source.format(*map(ast.unparse, parts))})").body[0].value
    return copy.deepcopy((tree.args + tree.keywords)[0])


# Whether a mutant does what the task asks for, found without the sheet


def numbers_of(draw, *shape):
    """Whole numbers or fractions, with both signs or none below 0."""
    whole = draw.integers(draw.choice([-9, 0]), 10, shape)
    return whole if draw.integers(2) else whole + draw.random(shape)


def an_image_and_a_kernel(draw):
    image = numbers_of(draw, *draw.integers(1, 8, 2))
    return Call(image, numbers_of(draw, *(draw.integers(1, side + 1) for side in image.shape)))


def a_size(draw):
    size, kernel_size, stride, padding, dilation = map(int, draw.integers([30, 1, 1, 0, 1], [700, 9, 7, 5, 4]))
    return Call(size, kernel_size, stride=stride, padding=padding, dilation=dilation)


def a_layer(draw):
    inputs, outputs, kernel_size = map(int, draw.integers(1, [40, 40, 9]))
    return Call(inputs, outputs, kernel_size, bias=bool(draw.integers(2)))


def an_image_and_a_layer(draw):
    channels, filters, rows, columns = draw.integers(1, 5, 4)
    image = numbers_of(draw, channels, *(draw.integers(0, 4, 2) + (rows, columns)))
    return Call(image, numbers_of(draw, filters, channels, rows, columns), numbers_of(draw, filters))


def an_image_to_cover(draw):
    weights = draw.normal(size=draw.integers(1, 6, 2))
    predict = lambda image: 1 / (1 + np.exp(-(weights * image).sum()))
    return Call(predict, numbers_of(draw, *weights.shape) / 8, int(draw.choice([1, 3, 5, 7])))


def an_image_to_pool(draw):
    image = numbers_of(draw, *draw.integers(1, 10, 2))
    stride = [int(draw.integers(1, 5))] if draw.integers(3) else []
    return Call(image, int(draw.integers(1, min(image.shape) + 1)), *stride)


INPUTS = {
    "cnn-train_epoch": lambda draw: cnn.Epoch(int(draw.integers(3, 14)), int(draw.integers(2, 6))),
    "color-conv2d": an_image_and_a_layer,
    "filters-cross_correlate": an_image_and_a_kernel,
    "filters-kernel_gradient": an_image_and_a_kernel,
    "filters-output_size": a_size,
    "inspection-occlusion_map": an_image_to_cover,
    "parameters-conv2d_parameters": a_layer,
    "pooling-max_pool2d": an_image_to_pool,
}
IMAGES = {
    "cnn-mended": (1, 28, 28),
    "color-grey_layer": (3, 7, 6),
    "color-fill_in": (3, 224, 224),
    "pooling-average_as_convolution": (3, 7, 6),
}


def is_right(answer, exercise, name):
    if isinstance(exercise.kind, Function):
        draw = np.random.default_rng(0)
        kind = replace(exercise.kind, cases=tuple(INPUTS[name](draw) for _ in range(1000)))
        pairs = zip(kind.observe(answer), kind.observe(exercise.reference), strict=True)
        return all(kind.difference(got, right) is None for got, right in pairs)
    images, reference = 3 * torch.randn(4, *IMAGES[name]), exercise.reference()
    if name == "color-fill_in":
        return answer.kernel_size == (7, 7) and answer(images).shape == reference(images).shape
    if name == "cnn-mended":  # with the same weights
        reference.load_state_dict(dict(zip(reference.state_dict(), answer.state_dict().values(), strict=True)))
    return torch.allclose(answer.train()(images), reference(images), atol=1e-4)


@pytest.mark.filterwarnings("ignore")  # of what mutants do
@pytest.mark.parametrize("name", [*INPUTS, *IMAGES])
def test_every_mutant_that_behaves_otherwise_is_wrong(name):
    exercise = EXERCISES[name]

    def observed(answer):
        try:
            return exercise.kind.observe(answer)
        except (Refused, MemoryError) as reason:
            return Refused(str(reason))

    answers = mutants(exercise)
    seen, _ = run_apart(lambda: [observed(answer) for answer in answers.values()], seconds=60)
    survivors = [
        source for source, each in zip(answers, seen, strict=True) if explain(each, exercise.key)[0] == "right"
    ]
    fooled = [source for source in survivors if not is_right(answers[source], exercise, name)]
    print(f"{name}: {len(answers)} mutants, {len(survivors)} survive, {len(fooled)} of these fool the sheet")
    assert len(answers) > 10 and not fooled, "the sheet says ✓ to:\n" + "\n\n".join(fooled)


@pytest.mark.parametrize("place, layer", [(8, nn.Softmax(dim=1)), (8, nn.ReLU()), (5, nn.AdaptiveAvgPool2d(1))])
def test_a_small_network_that_learns_too_little_is_wrong_after_its_training(place, layer):
    """A softmax or a ReLU comes last, or the means of the maps take the place of their maxima."""
    layers = [*cnn.small_network.reference()]
    assert cnn.small_network.check(nn.Sequential(*layers[:place], layer, *layers[place + 1 :])).symbol == "✗"
