"""Real images in, tensors out.

Every image is a float32 tensor in [0, 1], channels first. Photographs, digits and scattered
digits come with scikit-learn and need no network. MNIST, Fashion-MNIST and CIFAR-10 are
downloaded once, into the folder named by LESSONLIB_DATA or else into the platform's cache.
"""

import errno
import math
import os
import socket
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import platformdirs
import torch
from sklearn.datasets import load_digits, load_sample_image

from lessonlib.arguments import SEEDS, finite_number, one_of, shown, whole_number

GREY_WEIGHTS = torch.tensor([0.299, 0.587, 0.114])  # red, green, blue: ITU-R BT.601
DIGIT = 8  # height and width of scikit-learn's digits, in pixels
VALIDATION_DIGITS, TEST_DIGITS = 180, 360  # of the 1,797 handwritten digits: kept out of training
VALIDATION_IMAGES = 5000  # of the training images of a downloaded data set: its last ones
IDX_FILES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
DOWNLOADS = {  # who of torchvision.datasets reads it, and from which files
    "mnist": ("MNIST", [Path("MNIST", "raw", file) for file in IDX_FILES]),
    "fashion-mnist": ("FashionMNIST", [Path("FashionMNIST", "raw", file) for file in IDX_FILES]),
    "cifar-10": ("CIFAR10", [Path("cifar-10-python.tar.gz")]),
}
DISK = {"ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST"}  # errors that no network causes


class DataError(OSError):
    """A data set could not be read: the message names the file, the place and the way out."""


class Images(NamedTuple):
    """Images with their labels: images (n, channels, height, width), labels (n,) of int64."""

    images: torch.Tensor
    labels: torch.Tensor


class Splits(NamedTuple):
    """What to learn from, what to choose settings on, and what to report results on: three sets of Images."""

    train: Images
    validation: Images
    test: Images


def photograph(name, grey=False):
    """One of scikit-learn's two colour photographs.

    Parameters
    ----------
    name : {"china", "flower"}
    grey : bool
        Whether to give the luma (ITU-R BT.601) in place of the colours.

    Returns
    -------
    float32 tensor (3, 427, 640), or (427, 640) in grey
        Red, green and blue, in [0, 1].
    """
    one_of("name", name, ("china", "flower"))
    image = _to_unit(torch.tensor(load_sample_image(f"{name}.jpg")))
    return torch.einsum("c,hwc->hw", GREY_WEIGHTS, image) if grey else image.permute(2, 0, 1).contiguous()


def digits():
    """The 1,797 handwritten digits of scikit-learn (UCI, Optical Recognition of Handwritten Digits).

    The file holds the digits of 13 writers, and all three sets have digits of each of them.

    Returns
    -------
    Splits
        1,257, 180 and 360 Images of shape (1, 8, 8), always split in the same way.
    """
    source = load_digits()
    images = torch.from_numpy(source.images).float().unsqueeze(1) / 16  # the file counts ink from 0 to 16
    labels = torch.from_numpy(source.target).long()
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    counts = [len(order) - VALIDATION_DIGITS - TEST_DIGITS, VALIDATION_DIGITS, TEST_DIGITS]
    return Splits(*(Images(images[chosen], labels[chosen]) for chosen in order.split(counts)))


def scattered_digits(canvas=32, train=6000, validation=1500, test=1500, columns=None, rows=None, seed=0):
    """Handwritten digits, each pasted at a random place of a black square canvas.

    Parameters
    ----------
    canvas : int
        Height and width, in pixels.
    train, validation, test : int
        How many images; the three are made from disjoint handwritten digits, so that a digit of digits().test stands in
        about four of the 1,500 test images.
    columns, rows : (int, int), optional
        The half-open ranges (first, end) of pixels in which the digits may lie, by themselves the whole canvas.
    seed : int

    Returns
    -------
    Splits
        Of Images of shape (1, canvas, canvas).
    """
    canvas, seed = whole_number("canvas", canvas, DIGIT), whole_number("seed", seed, most=SEEDS)
    wanted = {"train": train, "validation": validation, "test": test}
    counts = [whole_number(name, count, 1) for name, count in wanted.items()]
    tops, lefts = _range_of_places("rows", rows, canvas), _range_of_places("columns", columns, canvas)
    generator = torch.Generator().manual_seed(seed)
    return Splits(
        *(
            _scatter(source, count, canvas, tops, lefts, generator)
            for source, count in zip(digits(), counts, strict=True)
        )
    )


def colour_plates(canvas=20, train=3000, validation=1500, test=1500, direction=(0.587, -0.299, 0), grey=False, seed=0):
    """Scattered digits as plates, as in a test for colour blindness.

    A pixel without colour has a brightness of its own, drawn between 0.4 and 0.6. The digit moves its colour: with d, the
    pixel of the scattered digit between 0 and 1, the plate holds brightness + 0.6 * (2 * d - 1) * direction.

    Parameters
    ----------
    canvas, train, validation, test, seed : int
        As for scattered_digits.
    direction : (float, float, float)
        What moves in red, green and blue. In the one given the grey value stays: 0.299 * 0.587 - 0.587 * 0.299 = 0.
    grey : bool
        Whether to give the luma of the same plates in place of their colours.

    Returns
    -------
    Splits
        Of Images of shape (3, canvas, canvas), or (1, canvas, canvas) in grey.

    Examples
    --------
    >>> colour_plates(train=2).train.images.shape
    torch.Size([2, 3, 20, 20])
    """
    direction = _direction(direction)
    scattered = scattered_digits(canvas=canvas, train=train, validation=validation, test=test, seed=seed)
    generator = torch.Generator().manual_seed(seed)
    plates = []
    for images, labels in scattered:
        brightness = 0.4 + 0.2 * torch.rand(images.shape, generator=generator)
        colours = brightness + 0.6 * (2 * images - 1) * direction
        in_grey = torch.einsum("c,nchw->nhw", GREY_WEIGHTS, colours).unsqueeze(1)
        plates.append(Images(in_grey if grey else colours, labels))
    return Splits(*plates)


def handwritten(images):
    """Which images show the same handwritten digit, wherever it stands.

    Parameters
    ----------
    images : array (n, channels, height, width)
        0 where nothing is drawn. Two of them show the same digit if what is cut out along its edges has equal pixels.

    Returns
    -------
    int array (n,)
        A number for each image, counted from 0 in the order in which the digits first appear.
    """
    numbers, found = {}, []
    for image in np.asarray(images):
        rows, columns = image.any(axis=0).nonzero()
        if len(rows):
            image = image[:, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        found.append(numbers.setdefault((image.shape, image.tobytes()), len(numbers)))
    return np.array(found, dtype=int)


def load(name):
    """Any data set of the course by name. Of a downloaded one the last 5,000 training images are for validation.

    Parameters
    ----------
    name : str
        "digits", "scattered digits", or, with a download at the first call, "mnist", "fashion-mnist", "cifar-10".

    Returns
    -------
    Splits

    Raises
    ------
    DataError
        Where a file is missing or damaged.
    """
    embedded = {"digits": digits, "scattered digits": scattered_digits}
    if one_of("name", name, [*embedded, *DOWNLOADS]) in embedded:
        return embedded[name]()
    known, test = (_open_download(name, is_train) for is_train in (True, False))
    kept_out = min(VALIDATION_IMAGES, len(known.labels) // 2)
    train, validation = (
        Images(*parts) for parts in zip(*(part.split([len(part) - kept_out, kept_out]) for part in known), strict=True)
    )
    return Splits(train, validation, test)


def data_folder():
    """Where downloaded data sets are kept: LESSONLIB_DATA, where ~ is your own folder, else the platform's cache."""
    return Path(os.environ.get("LESSONLIB_DATA") or platformdirs.user_cache_path("lessonlib")).expanduser()


def _to_unit(pixels):
    return pixels.float() / 255


def _range_of_places(argument, pixels, canvas):
    """The first and last offset at which a digit lies inside the half-open range of pixels."""
    try:
        first, end = (whole_number(argument, each) for each in ((0, canvas) if pixels is None else pixels))
        if not first <= end - DIGIT <= canvas - DIGIT:
            raise ValueError
    except Exception:  # no sequence, not two of them, no whole numbers, or no room
        raise ValueError(
            f"{argument} is {shown(pixels)}: give two whole numbers (first, end) with 0 <= first, end <= {canvas}, "
            f"and room for a digit of {DIGIT} pixels between them"
        ) from None
    return first, end - DIGIT


def _direction(values):
    """What a digit moves in red, green and blue, as a tensor (3, 1, 1) with which a plate stays in [0, 1]."""
    try:
        numbers = [finite_number("direction", each) for each in values]
        if len(numbers) != 3 or max(map(abs, numbers)) > 2 / 3:
            raise ValueError
    except (TypeError, ValueError):  # no sequence, not three of them, or too large
        raise ValueError(f"direction is {shown(values)}: give three numbers from -2/3 to 2/3") from None
    return torch.tensor(numbers).view(3, 1, 1)


def _scatter(source, count, canvas, tops, lefts, generator):
    chosen = torch.randint(len(source.labels), (count,), generator=generator)
    top, left = (torch.randint(first, last + 1, (count, 1, 1), generator=generator) for first, last in (tops, lefts))
    pixel = torch.arange(DIGIT)
    images = torch.zeros(count, 1, canvas, canvas)
    # One indexed assignment for all images: (count, 1, 1), (count, 8, 1) and (count, 1, 8) broadcast.
    image, row, column = torch.arange(count).view(-1, 1, 1), top + pixel.view(-1, 1), left + pixel
    images[image, 0, row, column] = source.images[chosen, 0]
    return Images(images, source.labels[chosen])


def _open_download(name, is_train):
    from torchvision import datasets  # here: it takes longer to import than PyTorch, and most lessons do without

    reader, files = DOWNLOADS[name]
    try:
        source = _read_or_download(getattr(datasets, reader), is_train)
        images, labels = torch.as_tensor(np.asarray(source.data)), torch.as_tensor(source.targets)
    except Exception as error:  # torchvision raises many kinds: each means that the files can't be used
        raise DataError(_what_is_wrong(name, [data_folder() / file for file in files], error)) from error
    images = _to_unit(images)
    images = images.unsqueeze(1) if images.ndim == 3 else images.permute(0, 3, 1, 2).contiguous()
    return Images(images, labels.long())


def _read_or_download(reader, is_train):
    """What torchvision reads; first downloaded into a folder of its own, so that no file is there by half.

    Whoever downloads at the same time replaces a whole file by the same whole file.
    """
    folder = data_folder()
    try:
        return reader(folder, train=is_train, download=False)
    except RuntimeError:  # there are no files, or not all
        folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".incomplete-") as place, _no_endless_wait():
        reader(place, train=is_train, download=True)
        for file in [each for each in Path(place).rglob("*") if each.is_file()]:
            target = folder / file.relative_to(place)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(file, target)
    return reader(folder, train=is_train, download=False)


@contextmanager
def _no_endless_wait(seconds=20):
    """While torchvision downloads: it asks urlopen for no time-out of its own, so there is none but the process's."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _what_is_wrong(name, files, error):
    """One message for a disk that can't be written, a missing network, a missing file and a damaged file."""
    if isinstance(error, OSError) and errno.errorcode.get(error.errno) in DISK:
        trouble = f"{data_folder()} can't be used: {error.strerror}"
        return _way_out(name, trouble, "name another folder in LESSONLIB_DATA")
    file = next((file for file in files if not _is_whole(file)), files[0])
    if file.exists():
        what, remedy = "is damaged", f"delete {file}"
    else:
        what, remedy = "is not there and could not be downloaded", "connect to a network"
    return _way_out(name, f"{file.name} {what} (looked in {file.parent}; {type(error).__name__}: {error})", remedy)


def _way_out(name, trouble, remedy):
    return (
        f"{name} can't be read: {trouble}. Either {remedy} and call again, or go on without a network: "
        'data.load("scattered digits") comes with the course.'
    )


def _is_whole(file):
    """Whether a file is there and as long as its own header announces (IDX, the format of the MNIST family)."""
    content = file.read_bytes() if file.is_file() else b""
    rank = int.from_bytes(content[3:4], "big")
    lengths = [int.from_bytes(content[4 * axis : 4 * axis + 4], "big") for axis in range(1, rank + 1)]
    return len(content) == 4 * (1 + rank) + math.prod(lengths)
