"""What a class answered, as a table on the terminal, as a page and as CSV."""

import csv
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from coursetools.classroom.counting import Column, LessonOfClass
from lessonlib.checking import Outcome
from lessonlib.tables import Table

SYMBOLS = {outcome.value: outcome.symbol for outcome in Outcome}
ON_THE_TERMINAL = 3  # mistakes of an exercise
A_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would compute


def table(lesson: LessonOfClass) -> Table:
    """The exercises of a lesson in its order, with the mistakes that were made most."""
    head = [f"{lesson.lesson} of {len(lesson.students)}", "answered", "right", "mistakes"]
    return Table(
        head, [(each.exercise.name, len(each.answers), each.right, _mistakes(each)) for each in lesson.columns]
    )


def _mistakes(column: Column) -> str:
    told = [f"{each.name} {each.count}" for each in column.mistakes[:ON_THE_TERMINAL]]
    more = len(column.mistakes) - ON_THE_TERMINAL
    return ", ".join(told + [f"{more} more"] * (more > 0))


def write_csv(lessons: list[LessonOfClass], path: Path) -> None:
    """A row for each student and exercise; with the mark by which spreadsheets know UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["student", "lesson", "exercise", "outcome", "mistake", "seed", "same version"])
        for lesson in lessons:
            for student in lesson.students:
                name = f"'{student}" if student.startswith(A_FORMULA) else student
                rows.writerows(
                    [name, lesson.lesson, each.exercise.name, *_row(each, student)] for each in lesson.columns
                )


def _row(column: Column, student: str) -> tuple[object, ...]:
    answer, mistake = column.answers.get(student), column.mistake(student)
    if answer is None:
        return "open", "", "", ""
    same = "yes" if answer.version == column.exercise.version else "no"
    return answer.outcome, mistake.name if mistake else "", answer.draw, same


def write_page(lessons: list[LessonOfClass], passed_over: list[tuple[str, str]], path: Path) -> None:
    """A page that is opened from disk, and asks for nothing else."""
    templates = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    templates.filters["told"] = lambda text: Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text)))
    page = templates.get_template("page.html.j2").render(lessons=lessons, passed_over=passed_over, symbols=SYMBOLS)
    path.write_text(page, encoding="utf-8")
