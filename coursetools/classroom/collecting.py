"""The notebooks that were handed in, from a folder or a zip: whose each is, and what it says. Nothing in them is run."""

import json
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from tqdm import tqdm

from coursetools.lesson import CHECK_CALL
from lessonlib.checking import MIME, Exercise

LARGEST = 50 * 10**6  # bytes of a notebook; a lesson has 350,000
BESIDE = re.compile(r"(^|/)(\.|__MACOSX/)")  # what systems and editors put beside it: checkpoints, a Mac's own names
UTF8 = 0x800  # the flag of a zip's entry whose name is in UTF-8
OF_A_PLATFORM = re.compile(r"_\d+_assignsubmission_file_?$")  # Moodle's Anna Lee_4711_assignsubmission_file_
COPY = r"(\s*\(\d+\)|-copy\d*|-\d+)?"  # 03_color (2), 03_color-Copy1, 03_color-1
Lessons = dict[str, dict[str, Exercise]]  # the exercises of each lesson, such as 03_color, by their names


class NotRead(ValueError):
    """A file that is passed over, and why in a few words."""


@dataclass(frozen=True)
class File:
    """name: its path in what was handed in, with / between folders. content: gives its bytes, or raises NotRead."""

    name: str
    saved: datetime
    content: Callable[[], bytes]


@dataclass(frozen=True)
class Answer:
    """outcome: right or wrong. mistake: the one that was recognised. draw: the seed of its numbers, None for the lesson's."""

    outcome: str
    mistake: str | None
    version: str
    draw: int | None


@dataclass(frozen=True)
class HandIn:
    """A lesson of a student. answers: the one that counts for each exercise, by its name; what is missing is open."""

    student: str
    lesson: str
    file: File
    answers: dict[str, Answer]


def collect(files: Iterable[File], lessons: Lessons) -> tuple[list[HandIn], list[tuple[str, str]]]:
    """(the newest of each student and lesson, what was passed over as its name and why)."""
    files = sorted(files, key=lambda file: (file.saved, file.name))
    students = _students([file.name for file in files], list(lessons))
    newest: dict[tuple[str, str], HandIn] = {}
    passed_over = []
    for file in tqdm(files, unit=" notebooks", leave=False):
        try:
            lesson, answers = read(file.content(), lessons)
        except NotRead as fault:
            passed_over.append((file.name, str(fault)))
            continue
        hand_in = HandIn(students[file.name], lesson, file, answers)
        older = newest.get((hand_in.student, lesson))
        if older:
            passed_over.append((older.file.name, f"{hand_in.student} has saved {file.name} later"))
        newest[hand_in.student, lesson] = hand_in
    return sorted(newest.values(), key=lambda each: (each.lesson, each.student.casefold())), sorted(passed_over)


def files(place: Path) -> Iterator[File]:
    """Every notebook of a folder or zip, and of the folders and zips in it, or one notebook alone. May raise NotRead."""
    if place.is_dir():
        closed: list[OSError] = []
        for folder, folders, names in os.walk(place, onerror=closed.append):
            folders.sort()
            for path in (Path(folder, name) for name in sorted(names)):
                saved = datetime.fromtimestamp(path.lstat().st_mtime)
                name = _printable(path.relative_to(place).as_posix())
                yield from _notebooks(File(name, saved, partial(_content, path)))
        for path in (Path(error.filename) for error in closed):
            yield File(_printable(path.relative_to(place).as_posix()), datetime.min, partial(_content, path))
    elif place.suffix.lower() == ".ipynb" and place.is_file():
        yield File(_printable(place.name), datetime.min, partial(_content, place))
    elif place.is_file():
        yield from _of_zip(_content(place), "")
    else:
        raise NotRead("is not there")


def _notebooks(file: File) -> Iterator[File]:
    """The file if it is a notebook, those inside if it is a zip, otherwise none."""
    if BESIDE.search(file.name):
        return
    if file.name.lower().endswith(".ipynb"):
        yield file
    elif file.name.lower().endswith(".zip"):
        try:
            yield from _of_zip(file.content(), file.name[: -len(".zip")] + "/")
        except NotRead:
            yield file  # which tells why when it is read


def _of_zip(content: bytes, before: str) -> Iterator[File]:
    try:
        archive = ZipFile(BytesIO(content))
    except BadZipFile:
        raise NotRead("is no zip") from None
    for entry in archive.infolist():
        if not entry.is_dir():
            yield from _notebooks(File(before + _name(entry), _saved(entry), partial(_unpacked, archive, entry)))


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
        if path.suffix.lower() == ".ipynb":
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


def read(content: bytes, lessons: Lessons) -> tuple[str, dict[str, Answer]]:
    """(lesson, its answers) of a notebook's file. Raises NotRead for what is no notebook or of no lesson."""
    try:
        cells = [cell for cell in json.loads(content.decode("utf-8-sig"))["cells"] if cell["cell_type"] == "code"]
        asked = Counter(name for cell in cells for name in CHECK_CALL.findall("".join(cell["source"])))
        outputs = [output.get("data", {}) for cell in cells for output in cell["outputs"]]
        reports = [report for data in outputs if (report := _report(data.get(MIME)))]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise NotRead("is no notebook: it is damaged, or something else under that name") from None
    lesson = max(lessons, key=lambda name: len(asked.keys() & lessons[name].keys()), default="")
    if not lesson or not asked.keys() & lessons[lesson].keys():
        raise NotRead("asks no exercise of the course")
    answers: dict[str, Answer] = {}
    for name, answer in reports:
        own = answers.get(name)
        if name in lessons[lesson] and not (own and own.draw is None and answer.draw is not None):
            answers[name] = answer  # the latest, and the lesson's own numbers before others
    return lesson, answers


def _report(data: object) -> tuple[str, Answer] | None:
    """(exercise, answer) of a Report's data, or None where it is open, a hint, or nothing of the kind."""
    match data:
        case {
            "exercise": str(name),
            "outcome": "right" | "wrong" as outcome,
            "version": str(version),
            "draw": None | int() as draw,
            "mistake": None | str() as mistake,
        }:
            return name, Answer(outcome, mistake if outcome == "wrong" else None, version, draw)
    return None


def _students(names: list[str], lessons: list[str]) -> dict[str, str]:
    """Whose each file is: of the first folder that not all files share; without one, of what its own name says."""
    folders = {name: [each for each in name.split("/")[:-1] if each not in lessons] for name in names}
    shared = os.path.commonprefix(list(folders.values())) if len(names) > 1 else []
    return {
        name: _student((inside[len(shared) :] or [_own(name, lessons)])[0] or (shared or [name])[-1])
        for name, inside in folders.items()
    }


def _own(name: str, lessons: list[str]) -> str:
    """What a file's name says beside the lesson's: Anna of 03_color_Anna.ipynb."""
    stem = name.rpartition("/")[2][: -len(".ipynb")]
    for lesson in lessons:
        stem = re.sub(lesson + COPY, "", stem, flags=re.IGNORECASE)
    return stem.strip(" _-.")


def _student(name: str) -> str:
    return unicodedata.normalize("NFC", OF_A_PLATFORM.sub("", name.strip())) or name
