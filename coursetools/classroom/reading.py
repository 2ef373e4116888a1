"""What a notebook that was handed in says: its lesson, and the answer to each exercise. Nothing in it is run."""

import ast
import base64
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from coursetools.classroom.files import NotRead
from coursetools.classroom.questions import MIME, Lessons, Question
from coursetools.lesson import CHECK_CALL

SYMBOLS = {"✓": "right", "✗": "wrong", "○": "open"}  # of a report that was printed
UNTOLD = {  # answered, but what was said of it is not there
    "error": "its cell ended in an error",
    "not shown": "run, and what was said is not there: cleared, or kept in a name, as in r = ....check(...)",
    "no output": "not run, or its output was cleared",
}
LONGEST = 300  # letters of an answer that is shown


@dataclass(frozen=True)
class Answer:
    """outcome: right, wrong, or one of UNTOLD. mistake: the one that was recognised. draw: the seed of its numbers,
    None for the lesson's own. version: of the question, "" where it is not known. said: the answer itself, as code.
    """

    outcome: str
    mistake: str | None = None
    version: str = ""
    draw: int | None = None
    said: str = ""


def read(content: bytes, lessons: Lessons) -> tuple[str, dict[str, Answer]]:
    """(lesson, its answers by the names of exercises) of a notebook's file, or of a line; what is missing is open.

    Raises NotRead for what is no notebook, or of no lesson.
    """
    if content.startswith(b"answers:"):
        return _of_line(content.decode("ascii"), lessons)
    try:
        notebook = json.loads(content.decode("utf-8-sig"))
        if "worksheets" in notebook:
            raise NotRead("has the old format 3 of notebooks: open it in JupyterLab, and save it")
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        asked = [set(CHECK_CALL.findall("".join(cell["source"]))) for cell in cells]
        named = set().union(*asked)
        lesson = max(lessons, key=lambda name: len(named & lessons[name].keys()), default="")
        if not lesson or not named & lessons[lesson].keys():
            raise NotRead("asks no exercise of the course")
        return lesson, _answers(cells, asked, lessons[lesson])
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as fault:
        if isinstance(fault, NotRead):
            raise
        raise NotRead("is no notebook: it is damaged, or something else under that name") from None


def _of_line(line: str, lessons: Lessons) -> tuple[str, dict[str, Answer]]:
    """The same of a line that a page has written, {"lesson": ..., "answers": {name: [outcome, mistake, version]}}."""
    _, packed, check = line.split(":")
    try:
        if check_sum(packed) != int(check):
            raise ValueError
        stored = json.loads(base64.b64decode(packed))
        given = {
            name: Answer(*answer[:3])
            for name, answer in stored["answers"].items()
            if name in lessons[stored["lesson"]] and all(part is None or isinstance(part, str) for part in answer)
        }
    except (ValueError, LookupError, TypeError, AttributeError):
        raise NotRead("holds a line of answers that is damaged: ask for it again") from None
    return stored["lesson"], {name: answer for name, answer in given.items() if answer.outcome in ("right", "wrong")}


def check_sum(packed: str) -> int:
    """As the page computes it, so that a letter that was lost on the way is told."""
    total = 7
    for letter in packed:
        total = (total * 31 + ord(letter)) % 1_000_003
    return total


def _answers(cells: list[dict], asked: list[set[str]], questions: dict[str, Question]) -> dict[str, Answer]:
    """Of each exercise the latest run that was told right or wrong, the lesson's own numbers before others."""
    told, untold = [], []
    for place, (cell, names) in enumerate(zip(cells, asked, strict=True)):
        outputs = cell.get("outputs") or []
        reports = [(output, *report) for output in outputs for report in _reports(output, questions)]
        for output, name, answer in reports:
            run = output.get("execution_count") or cell.get("execution_count") or 0
            told.append(((run, place), name, replace(answer, said=_said("".join(cell["source"]), name))))
        state = _state(cell, outputs)
        for name in (names & questions.keys()) - {name for _, name, _ in reports}:
            untold.append(((cell.get("execution_count") or 0, place), name, Answer(state)))
    told.sort(key=lambda each: (each[2].draw is None, each[0]))
    untold.sort(key=lambda each: each[0])
    return {name: answer for _, name, answer in untold + told if answer.outcome != "open"}


def _said(source: str, name: str) -> str:
    """What a cell asks an exercise about: its check's argument, or what the cell has put under that name."""
    named: dict[str, ast.AST] = {}
    said: ast.AST | None = None
    for node in ast.walk(_tree(source) or ast.Module([], [])):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                named[target] = value
            case ast.FunctionDef(name=target):
                named[target] = node
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr=exercise), attr="check"), args=[value]):
                said = value if exercise == name else said
    if isinstance(said, ast.Name):
        said = named.get(said.id)
    return ast.unparse(said)[:LONGEST] if said and "..." not in ast.unparse(said) else ""


def _tree(source: str) -> ast.Module | None:
    """What a student wrote, None where it is no Python."""
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError), warnings.catch_warnings(action="ignore"):
        return ast.parse(source)
    return None


def _state(cell: dict, outputs: list[dict]) -> str:
    """Of a cell that asks, and has no report: open, or one of UNTOLD."""
    if any(output["output_type"] == "error" for output in outputs):
        return "error"
    if _has_dots("".join(cell["source"])):
        return "open"
    return "not shown" if outputs or cell.get("execution_count") else "no output"


def _has_dots(source: str) -> bool:
    """Whether the dots of a question are still there: not those of a comment, nor of image[..., 0]."""
    tree = _tree(source)
    if tree is None:
        return "..." in re.sub("#.*", "", source)
    nodes = list(ast.walk(tree))
    indices = {id(node) for each in nodes if isinstance(each, ast.Subscript) for node in ast.walk(each.slice)}
    return any(isinstance(node, ast.Constant) and node.value is ... and id(node) not in indices for node in nodes)


def _reports(output: dict, questions: dict[str, Question]) -> Iterator[tuple[str, Answer]]:
    """(exercise, answer) of each report in an output: stored as data, as the text of these data, or printed."""
    data = output.get("data", {})
    stored = data.get(MIME)
    if isinstance(stored, str | list):
        with suppress(ValueError):
            stored = json.loads("".join(stored))
    match stored:
        case {
            "exercise": str(name),
            "outcome": "right" | "wrong" | "open" as outcome,
            "version": str(version),
            "draw": None | int() as draw,
            "mistake": None | str() as mistake,
        } if name in questions:
            yield name, Answer(outcome, mistake if outcome == "wrong" else None, version, draw)
        case dict():
            pass  # a hint, or nothing of ours
        case _:
            yield from _printed("".join(data.get("text/plain") or output.get("text") or ""), questions)


def _printed(text: str, questions: dict[str, Question]) -> Iterator[tuple[str, Answer]]:
    """(exercise, answer) of each report in a text: its symbol and title on a line, and what it said below."""
    names = {question.title: name for name, question in questions.items()}
    for block in re.split(rf"(?m)^(?=[{''.join(SYMBOLS)}→] )", text):
        head, _, message = block.partition("\n")
        title, _, draw = head[2:].strip().partition(", another (")
        if block[:1] in SYMBOLS and title in names:
            said = _spaced(message)
            known = questions[names[title]].mistakes.items()
            mistake = next((name for name, because in known if _spaced(because) in said), None)
            yield names[title], Answer(SYMBOLS[block[0]], mistake, "", int(draw.rstrip(")")) if draw else None)


def _spaced(text: str) -> str:
    return " ".join(text.split()).casefold()
