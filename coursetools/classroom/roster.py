"""The list of a class, as a platform gives it: who each of its names, user names and numbers belongs to."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from io import StringIO
from itertools import combinations
from pathlib import Path

LAST = r"(last|sur|family|nach)[ _]*name|nom de famille|apellido"
HALF = rf"{LAST}|(first|given|fore|vor)[ _]*name|prénom|nombre"  # of a name, in a column of its own
WHOLE = r"name|\bnom\b|student|identifi|\bid\b|orgdefinedid|login|user|e-?mail|number"
PARTICIPANT = r"[^\W\d][^\d,;:@]* (\d+)"  # of an assignment of Moodle, in any language
NOBODY = {"pointspossible", "studenttest", "teststudent"}  # rows that Canvas adds


class Roster:
    """Who is in the class; without a list nobody is, and nobody is missing.

    head, rows: the list itself, its rows by the names of students; without a head these are empty.
    """

    def __init__(self, rows: Iterable[list[str]] = ()) -> None:
        self.rows: dict[str, list[str]] = {}
        self._owners: dict[str, set[str]] = defaultdict(set)
        halves, wholes, self.head, rows = _columns(list(rows))
        people = []
        for row in rows:
            cells = defaultdict(str, enumerate(text.strip(" #") for text in row))
            texts = [" ".join(cells[half] for half in halves), *(cells[whole] for whole in wholes)]
            name = next((text for text in texts if re.search(r"[^\W\d]", text)), "")
            if name and plain(name) not in NOBODY:
                people.append((name, texts, row))
        names = Counter(name for name, _, _ in people)
        for place, (name, texts, row) in enumerate(people, 1):
            if names[name] > 1:  # their user names or numbers tell them apart
                name = f"{name} ({next((text for text in texts if text and text != name), place)})"
            self.rows[name] = [*row, *[""] * len(self.head)][: len(self.head)]
            participants = {f"participant{its[1]}" for text in row if (its := re.fullmatch(PARTICIPANT, text))}
            for key in participants.union(*map(_keys, texts)):
                self._owners[key].add(name)

    def find(self, texts: Iterable[str]) -> set[str]:
        """The name of the first student who is named in a text, alone or among other words; where there is none, those
        of the first name that several have.
        """
        several: set[str] = set()
        for text in texts:
            words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text))
            runs = sorted(combinations(range(len(words) + 1), 2), key=lambda run: run[0] - run[1])
            for key in (plain("".join(words[start:end])) for start, end in runs):
                owners = self._owners.get(key, set()) if len(key) > 2 or key == plain(text) else set()
                if len(owners) == 1:
                    return owners
                several = several or owners
        return several


def read(path: Path) -> Roster:
    """A list of a class, as a file with commas, semicolons or tabs. Raises ValueError where it can't be read."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    first = text.partition("\n")[0]
    roster = Roster(csv.reader(StringIO(text, newline=""), delimiter=max(",;\t", key=first.count)))
    if not roster.rows:
        raise ValueError(f"{path} names no student")
    return roster


def plain(text: str) -> str:
    """Its letters and digits alone, as Canvas writes a name."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFC", text))).casefold()


def _keys(text: str) -> set[str]:
    """What a path can have of a name, beginning with any of its words; of an address, what stands before the @."""
    words = text.partition("@")[0].split()
    return {plain("".join(words[place:] + words[:place])) for place in range(len(words))} - {""}


def _columns(rows: list[list[str]]) -> tuple[list[int], list[int], list[str], list[list[str]]]:
    """(columns with half a name, with a whole one or an account, the head, the rows of students). Without a head all
    are whole.
    """
    head = [title.strip().casefold() for title in rows[0]] if rows else []
    halves = [place for place, title in enumerate(head) if re.search(HALF, title)]
    wholes = [place for place, title in enumerate(head) if re.search(WHOLE, title) and place not in halves]
    halves.sort(key=lambda place: bool(re.search(LAST, head[place])))
    wholes.sort(key=lambda place: not re.search(r"name|\bnom\b|student$", head[place].replace("username", "")))
    if halves or wholes:
        return halves, wholes, rows[0], rows[1:]
    return [], list(range(max(map(len, rows), default=0))), [], rows
