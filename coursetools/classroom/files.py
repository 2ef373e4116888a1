"""The files that were handed in, from a folder or a zip, and from the zips in these."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

LARGEST = 50 * 10**6  # bytes of a notebook; a lesson has 350,000
NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json")  # what browsers make of a download
PACKED = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
DEEPEST = 3  # zips in zips: one can hold itself
BESIDE = re.compile(r"(^|/)(\.|__MACOSX/)")  # what systems and editors put beside it: checkpoints, a Mac's own names
UTF8 = 0x800  # the flag of a zip's entry whose name is in UTF-8


class NotRead(ValueError):
    """A file that is passed over, and why in a few words."""


@dataclass(frozen=True)
class File:
    """name: its path in what was handed in, with / between folders. content: gives its bytes, or raises NotRead.

    fault: why it can't be read, where this was seen while looking.
    """

    name: str
    saved: datetime
    content: Callable[[], bytes]
    fault: str = ""

    @property
    def is_notebook(self) -> bool:
        return self.name.lower().endswith(NOTEBOOKS)


def files(place: Path) -> Iterator[File]:
    """Every file of a folder or zip, and of the folders and zips in it, or one notebook alone. May raise NotRead."""
    if place.is_dir():
        closed: list[OSError] = []
        for folder, folders, names in os.walk(place, onerror=closed.append):
            folders.sort()
            for path in (Path(folder, name) for name in sorted(names)):
                saved = datetime.fromtimestamp(path.lstat().st_mtime)
                name = _printable(path.relative_to(place).as_posix())
                yield from _opened(File(name, saved, partial(_content, path)))
        for path in (Path(error.filename) for error in closed):
            yield File(_printable(path.relative_to(place).as_posix()), datetime.min, bytes, "can't be opened")
    elif place.is_file() and place.suffix.lower() != ".zip":
        yield from _opened(File(_printable(place.name), datetime.min, partial(_content, place)))
    elif place.is_file():
        yield from _of_zip(_content(place), "")
    else:
        raise NotRead("is not there")


def _opened(file: File, zips: int = 0) -> Iterator[File]:
    """The file, or those inside if it is a zip, which lies in so many others; none where systems put it."""
    if BESIDE.search(file.name):
        return
    if file.name.lower().endswith(PACKED):
        yield replace(file, fault="is packed in a way that is not opened here: unpack it, or ask for a zip")
    elif not file.name.lower().endswith(".zip"):
        yield file
    else:
        try:
            if zips > DEEPEST:
                raise NotRead("lies in too many other zips")
            yield from _of_zip(file.content(), file.name[: -len(".zip")] + "/", zips + 1)
        except NotRead as fault:
            yield replace(file, fault=str(fault))


def _of_zip(content: bytes, before: str, zips: int = 0) -> Iterator[File]:
    try:
        archive = ZipFile(BytesIO(content))
    except BadZipFile:
        raise NotRead("is no zip") from None
    for entry in archive.infolist():
        if not entry.is_dir():
            yield from _opened(File(before + _name(entry), _saved(entry), partial(_unpacked, archive, entry)), zips)


def _name(entry: ZipInfo) -> str:
    """Its name, with the accents that a Mac writes in UTF-8 without saying so."""
    name = entry.filename.replace("\\", "/")
    if not entry.flag_bits & UTF8:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return _printable(name)


def _printable(name: str) -> str:
    """The name without bytes that are no letters, and without what would move a terminal's cursor."""
    return "".join(letter if letter.isprintable() else "?" for letter in name)


def _saved(entry: ZipInfo) -> datetime:
    try:
        return datetime(*entry.date_time)
    except ValueError:  # a month of 0
        return datetime.min


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():  # a pipe would never end, and a folder comes here where it can't be looked into
            raise NotRead("can't be opened" if path.is_dir() else "is no file")
        if path.suffix.lower() != ".zip":
            _limited(path.stat().st_size)
        return path.read_bytes()
    except OSError as error:
        raise NotRead(f"can't be opened: {error.strerror}") from None


def _unpacked(archive: ZipFile, entry: ZipInfo) -> bytes:
    _limited(entry.file_size)
    try:
        return archive.read(entry)
    except Exception as error:  # damaged, with a password, packed in a way that nobody knows: zipfile has one for each
        raise NotRead(f"can't be unpacked: {error}") from None


def _limited(size: int) -> None:
    if size > LARGEST:
        raise NotRead(f"has {size / 10**6:,.0f} MB, and a lesson less than one")
