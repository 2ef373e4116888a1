"""The layers of a network: what each takes, gives and looks at, and why a network can't take what it is given."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import torch
from torch import nn
from torch.nn.modules import activation, batchnorm, conv, dropout

from lessonlib.arguments import whole_number

Shape = tuple[int, ...]


def _classes(module: ModuleType) -> tuple[type, ...]:
    return tuple(getattr(module, name) for name in module.__all__)


CONVOLUTIONS = _classes(conv)
BATCH_NORMS = _classes(batchnorm)
LOOK_AT_A_WINDOW = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d)
LOOK_AT_ONE_PLACE = (
    *(nn.Identity, nn.LocalResponseNorm),
    *(kind for kind in _classes(activation) if kind is not nn.MultiheadAttention),
    *BATCH_NORMS,
    *_classes(dropout),
)
AXES = ("n", "channels", "height", "width")
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
BRIGHTEST = 50  # images that are centred and divided by their standard deviation stay below it


@dataclass(frozen=True)
class Run:
    """One run of a module: its name in the model, itself, the shapes that it took, and that of what it gave."""

    name: str
    module: nn.Module
    took: list[Shape]
    gave: Shape


def looks_at_one_place(layer: nn.Module, axes: int = 4) -> bool:
    """Is each number that a layer gives made of numbers at the same place only? In evaluation mode.

    A softmax looks at one place if it runs over the channels.

    Parameters
    ----------
    layer : nn.Module
    axes : int
        How many its input has, 4 for maps (n, channels, height, width).

    Returns
    -------
    bool

    Examples
    --------
    >>> looks_at_one_place(nn.ReLU()), looks_at_one_place(nn.MaxPool2d(2))
    (True, False)
    """
    if not isinstance(layer, LOOK_AT_ONE_PLACE):
        return False
    over = getattr(layer, "dim", None)
    return over is None or over % axes == 1


def in_order(layers: Iterable[nn.Module]) -> Iterator[nn.Module]:
    """The layers of an iterable, in the order in which they run: those of an nn.Sequential in its place."""
    for layer in layers:
        if isinstance(layer, nn.Sequential) and type(layer).forward is nn.Sequential.forward:
            yield from in_order(layer)
        else:
            yield layer


def is_layer(module: nn.Module) -> bool:
    """Is it without layers of its own? An attention layer counts as one, although it holds a linear layer."""
    return isinstance(module, nn.MultiheadAttention) or next(module.children(), None) is None


def kernel_sides(layer: nn.Module) -> tuple[int, ...]:
    """The sides of a layer's window, or () where it has none."""
    sides = getattr(layer, "kernel_size", ())
    return (sides, sides) if isinstance(sides, int) else tuple(sides)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """The model in evaluation mode; afterwards each of its modules is again in the mode that it had."""
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        yield
    finally:
        for module, mode in modes:
            module.training = mode


def checked_network(model: nn.Module) -> nn.Module:
    """The model, or ValueError unless it is a network."""
    if not isinstance(model, nn.Module):
        what = f"the class {model.__name__}" if isinstance(model, type) else type(model).__name__
        raise ValueError(f"model is {what}: give a network, an nn.Module")
    return model


def checked_images(name: str, images: torch.Tensor, axes: int = 4) -> torch.Tensor:
    """The images, or ValueError unless they are a tensor with so many axes of finite floats, not from 0 to 255."""
    if not isinstance(images, torch.Tensor) or images.dtype not in FLOATS:
        dtype = f" of {images.dtype}" if hasattr(images, "dtype") else ""
        raise ValueError(
            f"{name} came as {type(images).__name__}{dtype}: give a float tensor in [0, 1], as lessonlib.data does"
        )
    if images.ndim != axes or not images.numel():
        raise ValueError(
            f"{name} has the shape {tuple(images.shape)}: give ({', '.join(AXES[-axes:])}), none of them 0"
        )
    if not torch.isfinite(images).all():
        raise ValueError(f"{name} holds NaN or infinity: every pixel must be a finite number")
    darkest, brightest = (pixel.item() for pixel in images.detach().aminmax())
    if brightest > 1 and (brightest > BRIGHTEST or torch.equal(images, images.round())):
        raise ValueError(
            f"{name} goes from {darkest:g} to {brightest:g}: give pixels in [0, 1], divided by the largest"
        )
    return images


def checked_shape(input_shape: Any) -> Shape:
    """The shape of one image as a tuple, or ValueError unless it is one or more whole numbers from 1 on."""
    if not isinstance(input_shape, (tuple, list)) or not input_shape:
        raise ValueError(f"input_shape is {input_shape!r}: give (channels, height, width), without the batch")
    return tuple(whole_number("input_shape", length, 1) for length in input_shape)


def like_weights(model: nn.Module | Callable, images: torch.Tensor) -> torch.Tensor:
    """The images on the device of the model's weights, and of their type."""
    tensors = [*model.parameters(), *model.buffers()] if isinstance(model, nn.Module) else []
    weights = next((tensor for tensor in tensors if tensor.is_floating_point()), torch.empty(0))
    return images.to(weights.device, weights.dtype)


def run(model: nn.Module | Callable, images: torch.Tensor, what: str | None = None) -> Any:
    """What the model gives for images.

    Parameters
    ----------
    model : nn.Module or callable
    images : tensor (n, ...)
    what : str, optional
        The beginning of the sentence with which they are refused, "image has the shape (1, 5, 5)".

    Raises
    ------
    ValueError
        Names the layer that can't take what comes to it.
    """
    try:
        return model(images)
    except Exception as error:
        what = what or f"images has the shape {tuple(images.shape)}"
        raise ValueError(f"{what}: the model can't take it: {_trouble(model, images, error)}") from error


def scores_of(model: nn.Module | Callable, images: torch.Tensor, what: str | None = None) -> torch.Tensor:
    """What run gives, or ValueError unless it is scores (n, classes) for n images."""
    scores = run(model, images, what)
    if not isinstance(scores, torch.Tensor):
        came = type(scores).__name__
    elif scores.ndim != 2 or len(scores) != len(images) or not scores.shape[1]:
        came = str(tuple(scores.shape))
    elif scores.dtype not in FLOATS:
        came = str(scores.dtype)
    else:
        return scores
    raise ValueError(f"model gives {came} for {len(images)} images: it must give scores (n, classes), as floats")


def layer_outputs(model: nn.Module, images: torch.Tensor) -> list[tuple[str, nn.Module, torch.Tensor]]:
    """What every layer without layers of its own gives, in the order in which they run. The model is left as it was.

    Parameters
    ----------
    model : nn.Module
    images : tensor (n, ...)
        Of the model's type, on its device.

    Returns
    -------
    list
        Of (name, layer, output). Of several outputs the first counts; a layer without a tensor among them is left out.
    """
    seen = []

    def note(name: str, layer: nn.Module, took: list[torch.Tensor], gave: list[torch.Tensor]) -> None:
        if is_layer(layer) and gave:
            seen.append((name, layer, gave[0].clone()))  # a copy, because the next layer may work in place

    with evaluating(model), torch.inference_mode(), _watched(model, note):
        run(model, images)
    return seen


def layer_shapes(model: nn.Module, input_shape: Any) -> list[tuple[str, nn.Module, Shape]]:
    """(name, layer, output shape) of every layer, for one image of input_shape: shapes without the batch."""
    runs = module_runs(model, input_shape)
    return [(run.name, run.module, run.gave[1:]) for run in runs if is_layer(run.module)]


def module_runs(model: nn.Module, input_shape: Any) -> list[Run]:
    """A Run of every module, in the order in which they end, for a black image.

    Parameters
    ----------
    model : nn.Module
        On the device "meta" nothing is computed.
    input_shape : tuple of int
        Of one image, without the batch.

    Returns
    -------
    list of Run
        With shapes of a batch of 1.
    """
    checked_network(model)
    shape, seen = checked_shape(input_shape), []

    def note(name: str, module: nn.Module, took: list[torch.Tensor], gave: list[torch.Tensor]) -> None:
        seen.append(Run(name, module, [tuple(tensor.shape) for tensor in took], tuple(gave[0].shape) if gave else ()))

    with evaluating(model), torch.inference_mode(), _watched(model, note):
        run(model, like_weights(model, torch.zeros(1, *shape)), f"input_shape is {shape}")
    return seen


@contextmanager
def _watched(model: nn.Module, note: Callable) -> Iterator[None]:
    """note(name, module, tensors that it took, tensors that it gave) is called whenever a module has run."""
    hooks = []
    for name, module in model.named_modules():
        tell = lambda module, args, kwargs, output, name=name: note(
            name, module, _tensors([args, kwargs]), _tensors(output)
        )
        hooks.append(module.register_forward_hook(tell, with_kwargs=True))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _tensors(values: object) -> list[torch.Tensor]:
    """All tensors in nested tuples, lists and dictionaries, in order."""
    if isinstance(values, torch.Tensor):
        return [values]
    if isinstance(values, dict):
        values = list(values.values())
    parts = values if isinstance(values, (tuple, list)) else ()
    return [tensor for part in parts for tensor in _tensors(part)]


def _trouble(model: nn.Module | Callable, images: torch.Tensor, error: Exception) -> str:
    """What went wrong, in words: the innermost layer that was running, what came to it, what it takes."""
    why = f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else 'it says no more'}"
    name, module, shapes = _stopped_in(model, images)
    if module is None:
        return why
    where = f"layer {name!r}, {type(module).__name__}," if name else f"{type(module).__name__}"
    return f"{where} {_misfit(module, shapes) or f'gets {_listed(shapes)} ({why})'}"


def _stopped_in(model: nn.Module | Callable, images: torch.Tensor) -> tuple[str, nn.Module | None, list[Shape]]:
    """The innermost module that is running when the model fails on images: its name, itself, and the shapes it gets."""
    running, hooks = [], []
    for name, module in model.named_modules() if isinstance(model, nn.Module) else ():
        begin = lambda module, args, kwargs, name=name: running.append(
            (name, module, [tuple(tensor.shape) for tensor in _tensors([args, kwargs])])
        )
        hooks.append(module.register_forward_pre_hook(begin, with_kwargs=True))
        hooks.append(module.register_forward_hook(lambda *_: running.pop() and None))
    try:
        with torch.no_grad():
            model(images)
    except Exception:
        return running[-1] if running else ("", None, [])
    finally:
        for hook in hooks:
            hook.remove()
    return "", None, []


def _misfit(module: nn.Module, shapes: list[Shape]) -> str | None:
    """What comes and what a layer takes, in words, or None where these agree or nothing is known."""
    axis, count, what = _wanted(module)
    if not shapes or axis is None or len(shapes[0]) <= max(axis, -axis - 1) or shapes[0][axis] == count:
        return None
    return f"gets {shapes[0]}, which has {shapes[0][axis]} {what}, and takes {count}"


def _wanted(module: nn.Module) -> tuple:
    """How many numbers a layer takes along which axis: (axis, count, what they are called)."""
    if isinstance(module, CONVOLUTIONS):
        return -1 - len(kernel_sides(module)), module.in_channels, "channels"
    if isinstance(module, BATCH_NORMS):
        return 1, module.num_features, "channels"
    if isinstance(module, nn.Linear):
        return -1, module.in_features, "features"
    return None, None, None


def _listed(shapes: list[Shape]) -> str:
    return " and ".join(map(str, shapes)) or "no tensor"
