"""Whose a notebook is: one rule, by its path alone. tests/test_whose.py has it as a table.

1. What a platform writes is believed: a name, and the number that tells two people of one name apart.
2. Without such a mark the student is the folder nearest the file that can be a person: no time, no place, no group. Where
   several people have such a folder, as in anna/stuff and ben/stuff, it is the next one outside.
3. Where one folder holds several notebooks of a lesson, or there is none, it is what the files' own names say.
4. What says nothing is named after its group, or counts for itself.

Each step that can be wrong is told as a doubt, and a list of the class settles it.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from coursetools.classroom.roster import Roster

PLATFORMS = {
    # Participant_4711_assignsubmission_file_; Anna Lee_4711_assignsubmission_file_, a number of this assignment alone
    "Moodle, blind": r"(?P<name>.*Participant_\d+)_assignsubmission_.*",
    "Moodle": r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_.*",
    # leeanna_LATE_1234_56789_mine-1.ipynb; anon_x7Kp2_56789_mine.ipynb
    "Canvas": r"(?P<name>.+?)(_LATE)?_(?P<number>\d+)_(?!20\d\d_)(?P<attempt>\d{3,})_.+",
    "Canvas, anonymous": r"(LATE_)?(?P<name>anon_[^_]+)_(?P<attempt>\d{3,})_.+",
    # Lesson 1_alee_attempt_2026-11-20-10-00-00_mine.ipynb
    "Blackboard": r"(?P<number>.*)_(?P<name>[^_]+)_attempt_(?P<attempt>\d{4}(-\d\d){5}).*",
    # 12-345 - Anna Lee - Jan 31, 2026 1000 AM
    "Brightspace": r"(?P<number>\d+)-\d+ - (?P<name>.+?) - (?P<attempt>\w+ \d+, \d{4} \d+ [AP]M).*",
}
NBGRADER = {"source", "release", "cleaned", "autograded", "feedback"}  # made beside what students have submitted
TIMES = set(
    "week day date attempt try draft final version v late new old copy corrected resubmission "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
PLACES = NBGRADER | set(
    "submitted submission submissions notebook notebooks convolution course main master lesson lessons sheet sheets "
    "homework hw assignment assignments ps exercise exercises ex solution solutions answer answers work my all file files "
    "folder untitled home jovyan desktop documents download downloads colab".split()
)
GROUPS = set("class group team tutorial section seminar cohort lab".split())
COPIES = 3  # of a lesson that one student may leave in a folder; where there are more, it is a class


@dataclass(frozen=True)
class Owner:
    """Whose a file is. number: what tells two of one name apart. attempt: the larger, the later. name: "" is nobody."""

    name: str
    number: str = ""
    attempt: int = 0
    platform: str = ""


@dataclass(frozen=True)
class Unmarked:
    """What a path says that no platform has written.

    people: each folder that can be one, the outermost first. outside: all that are no time and no place. own: what the
    file's name says beside the lesson, and beside being a copy.
    """

    path: str
    lesson: str
    people: tuple[Owner, ...]
    outside: tuple[str, ...]
    own: str

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


def whose(lesson_of: Mapping[str, str], lessons: Iterable[str], roster: Roster) -> tuple[dict[str, Owner], list[str]]:
    """(whose each file is, by its path; what is doubtful). lesson_of: the lesson in each file, "" where it isn't known.

    A template of the course is nobody's, as is what nbgrader makes itself.
    """
    made = {path: Owner("") for path in lesson_of if _of_nbgrader(path, lesson_of)}
    owners = {path: _marked(path) for path in lesson_of if path not in made}
    listed = {path: name for path, owner in owners.items() if (name := roster.find(_candidates(path, owner)))}
    owners |= {path: replace(owners[path], name=name, number="") for path, name in listed.items()}
    places = PLACES | {name.partition("_")[2] for name in lessons}
    unmarked = [_unmarked(path, lesson_of[path], places) for path, owner in owners.items() if not owner.name]
    owners |= _by_folder(unmarked) | made
    by_file, doubts = _by_file(unmarked, owners, lesson_of)
    owners, more = _apart(owners | by_file, lesson_of)
    strangers = {owner.name for path, owner in owners.items() if owner.name and path not in listed}
    if roster.names and strangers:
        more.append(f"not in the list of the class, or there twice: {_some(strangers)}")
    return owners, doubts + more


def _marked(path: str) -> Owner:
    """What a platform wrote into the path, at its outermost place; otherwise nobody."""
    for part in path.split("/"):
        for platform, pattern in PLATFORMS.items():
            if found := re.fullmatch(pattern, part, re.IGNORECASE):
                says = {"number": "", "attempt": ""} | found.groupdict()
                name = says["name"].replace("_", " ") if platform == "Moodle, blind" else says["name"]
                return Owner(_normal(name), says["number"], _growing(says["attempt"]), platform)
    return Owner("")


def _growing(attempt: str) -> int:
    """The number of an attempt, or its time: 2026-11-20-10-00-00, or Jan 31, 2026 1000 AM."""
    with suppress(ValueError):
        time = datetime.strptime(re.sub(r"(\d\d [AP]M)", r":\1", attempt), "%b %d, %Y %I:%M %p")
        attempt = time.strftime("%Y%m%d%H%M%S")
    return int("0" + re.sub(r"\D", "", attempt))


def _of_nbgrader(path: str, paths: Iterable[str]) -> bool:
    """Whether nbgrader made it: it lies in source, say, which has submitted beside it."""
    parts = path.split("/")
    made = [place for place, part in enumerate(parts[:-1]) if part in NBGRADER]
    beside = tuple("/".join([*parts[:place], "submitted", ""]) for place in made)
    return any(other.startswith(beside) for other in paths) if beside else False


def _candidates(path: str, owner: Owner) -> list[str]:
    """Where a student of the list may be named, the likeliest place first."""
    if not owner.name:
        return path.partition(".ipynb")[0].split("/")[::-1]
    if owner.platform == "Blackboard":  # a user name may hold a _, as the assignment's name may
        return [f"{owner.number}_{owner.name}"]
    return [f"Participant{owner.number}", owner.number if owner.platform == "Canvas" else "", owner.name]


def _unmarked(path: str, lesson: str, places: set[str]) -> Unmarked:
    people: list[Owner] = []
    outside: list[str] = []
    *folders, file = _normal(path).split("/")
    for folder in folders:
        words = _words(folder)
        if words - TIMES - places - GROUPS:
            people.append(Owner(folder, " / ".join(outside)))
        if words - TIMES - places or not words:
            outside.append(folder)
    stem = re.sub(r"\.(ipynb.*|\w+)$", "", file, flags=re.IGNORECASE)
    own = " ".join(word for word in re.findall(r"[^\W_]+", stem) if _words(word) - TIMES - places - GROUPS)
    return Unmarked(path, lesson, tuple(people), tuple(outside), own)


def _words(text: str) -> set[str]:
    """Its words, without what only counts: a, 1, 7b, and the 1 of week1."""
    words = {word.casefold() for word in re.findall(r"[^\W_]+", text)}
    words = {"date" if re.fullmatch(r"20\d\d", word) else word for word in words}
    known = TIMES | PLACES | GROUPS
    words = {short if (short := word.rstrip("0123456789")) in known else word for word in words}
    return {word for word in words if not re.fullmatch(r"\d{0,3}[a-z]?", word)}


def _by_folder(unmarked: list[Unmarked]) -> dict[str, Owner]:
    """The owners of files in folders: of all that are as deep, the people at the level where the fewest have a lesson
    twice; of several levels the one that most of the class has, or the one nearest the files.
    """
    owners: dict[str, Owner] = {}
    usual = None
    for depth, _ in Counter(len(file.people) for file in unmarked if file.people).most_common():
        as_deep = [file for file in unmarked if len(file.people) == depth]
        levels = {level: -level if usual is None else abs(level - usual) for level in range(depth)}  # 0 is outermost
        best = min(levels, key=lambda level: (_twice(as_deep, level), levels[level]))
        usual = best if usual is None else usual
        owners |= {file.path: file.people[best] for file in as_deep}
    return owners


def _twice(files: list[Unmarked], level: int) -> int:
    """How many have a lesson that one of the same name at this level has, in another folder."""
    there = {(file.people[level].name, file.lesson, file.folder) for file in files}
    return len(there) - len({(name, lesson) for name, lesson, _ in there})


def _by_file(
    unmarked: list[Unmarked], owners: dict[str, Owner], lesson_of: Mapping[str, str]
) -> tuple[dict[str, Owner], list[str]]:
    """(the owners of files that no folder names, or one that holds a class; what is doubtful)."""
    found: dict[str, Owner] = {}
    doubts, groups, silent = [], set(), set()
    together = defaultdict(list)
    for file in unmarked:
        together[file.folder, file.lesson].append(file)
    for (folder, lesson), files in sorted(together.items(), reverse=True):  # the innermost first
        name, beside = owners[files[0].path].name, {file.path for file in files}
        within = [
            path for path in lesson_of if lesson_of[path] == lesson and path.startswith(f"{folder}/" if folder else "")
        ]
        below = {found.get(path, owners[path]).name for path in within if path not in beside} - {name, ""}
        are_several = bool(lesson) and (len({file.own for file in files} - {""}) > 1 or len(files) > COPIES)
        if name and are_several:
            doubts.append(f"{len(files)} notebooks of {lesson} in {folder}: each is taken for another student's")
        for file in files if not name or are_several or (lesson and len(below) > 1) else []:
            if file.own:
                found[file.path] = Owner(file.own, " / ".join(file.outside))
            elif below and lesson and len(files) == 1:
                found[file.path] = Owner("")  # the template
            elif file.outside and len(files) == 1:
                found[file.path] = Owner(file.outside[-1], " / ".join(file.outside[:-1]))
                groups.add(file.outside[-1])
            else:
                found[file.path] = Owner(file.path)
                silent.add(file.path)
    if groups:
        doubts.append(f"named after their folder, which may be a group: {_some(groups)}")
    if silent:
        doubts.append(f"do not say whose they are, and count each for itself: {_some(silent)}")
    return found, doubts


def _apart(owners: dict[str, Owner], lesson_of: Mapping[str, str]) -> tuple[dict[str, Owner], list[str]]:
    """(the owners, with their number where one name has several in a lesson, and spelled alike; what is doubtful)."""
    alike = {_spelled(name): name for name in sorted({owner.name for owner in owners.values()}, reverse=True)}
    owners = {path: replace(owner, name=alike[_spelled(owner.name)]) for path, owner in owners.items()}
    of_lesson = defaultdict(list)
    for path, owner in owners.items():
        if owner.name and lesson_of[path]:
            of_lesson[owner.name, lesson_of[path]].append(owner)
    numbers = {key: {each.number for each in those} - {""} for key, those in of_lesson.items()}
    several = {name for (name, _), its in numbers.items() if len(its) > 1}
    doubts = [
        f"{len(those)} files of {lesson} under one name: is {name!r} a student?"
        for (name, lesson), those in of_lesson.items()
        if name not in several and max(Counter(each.attempt for each in those).values()) > COPIES
    ]
    for path, owner in owners.items():
        if owner.name in several and owner.number:
            owners[path] = replace(owner, name=f"{owner.name} ({owner.number})")
    if several:
        doubts.append(
            f"of one name, and counted as several students by numbers or groups: {', '.join(sorted(several))}"
        )
    blind = {lesson_of[path] for path, owner in owners.items() if owner.platform == "Moodle, blind"} - {""}
    if len(blind) > 1:
        doubts.append(f"Moodle numbers participants anew in each assignment: nobody is joined over {_some(blind)}")
    return owners, doubts


def _spelled(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name).casefold()


def _some(names: set[str]) -> str:
    """The first five of them, and how many more."""
    return ", ".join(sorted(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _normal(name: str) -> str:
    """A Mac writes an accent as a letter of its own."""
    return unicodedata.normalize("NFC", name.strip())
