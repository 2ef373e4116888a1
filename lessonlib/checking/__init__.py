"""Exercises that know the mistakes: an answer is observed, compared and explained, and none can break a lesson.

An exercise is data (exercise.py) on the sheet of a lesson (sheet.py), and so is what is observed of an answer (kinds.py, observing.py), in a process of its own
where a student's code runs (apart.py). What is said of it follows from these data alone (explaining.py, comparing.py).
"""

from lessonlib.checking.exercise import Exercise, Mistake
from lessonlib.checking.kinds import Behaviour, Call, Choice, Function, Numbers, Seen, Side
from lessonlib.checking.observing import Refused
from lessonlib.checking.practice import DRAWS
from lessonlib.checking.report import MIME, Outcome, Report
from lessonlib.checking.sheet import Sheet
from lessonlib.checking.whose import whose_mistake

__all__ = [
    "Behaviour",
    "Call",
    "Choice",
    "DRAWS",
    "Exercise",
    "Function",
    "MIME",
    "Mistake",
    "Numbers",
    "Outcome",
    "Refused",
    "Report",
    "Seen",
    "Sheet",
    "Side",
    "whose_mistake",
]
