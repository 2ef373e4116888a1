"""What a class report needs of the exercises, read from their source and from the lessons: to import them takes seconds."""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass

from coursetools.lesson import CHECK_CALL, ROOT, Lesson, lessons

MIME = "application/vnd.lessonlib.report+json"  # of a report, as lessonlib.checking stores it


@dataclass(frozen=True)
class Question:
    """An exercise of today. mistakes: the sentence that each of them is told with, by its name."""

    name: str
    title: str
    version: str
    mistakes: dict[str, str]


Lessons = dict[str, dict[str, Question]]  # the questions of each lesson, such as 03_color, by their names


def questions() -> Lessons:
    """Every question of the course, in the order of the lessons."""
    return {lesson.name: {each.name: each for each in _of(lesson)} for lesson in lessons()}


def _of(lesson: Lesson) -> Iterator[Question]:
    """Each check of a lesson has a stored report, which holds the title and the version."""
    source = (ROOT / "lessonlib" / "exercises" / f"{lesson.word}.py").read_text(encoding="utf-8")
    mistakes = dict(_mistakes(ast.parse(source)))
    for cell in json.loads(lesson.path.read_text(encoding="utf-8"))["cells"]:
        for name in CHECK_CALL.findall("".join(cell["source"])) if cell["cell_type"] == "code" else []:
            (stored,) = [output["data"] for output in cell["outputs"] if MIME in output.get("data", {})]
            title = "".join(stored["text/plain"]).splitlines()[0][2:]
            yield Question(name, title, stored[MIME]["version"], mistakes[name])


def _mistakes(module: ast.Module) -> Iterator[tuple[str, dict[str, str]]]:
    """(exercise, the sentence of each of its mistakes): from @sheet.exercise(mistakes=...), and @NAME.mistake(...)."""
    calls = {
        (function.name, ast.unparse(call.func)): call
        for function in module.body
        if isinstance(function, ast.FunctionDef)
        for call in function.decorator_list
        if isinstance(call, ast.Call)
    }
    for (exercise, decorator), call in calls.items():
        if decorator == "sheet.exercise":
            parts = {part.arg: part.value for part in call.keywords}
            texts = _listed(parts["mistakes"]) if "mistakes" in parts else {}
            texts |= {name: its.args[0] for (name, other), its in calls.items() if other == f"{exercise}.mistake"}
            given = parts.get("given", ast.Dict([], []))
            yield exercise, {name: _text(node, given) for name, node in texts.items()}


def _listed(mistakes: ast.expr) -> dict[str, ast.expr]:
    """The sentences of {name: (answer, sentence)}."""
    assert isinstance(mistakes, ast.Dict)
    pairs = zip(mistakes.keys, mistakes.values, strict=True)
    return {ast.literal_eval(name): told.elts[1] for name, told in pairs if name and isinstance(told, ast.Tuple)}


def _text(sentence: ast.expr, given: ast.expr) -> str:
    """A sentence with the numbers of the lesson's own question, which it holds as an f-string does."""
    text = ast.literal_eval(sentence)
    return eval("f" + repr(text), {}, ast.literal_eval(given)) if "{" in text else text  # our own texts
