"""What comes back when: a question that was answered is due after one day, three more and seven more, with other numbers.

Retrieval spaced over days holds better than the same hours in one, and even or growing intervals make no difference
(Latimier, Peyre and Ramus 2021, a meta-analysis of 29 studies). The page of the site keeps the same rules, in
web/answers/diary.js, and writes the same file.
"""

import json
import os
import random
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

import platformdirs

DAYS = (1, 3, 7)  # after a right answer; after the last of these a question rests
MOST = 10  # questions a day
BESIDE = 10  # draws further on: not those of the next days
DRAWS = 20  # other numbers of a question, one after the other; a page holds as many


@dataclass
class Entry:
    """When a question is due, "" if it rests; how many intervals it has passed; and what became of it so far."""

    due: str = ""
    step: int = 0
    wrong: bool = False  # the latest answer
    asked: int = 0  # how often it came back
    last: str = ""  # the day on which it did

    @property
    def seed(self) -> int:
        """Of the numbers with which it comes back."""
        return self.asked % DRAWS + 1

    @property
    def seed_beside(self) -> int:
        """Of others, for whoever practises where nothing is due."""
        return (self.asked + BESIDE) % DRAWS + 1


class Diary:
    """The answers of one student: a file of their own, {"parameters.conv_layer": entry, ...}."""

    def __init__(self) -> None:
        own = os.environ.get("LESSONLIB_PRACTICE") or platformdirs.user_data_path("lessonlib") / "practice.json"
        self.path = Path(own).expanduser()

    @property
    def entries(self) -> dict[str, Entry]:
        """Read anew each time: another notebook may have written."""
        try:
            return {name: Entry(**entry) for name, entry in json.loads(self.path.read_text("utf-8")).items()}
        except (OSError, ValueError, TypeError, AttributeError):  # there is none yet, or it is none of ours
            return {}

    def due(self) -> list[str]:
        """Names of what is to be asked today: first what was wrong, then what has waited, lessons mixed."""
        entries, now = self.entries, today()
        names = [name for name, entry in entries.items() if entry.due and entry.due <= now]
        mixed = {name: random.Random(now + name).random() for name in names}
        names.sort(key=lambda name: (not entries[name].wrong, entries[name].due, mixed[name]))
        return names[: max(0, MOST - sum(entry.last == now for entry in entries.values()))]

    def note(self, name: str, is_right: bool, came_back: bool) -> None:
        """An answer to a question of a lesson, or to one with other numbers, of which the first counts when it is due."""
        entries, now = self.entries, today()
        is_due = name in entries and "" < entries[name].due <= now
        if came_back and name in entries and not is_due:
            return
        entry = entries.setdefault(name, Entry(due=_in_days(DAYS[0])))
        if came_back:
            entry.asked, entry.last = entry.asked + 1, now
        if not is_right:
            entry.due, entry.step, entry.wrong = _in_days(DAYS[0]), 0, True
        elif came_back and is_due:  # a new one is due tomorrow
            entry.step, entry.wrong = entry.step + 1, False
            entry.due = _in_days(DAYS[entry.step]) if entry.step < len(DAYS) else ""
        self._write(entries)

    def _write(self, entries: dict[str, Entry]) -> None:
        text = json.dumps({name: asdict(entry) for name, entry in entries.items()}, indent=1)
        with suppress(OSError):  # a home that can't be written to: then nothing comes back
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(text, "utf-8")


def today() -> str:
    return date.today().isoformat()


def _in_days(days: int) -> str:
    return (date.fromisoformat(today()) + timedelta(days)).isoformat()
