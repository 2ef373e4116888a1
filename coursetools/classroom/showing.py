"""What a class answered, as a page and as CSV."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from coursetools.classroom.collecting import Collected
from coursetools.classroom.counting import Column, LessonOfClass, discussed_first
from coursetools.classroom.roster import Roster

SYMBOLS = {"right": "✓", "wrong": "✗", "open": "○"}  # as reports have them; ? where nothing was told
A_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


def write_answers(lessons: list[LessonOfClass], path: Path) -> None:
    """A row for each student and exercise; one for what can't be read, and for who is missing."""
    rows: list[list] = []
    for lesson in lessons:
        for student in lesson.students:
            rows += [[student, lesson.lesson, each.exercise.name, *_answer(each, student)] for each in lesson.columns]
        rows += [[student, lesson.lesson, "", "unreadable", why] for student, why in lesson.unreadable.items()]
        rows += [[student, lesson.lesson, "", "missing"] for student in lesson.missing]
    _write(["student", "lesson", "exercise", "outcome", "mistake", "seed", "same version"], rows, path)


def _answer(column: Column, student: str) -> list[object]:
    answer, mistake = column.answers.get(student), column.mistake(student)
    if answer is None:
        return ["open"]
    same = {"": "", column.exercise.version: "yes"}.get(answer.version, "no")
    return [answer.outcome, mistake.name if mistake else "", answer.draw, same]


def write_students(lessons: list[LessonOfClass], roster: Roster, path: Path) -> None:
    """A row for each student, with what the list of the class has of them: how many are right in each lesson, of how
    many, and what else became of it.
    """
    named = [lesson for lesson in lessons if lesson.lesson]
    of_no_lesson = {name for lesson in lessons if not lesson.lesson for name in lesson.unreadable}
    everybody = {name for each in lessons for name in (*each.students, *each.unreadable)}
    nothing = [""] * len(roster.head)
    rows = roster.rows | {name: nothing for name in sorted(everybody - roster.rows.keys(), key=str.casefold)}
    head = [f"{lesson.lesson} {what}" for lesson in named for what in ("right", "of", "state")]
    marks = {name: [cell for lesson in named for cell in _marks(name, lesson, of_no_lesson)] for name in rows}
    _write([*roster.head, "student", *head], ([*row, name, *marks[name]] for name, row in rows.items()), path)


def _marks(student: str, lesson: LessonOfClass, unreadable: set[str]) -> tuple[object, int | str, str]:
    """(how many are right, of how many, what became of it)."""
    if student in lesson.students:
        return lesson.right(student), len(lesson.columns), ""
    states = {
        "unreadable": unreadable | lesson.unreadable.keys(),
        "missing": lesson.missing,
        "missing?": lesson.perhaps,
    }
    return "", "", next((state for state, those in states.items() if student in those), "")


def _write(head: list[str], rows: Iterable[list], path: Path) -> None:
    """With the mark by which spreadsheets know UTF-8, and no text that they would compute."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(head)
        for row in rows:
            writer.writerow(
                [f"'{cell}" if isinstance(cell, str) and cell.startswith(A_FORMULA) else cell for cell in row]
            )


def write_page(lessons: list[LessonOfClass], collected: Collected, path: Path) -> None:
    """A page that is opened from disk, and asks for nothing else."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    templates.filters["told"] = lambda text: Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))
    page = templates.get_template("page.html.j2").render(
        lessons=lessons, first=discussed_first(lessons), collected=collected, symbols=SYMBOLS
    )
    path.write_text(page, encoding="utf-8")
