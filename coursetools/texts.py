"""All sentences of the exercises in one file a lesson, for a review to read: a changed word is a changed line there.

python -m coursetools.texts    writes tests/texts/WORD.md for every lesson
"""

import importlib
import pkgutil
from pathlib import Path

import lessonlib.exercises
from lessonlib.checking.comparing import show

FOLDER = Path(__file__).parents[1] / "tests" / "texts"
WORDS = [module.name for module in pkgutil.iter_modules(lessonlib.exercises.__path__)]


def texts(word):
    """The texts of one lesson's exercises, as Markdown: what is asked, what helps, and what is said to each answer."""
    sheet = importlib.import_module(f"lessonlib.exercises.{word}").sheet
    return "\n".join([f"# {word}", *(_of(exercise) for exercise in sheet.exercises)])


def _of(exercise):
    data = exercise.to_dict()
    lines = [
        f"\n## {data['name']}: {data['title']}\n",
        f"{data['task']}\n",
        *(f"{number}. {hint}" for number, hint in enumerate(data["hints"], 1)),
        f"\n✓ {_shown(data['right'])}{data['fact']}\n",
        *(f"- {each['name']} {_shown(each['gives'])}{each['because']}" for each in data["mistakes"]),
    ]
    return "\n".join(lines)


def _shown(answer):
    """An answer that can be read: a function's results and a network's behaviour are told by the tests."""
    text = show(answer)
    return f"`{text}`: " if not isinstance(answer, dict) and len(text) <= 60 else ""


def main():
    FOLDER.mkdir(exist_ok=True)
    for word in WORDS:
        (FOLDER / f"{word}.md").write_text(f"{texts(word)}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
