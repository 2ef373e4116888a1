"""What a class report needs of the exercises, read from their source: to import them takes seconds."""

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from coursetools.lesson import ROOT, Lesson, lessons

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
    """Those that stand in the module as @sheet.exercise(...), with what @NAME.mistake(...) adds to them."""
    source = (ROOT / "lessonlib" / "exercises" / f"{lesson.word}.py").read_text(encoding="utf-8")
    decorated = [
        (ast.unparse(call.func), call, function)
        for function in ast.parse(source).body
        if isinstance(function, ast.FunctionDef)
        for call in function.decorator_list
        if isinstance(call, ast.Call)
    ]
    for decorator, call, function in decorated:
        if decorator == "sheet.exercise":
            says = {part.arg: part.value for part in call.keywords}
            solution = "\n".join(source.splitlines()[function.lineno - 1 : function.end_lineno])
            version = hashlib.sha256(f"{ast.literal_eval(says['task'])}{solution}".encode()).hexdigest()[:8]
            mistakes = dict(_listed(says.get("mistakes", ast.Dict([], []))))
            mistakes |= {its.name: how.args[0] for name, how, its in decorated if name == f"{function.name}.mistake"}
            given = says.get("given", ast.Dict([], []))
            told = {name: _text(sentence, given) for name, sentence in mistakes.items()}
            yield Question(function.name, ast.literal_eval(says["title"]), version, told)


def _listed(mistakes: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """(name, sentence) of {name: (answer, sentence)}."""
    assert isinstance(mistakes, ast.Dict)
    for name, told in zip(mistakes.keys, mistakes.values, strict=True):
        assert name and isinstance(told, ast.Tuple)
        yield ast.literal_eval(name), told.elts[1]


def _text(sentence: ast.expr, given: ast.expr) -> str:
    """A sentence with the numbers of the lesson's own question, which it holds as an f-string does."""
    text = ast.literal_eval(sentence)
    return eval("f" + repr(text), {}, ast.literal_eval(given)) if "{" in text else text  # our own texts
