"""Whose a notebook is: one rule, by its path alone. tests/test_whose.py has it as a table.

1. What a platform writes is believed: a name, and the number that tells two people of one name apart.
2. Without such a mark the student is the folder nearest the file that can be a person: no time, no place, no group. Where
   several people have such a folder, as in anna/stuff and ben/stuff, it is one outside.
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
from itertools import takewhile

from coursetools.classroom.roster import Roster

PLATFORMS = {
    # Anna Lee_4711_assignsubmission_file_, a number of this assignment alone; blind: Participant_4711_..., in any language
    "Moodle": r"(?P<name>.+?)_(?P<number>\d+)_assignsubmission_.*",
    # leeanna_LATE_1234_56789_mine-1.ipynb; anon_x7Kp2_56789_mine.ipynb
    "Canvas": r"(?P<name>.+?)(_LATE)?_(?P<number>\d+)_(?!20\d\d_)(?P<attempt>\d{3,})_.+",
    "Canvas, anonymous": r"(LATE_)?(?P<name>anon_[^_]+)_(?P<attempt>\d{3,})_.+",
    # Lesson 1_alee_attempt_2026-11-20-10-00-00_mine.ipynb
    "Blackboard": r"(?P<number>.*)_(?P<name>[^_]+)_attempt_(?P<attempt>\d{4}(-\d\d){5}).*",
    # 12-345 - Anna Lee - Jan 31, 2026 1000 AM, or 31 January, 2026 1000 AM
    "Brightspace": r"(?P<number>\d+)-\d+ - (?P<name>.+?) - (?P<attempt>\w+ \w+, \d{4} \d+ [AP]M).*",
}
DATES = [f"{day}, %Y %I:%M %p" for day in ("%b %d", "%B %d", "%d %b", "%d %B")]
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
    """Whose a file is. number: what tells two of one name apart. attempt: the larger, the later. name: "" is nobody.

    perhaps: who in the list of the class may be meant, where the list doesn't settle it.
    """

    name: str
    number: str = ""
    attempt: int = 0
    platform: str = ""
    perhaps: frozenset[str] = frozenset()


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

    A template of the course is nobody's.
    """
    owners = {path: _marked(path) for path in lesson_of}
    found = {path: roster.find(_candidates(path, owner)) for path, owner in owners.items()}
    listed = {path: name for path, names in found.items() if len(names) == 1 for name in names}
    places = PLACES | {name.partition("_")[2] for name in lessons}
    of_paths = {path: _unmarked(path, lesson_of[path], places) for path, owner in owners.items() if not owner.name}
    apart = {path: _group(path, owners[path], of_paths, roster) for path in listed}
    owners |= {path: replace(owners[path], name=name, number="") for path, name in listed.items()}
    unmarked = [file for path, file in of_paths.items() if path not in listed]
    by_folder, unsure = _by_folder(unmarked)
    owners |= by_folder
    by_file, doubts = _by_file(unmarked, owners, lesson_of)
    owners, more = _apart(owners | by_file, lesson_of)
    owners = {path: replace(owner, perhaps=frozenset(found[path]) - {owner.name}) for path, owner in owners.items()}
    strangers = {owner.name for path, owner in owners.items() if owner.name and path not in listed}
    if roster.rows and strangers:
        more.append(f"not in the list of the class, or there twice: {_some(strangers)}")
    return owners, _joined(apart, owners, lesson_of) + unsure + doubts + more


def _marked(path: str) -> Owner:
    """What a platform wrote into the path, at its outermost place; otherwise nobody."""
    for part in path.split("/"):
        for platform, pattern in PLATFORMS.items():
            if found := re.fullmatch(pattern, part, re.IGNORECASE):
                says = {"number": "", "attempt": ""} | found.groupdict()
                return Owner(_normal(says["name"]), says["number"], _growing(says["attempt"]), platform)
    return Owner("")


def _growing(attempt: str) -> int:
    """The number of an attempt, or its time: 2026-11-20-10-00-00, or one of DATES."""
    for form in DATES:
        with suppress(ValueError):
            attempt = datetime.strptime(re.sub(r"(\d\d [AP]M)", r":\1", attempt), form).strftime("%Y%m%d%H%M%S")
    return int("0" + re.sub(r"\D", "", attempt))


def of_nbgrader(path: str, paths: Iterable[str]) -> bool:
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
    number = {"Moodle": f"Participant{owner.number}", "Canvas": owner.number}.get(owner.platform, "")
    return [number, owner.name]


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


def _by_folder(unmarked: list[Unmarked]) -> tuple[dict[str, Owner], list[str]]:
    """(the owners of files in folders: of all that are as deep, the people at the level where the fewest have a lesson
    twice, and of several levels the one nearest the files; what is doubtful).
    """
    owners: dict[str, Owner] = {}
    doubtful = set()
    for depth in {len(file.people) for file in unmarked} - {0}:
        as_deep = [file for file in unmarked if len(file.people) == depth]
        twice = [_twice(as_deep, level) for level in range(depth)]  # 0 is outermost
        best = max(level for level in range(depth) if twice[level] == min(twice))
        owners |= {file.path: file.people[best] for file in as_deep}
        if twice.count(min(twice)) > 1:
            doubtful |= {f"{file.people[best].name} of {'/'.join(it.name for it in file.people)}" for file in as_deep}
    return owners, [f"which folder names the student? taken is {_some(doubtful)}"] if doubtful else []


def _group(path: str, owner: Owner, unmarked: Mapping[str, Unmarked], roster: Roster) -> str:
    """What would tell a student of the list from another of that name: a number, or the folders around the name."""
    if path in unmarked:
        return " / ".join(takewhile(lambda folder: not roster.find([folder]), unmarked[path].outside))
    return "" if owner.platform == "Blackboard" else owner.number  # there it names the assignment


def _joined(apart: dict[str, str], owners: Mapping[str, Owner], lesson_of: Mapping[str, str]) -> list[str]:
    """What is doubtful where the list has one student, and a lesson has several numbers or groups under that name."""
    of_lesson = defaultdict(set)
    for path, group in apart.items():
        of_lesson[owners[path].name, owners[path].platform, lesson_of[path]].add(group)
    several = {name for (name, _, lesson), its in of_lesson.items() if lesson and len(its) > 1}
    return [f"one in the list, and of several groups or numbers here: {_some(several)}"] if several else []


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
    return owners, doubts


def _spelled(name: str) -> str:
    return re.sub(r"[\s_]+", " ", name).casefold()


def _some(names: set[str]) -> str:
    """The first five of them, and how many more."""
    return ", ".join(sorted(names)[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _normal(name: str) -> str:
    """A Mac writes an accent as a letter of its own."""
    return unicodedata.normalize("NFC", name.strip())
