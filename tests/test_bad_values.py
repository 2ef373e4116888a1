"""Every public function is fed every bad value of each of its arguments, and must refuse it by name.

The functions and their arguments are found by asking the modules. A new function needs a call that works, in WORKS; a
new argument needs a kind, in KINDS: which values are bad depends on that alone.
"""

import datetime
import inspect
import re
from decimal import Decimal

import numpy as np
import pytest
import test_figures
import torch
from matplotlib.figure import Figure
from torch import nn

from lessonlib import color, data, explore, figures, filters, parameters, pooling, repeatable, tables

MODULES = [filters, color, pooling, parameters, data, figures, tables, explore, repeatable]
IMAGE, KERNEL = [[1.0, 2.0, 0.5], [0.0, 1.0, 3.0], [4.0, 1.0, 2.0]], [[1.0, 0.0], [2.0, 1.0]]
STEPS = {"stride": 1, "padding": 1, "dilation": 1}
POOLED = {"kernel_size": 2, "stride": 1, "padding": 1, "ceil_mode": False}

# A call that works, with a value for every argument. Arguments that it leaves out come from MORE, below.
WORKS = {
    filters.output_size: {"size": 9, "kernel_size": 3} | STEPS,
    filters.cross_correlate: {"image": IMAGE, "kernel": KERNEL} | STEPS,
    filters.convolve: {"image": IMAGE, "kernel": KERNEL} | STEPS,
    filters.convolution_matrix: {"kernel": KERNEL, "image_shape": (4, 5)},
    filters.gabor: {"size": 9, "angle": 30, "wavelength": 4, "phase": 0, "aspect": 0.5},
    filters.grating: {"size": 9, "angle": 30, "wavelength": 4, "phase": 0},
    filters.bar: {"size": 9, "angle": 30, "width": 4, "offset": 1},
    color.conv2d: {"images": [[IMAGE]], "weight": [[KERNEL]], "bias": [1.0], "groups": 1} | STEPS,
    color.specification: {
        "layer": {"in_channels": 1, "out_channels": 2, "kernel_size": 3},
        "input_shape": (1, 8, 8),
    },
    color.layers_of_real_networks: {},
    pooling.pooled_size: {"size": 9} | POOLED,
    pooling.max_pool2d: {"images": IMAGE} | POOLED,
    pooling.avg_pool2d: {"images": IMAGE, "count_include_pad": True} | POOLED,
    pooling.receptive_field: {"layers": [(3, 1), (2, 2)]},
    parameters.linear_parameters: {"in_features": 3, "out_features": 2, "bias": True},
    parameters.conv2d_parameters: {"in_channels": 2, "out_channels": 4, "kernel_size": 3, "groups": 2, "bias": False},
    parameters.parameter_table: {"model": nn.Conv2d(1, 2, 3), "input_shape": (1, 8, 8)},
    parameters.parameters_by_kind: {"model": nn.Conv2d(1, 2, 3)},
    parameters.network_table: {"networks": {"one": nn.Conv2d(1, 2, 3)}},
    parameters.lenet5_of_1998: {},
    parameters.alexnet_of_2012: {"groups": 2},
    data.photograph: {"name": "china", "grey": True},
    data.digits: {},
    data.scattered_digits: {
        **{"canvas": 16, "train": 2, "validation": 2, "test": 2, "seed": 0},
        **{"columns": (0, 12), "rows": (2, 14)},
    },
    data.handwritten: {"images": [[IMAGE]]},
    data.load: {"name": "digits"},
    data.data_folder: {},
    figures.CaptionedFigure: {"figure": Figure(), "caption": "Nothing."},
    tables.Table: {"columns": ["number", "word"], "rows": [(1, "one")]},
    explore.Explorer: {"image": IMAGE, "kernel": KERNEL, "kernel_size": None, "operation": "convolution"} | STEPS,
    repeatable.start: {"seed": 0},
    repeatable.set_seed: {"seed": 0},
    **{drawing: call | {"caption": "Nothing."} for drawing, call in test_figures.SMALLEST.items()},
}
MORE = {"titles": ["one"], "columns": 1, "signed": True, "digits": 1, "mark": [(0, 0, 1, 1)], "log": False}
MORE |= {"x_ticks": [1, 2], "chance": 0.1, "bottom": 0.1, "footer": (1, "one")}

NO_LIST = [None, 3, 2.5, True, object(), len, torch.ones((), device="meta")]
NOT_ONE = [[], [1], (1, 1, 1), {}, {1}, np.array([1]), torch.tensor([1])]
NO_NAMES = [*NO_LIST, "ab", [], [1, 2], {}]
NO_NUMBER = [
    *("3", b"3", "", "no", True, False, np.True_, torch.tensor(True), object(), len, int),
    *(np.nan, np.inf, -np.inf, 1j, np.complex64(1), torch.tensor(1j), torch.tensor(1j).conj()),
    *(datetime.date(2024, 1, 1), np.datetime64("2024"), np.timedelta64(3, "D"), Decimal("NaN")),
    *(np.ma.masked, np.ma.array(3, mask=True), torch.ones((), device="meta"), torch.ones((), dtype=int, device="meta")),
]
NOT_WHOLE = [*NO_NUMBER, *NOT_ONE, 2.5, 2.0, -1, -(2**70), np.float32(2), torch.tensor(2.0), Decimal(2)]
NO_WORDS = [None, b"one", [], {}, True, object(), "a" * 1000, r"$\nonsense$"]


def bad_arrays(good):
    """What must not pass for this array: others of its shape, and others of its type."""
    shape = np.shape(good)
    return [*bad_numbers(good), np.zeros((0, *shape[1:])), np.zeros((2, 1, 1, 1, 1, 1))]


def bad_numbers(good):
    """What must not pass for this array, whatever its shape."""
    array = np.array(good, float)
    lists, tensor = array.tolist(), torch.tensor(array)
    partly_masked = np.ma.array(array)
    partly_masked[(0,) * array.ndim] = np.ma.masked
    worse = array.astype(object)
    worse.flat[0] = 2**70
    with_a_bool, with_text = array.astype(object), array.astype(object)
    with_a_bool.flat[0], with_text.flat[0] = True, "1"
    return [
        *(None, "abc", b"abc", object(), len, {}, {1}, iter([1]), [], [[], []], [[1, 2], [3]], [None], 2**70),
        *(array.astype(kind) for kind in (complex, str, bytes, bool, object, "M8[D]", "m8[D]", "V8")),
        *(array * np.nan, array + np.inf, np.full(array.shape, 2**64 - 1, np.uint64)),
        *(np.ma.array(array, mask=True), partly_masked),
        *([np.ma.array(lists, mask=True)], worse.tolist(), with_a_bool.tolist(), with_text.tolist()),
        *(tensor.bool(), tensor + 1j, (tensor + 1j).conj(), tensor.to("meta"), tensor.to_sparse(), tensor.bfloat16()),
    ]


def bad_lists_of_arrays(good):
    one_empty = [np.zeros((0, 3))]
    return [*NO_LIST, "ab", [], *([array] for array in bad_arrays(good[0])), one_empty, (np.zeros((2, 2)) for _ in "")]


def bad_named_arrays(good):
    (name,) = list(good)[:1]
    first = good[name]
    return [
        *NO_NAMES,
        {None: first},
        {(1, 2): first},
        {name: None},
        *(good | {name: each} for each in bad_arrays(first)),
    ]


def bad_named_runs(good):
    """Runs are taken in any shape."""
    ((name, first),) = good.items()
    return [*NO_NAMES, {None: first}, *({name: each} for each in bad_numbers(first))]


def listed(*bad):
    """Bad values of a list whose items are no arrays: these as its only item, and what is no list."""
    return lambda good: [*NO_LIST, [], *([each] for each in (*NO_LIST, "abcdefg", *bad))]


def these(*bad):
    return lambda good: bad


WHOLE = these(None, *NOT_WHOLE, (1, 1))
PAIR = these(None, *NOT_WHOLE, (1, 2.5), (1, None), (True, 1), ("1", 1))
PAIR_OR_NONE = these(*NOT_WHOLE, (1, 2.5), (1, None), (True, 1))
NUMBER = these(None, *NO_NUMBER, *NOT_ONE, 10**400)
SHARE = these(*NO_NUMBER, *NOT_ONE, -0.1, 1.5, 10**400)
BOOL = these(None, "no", "False", b"no", 0, 1, 1.0, np.nan, [], [True], np.array([True]), torch.tensor(True), object())
CHOICE = these(None, 3, True, "none of them", b"china", "", ["china"], np.array(["china", "flower"]), object(), {})
SEED = these(None, *NOT_WHOLE, (1, 1), 2**64, 2**70)
SHAPE = these(None, 8, "abc", (), (1, 8), (1, 0, 8), (1, 2.5, 8), (True, 8, 8), (1, np.nan, 8), (1, 8, "8"), object())
RANGE = these(
    8, "ab", b"ab", (0,), (0, 8, 16), (0, 7), (-1, 9), (4, 40), (0.5, 12), (False, 12), (None, None), object()
)
WORDS = these(*NO_WORDS, 1j)
TITLES = these(3, "a", b"a", object(), [], ["a", "b"], *([words] for words in NO_WORDS))
MODEL = these(None, 3, "network", nn.Linear, object(), [nn.Linear(1, 1)])
PLACES = listed((0,), (0, 0, 0), (0.5, 0), (True, 0), ("0", 0), (-1, 0), (np.nan, 0), (2**70, 0))

KINDS = {
    **dict.fromkeys(["size", "kernel_size", "stride", "padding", "dilation", "image_shape"], PAIR),
    **dict.fromkeys(["in_features", "out_features", "in_channels", "out_channels", "groups"], WHOLE),
    **dict.fromkeys(["canvas", "patch_size", "train", "validation", "test", "top", "left", "digits"], WHOLE),
    **dict.fromkeys(["angle", "wavelength", "phase", "aspect", "width", "offset"], NUMBER),
    **dict.fromkeys(["bias", "ceil_mode", "count_include_pad", "grey", "log"], BOOL),
    **dict.fromkeys(["image", "kernel", "weight", "images", "total", "cell", "answers", "angles"], bad_arrays),
    **dict.fromkeys(["result", "weights", "counts", "x", "responses", "offsets", "sizes"], bad_arrays),
    **dict.fromkeys(["arrays", "maps", "channels", "slices", "contributions", "stimuli"], bad_lists_of_arrays),
    **dict.fromkeys(["lines", "filters", "kernels"], bad_named_arrays),
    **dict.fromkeys(["chance", "bottom"], SHARE),
    **dict.fromkeys(["x_label", "y_label"], WORDS),
    **{"name": CHOICE, "operation": CHOICE, "seed": SEED, "input_shape": SHAPE, "titles": TITLES, "model": MODEL},
    **{"columns": WHOLE, "places": PLACES, "reached": bad_lists_of_arrays, "groups": WHOLE},
    "caption": these(None, 3, "", " \n", b"caption", ["caption"], object()),
    "figure": these(None, 3, "figure", object(), Figure),
    "layer": these(None, 3, "Conv2d(1, 2, 3)", nn.Conv2d, nn.Linear(1, 1), [], {}, {"kernel": 3}, object()),
    "layers": these(*NO_LIST, "abc", [3], [nn.Linear(1, 1)], [(3,)], [(True,)], [object()], [None]),
    "networks": these(*NO_LIST, "abc", [nn.Linear(1, 1)]),
    "settings": listed((1, 0), (1, 0, 0), (0, 0, 1), (1, -1, 1), (1.5, 0, 1), (True, 0, 1), (1, 0, 2**70)),
    "steps": listed((1, 2), ("image", 3, 0, (1, 1)), ("image", (1, 2), 0, (1, 1)), (None, (1, 2, 2), 0, (1, 1))),
    "events": listed(
        (1998,), ("1998", "LeCun", "LeNet-5"), (1998, None, "LeNet-5"), (1998, "LeCun", b""), (2**70, "", "")
    ),
    "x_ticks": these(3, True, object(), "ab", [], [None], ["1"], [np.nan], [1j], [True]),
    "mark": these(
        3, True, "abcd", object(), [], [1], (0, 0), [(0, 0)], [(0, 0, 1, 1.5)], [(True, 0, 1, 1)], [None, None]
    ),
    "signed": these(None, "no", 1, [], [None], ["no"], [True, True], object()),
    # The same word, with another meaning:
    **{f"{name}.stride": PAIR_OR_NONE for name in ("pooled_size", "max_pool2d", "avg_pool2d")},
    **{f"{name}.size": WHOLE for name in ("zoom", "window_places")},
    **{f"Explorer.{name}": WHOLE for name in ("padding", "dilation")},
    **{f"{name}.bias": BOOL for name in ("linear_parameters", "conv2d_parameters")},
    **{f"scattered_digits.{name}": RANGE for name in ("columns", "rows")},
    **{f"{name}.columns": these(*NOT_WHOLE, (1, 1)) for name in ("images", "maps")},
    "window_places.kernel_size": WHOLE,
    "Explorer.kernel_size": these(*NOT_WHOLE, (1, 1)),
    "Explorer.stride": these(*NOT_WHOLE, (1, 1)),
    "conv2d.bias": lambda good: bad_arrays(good)[1:],
    "conv2d.images": bad_numbers,
    "handwritten.images": bad_numbers,
    "max_pool2d.images": bad_numbers,
    "avg_pool2d.images": bad_numbers,
    "images.images": bad_lists_of_arrays,
    "maps_below.images": bad_lists_of_arrays,
    "maps_below.maps": bad_named_arrays,
    "maps_below.titles": TITLES,
    "confusion_matrix.digits": lambda good: bad_arrays(good)[1:],
    "bars.groups": these(*NO_NAMES, {"left": {}}, {"left": 1}, {None: {"CNN": 1}}, {"left": {"CNN": "1"}}),
    "stacked_shares.rows": these(*NO_NAMES, {"a": {}}, {"a": 1}, {"a": {"b": -1}}, {"a": {"b": True}}),
    "tuning.cells": these(
        *NO_LIST, "ab", [], {}, {"a": 3}, {"a": (IMAGE,)}, {"a": (None, [0, 1])}, {"a": (IMAGE, "ab")}
    ),
    "place_and_angle.cells": bad_named_arrays,
    "runs.groups": bad_named_runs,
    "Table.columns": these(*NO_LIST, [], *([each, "word"] for each in NO_LIST), ["two\nlines", "word"], ["", "word"]),
    "Table.footer": these(*NO_LIST[1:], "ab", [], (1,), (1, 2, 3), (1, [2]), (1, 1j), {1, 2}),
    "Table.rows": these(
        *(*NO_LIST, "ab", [(1,)], [(1, 2, 3)], [(1, "two\nlines")], [(1, [2])], [{1, 2}], ["ab"], [None]),
        *([(1, np.ones(2))], [(1, torch.ones(1))], [(1, 1j)], [(1, object())]),
    ),
}


def public_functions():
    """Every function of these modules, and every class that checks what it is made from."""
    for module in MODULES:
        names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
        for thing in (getattr(module, name) for name in names):
            is_ours = getattr(thing, "__module__", "").startswith(module.__name__)
            if is_ours and (inspect.isfunction(thing) or inspect.isclass(thing) and "__init__" in vars(thing)):
                yield thing


def arguments_of(function):
    """Its arguments, each with a value that works."""
    names = inspect.signature(function).parameters
    return {name: WORKS[function].get(name, MORE.get(name)) for name in names}


def kind_of(function, argument):
    return KINDS.get(f"{function.__name__}.{argument}") or KINDS[argument]


PAIRS = [(function, name) for function in public_functions() for name in inspect.signature(function).parameters]
every_argument = pytest.mark.parametrize(
    "function, argument", PAIRS, ids=[f"{function.__name__}-{argument}" for function, argument in PAIRS]
)


def test_the_modules_are_asked_for_all_that_they_offer():
    found = {function.__name__ for function in public_functions()}
    assert {"cross_correlate", "Table", "Explorer", "CaptionedFigure", "images", "set_seed", "load"} <= found
    assert not {"pair", "whole_number", "Image", "Figure"} & found  # what a module only uses


@pytest.mark.parametrize("function", list(public_functions()), ids=lambda function: function.__name__)
def test_each_function_has_a_call_that_works(function):
    assert function in WORKS, f"{function.__name__} is new: give a call that works, in WORKS"
    function(**arguments_of(function))


@every_argument
def test_every_argument_has_a_kind_and_a_value_that_works(function, argument):
    assert f"{function.__name__}.{argument}" in KINDS or argument in KINDS, (
        f"{argument} is new: give its kind, in KINDS"
    )
    assert argument in WORKS[function] or argument in MORE, f"{argument} is new: give a value that works, in WORKS"


@every_argument
def test_a_bad_value_of_an_argument_is_refused_by_its_name(function, argument):
    good = arguments_of(function)
    failures = []
    for bad in kind_of(function, argument)(good[argument]):
        try:
            function(**good | {argument: bad})
            failures.append(f"{bad!r} is taken")
        except Exception as error:
            if not isinstance(error, ValueError) or not re.search(rf"\b{argument}\b", str(error)):
                failures.append(f"{bad!r} raises {type(error).__name__}: {error}")
    assert not failures, "\n".join(failures)


@every_argument
def test_a_huge_number_is_answered_or_refused_by_name_at_once(function, argument):
    good = arguments_of(function)
    if not isinstance(good[argument], int):
        return
    for huge in (10**6, 2**63, 2**70):
        try:
            function(**good | {argument: huge})
        except ValueError as error:
            assert re.search(rf"\b({argument}|kernel_size)\b", str(error))
