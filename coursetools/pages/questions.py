"""The exercises of a lesson as a page has them: what is asked as HTML, and all that judges an answer as JSON beside it."""

import json
import re
from html import escape
from typing import Any

from lessonlib.checking import Exercise, Outcome, Sheet

# What the page can observe: the kinds of numbers and words, and of what kernels do the one view that it has too.
JUDGED = ("numbers", "side", "direction", "choice", "_what_it_answers")
OTHERS = range(1, 21)  # the seeds of Another one


def is_judged(exercise: Exercise) -> bool:
    """Whether a page can judge the answer. A function, layer or network needs Python."""
    kind = exercise.kind.to_dict()
    return kind.get("view", kind["kind"]) in JUDGED


def as_data(exercise: Exercise) -> dict[str, Any]:
    """All that a page knows of an exercise. What it can't judge has no verdicts."""
    data = exercise.to_dict()
    task = _without_choices(data["task"], data.get("choices", []))
    return data | {"task": task, "verdicts": exercise.verdicts() if is_judged(exercise) else []}


def _without_choices(task: str, choices: list[str]) -> str:
    """A task without the words to choose from, since they stand below it: 'Choose "few" or "most": how many change?'"""
    word = f'"?(?:{"|".join(map(re.escape, choices))})"?'
    offer = rf"(^| )Choose {word}(?:(?:, | or ){word})+[:.] ?(\w?)"
    return re.sub(offer, lambda found: found[1] + found[2].upper(), task).strip() if choices else task


def question(exercise: Exercise, form: str) -> str:
    """One exercise: the task as text, and as JSON what the page makes a field and its buttons of.

    form: how the answer is written, in the words of the notebook.
    """
    others = exercise.draw is not None and exercise.seed is None
    data = as_data(exercise) | {"form": form, "judged": is_judged(exercise), "others": others}
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
    return f'<table class="states">{head}<tbody>{"".join(rows)}</tbody></table>'


def others(sheet: Sheet) -> str:
    """The exercises with other numbers, as a script: a page that is opened from disk can fetch nothing else."""
    drawn = {each.name: _drawn(each) for each in sheet.exercises if each.draw and is_judged(each)}
    return f"window.otherNumbers = {as_json(drawn)};\n"


def _drawn(exercise: Exercise) -> list[dict[str, Any]]:
    """Of each draw what differs from the lesson's own question."""
    own = as_data(exercise)
    draws = [as_data(draw) for seed in OTHERS if isinstance(draw := exercise.another(seed), Exercise)]
    return [{name: value for name, value in draw.items() if value != own[name]} for draw in draws]


def as_json(data: object) -> str:
    """JSON that may stand in a script of a page, and that every browser reads: NaN is refused."""
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
