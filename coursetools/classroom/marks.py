"""Marks with nbgrader, which runs the answers of each student again: a lesson's exercises as a sheet that it can grade."""

import importlib
import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from coursetools.authoring import storing
from coursetools.authoring.normal_form import METADATA
from coursetools.lesson import CHECK_CALL, Lesson, NotebookError, lessons
from lessonlib.checking import Exercise
from lessonlib.checking.marking import STUDENT

CONFIGURATION = """\
c = get_config()
c.CourseDirectory.course_id = "convolution-course"
c.ExecutePreprocessor.timeout = 300  # seconds of a cell; an answer's own function is stopped much earlier
c.ClearSolutions.code_stub = {"python": "..."}
# zip_collect: the names in a zip of Moodle, Anna Lee_4711_assignsubmission_file_/03_color.ipynb
c.FileNameCollectorPlugin.named_regexp = (
    r".*/(?P<student_id>[^/]+)_\\d+_assignsubmission_file_(.*/)?(?P<file_id>[^/]+\\.ipynb)"
)
"""
TITLE = """\
# {title}: for marks

Put your answers in place of the dots, run each cell, save, and hand the notebook in. It is run again, from top to
bottom, to be marked: each right answer gives points. The cell below an answer judges it: run it, and it says nothing
where the answer is right. It sees the answers above it alone; of several, one that is right counts."""
WHOSE = """\
Many questions have numbers of your own, which follow from your name. Write it in the next cell, exactly as your
instructor has told you, before you begin: with another name you answer other questions."""
STUDENT_CELL = 'student = "..."'
SEED = "from lessonlib.checking import marking\n\nseed = marking.seed(student)"
JUDGE = """\
import sys

sys.modules.pop("lessonlib.checking.marking", None)  # whatever was changed in it, it is read anew
from lessonlib.checking.marking import judge

judge({})"""
# What no answer needs, and whoever changes the judge does.
INTO_THE_JUDGE = ("meta_path", "input_transformers", "sys.modules", "lessonlib.checking", "get_ipython")
OF_KIND = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
# What a question needs of its lesson, as cells by their ids. Whoever has only the sheet finds it above the question.
BROUGHT = {
    "shift": ["numbers-digit", "shift-heading"],
    "one_filter": ["combine-heading", "combine-scenes", "predict-combine-text"],
    "shuffled_pixels": ["shuffle-heading"],
    "larger_lenet": ["real-lenet"],
    "bar_across": ["cell-heading", "cell-weights", "predict-bar-text"],
    "plates_in_grey": ["plates-heading", "plates-show"],
    "least_needed": ["control-small"],
}


def write_problem_sheet(number: str, course: Path, seeds: bool = False) -> Path:
    """Write the exercises of a lesson, 03 or so, into nbgrader's folder of a course. Returns the path of the sheet.

    seeds: give every student numbers of their own. What was set by hand stays: points, and nbgrader's configuration.
    Raises ValueError where there is no such lesson.
    """
    lesson = _lesson(number)
    path = _sheet(course, lesson)
    sheet = problem_sheet(lesson, seeds)
    if path.exists():
        points = {
            _grade_id(cell): cell.metadata.nbgrader.get("points") for cell in _read(path).cells if _grade_id(cell)
        }
        for cell in filter(_gives_points, sheet.cells):
            cell.metadata.nbgrader.points = points.get(_grade_id(cell), cell.metadata.nbgrader.points)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(sheet, path)
    configuration = course / "nbgrader_config.py"
    if not configuration.exists():
        configuration.write_text(CONFIGURATION, encoding="utf-8")
    return path


def problem_sheet(lesson: Lesson, seeds: bool = False) -> NotebookNode:
    """The exercises of a lesson, each followed by a locked cell that is worth one point.

    The cell of an answer is none of nbgrader's: as a solution it would be emptied, and the dots are what a student sees.
    """
    by_id = {cell.id: cell for cell in lesson.notebook().cells}
    code = [cell for cell in by_id.values() if cell.cell_type == "code"]
    asked = {name: cell for cell in code for name in CHECK_CALL.findall(cell.source)}
    cells = [new_markdown_cell(TITLE.format(title=lesson.title)), _locked("setup", by_id["setup"].source)]
    if seeds:
        cells += [new_markdown_cell(WHOSE), new_code_cell(STUDENT_CELL, id="student"), _locked("seed", SEED)]
    for exercise in lesson.sheet.exercises:
        shown = [cell.id for cell in code if f"exercise.{exercise.name}.shows" in cell.source]
        cells.append(new_markdown_cell(f"## {exercise.title}"))
        cells += [_brought(by_id[name]) for name in BROUGHT.get(exercise.name, []) + shown]
        cells += _asks(exercise, asked[exercise.name], own=seeds and exercise.draw is not None)
        whose = ", student" if seeds else ""
        cells.append(_locked(exercise.name, JUDGE.format(f'"{lesson.word}", "{exercise.name}"{whose}'), points=1))
    return new_notebook(cells=cells, metadata=METADATA)


def _asks(exercise: Exercise, cell: NotebookNode, own: bool) -> list[NotebookNode]:
    """The question, and the cell of the answer; own: with the numbers of the student, which no text can hold."""
    if not own:
        return [new_markdown_cell(exercise.text(exercise.task)), new_code_cell(cell.source, id=cell.id)]
    source = cell.source.replace(f"{exercise.name}.check(", f"{exercise.name}.another(seed).check(")
    asks = _locked(f"{exercise.name}_asked", f"exercise.{exercise.name}.another(seed)")
    return [new_markdown_cell("The next cell asks."), asks, new_code_cell(source, id=cell.id)]


def _brought(cell: NotebookNode) -> NotebookNode:
    """A cell of the lesson: code is locked, text loses its heading."""
    if cell.cell_type == "code":
        return _locked(cell.id, cell.source)
    return new_markdown_cell(re.sub(r"\A#+ .*\n+", "", cell.source))


def _locked(name: str, source: str, points: int = 0) -> NotebookNode:
    """A cell that nbgrader puts back as it was before it runs the sheet."""
    its_own = {"schema_version": 3, "grade_id": name, "locked": True, "solution": False, "task": False}
    graded = {"grade": True, "points": points} if points else {"grade": False}
    return new_code_cell(source, metadata={"nbgrader": its_own | graded}, id=name.replace("_", "-"))


def mark(number: str, course: Path) -> Iterator[tuple[str, str, bool]]:
    """Have nbgrader mark whoever handed in, each on their own: (student, what is said of them, whether to look there).

    It gets the notebooks alone, with the sheet's locked cells each once, in the course's folder cleaned; what was handed
    in stays as it is. Who is marked already, with this notebook and this sheet, is not marked again.
    Raises ValueError where there is no such lesson, or no sheet or hand-in of it, or the sheet does not run here.
    """
    lesson = _lesson(number)
    if not _sheet(course, lesson).exists():
        raise ValueError(f"has no sheet of {lesson.name}: --nbgrader {lesson.number} writes it")
    sheet = _read(_sheet(course, lesson))
    handed_in = sorted((course / "submitted").glob(f"*/{lesson.name}"))
    if not handed_in:
        raise ValueError(f"has no hand-in: they belong in submitted/STUDENT/{lesson.name}/{lesson.name}.ipynb")
    _must_run(sheet, course)
    for folder in handed_in:
        student = folder.parent.name
        try:
            said = _mark(course, lesson, sheet, folder)
        except NotebookError as error:
            said = [f"is not marked: {error}", f"the gradebook keeps {_points(course, lesson, student)}"]
        yield student, "; ".join(said), len(said) > 1


def _must_run(sheet: NotebookNode, course: Path) -> None:
    """Raises ValueError where the sheet's own set-up fails, or nbgrader isn't there: everybody would have 0 points."""
    try:
        importlib.import_module("nbgrader")
        storing.run(new_notebook(cells=[cell for cell in sheet.cells if _grade_id(cell) == "setup"]), course)
    except Exception as error:  # of the kernel too
        reason = re.sub(r"\x1b\[[\d;]*m", "", str(error).strip().splitlines()[-1])  # without its colours
        raise ValueError(f"nobody is marked, as the sheet's first cell can't be run here: {reason}") from error


def _mark(course: Path, lesson: Lesson, sheet: NotebookNode, folder: Path) -> list[str]:
    """Mark one who isn't yet: what is said of them, and whatever is doubtful. Raises NotebookError where it can't be."""
    student = folder.parent.name
    path, *others = _handed_in(folder, lesson)
    notebook = _read(path)
    of_student = Path(student, lesson.name, f"{lesson.name}.ipynb")
    cleaned, graded = course / "cleaned" / of_student, course / "autograded" / of_student
    to_mark = clean(notebook, sheet, student)
    text = nbformat.writes(to_mark)
    is_known = cleaned.exists() and cleaned.read_text(encoding="utf-8") == text
    is_known = is_known and graded.exists() and graded.stat().st_mtime >= cleaned.stat().st_mtime
    if not is_known:
        cleaned.parent.mkdir(parents=True, exist_ok=True)
        cleaned.write_text(text, encoding="utf-8")
        if (folder / "timestamp.txt").is_file():  # when it was handed in
            shutil.copy(folder / "timestamp.txt", cleaned.parent)
        _autograde(course, lesson, student)
    return [
        f"{'was' if is_known else 'is'} marked: {_points(course, lesson, student)}",
        *(f"{path.name} counts, and not {other.name}" for other in others),
        *_failed(_read(graded)),
        *_under_another_name(notebook, sheet, student),
        *_into_the_judge(to_mark),
    ]


def clean(handed_in: NotebookNode, sheet: NotebookNode, student: str) -> NotebookNode:
    """What a student wrote, with the locked cells of the sheet, each once: where it was, or where it belongs if it is gone.

    Above all stands their name, which the judge asks for: the cell of it can be gone too.
    """
    locked = {_grade_id(cell): cell for cell in sheet.cells if _grade_id(cell)}
    names = [_grade_id(cell) for cell in handed_in.cells]
    last = {name: index for index, name in enumerate(names)}
    first = {name: names.index(name) for name in last}
    cells = []
    for index, cell in enumerate(handed_in.cells):
        its_own = locked.get(names[index])
        if its_own is None:
            cells.append(OF_KIND[cell.cell_type](cell.source, id=f"own-{index}"))
        elif index == (last if _gives_points(its_own) else first)[names[index]]:
            cells.append(its_own)
    lost = [cell for name, cell in locked.items() if name not in last]
    cells = [cell for cell in lost if not _gives_points(cell)] + cells + [cell for cell in lost if _gives_points(cell)]
    cells.insert(0, new_code_cell(f"student = {student!r}", id="by-folder"))
    return new_notebook(cells=cells, metadata=METADATA)


def _autograde(course: Path, lesson: Lesson, student: str) -> None:
    """Have nbgrader mark one. Raises NotebookError with what kept it from that."""
    command = [sys.executable, "-m", "nbgrader", "autograde", lesson.name, f"--student={student}", "--force"]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])  # it calls alembic
    environment = os.environ | {"PATH": path, STUDENT: student, "LESSONLIB_PRACTICE": os.devnull}
    command.append("--CourseDirectory.submitted_directory=cleaned")
    run = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
    if run.returncode:
        raise NotebookError((re.findall(r"\w+(?:Error|Exception)\b.*", run.stderr) or ["nbgrader gives no reason"])[-1])


def _points(course: Path, lesson: Lesson, student: str) -> str:
    """What grades.csv will have of a student, 14 of 15 points, with what was given by hand."""
    from nbgrader.api import Gradebook, MissingEntry

    with Gradebook(f"sqlite:///{(course / 'gradebook.db').resolve()}") as gradebook, suppress(MissingEntry):
        its_own = gradebook.find_submission(lesson.name, student)
        return f"{its_own.score:g} of {its_own.max_score:g} points"
    return "no points"


def _failed(graded: NotebookNode) -> Iterator[str]:
    """The first of the locked cells without points that a student's notebook keeps from running: then all below is 0."""
    for cell in graded.cells:
        errors = [each for each in cell.get("outputs", []) if each.output_type == "error"]
        if errors and _grade_id(cell) and not _gives_points(cell):
            yield f"the locked cell {_grade_id(cell)} fails: {errors[0].ename}: {errors[0].evalue}"
            return


def _under_another_name(notebook: NotebookNode, sheet: NotebookNode, student: str) -> Iterator[str]:
    """Where a student has answered the questions of another name, or of none."""
    wrote = [
        name for cell in notebook.cells for name in re.findall(r"^student = [\"'](.*)[\"']", cell.source, re.MULTILINE)
    ]
    if len({" ".join(name.split()).casefold() for name in [*wrote, student]}) > 1:
        yield f"has answered as {wrote[-1]!r}, and is marked as {student!r}"
    if not wrote and any(_grade_id(cell) == "seed" for cell in sheet.cells):
        yield f"writes no name, and is marked as {student!r}"


def _into_the_judge(cleaned: NotebookNode) -> Iterator[str]:
    """A cheap sign of those who change Python instead of answering; whoever knows of it can hide it."""
    locked = {
        cell.source for cell in cleaned.cells if _grade_id(cell)
    }  # copied, or without its metadata, it is one too
    own = "".join(cell.source for cell in cleaned.cells if cell.cell_type == "code" and cell.source not in locked)
    if found := [word for word in INTO_THE_JUDGE if word in own]:
        yield f"looks into the judge, with {', '.join(found)}: read it"


def _handed_in(folder: Path, lesson: Lesson) -> list[Path]:
    """The notebooks of a hand-in, the one that counts first. A browser may have named it 03_color (1).ipynb."""
    notebooks = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    notebooks.sort(key=lambda path: path.stem != lesson.name)
    if len(notebooks) != 1 and not any(path.stem == lesson.name for path in notebooks):
        raise NotebookError(f"{len(notebooks)} notebooks, none of them named {lesson.name}.ipynb")
    return notebooks


def _read(path: Path) -> NotebookNode:
    """A notebook as far as it can be read: a student's need not be valid in all that a front end has written."""
    try:
        with warnings.catch_warnings(action="ignore"):  # such as two cells of one id
            notebook = nbformat.reads(path.read_text(encoding="utf-8-sig"), as_version=4)
        for cell in notebook.cells:
            assert cell.cell_type in OF_KIND and isinstance(cell.source, str) and isinstance(cell.metadata, dict)
    except Exception as error:  # whatever stands in a file that is none
        raise NotebookError(f"{path.name} is no notebook: {type(error).__name__}") from error
    return notebook


def _lesson(number: str) -> Lesson:
    there = {lesson.number: lesson for lesson in lessons()}
    number = number.zfill(2)
    if number not in there:
        raise ValueError(f"there is no lesson {number!r}: give one of {', '.join(there)}")
    return there[number]


def _sheet(course: Path, lesson: Lesson) -> Path:
    return course / "source" / lesson.name / f"{lesson.name}.ipynb"


def _grade_id(cell: NotebookNode) -> str | None:
    """nbgrader's name of a cell; a student can have written anything in its place."""
    its_own = cell.metadata.get("nbgrader")
    name = its_own.get("grade_id") if isinstance(its_own, dict) else None
    return name if isinstance(name, str) else None


def _gives_points(cell: NotebookNode) -> bool:
    return bool(_grade_id(cell)) and cell.metadata.nbgrader.get("grade", False)
