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
from test_exercises import SHEETS
from torch import nn

from lessonlib.checking import Behaviour, Call, Function, Refused
from lessonlib.checking.apart import run_apart
from lessonlib.checking.exercise import Question
from lessonlib.checking.explaining import explain
from lessonlib.exercises import cnn

JUDGED_BY_WHAT_THEY_DO = {
    f"{word}-{each.name}": each
    for word, sheet in SHEETS.items()
    for each in sheet.exercises
    if isinstance(each.kind, (Function, Behaviour))
}


# One change to a syntax tree


class Changed(ast.NodeTransformer):
    """A tree with one change: of all that `others` offers for its nodes, the one at this place."""

    def __init__(self, others, place):
        self.others, self.place = others, place

    def visit(self, node):
        node = self.generic_visit(node)
        others = list(self.others(node))
        chosen, self.place = self.place, self.place - len(others)
        return others[chosen] if 0 <= chosen < len(others) else node


class Flat(ast.NodeTransformer):
    """A network with its layers in one row: f(*(a, b), *(c, d)) is f(a, b, c, d)."""

    def visit_Call(self, node):
        self.generic_visit(node)
        rows = (each.value.elts if isinstance(each, ast.Starred) else [each] for each in node.args)
        node.args = [*itertools.chain(*rows)]
        return node


def mutants(exercise):
    """{source: the lines that are changed}, of all mutants of an exercise's reference."""
    tree = Flat().visit(ast.parse(exercise.solution_source()))
    source = ast.unparse(tree)
    found = {}
    for others in (*EVERYWHERE, *(IN_FUNCTIONS if isinstance(exercise.kind, Function) else IN_LAYERS)):
        for place in itertools.count():
            change = Changed(lambda node, others=others: others(node, tree.body[0]), place)
            mutant = ast.unparse(ast.fix_missing_locations(change.visit(copy.deepcopy(tree))))
            if change.place >= 0:  # there are fewer places
                break
            found[mutant] = [line.strip() for line in mutant.splitlines() if line not in source.splitlines()]
    found.pop(source, None)
    return found


def expression(source, **parts):
    """A tree of the source, with nodes in place of names."""
    return copy.deepcopy(Placed(parts).visit(ast.parse(source, mode="eval").body))


class Placed(ast.NodeTransformer):
    def __init__(self, parts):
        self.parts = parts

    def visit_Name(self, node):
        return self.parts.get(node.id, node)


# What is offered in place of a node: others(node, function), where function is the whole reference

OPERATORS = {
    ast.Lt: [ast.LtE, ast.Gt],
    ast.LtE: [ast.Lt, ast.GtE],
    ast.Gt: [ast.GtE, ast.Lt],
    ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.Sub, ast.FloorDiv],
    ast.Div: [ast.Mult, ast.FloorDiv],
    ast.FloorDiv: [ast.Div, ast.Mod, ast.Mult],
    ast.Mod: [ast.FloorDiv],
}
REDUCTIONS = ("sum", "mean", "max", "min", "prod")


def operators(node, _):
    yield from (other() for other in OPERATORS.get(type(node), ()))


def constants(node, _):
    match node:
        case ast.Constant(bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(int() | float()):
            yield from (ast.Constant(node.value + step) for step in (1, -1))
        case ast.UnaryOp():
            yield node.operand


def arguments_dropped(node, _):
    if isinstance(node, ast.Call):
        for i in range(len(node.args)):
            yield ast.Call(node.func, without(node.args, i), node.keywords)
        for i in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, without(node.keywords, i))


def statements_dropped(node, _):
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        yield ast.Pass()


def neighbours_exchanged(node, _):
    """Rows for columns, in shapes and places: a pair of values, names or slices."""
    if isinstance(node, (ast.Tuple, ast.List)):
        yield from (type(node)(moved(node.elts, i, i + 1)) for i in range(len(node.elts) - 1))


def parameters_exchanged(node, function):
    """Another parameter of the function in place of this one, or its default: it is left out of the calculation."""
    parameters = [each.arg for each in function.args.args]
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in parameters:
        yield from (ast.Name(other) for other in parameters if other != node.id)
        with_defaults = dict(zip(reversed(parameters), reversed(function.args.defaults), strict=False))
        if node.id in with_defaults:
            yield with_defaults[node.id]


def bounds_moved(node, _):
    """A range or a slice that begins or ends one too early or too late."""
    match node:
        case ast.Call(func=ast.Name("range")):
            for i, other in itertools.product(range(len(node.args)), ("bound + 1", "bound - 1")):
                arguments = [*node.args]
                arguments[i] = expression(other, bound=node.args[i])
                yield ast.Call(node.func, arguments, [])
            if len(node.args) == 1:
                yield ast.Call(node.func, [ast.Constant(1), *node.args], [])
        case ast.Slice():
            for name, other in itertools.product(("lower", "upper"), ("bound + 1", "bound - 1")):
                if bound := getattr(node, name):
                    parts = {"lower": node.lower, "upper": node.upper}
                    yield ast.Slice(**parts | {name: expression(other, bound=bound)})


def loops_changed(node, function):
    """Returns in the first round, does its first statement once before all rounds, runs backwards, or breaks."""
    if isinstance(node, ast.For):
        yield ast.For(node.target, node.iter, [*node.body, function.body[-1]], [])
        yield [node.body[0], ast.For(node.target, node.iter, node.body[1:] or [ast.Pass()], [])]
        yield ast.For(node.target, expression("reversed(rounds)", rounds=node.iter), node.body, [])
        yield ast.For(node.target, node.iter, [*node.body, ast.Break()], [])


def reductions_exchanged(node, _):
    if isinstance(node, ast.Attribute) and node.attr in REDUCTIONS:
        yield from (ast.Attribute(node.value, other) for other in REDUCTIONS if other != node.attr)


def types_narrowed(node, function):
    """An array for the result that holds whole numbers, or has the type of an argument."""
    match node:
        case ast.Call(func=ast.Attribute(attr="zeros")):
            types = ["int", "np.int8", "np.uint8", "np.float32", *(f"{each.arg}.dtype" for each in function.args.args)]
            yield from (expression(f"np.zeros(shape, dtype={each})", shape=node.args[0]) for each in types)


RESULTS = (
    *("np.transpose(result)", "np.flip(result)", "np.flip(result, 0)", "np.flip(result, -1)", "np.ravel(result)"),
    *("max(0, result)", "min(0, result)", "np.maximum(0, result)", "np.minimum(0, result)", "np.clip(result, 0, 1)"),
    *("abs(result)", "-result", "np.clip(result, -1, 1)", "np.clip(result, 0, 255)", "np.sign(result)"),
    *("np.round(result)", "np.floor(result)", "np.ceil(result)", "np.asarray(result, dtype=int)", "int(result)"),
    *("np.asarray(result, dtype=np.float32)", "np.asarray(result, dtype=np.uint8)", "result + 1", "result - 1"),
    *("np.max(result)", "np.sum(result)", "np.asarray(result) > 0", "result % 256", "list(result)", "print(result)"),
)


def results_changed(node, _):
    if isinstance(node, ast.Return):
        yield from (ast.Return(expression(each, result=node.value)) for each in RESULTS)


ADDED = ("Softmax(dim=1)", "LogSoftmax(dim=1)", "Softmax(dim=0)", "Sigmoid()", "Tanh()", "ReLU()", "ReLU6()", "GELU()")
ADDED = tuple(f"nn.{each}" for each in (*ADDED, "Hardtanh()", "Dropout()", "Identity()", "MaxPool2d(2)", "Flatten()"))
OTHER_LAYERS = {
    "ReLU": ["Tanh", "Sigmoid", "LeakyReLU", "ReLU6", "GELU", "ELU", "SiLU", "Softplus", "Identity", "Hardtanh"],
    "MaxPool2d": ["AvgPool2d", "AdaptiveMaxPool2d", "AdaptiveAvgPool2d"],
    "AdaptiveMaxPool2d": ["AdaptiveAvgPool2d", "MaxPool2d"],
    "Conv2d": ["ConvTranspose2d"],
}
OTHER_SETTINGS = {
    "Conv2d": {
        "bias": ["True", "False"],
        "padding": ["0", "1", "2", "(1, 0)", "'same'"],
        "stride": ["1", "2", "3", "(1, 2)"],
        "dilation": ["2", "(1, 2)"],
        "groups": ["1", "3", "8"],
        "padding_mode": ["'circular'", "'reflect'", "'replicate'"],
    },
    "MaxPool2d": {"stride": ["1", "2"], "padding": ["1"], "ceil_mode": ["True"], "dilation": ["2"]},
    "Linear": {"bias": ["False"]},
    "Flatten": {"start_dim": ["0", "2"]},
}


def layers_moved(node, _):
    """Of a network: each layer left out, doubled, at every other place, and each of some layers added at every place."""
    match node:
        case ast.Call(func=ast.Attribute(attr="Sequential")):
            here = range(len(node.args))
            added = [expression(each) for each in ADDED]
            rows = [
                *(without(node.args, i) for i in here),
                *(moved(node.args, i, j) for i in here for j in here if i != j),
                *([*node.args[:i], each, *node.args[i:]] for each in added for i in (*here, len(node.args))),
                *([*node.args[:i], node.args[i], *node.args[i:]] for i in here),
                [each for each in node.args if "ReLU" not in ast.unparse(each)],
            ]
            yield from (ast.Call(node.func, row, []) for row in rows)


def layers_added(node, _):
    """Of a single layer: another one before or after it."""
    match node:
        case ast.Return(ast.Name() | ast.Call(func=ast.Attribute(attr="Conv2d"))):
            for each, row in itertools.product(ADDED, ("layer, {}", "{}, layer")):
                yield ast.Return(expression(f"nn.Sequential({row.format(each)})", layer=node.value))


def layers_replaced(node, _):
    if isinstance(node, ast.Attribute):
        yield from (ast.Attribute(node.value, other) for other in OTHER_LAYERS.get(node.attr, ()))


def layers_set_otherwise(node, _):
    match node:
        case ast.Call(func=ast.Attribute(attr=kind)) if kind in OTHER_SETTINGS:
            for name, values in OTHER_SETTINGS[kind].items():
                others = [each for each in node.keywords if each.arg != name]
                for value in values:
                    yield ast.Call(node.func, node.args, [*others, ast.keyword(name, expression(value))])


def weights_changed(node, _):
    """Of a list of weights: one left out, one twice, one more that is 0, or all with other signs or another size."""
    if isinstance(node, ast.List):
        here = range(len(node.elts))
        rows = [without(node.elts, i) for i in here] + [[*node.elts[:i], node.elts[i], *node.elts[i:]] for i in here]
        rows += [[*node.elts[:i], ast.Constant(0), *node.elts[i:]] for i in (*here, len(node.elts))]
        yield from (ast.List(row) for row in rows)


def without(row, i):
    return [*row[:i], *row[i + 1 :]]


def moved(row, i, j):
    rest = without(row, i)
    return [*rest[:j], row[i], *rest[j:]]


EVERYWHERE = (operators, constants, arguments_dropped, statements_dropped, neighbours_exchanged, parameters_exchanged)
IN_FUNCTIONS = (bounds_moved, loops_changed, reductions_exchanged, types_narrowed, results_changed)
IN_LAYERS = (layers_moved, layers_added, layers_replaced, layers_set_otherwise, weights_changed)


# Whether a mutant does what the task asks for, found without the sheet


def numbers_of(draw, *shape):
    """Whole numbers or fractions, with both signs or none below 0."""
    kind = draw.integers(4)
    whole = draw.integers(-9 if kind % 2 else 0, 10, shape)
    return whole if kind < 2 else whole + draw.random(shape)


def an_image_and_a_kernel(draw):
    height, width = draw.integers(1, 8, 2)
    rows, columns = draw.integers(1, height + 1), draw.integers(1, width + 1)
    return Call(numbers_of(draw, height, width), numbers_of(draw, rows, columns))


def a_size(draw):
    while True:
        size, kernel_size, stride, padding, dilation = map(int, draw.integers([1, 1, 1, 0, 1], [40, 9, 7, 5, 5]))
        size *= int(draw.choice([1, 20]))
        if dilation * (kernel_size - 1) + 1 <= size + 2 * padding:  # the window fits
            return Call(size, kernel_size, stride=stride, padding=padding, dilation=dilation)


def a_layer(draw):
    in_channels, out_channels, kernel_size = map(int, draw.integers(1, [40, 40, 9]))
    return Call(
        in_channels, out_channels, kernel_size, **({"bias": bool(draw.integers(2))} if draw.integers(2) else {})
    )


def a_layer_with_groups(draw):
    groups = int(draw.integers(1, 6))
    call = a_layer(draw)
    in_channels, out_channels, kernel_size = call.args
    return Call(in_channels * groups, out_channels * groups, kernel_size, groups=groups, **call.kwargs)


def an_image_to_cover(draw):
    height, width = draw.integers(1, 6, 2)
    weights = draw.normal(size=(height, width))

    def predict(image):
        return 1 / (1 + np.exp(-(weights * image).sum()))

    return Call(predict, numbers_of(draw, height, width) / draw.choice([1, 8]), int(draw.choice([1, 3, 5, 7])))


def an_image_to_pool(draw):
    height, width = draw.integers(1, 10, 2)
    kernel_size = int(draw.integers(1, min(height, width) + 1))
    return Call(numbers_of(draw, height, width), kernel_size, *([int(draw.integers(1, 5))] if draw.integers(3) else []))


INPUTS = {
    "color-conv2d_parameters": a_layer_with_groups,
    "filters-cross_correlate": an_image_and_a_kernel,
    "filters-output_size": a_size,
    "inspection-occlusion_map": an_image_to_cover,
    "parameters-conv2d_parameters": a_layer,
    "pooling-max_pool2d": an_image_to_pool,
}


def gives_the_same(function, exercise, name):
    """Whether a function gives what the reference gives, for 2000 inputs that the task allows."""
    draw = np.random.default_rng(0)
    kind = replace(exercise.kind, cases=tuple(INPUTS[name](draw) for _ in range(2000)))
    pairs = zip(kind.observe(function), kind.observe(exercise.reference), strict=True)
    return all(kind.difference(got, right) is None for got, right in pairs)


def images(*shape, size=1.0):
    return size * torch.randn(*shape)


def computes_the_same(network, reference):
    """Whether two networks with the same weights give the same scores, in training as well, small weights or large."""
    if [each.shape for each in network.parameters()] != [each.shape for each in reference.parameters()]:
        return False
    for trial in range(40):
        for mine, theirs in zip(network.parameters(), reference.parameters(), strict=True):
            mine.data = theirs.data = images(*theirs.shape, size=0.05 * 1.1**trial)
        drawn = images(1 + trial % 5, 1, 28, 28, size=0.5 + trial % 3)
        if not torch.allclose(network.train()(drawn), reference.train()(drawn), rtol=1e-4, atol=1e-4):
            return False
    return True


def keeps_to_the_budget(network, _):
    """Whether it gives ten scores, at most 12,000 parameters. Which network learns is told by a training, not here."""
    sizes = [tuple(network(images(n, 1, 20, 20)).shape) for n in range(1, 5)]
    return sizes == [(n, 10) for n in range(1, 5)] and sum(each.numel() for each in network.parameters()) <= 12_000


def makes_the_same_maps(layer, reference):
    """Whether two layers give the same maps, for images of many sizes, with numbers of both signs."""
    drawn = [images(n, 3, height, width, size=3) for n in (1, 2) for height in range(2, 9) for width in range(2, 9)]
    return all(same_maps(layer(each), reference(each)) for each in drawn)


def same_maps(mine, theirs):
    return mine.shape == theirs.shape and torch.allclose(mine, theirs, atol=1e-5)


def gives_the_shape(layer, _):
    """Whether it is a convolution of 7 x 7 that turns (3, 224, 224) into (64, 112, 112)."""
    is_of_7 = isinstance(layer, nn.Conv2d) and layer.kernel_size == (7, 7)
    return is_of_7 and layer(images(1, 3, 224, 224)).shape == (1, 64, 112, 112)


def finds_edges(kernel, _):
    """Whether it answers +1 at vertical edges, at one place or in a single hill, and 0 elsewhere, at every place."""
    kernel = torch.tensor(kernel, dtype=torch.float64)[None, None]
    edges = [torch.arange(20).expand(20, 20) >= at for at in range(3, 17)]
    vertical, flat = torch.stack(edges)[:, None].double(), torch.ones(1, 1, 20, 20).double()
    silent = (nn.functional.conv2d(each, kernel) for each in (flat, 1 - flat, vertical.mT))
    maps = nn.functional.conv2d(vertical, kernel)
    rises = [np.sign(np.diff(row)) for row in maps[:, 0, 0].numpy()]
    hills = [np.count_nonzero(np.diff(row[row != 0])) <= 1 for row in rises]
    is_one_hill = all(hills) and (maps.amax((1, 2, 3)) == 1).all() and (maps >= 0).all()
    return bool(is_one_hill and not any(each.any() for each in silent))


DOES_WHAT_IS_ASKED = {
    "cnn-mended": computes_the_same,
    "cnn-small_network": keeps_to_the_budget,
    "color-grey_layer": makes_the_same_maps,
    "color-fill_in": gives_the_shape,
    "filters-edge_filter": finds_edges,
    "pooling-average_as_convolution": makes_the_same_maps,
}


def built(exercise, source):
    """What a student hands over who wrote this source, or None where it ends in an error before."""
    names = {"np": np, "nn": nn} | vars(sys.modules[exercise.reference.__module__])
    exec(source, names)
    torch.manual_seed(0)
    try:
        return exercise.first.answer(names[exercise.name])
    except Exception:
        return None


def verdicts(question, answers):
    """The sheet's symbol for each answer. They are observed in one child, which is stopped if one of them never ends."""

    def observed(answer):
        try:
            return question.key.kind.observe(answer)
        except (Refused, MemoryError) as reason:
            return Refused(str(reason))

    seen, _ = run_apart(lambda: [observed(each) for each in answers], seconds=60)
    return [explain(each, question.key)[0] for each in seen]


def is_right(answer, exercise, name):
    if isinstance(exercise.kind, Function):
        return gives_the_same(answer, exercise, name)
    torch.manual_seed(0)
    with torch.no_grad():
        return DOES_WHAT_IS_ASKED[name](answer, exercise.reference())


@pytest.mark.filterwarnings("ignore")  # of what mutants do
@pytest.mark.parametrize("name", JUDGED_BY_WHAT_THEY_DO)
def test_every_mutant_is_wrong(name, monkeypatch):
    monkeypatch.setattr(cnn, "_accuracy", lambda network: 0.95)  # no training: every network learns
    exercise = JUDGED_BY_WHAT_THEY_DO[name]
    question = Question(exercise, exercise.given)
    found = mutants(exercise)
    answers = {source: built(exercise, source) for source in found}
    answers = {source: answer for source, answer in answers.items() if answer is not None}
    assert len(answers) > 10
    survivors = [
        source for source, symbol in zip(answers, verdicts(question, answers.values()), strict=True) if symbol == "✓"
    ]
    fooled = [source for source in survivors if not is_right(answers[source], exercise, name)]
    print(f"{name}: {len(found)} mutants, {len(survivors)} survive, {len(fooled)} of these fool the sheet")
    assert not fooled, "the sheet says ✓ to:\n" + "\n".join("; ".join(found[source]) for source in fooled)


LEARNS_TOO_LITTLE = {
    "a softmax at the end": lambda layers: [*layers, nn.Softmax(dim=1)],
    "a ReLU at the end": lambda layers: [*layers, nn.ReLU()],
    "a softmax before the linear layer": lambda layers: [*layers[:-1], nn.Softmax(dim=1), layers[-1]],
    "means in place of maxima": lambda layers: [*layers[:5], nn.AdaptiveAvgPool2d(1), *layers[6:]],
}


@pytest.mark.parametrize("changed", LEARNS_TOO_LITTLE.values(), ids=LEARNS_TOO_LITTLE)
def test_a_small_network_that_learns_too_little_is_wrong_after_its_training(changed):
    layers = [*cnn.small_network.reference()]
    assert cnn.small_network.check(nn.Sequential(*changed(layers))).symbol == "✗"


def test_every_exercise_that_is_judged_by_what_it_does_can_be_compared():
    assert set(JUDGED_BY_WHAT_THEY_DO) == {*INPUTS, *DOES_WHAT_IS_ASKED}
