"""What a class answered, as a table on the terminal, as a page and as CSV."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from coursetools.classroom.collecting import Collected
from coursetools.classroom.counting import Column, LessonOfClass, discussed_first
from lessonlib.tables import Table

SYMBOLS = {"right": "✓", "wrong": "✗", "open": "○"}  # as reports have them; ? where nothing was told
ON_THE_TERMINAL = 3  # mistakes of an exercise
A_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


def table(lesson: LessonOfClass) -> Table:
    """The exercises of a lesson in its order, with the mistakes that were made most."""
    head = [f"{lesson.lesson} of {len(lesson.students)}", "answered", "right", "mistakes"]
    return Table(
        head, [(each.exercise.name, each.answered, len(each.right), _mistakes(each)) for each in lesson.columns]
    )


def _mistakes(column: Column) -> str:
    told = [f"{each.name} {len(each.students)}" for each in column.mistakes[:ON_THE_TERMINAL]]
    more = len(column.mistakes) - ON_THE_TERMINAL
    told += [f"{more} more"] * (more > 0) + [f"{len(who)} {why}" for why, who in column.untold.items()]
    return ", ".join(told)


def write_answers(lessons: list[LessonOfClass], path: Path) -> None:
    """A row for each student and exercise; one for what can't be read, and for who is missing."""
    rows: list[list] = [["student", "lesson", "exercise", "outcome", "mistake", "seed", "same version"]]
    for lesson in lessons:
        for student in lesson.students:
            rows += [[student, lesson.lesson, each.exercise.name, *_row(each, student)] for each in lesson.columns]
        rows += [[student, lesson.lesson, "", "unreadable", why] for student, why in lesson.unreadable.items()]
        rows += [[student, lesson.lesson, "", "missing"] for student in lesson.missing]
    _write(rows, path)


def write_students(lessons: list[LessonOfClass], path: Path) -> None:
    """A row for each student: how many are right in each lesson, and what was answered to each exercise."""
    everybody = {name for each in lessons for name in (*each.students, *each.unreadable, *each.missing)}
    columns = [(lesson, column) for lesson in lessons for column in (None, *lesson.columns)]
    head = [
        f"{lesson.lesson or 'no lesson'} {column.exercise.name if column else 'right'}" for lesson, column in columns
    ]
    students = sorted(everybody, key=str.casefold)
    _write([["student", *head], *([who, *(_cell(who, *each) for each in columns)] for who in students)], path)


def _cell(student: str, lesson: LessonOfClass, column: Column | None) -> object:
    """A student's mark in a lesson, or without a column of an exercise how many are right."""
    if student not in lesson.students:
        state = "unreadable" if student in lesson.unreadable else "missing" if student in lesson.missing else ""
        return "" if column else state
    if column is None:
        return lesson.right(student)
    mistake = column.mistake(student)
    return f"wrong: {mistake.name}" if mistake else column.outcome(student)


def _row(column: Column, student: str) -> list[object]:
    answer, mistake = column.answers.get(student), column.mistake(student)
    if answer is None:
        return ["open"]
    same = {"": "", column.exercise.version: "yes"}.get(answer.version, "no")
    return [answer.outcome, mistake.name if mistake else "", answer.draw, same]


def _write(rows: Iterable[list], path: Path) -> None:
    """With the mark by which spreadsheets know UTF-8, and no name that they would compute."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            writer.writerow(
                [f"'{cell}" if isinstance(cell, str) and cell.startswith(A_FORMULA) else cell for cell in row]
            )


def write_page(lessons: list[LessonOfClass], collected: Collected, path: Path) -> None:
    """A page that is opened from disk, and asks for nothing else."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup, escape

    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    templates.filters["told"] = lambda text: Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))
    page = templates.get_template("page.html.j2").render(
        lessons=lessons, first=discussed_first(lessons), collected=collected, symbols=SYMBOLS
    )
    path.write_text(page, encoding="utf-8")
