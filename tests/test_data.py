"""data: real images in, float32 tensors in [0, 1] out, and a clear error where a file can't be had."""

import errno
import os
import pickle
import socket
import tempfile
from pathlib import Path
from urllib.error import URLError

import numpy as np
import platformdirs
import pytest
import torch
from sklearn.datasets import load_digits, load_sample_image

from lessonlib import data


@pytest.fixture(autouse=True)
def timeouts(monkeypatch):
    """No test reaches the network: every attempt fails at once, and leaves the timeout under which it was made."""
    seen = []

    def refuse(*args, **kwargs):
        seen.append(socket.getdefaulttimeout())
        raise URLError("there is no network")

    monkeypatch.setattr("urllib.request.urlopen", refuse)
    return seen


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LESSONLIB_DATA", str(tmp_path))
    return tmp_path


def scattered(**changes):
    return data.scattered_digits(**{"train": 200, "validation": 200, "test": 200, **changes})


def inks(images):
    """The handwritten digits in images, without the empty rows and columns around them, wherever they lie."""
    return {cut_out(image).tobytes() for image in images.images[:, 0].numpy()}


def cut_out(image):
    rows, columns = image.any(axis=1).nonzero()[0], image.any(axis=0).nonzero()[0]
    return image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def write_idx(path, array):
    """A file in the format of MNIST: two zeros, the type (8 for bytes), the rank, the lengths, the values."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes() + array.tobytes())


def write_mnist_family(folder, images):
    labels = np.arange(len(images), dtype=np.uint8) % 10
    for part in ("train", "t10k"):
        write_idx(folder / "raw" / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / "raw" / f"{part}-labels-idx1-ubyte", labels)


def bytes_of(*shape):
    return np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)


@pytest.mark.parametrize(
    "name, side, counts", [("digits", 8, (1257, 180, 360)), ("scattered digits", 32, (6000, 1500, 1500))]
)
def test_embedded_images_are_float32_in_0_to_1_channels_first(name, side, counts):
    splits = data.load(name)
    assert tuple(len(part.labels) for part in (splits.train, splits.validation, splits.test)) == counts
    for images, labels in splits:
        assert images.shape == (len(labels), 1, side, side)
        assert (images.dtype, labels.dtype) == (torch.float32, torch.int64)
        assert (images.min(), images.max()) == (0, 1)
        assert set(labels.tolist()) == set(range(10))


def test_the_digits_are_those_of_scikit_learn_each_with_its_label():
    ours = {(image.numpy().tobytes(), int(label)) for part in data.digits() for image, label in zip(*part, strict=True)}
    source = load_digits()
    pairs = zip((source.images / 16).astype(np.float32), source.target, strict=True)
    theirs = {(image.tobytes(), int(label)) for image, label in pairs}
    assert ours == theirs


def test_a_handwritten_digit_is_known_again_wherever_it_stands():
    test = scattered(test=500).test
    numbers = data.handwritten(test.images)
    assert numbers[0] == 0 and len(numbers) == 500 and set(numbers) == set(range(len(inks(test))))
    for number in set(numbers):
        same = data.Images(*(part[numbers == number] for part in test))
        assert len(inks(same)) == len(set(same.labels.tolist())) == 1


def plates(**changes):
    return data.colour_plates(**{"train": 100, "validation": 50, "test": 50, **changes})


def test_plates_hold_the_scattered_digits_in_colour_and_stay_in_their_range():
    digits = data.scattered_digits(20, 100, 50, 50, seed=3)
    for (images, labels), (ink, same) in zip(plates(seed=3), digits, strict=True):
        assert images.shape[1:] == (3, 20, 20) and images.dtype == torch.float32
        assert 0.04 < images.min() < 0.06 and 0.94 < images.max() < 0.96 and torch.equal(labels, same)
        red_against_blue = (images[:, 0] - images[:, 2]) / (0.6 * 0.587)  # the brightness goes: 2 * ink - 1 is left
        assert torch.allclose(red_against_blue, 2 * ink[:, 0] - 1, atol=1e-5)


def test_the_grey_value_of_a_plate_is_that_of_a_plate_without_a_digit():
    in_colour, in_grey, empty = plates().train, plates(grey=True).train, plates(grey=True, direction=(0, 0, 0)).train
    by_hand = (in_colour.images * data.GREY_WEIGHTS.view(3, 1, 1)).sum(dim=1, keepdim=True)
    assert torch.allclose(by_hand, in_grey.images, atol=1e-6) and in_grey.images.shape[1:] == (1, 20, 20)
    assert (
        torch.allclose(in_grey.images, empty.images, atol=1e-6)
        and 0.4 <= empty.images.min() < empty.images.max() <= 0.6
    )
    brighter = plates(grey=True, direction=(0.587, 0.299, 0)).train
    assert (brighter.images - empty.images).abs().max() > 0.2


@pytest.mark.parametrize("load", [data.digits, scattered])
def test_no_handwritten_digit_occurs_in_two_of_the_splits(load):
    train, validation, test = map(inks, load())
    assert train and validation and test
    assert not train & validation and not train & test and not validation & test


def test_every_scattered_digit_lies_wholly_on_the_canvas():
    for whole, pasted in zip(data.digits(), scattered(canvas=10), strict=True):
        assert inks(pasted) <= inks(whole)


def test_scattered_digits_stay_inside_the_given_columns_and_rows():
    for images, _ in scattered(columns=(5, 14), rows=(20, 32)):
        inside = images[:, :, 20:32, 5:14]
        assert inside.sum() == images.sum() > 0


def test_the_same_seed_gives_the_same_images_and_another_seed_others():
    first, again, other = (scattered(seed=seed).train for seed in (0, 0, 1))
    assert torch.equal(first.images, again.images) and torch.equal(first.labels, again.labels)
    assert not torch.equal(first.images, other.images)


@pytest.mark.parametrize(
    "argument, value",
    [("canvas", 7), ("train", 0), ("columns", (0, 7)), ("rows", 8)],
)
def test_a_bad_argument_of_scattered_digits_is_named(argument, value):
    with pytest.raises(ValueError, match=f"{argument} is "):
        scattered(**{argument: value})


@pytest.mark.parametrize("name", ["china", "flower"])
def test_a_photograph_is_scikit_learns_with_its_channels_first(name):
    image = data.photograph(name)
    assert (image.shape, image.dtype) == ((3, 427, 640), torch.float32)
    assert np.array_equal((255 * image).round().permute(1, 2, 0), load_sample_image(f"{name}.jpg"))


def test_a_grey_photograph_is_the_luma_of_the_coloured_one():
    red, green, blue = data.photograph("china")
    assert torch.allclose(data.photograph("china", grey=True), 0.299 * red + 0.587 * green + 0.114 * blue)


@pytest.mark.parametrize("open_by_name, known", [(data.load, "cifar-10"), (data.photograph, "china")])
def test_an_unknown_name_is_answered_with_the_names_that_there_are(open_by_name, known):
    with pytest.raises(ValueError, match=f"name is 'cats'.*{known}"):
        open_by_name("cats")


def test_downloads_are_kept_in_the_folder_that_the_environment_names(monkeypatch):
    monkeypatch.setenv("LESSONLIB_DATA", "~/images")
    assert data.data_folder() == Path.home() / "images"


def test_downloads_are_kept_in_the_cache_where_the_environment_names_no_folder(monkeypatch):
    monkeypatch.setenv("LESSONLIB_DATA", "")
    assert data.data_folder() == platformdirs.user_cache_path("lessonlib")


def test_the_real_mnist_is_read(mnist):
    assert [images.shape for images, _ in mnist] == [*((count, 1, 28, 28) for count in (55_000, 5_000, 10_000))]
    assert all((images.dtype, images.min(), images.max()) == (torch.float32, 0, 1) for images, _ in mnist)
    assert mnist[0].labels[:3].tolist() == [5, 0, 4]


@pytest.mark.parametrize("name, place", [("mnist", "MNIST"), ("fashion-mnist", "FashionMNIST")])
def test_the_files_of_the_mnist_family_are_read(name, place, folder):
    pixels = bytes_of(20, 28, 28)
    write_mnist_family(folder / place, pixels)
    train, validation, test = data.load(name)
    known = data.Images(*map(torch.cat, zip(train, validation, strict=True)))  # the last ones are kept for validation
    for images, labels in (known, test):
        assert (images.shape, images.dtype) == ((20, 1, 28, 28), torch.float32)
        assert np.array_equal((255 * images[:, 0]).round(), pixels)
        assert labels.tolist() == 2 * list(range(10))


def test_the_files_of_cifar_10_are_read(folder, monkeypatch):
    monkeypatch.setattr("torchvision.datasets.cifar.check_integrity", lambda path, md5=None: Path(path).is_file())
    batches = folder / "cifar-10-batches-py"
    batches.mkdir()
    pixels = bytes_of(2, 3, 32, 32)
    for name in [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]:
        (batches / name).write_bytes(pickle.dumps({"data": pixels.reshape(2, 3 * 32 * 32), "labels": [3, 8]}))
    (batches / "batches.meta").write_bytes(pickle.dumps({"label_names": []}))

    train, validation, test = data.load("cifar-10")
    assert [len(part.labels) for part in (train, validation)] == [5, 5]
    assert (train.images.shape, test.images.shape) == ((5, 3, 32, 32), (2, 3, 32, 32))
    assert np.array_equal((255 * test.images).round(), pixels)
    assert (test.images.dtype, test.labels.dtype, test.labels.tolist()) == (torch.float32, torch.int64, [3, 8])


@pytest.mark.parametrize("file, kept", [("train-images-idx3-ubyte", 1000), ("t10k-labels-idx1-ubyte", 10)])
def test_a_file_that_breaks_off_is_named_with_its_place_and_the_way_out(file, kept, folder):
    write_mnist_family(folder / "MNIST", bytes_of(20, 28, 28))
    damaged = folder / "MNIST" / "raw" / file
    damaged.write_bytes(damaged.read_bytes()[:kept])
    with pytest.raises(data.DataError) as caught:
        data.load("mnist")
    for part in (f"{file} is damaged", str(damaged.parent), f"delete {damaged}", 'data.load("scattered digits")'):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    "name, place, file",
    [
        ("mnist", "MNIST/raw", "train-images-idx3-ubyte"),
        ("cifar-10", "", "cifar-10-python.tar.gz"),
    ],
)
def test_without_a_network_the_missing_file_is_named_with_its_place_and_the_way_out(name, place, file, folder):
    with pytest.raises(data.DataError) as caught:
        data.load(name)
    for part in (name, file, str(folder / place), "connect to a network", 'data.load("scattered digits")'):
        assert part in str(caught.value)


def test_no_server_is_waited_for_without_end(folder, timeouts):
    before = socket.getdefaulttimeout()
    with pytest.raises(data.DataError):
        data.load("mnist")
    assert timeouts and None not in timeouts
    assert socket.getdefaulttimeout() == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_folder_that_can_t_be_written_is_no_missing_network(number, folder, monkeypatch):
    def fails(*_, **__):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "mkdtemp", fails)
    with pytest.raises(data.DataError, match=f"{os.strerror(number)}.*LESSONLIB_DATA") as caught:
        data.load("mnist")
    assert "network and" not in str(caught.value)


def test_a_file_where_the_folder_should_be_is_told_as_such(folder, monkeypatch):
    (folder / "file").write_text("")
    monkeypatch.setenv("LESSONLIB_DATA", str(folder / "file"))
    with pytest.raises(data.DataError, match="file can't be used: (Not a directory|File exists)"):
        data.load("mnist")


def test_a_download_that_another_has_finished_first_is_no_trouble(folder, monkeypatch):
    pixels = bytes_of(20, 28, 28)

    def slowly(self):
        for place in (self.root, folder):  # meanwhile the other one has put all of its files in place
            write_mnist_family(Path(place) / "MNIST", pixels)

    monkeypatch.setattr("torchvision.datasets.MNIST.download", slowly)
    assert np.array_equal((255 * data.load("mnist").test.images[:, 0]).round(), pixels)
    assert not list(folder.glob(".incomplete-*"))


def test_an_interrupted_download_leaves_nothing_by_half(folder, monkeypatch):
    def interrupted(self):
        write_mnist_family(Path(self.root) / "MNIST", bytes_of(20, 28, 28))
        raise KeyboardInterrupt

    monkeypatch.setattr("torchvision.datasets.MNIST.download", interrupted)
    with pytest.raises(KeyboardInterrupt):
        data.load("mnist")
    assert not [file for file in folder.rglob("*") if file.is_file()]
