"""What a class has handed in: whose each notebook is and what it answers, the latest of each; what could not be read."""

from collections.abc import Iterable
from dataclasses import dataclass

from tqdm import tqdm

from coursetools.classroom.files import File, NotRead
from coursetools.classroom.questions import Lessons
from coursetools.classroom.reading import Answer, read
from coursetools.classroom.roster import Roster
from coursetools.classroom.whose import whose


@dataclass(frozen=True)
class HandIn:
    """A lesson of a student. answers: what counts for each exercise, by its name; what is missing is open.

    fault: why it can't be read; its lesson can then be unknown, "".
    """

    student: str
    lesson: str
    file: File
    answers: dict[str, Answer]
    fault: str = ""


@dataclass(frozen=True)
class Collected:
    """hand_ins: one for each student and lesson. passed_over: (name of a file, why). doubts: what may be wrong here."""

    hand_ins: list[HandIn]
    passed_over: list[tuple[str, str]]
    doubts: list[str]


def collect(files: Iterable[File], lessons: Lessons, roster: Roster) -> Collected:
    """Read and sort what was handed in."""
    found = list(files)
    contents = {file: _read(file, lessons) for file in tqdm(found, unit=" files", leave=False)}
    notebooks = [file for file in found if file.is_notebook or file.fault]
    owners, doubts = whose({file.name: contents[file][0] for file in notebooks}, lessons, roster)
    hand_ins = [HandIn(owners[file.name].name, contents[file][0], file, *contents[file][1:]) for file in notebooks]
    order = {file: (owners[file.name].attempt, file.saved, file.name) for file in notebooks}
    latest, passed_over = _latest(sorted(hand_ins, key=lambda each: order[each.file]))
    others = [file for file in found if not (file.is_notebook or file.fault)]
    latest += _without_notebook(others, {each.student for each in hand_ins}, lessons, roster)
    latest.sort(key=lambda each: (each.lesson, each.student.casefold()))
    return Collected(latest, sorted(passed_over), doubts)


def _read(file: File, lessons: Lessons) -> tuple[str, dict[str, Answer], str]:
    """(lesson, answers, fault). The lesson of what can't be read is that in its path."""
    try:
        if file.fault or not file.is_notebook:
            raise NotRead(file.fault or "is no notebook")
        return *read(file.content(), lessons), ""
    except NotRead as fault:
        return next((lesson for lesson in lessons if lesson in file.name), ""), {}, str(fault)


def _latest(hand_ins: list[HandIn]) -> tuple[list[HandIn], list[tuple[str, str]]]:
    """(of each student and lesson the last, and of those without any what can't be read; what is passed over)."""
    latest: dict[tuple[str, str], HandIn] = {}
    passed_over = [(each.file.name, each.fault) for each in hand_ins if each.fault]
    for hand_in in (each for each in hand_ins if not each.fault):
        older = latest.get((hand_in.student, hand_in.lesson))
        if not hand_in.student:
            passed_over.append((hand_in.file.name, "is nobody's: the template, or what nbgrader made"))
            continue
        if older:
            passed_over.append((older.file.name, f"{hand_in.student} handed in {hand_in.file.name} later"))
        latest[hand_in.student, hand_in.lesson] = hand_in
    read_of = {student for student, _ in latest}
    for hand_in in (each for each in hand_ins if each.fault and each.student):
        if hand_in.lesson or hand_in.student not in read_of:
            latest.setdefault((hand_in.student, hand_in.lesson), hand_in)
    return list(latest.values()), passed_over


def _without_notebook(others: list[File], students: set[str], lessons: Lessons, roster: Roster) -> list[HandIn]:
    """Those who have handed in other files alone, once each. What lies outside of all folders is nobody's."""
    of_others, _ = whose({file.name: "" for file in others}, lessons, roster)
    found: dict[str, HandIn] = {}
    for file in others:
        owner = of_others[file.name]
        known = students.intersection([owner.name, *file.name.split("/")])
        if not known and (owner.platform or "/" in file.name):
            found.setdefault(owner.name, HandIn(owner.name, "", file, {}, "is no notebook"))
    return list(found.values())
