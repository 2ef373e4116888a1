"""What a class answered: for each exercise how many were right and which mistakes were made, for each student what is open."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from string import ascii_lowercase

from coursetools.classroom.collecting import Answer, HandIn, Lessons
from lessonlib.checking import Exercise

UNKNOWN = "another answer"  # wrong, in none of the ways that the exercise knows


@dataclass(frozen=True)
class Mistake:
    """letter: a for the most frequent one. because: the sentence that told the students. count: how many made it."""

    letter: str
    name: str
    because: str
    count: int


@dataclass(frozen=True)
class Column:
    """An exercise and the answers of the class to it, by the names of the students who gave one."""

    exercise: Exercise
    answers: dict[str, Answer]

    @cached_property
    def right(self) -> int:
        return sum(answer.outcome == "right" for answer in self.answers.values())

    @cached_property
    def mistakes(self) -> list[Mistake]:
        """Those that were made, most frequent first."""
        made = Counter(self._name(answer) for answer in self.answers.values() if answer.outcome == "wrong")
        named = zip(ascii_lowercase, made.most_common(), strict=False)
        return [Mistake(letter, name, self._sentences.get(name, ""), count) for letter, (name, count) in named]

    def outcome(self, student: str) -> str:
        return self.answers[student].outcome if student in self.answers else "open"

    def mistake(self, student: str) -> Mistake | None:
        """The one that a student has made."""
        if self.outcome(student) != "wrong":
            return None
        return next(each for each in self.mistakes if each.name == self._name(self.answers[student]))

    @cached_property
    def of_another_version(self) -> int:
        """How many answered the question as it was before a change, or is after one."""
        return sum(answer.version != self.exercise.version for answer in self.answers.values())

    @cached_property
    def _sentences(self) -> dict[str, str]:
        return {each.name: self.exercise.text(each.because) for each in self.exercise.mistakes}

    def _name(self, answer: Answer) -> str:
        """Of its mistake, where this version of the exercise knows it: a file may hold anything."""
        return answer.mistake if answer.mistake in self._sentences else UNKNOWN


@dataclass(frozen=True)
class LessonOfClass:
    """A lesson, the students who handed it in, and a column for each of its exercises."""

    lesson: str
    students: list[str]
    columns: list[Column]

    def right(self, student: str) -> int:
        return sum(column.outcome(student) == "right" for column in self.columns)

    def open(self, student: str) -> list[int]:
        """The numbers of the exercises that a student has not answered, from 1."""
        return [number for number, column in enumerate(self.columns, 1) if student not in column.answers]


def count(hand_ins: list[HandIn], lessons: Lessons) -> Iterator[LessonOfClass]:
    """Every lesson that was handed in."""
    for lesson, exercises in lessons.items():
        of_lesson = [each for each in hand_ins if each.lesson == lesson]
        columns = [
            Column(exercise, {each.student: each.answers[name] for each in of_lesson if name in each.answers})
            for name, exercise in exercises.items()
        ]
        if of_lesson:
            yield LessonOfClass(lesson, [each.student for each in of_lesson], columns)
