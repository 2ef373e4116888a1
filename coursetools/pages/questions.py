"""The exercises of a lesson as a page has them: what is asked as HTML, and all that judges an answer as JSON beside it."""

import json
import re
from html import escape
from typing import Any

from lessonlib.checking import DRAWS, Exercise, Outcome, Sheet, whose_mistake

# What the page can observe: the kinds of numbers and words, and of what kernels do the one view that it has too.
JUDGED = ("numbers", "side", "direction", "choice", "_what_it_answers")

HAND_IN = (
    '<details id="hand-in"><summary>Hand in your answers</summary><p>This line holds which questions you have answered, '
    "whether rightly, and with which mistake; it does not hold your name. Copy it, and paste it where your class hands in.</p>"
    '<textarea readonly rows="4" translate="no" aria-label="Your answers in one line"></textarea></details>'
)
TABLE = "a line for each row, with commas between its numbers"


def is_judged(exercise: Exercise) -> bool:
    """Whether a page can judge the answer. A function, layer or network needs Python."""
    kind = exercise.kind.to_dict()
    return kind.get("view", kind["kind"]) in JUDGED


def as_data(exercise: Exercise) -> dict[str, Any]:
    """All that a page knows of an exercise. What it can't judge has no verdicts."""
    data = exercise.to_dict()
    task = _without_choices(data["task"], data.get("choices", []))
    verdicts = exercise.verdicts() if is_judged(exercise) else []
    return data | {"task": task, "verdicts": verdicts, "judged": bool(verdicts), "form": _form(data["kind"], verdicts)}


def _form(kind: str, verdicts: list) -> str:
    """How an answer is written into a field, by the right one."""
    right = verdicts[0][0] if verdicts and kind != "choice" else None
    if kind == "direction":
        return "in degrees, a multiple of 15"
    if kind == "behaviour" and verdicts:
        return TABLE
    if not isinstance(right, list) or len(right) == 1:
        return ""
    rows = [isinstance(row, list) for row in right]
    return TABLE if all(rows) else "with commas between the numbers" + ", and brackets around a list" * any(rows)


def _without_choices(task: str, choices: list[str]) -> str:
    """A task without the words to choose from, since they stand below it: 'Choose "few" or "most": how many change?'"""
    word = f'"?(?:{"|".join(map(re.escape, choices))})"?'
    offer = rf"(^| )Choose {word}(?:(?:, | or ){word})+[:.] ?(\w?)"
    return re.sub(offer, lambda found: found[1] + found[2].upper(), task).strip() if choices else task


def question(exercise: Exercise) -> str:
    """One exercise: the task as text, and as JSON what the page makes a field and its buttons of."""
    others = exercise.full_name if exercise.draw and exercise.seed is None else ""
    data = as_data(exercise) | {"others": others}
    return (
        f'<section class="exercise" id="question-{exercise.name.replace("_", "-")}" aria-label="{escape(exercise.title)}">'
        f"<p><strong>{Outcome.OPEN.symbol} {escape(exercise.title)}</strong></p><p>{escape(exercise.text(exercise.task))}</p>"
        f'<script type="application/json">{as_json(data)}</script></section>'
    )


def progress(sheet: Sheet) -> str:
    """The table of a lesson's exercises, with a link to each."""
    rows = [
        f'<tr data-exercise="{each.name}"><td>{f"{Outcome.OPEN.symbol} open" if is_judged(each) else f"{Outcome.NOTE.symbol} in Python"}</td>'
        f'<td><a href="#question-{each.name.replace("_", "-")}">{escape(each.title)}</a></td></tr>'
        for each in sheet.exercises
    ]
    head = "<thead><tr><th>state</th><th>exercise</th></tr></thead>"
    return f'<table class="states">{head}<tbody>{"".join(rows)}</tbody></table>{HAND_IN}'


def others(exercise: Exercise) -> str:
    """An exercise with other numbers, as a script: a page that is opened from disk can fetch nothing else.

    Of each draw all that a page knows, and whose mistake is to be found.
    """
    draws = map(exercise.another, range(1, DRAWS + 1))
    data = [_that_comes_back(draw) for draw in draws if isinstance(draw, Exercise)]
    return f"(window.otherNumbers ??= {{}})[{as_json(exercise.full_name)}] = {as_json(data)};\n"


def _that_comes_back(exercise: Exercise) -> dict[str, Any]:
    whose = whose_mistake(exercise)
    return as_data(exercise) | {"others": "", "whose": whose and whose._asdict()}


def as_json(data: object) -> str:
    """JSON that may stand in a script of a page, and that every browser reads: NaN is refused."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
