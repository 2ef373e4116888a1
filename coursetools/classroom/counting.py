"""What a class answered: for each exercise how many were right and which mistakes were made, for each student what is open."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from string import ascii_lowercase

from coursetools.classroom.collecting import HandIn
from coursetools.classroom.questions import Lessons, Question
from coursetools.classroom.reading import UNTOLD, Answer

FEW = 5  # a lesson that fewer than a fifth handed in, of those who did another, was no assignment
UNKNOWN = "another answer"  # wrong, in none of the ways that the exercise knows
LETTERS = [*ascii_lowercase, *map("".join, product(ascii_lowercase, repeat=2))]  # as a list in HTML has them


@dataclass(frozen=True)
class Mistake:
    """letter: a for the most frequent one. because: the sentence that told the students. students: who made it.

    said: of an unknown one, what they answered, by their names.
    """

    letter: str
    name: str
    because: str
    students: list[str]
    said: dict[str, str]


@dataclass(frozen=True)
class Column:
    """An exercise and the answers of the class to it, by the names of the students who gave one."""

    exercise: Question
    answers: dict[str, Answer]

    @cached_property
    def right(self) -> list[str]:
        return self._with("right")

    @cached_property
    def wrong(self) -> list[str]:
        return self._with("wrong")

    @property
    def answered(self) -> int:
        """How many are known to be right or wrong."""
        return len(self.right) + len(self.wrong)

    @cached_property
    def untold(self) -> dict[str, list[str]]:
        """Who answered, and what was said is not there: by the reason."""
        return {why: students for outcome, why in UNTOLD.items() if (students := self._with(outcome))}

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """Those that were made, most frequent first."""
        made = Counter(self._name(student) for student in self.wrong).most_common()
        because = self.exercise.mistakes
        by = {name: [who for who in self.wrong if self._name(who) == name] for name, _ in made}
        said = {who: self.answers[who].said for who in by.get(UNKNOWN, []) if self.answers[who].said}
        return [
            Mistake(letter, name, because.get(name, ""), by[name], said if name == UNKNOWN else {})
            for letter, (name, _) in zip(LETTERS, made, strict=False)
        ]

    def outcome(self, student: str) -> str:
        return self.answers[student].outcome if student in self.answers else "open"

    def mistake(self, student: str) -> Mistake | None:
        """The one that a student has made."""
        return next((each for each in self.mistakes if student in each.students), None)

    @cached_property
    def of_another_version(self) -> int:
        """How many answered the question as it was before a change, or is after one."""
        return sum(answer.version not in ("", self.exercise.version) for answer in self.answers.values())

    def _with(self, outcome: str) -> list[str]:
        return [student for student, answer in self.answers.items() if answer.outcome == outcome]

    def _name(self, student: str) -> str:
        """Of a student's mistake, where this version of the exercise knows it: a file may hold anything."""
        mistake = self.answers[student].mistake
        return mistake if mistake in self.exercise.mistakes else UNKNOWN


@dataclass(frozen=True)
class LessonOfClass:
    """A lesson, those who handed it in, and a column for each of its exercises.

    unreadable: who handed in what can't be read, and why. missing: who is in the list of the class alone. perhaps: who
    is missing, or is meant by a hand-in that can be several people's.
    """

    lesson: str
    students: list[str]
    columns: list[Column]
    unreadable: dict[str, str]
    missing: list[str]
    perhaps: list[str]

    @property
    def handed_in(self) -> int:
        return len(self.students) + len(self.unreadable)

    def right(self, student: str) -> int:
        return sum(column.outcome(student) == "right" for column in self.columns)


def count(hand_ins: list[HandIn], lessons: Lessons, listed: Iterable[str]) -> Iterator[LessonOfClass]:
    """Every lesson that was handed in; then those that few handed in, where nobody is missing; at the end what can't be
    read, and is of no known lesson.
    """
    of_lessons = {lesson: [each for each in hand_ins if each.lesson == lesson] for lesson in [*lessons, ""]}
    most = max(len(of_lessons[lesson]) for lesson in lessons)
    few = {lesson for lesson, those in of_lessons.items() if FEW * len(those) < most} | {""}
    for lesson in [*sorted(lessons, key=lambda lesson: lesson in few), ""]:
        of_lesson = of_lessons[lesson]
        of_lesson_or_unknown = of_lesson + of_lessons[""]
        students = [each.student for each in of_lesson if not each.fault]
        columns = [
            Column(question, {each.student: each.answers[name] for each in of_lesson if name in each.answers})
            for name, question in lessons.get(lesson, {}).items()
        ]
        unreadable = {each.student: f"{each.file.name} {each.fault}" for each in of_lesson if each.fault}
        here = {each.student for each in of_lesson_or_unknown}
        meant = frozenset[str]().union(*(each.owner.perhaps for each in of_lesson_or_unknown))
        missing = [name for name in listed if name not in here] if lesson not in few else []
        if of_lesson:
            sure, perhaps = [name for name in missing if name not in meant], [name for name in missing if name in meant]
            yield LessonOfClass(lesson, students, columns, unreadable, sure, perhaps)


def discussed_first(lessons: list[LessonOfClass]) -> list[tuple[LessonOfClass, Column]]:
    """The three exercises that most students got wrong; of several, the one with the most frequent mistake."""
    wrong = [(lesson, column) for lesson in lessons for column in lesson.columns if column.wrong]
    return sorted(wrong, key=lambda each: (-len(each[1].wrong), -len(each[1].mistakes[0].students)))[:3]
