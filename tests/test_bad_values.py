"""What a student hands over by mistake is refused by the name of the argument, in every function that students call.

Which values are bad follows from the type of one that works. A new function needs a call that works, in WORKS.
"""

import inspect

import numpy as np
import pytest
from torch import nn

from lessonlib import color, data, filters, inspection, parameters, pooling, repeatable
from lessonlib.explore import Explorer

IMAGE, KERNEL = np.float32([[1, 2, 0.5], [0, 1, 3], [4, 1, 2]]), np.float32([[1, 0], [2, 1]])
STEPS = {"stride": 1, "padding": 1, "dilation": 1}
POOLED = {"kernel_size": 2, "stride": 1, "padding": 1, "ceil_mode": False}
DIGITS = {"canvas": 16, "train": 2, "validation": 2, "test": 2, "seed": 0, "columns": (0, 12), "rows": (2, 14)}
PLATES = {"canvas": 16, "train": 2, "validation": 2, "test": 2, "seed": 0, "direction": (0.5, -0.2, 0.0), "grey": True}
LAYER = {"in_channels": 1, "out_channels": 2, "kernel_size": 3}
WORKS = {
    filters.output_size: {"size": 9, "kernel_size": 3} | STEPS,
    filters.cross_correlate: {"image": IMAGE, "kernel": KERNEL} | STEPS,
    filters.convolve: {"image": IMAGE, "kernel": KERNEL} | STEPS,
    filters.convolution_matrix: {"kernel": KERNEL, "image_shape": (4, 5)},
    filters.best_kernel: {"image": IMAGE, "result": KERNEL, "size": 2},
    filters.gabor: {"size": 9, "angle": 30.0, "wavelength": 4.0, "phase": 0.0},
    filters.grating: {"size": 9, "angle": 30.0, "wavelength": 4.0, "phase": 0.0},
    filters.bar: {"size": 9, "angle": 30.0, "width": 4.0, "offset": 1.0},
    color.conv2d: {"images": IMAGE[None], "weight": KERNEL[None, None], "bias": np.ones(1), "groups": 1} | STEPS,
    color.specification: {"layer": LAYER, "input_shape": (1, 8, 8)},
    color.random_layer: {"seed": 0},
    pooling.pooled_size: {"size": 9} | POOLED,
    pooling.max_pool2d: {"images": IMAGE} | POOLED,
    pooling.avg_pool2d: {"images": IMAGE, "count_include_pad": True} | POOLED,
    pooling.receptive_field: {"layers": [(3, 1), (2, 2)]},
    parameters.linear_parameters: {"in_features": 3, "out_features": 2, "bias": True},
    parameters.conv2d_parameters: LAYER | {"groups": 1, "bias": False},
    parameters.parameter_table: {"model": nn.Conv2d(1, 2, 3), "input_shape": (1, 8, 8)},
    parameters.parameters_by_kind: {"model": nn.Conv2d(1, 2, 3)},
    data.photograph: {"name": "china", "grey": True},
    data.scattered_digits: DIGITS,
    data.colour_plates: PLATES,
    data.load: {"name": "digits"},
    repeatable.start: {"seed": 0},
    repeatable.set_seed: {"seed": 0},
    Explorer: {"image": IMAGE, "kernel": KERNEL, "operation": "convolution"} | STEPS,
}
NETWORK = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(4, 3))
OF_ARRAYS = {
    "cross_correlate": lambda rows: filters.cross_correlate(rows, KERNEL),
    "best_kernel": lambda rows: filters.best_kernel(rows, rows[1:, 1:], 2)[0],
    "conv2d": lambda rows: color.conv2d(rows[None], KERNEL[None, None]),
    "max_pool2d": lambda rows: pooling.max_pool2d(rows, 2),
    "saliency_map": lambda rows: inspection.saliency_map(NETWORK, rows[None], 1),
    "occlusion_map": lambda rows: inspection.occlusion_map(NETWORK, rows[None], 1),
    "grad_cam": lambda rows: inspection.grad_cam(NETWORK, rows[None], 1, "0"),
    "feature_maps": lambda rows: inspection.feature_maps(NETWORK, rows[None, None])["0"],
    "enlarged": lambda rows: inspection.enlarged(rows, (16, 16)),
    "Explorer": lambda rows: Explorer(rows, KERNEL).image,
}
# What a lesson calls in its own cells, with values that it has made itself.
LESSONS_OWN = {
    *(parameters.ffnn, parameters.cnn, parameters.cnn_with_flatten, parameters.cnn_without_sharing),
    *(parameters.count, parameters.network_table, parameters.nearest, parameters.feature_map),
    *(parameters.strokes, parameters.windows_of_its_own, data.handwritten),
    *(color.small_cnn, color.counted_by_pytorch),
    *(pooling.over_bars, pooling.reach_table, pooling.on_a_strip, pooling.ahead_at_even),
}
BAD = {
    int: [None, "3", 2.5, np.nan, -1, True, [3, 3, 3]],
    float: [None, "3", np.nan, np.inf, True, [3.0]],
    str: [None, 3, "none of them"],
    tuple: [None, "ab", (1,), (1, 2.5), (-1, 9)],
    list: [None, "abc", [3], [nn.Linear(1, 1)]],
    dict: [None, 3, [nn.Conv2d(1, 2, 3)]],
    nn.Conv2d: [None, "network", nn.Linear],
}
ARGUMENTS = [(function, name) for function, call in WORKS.items() for name in call if type(call[name]) is not bool]


def read_only(rows):
    rows.setflags(write=False)
    return rows


def bad_values(function, name):
    good = WORKS[function][name]
    is_optional = inspect.signature(function).parameters[name].default is None
    bad = BAD.get(type(good)) or [None, "abc", [[1, 2], [3]], [["1"]], good[0], good * np.nan, good > 0]
    return bad[1:] if is_optional else bad


def test_every_function_that_takes_something_has_a_call_that_works():
    for module in (filters, color, pooling, parameters, data, repeatable):
        own = [each for _, each in inspect.getmembers(module, inspect.isfunction) if each.__module__ == module.__name__]
        public = {each for each in own if each.__name__[0] != "_" and inspect.signature(each).parameters}
        assert public <= {*WORKS, *LESSONS_OWN}
    for function, call in WORKS.items():
        function(**call)


@pytest.mark.parametrize(
    "function, name", ARGUMENTS, ids=[f"{function.__name__}-{name}" for function, name in ARGUMENTS]
)
def test_a_bad_value_is_refused_by_the_name_of_its_argument(function, name):
    for bad in bad_values(function, name):
        with pytest.raises(ValueError, match=rf"\b{name}\b"):
            function(**WORKS[function] | {name: bad})
            pytest.fail(f"{bad!r} is taken")


@pytest.mark.parametrize(
    "lie",
    [np.fliplr, np.flipud, lambda rows: rows.astype(">f4"), lambda rows: np.repeat(rows, 2, axis=1)[:, ::2], read_only],
    ids=["mirrored", "upside down", "big-endian", "every second", "read-only"],
)
def test_an_array_may_lie_in_memory_as_it_likes(lie):
    rows = lie(np.random.default_rng(0).random((8, 8)).astype(np.float32))
    for name, call in OF_ARRAYS.items():
        np.testing.assert_allclose(call(rows), call(np.ascontiguousarray(rows, dtype=np.float32)), err_msg=name)
