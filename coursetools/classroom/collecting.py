"""What a class has handed in: whose each notebook is and what it answers, the latest of each; what could not be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tqdm import tqdm

from coursetools.classroom.files import File, NotRead
from coursetools.classroom.questions import Lessons
from coursetools.classroom.reading import Answer, read
from coursetools.classroom.roster import Roster
from coursetools.classroom.whose import Owner, of_nbgrader, whose


@dataclass(frozen=True)
class HandIn:
    """A lesson of a student. answers: what counts for each exercise, by its name; what is missing is open.

    fault: why it can't be read; its lesson can then be unknown, "".
    """

    owner: Owner
    lesson: str
    file: File
    answers: dict[str, Answer]
    fault: str = ""

    @property
    def student(self) -> str:
        return self.owner.name

    @property
    def time(self) -> tuple[int, datetime]:
        return self.owner.attempt, self.file.saved

    @property
    def right(self) -> int:
        return sum(answer.outcome == "right" for answer in self.answers.values())


@dataclass(frozen=True)
class Collected:
    """hand_ins: one for each student and lesson. passed_over: (name of a file, why). doubts: what may be wrong here."""

    hand_ins: list[HandIn]
    passed_over: list[tuple[str, str]]
    doubts: list[str]


def collect(files: Iterable[File], lessons: Lessons, roster: Roster) -> Collected:
    """Read and sort what was handed in; not what nbgrader has made of it. Raises NotRead for the list of another class."""
    everything = list(files)
    names = {file.name for file in everything}
    found = [file for file in everything if not of_nbgrader(file.name, names)]
    contents = {file: _read(file, lessons) for file in tqdm(found, unit=" files", leave=False)}
    notebooks = [file for file in found if file.is_notebook or file.fault]
    owners, doubts = whose({file.name: contents[file][0] for file in notebooks}, lessons, roster)
    hand_ins = [HandIn(owners[file.name], contents[file][0], file, *contents[file][1:]) for file in notebooks]
    latest, passed_over, of_one_time = _latest(
        sorted(hand_ins, key=lambda each: (each.time, each.right, each.file.name))
    )
    others = [file for file in found if not (file.is_notebook or file.fault)]
    latest += _without_notebook(others, {each.student for each in hand_ins}, lessons, roster)
    if roster.rows and not any(each.student in roster.rows or each.owner.perhaps for each in latest):
        raise NotRead("nobody who handed in is in the list of the class: is it another class's?")
    latest.sort(key=lambda each: (each.lesson, each.student.casefold()))
    return Collected(latest, sorted(passed_over), of_one_time + _misnamed(hand_ins, lessons) + doubts)


def _read(file: File, lessons: Lessons) -> tuple[str, dict[str, Answer], str]:
    """(lesson, answers, fault). The lesson of what can't be read is that in its path."""
    try:
        if file.fault or not file.is_notebook:
            raise NotRead(file.fault or "is no notebook")
        return *read(file.content(), lessons), ""
    except NotRead as fault:
        return next((lesson for lesson in lessons if lesson in file.name), ""), {}, str(fault)


def _misnamed(hand_ins: list[HandIn], lessons: Lessons) -> list[str]:
    """What is doubtful where a file has the name of another lesson than it holds."""
    names = {each.file: each.file.name.rpartition("/")[2] for each in hand_ins if not each.fault}
    return [
        f"{each.file.name} holds {each.lesson}"
        for each in hand_ins
        if each.student and any(lesson in names.get(each.file, "") for lesson in lessons.keys() - {each.lesson})
    ]


def _latest(hand_ins: list[HandIn]) -> tuple[list[HandIn], list[tuple[str, str]], list[str]]:
    """(of each student and lesson the last, and of those without any what can't be read; what is passed over; what is
    doubtful: of one time, where the best counts).
    """
    latest: dict[tuple[str, str], HandIn] = {}
    passed_over = [(each.file.name, each.fault) for each in hand_ins if each.fault]
    doubts = []
    for hand_in in (each for each in hand_ins if not each.fault):
        older = latest.get((hand_in.student, hand_in.lesson))
        if not hand_in.student:
            passed_over.append((hand_in.file.name, "is nobody's: the template"))
            continue
        if older and older.time == hand_in.time:
            passed_over.append((older.file.name, f"{hand_in.file.name} has the same date, and counts"))
            doubts.append(
                f"{hand_in.file.name} counts, with {hand_in.right} right, and {older.file.name} with {older.right} right "
                "does not: they have the same date"
            )
        elif older:
            passed_over.append((older.file.name, f"{hand_in.student} handed in {hand_in.file.name} later"))
        latest[hand_in.student, hand_in.lesson] = hand_in
    read_of = {student for student, _ in latest}
    for hand_in in (each for each in hand_ins if each.fault and each.student):
        if hand_in.lesson or hand_in.student not in read_of:
            latest.setdefault((hand_in.student, hand_in.lesson), hand_in)
    return list(latest.values()), passed_over, doubts


def _without_notebook(others: list[File], students: set[str], lessons: Lessons, roster: Roster) -> list[HandIn]:
    """Those who have handed in other files alone, once each. What lies outside of all folders is nobody's."""
    of_others, _ = whose({file.name: "" for file in others}, lessons, roster)
    found: dict[str, HandIn] = {}
    for file in others:
        owner = of_others[file.name]
        known = students.intersection([owner.name, *file.name.split("/")])
        if not known and (owner.platform or "/" in file.name):
            found.setdefault(owner.name, HandIn(owner, "", file, {}, "is no notebook"))
    return list(found.values())
