"""What is written for a reader: the field's words, code in backticks, and numbers that a cell shows."""

import re
from collections.abc import Iterator

from nbformat import NotebookNode

# The field's words, and those that stood in their place: whoever learns the others can't search for them.
OTHER_WORDS = {r"pictures?": "image", r"behind": "after"}
# Code, formulas, addresses of links and HTML: what is left is what a reader reads as English.
NO_PROSE = re.compile(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$\n]*\$|\]\([^)]*\)|<[^>]*>|https?://\S+", re.DOTALL)
CODE = re.compile(r"\b[A-Za-z]\w*_\w+|\b[a-z]\w*\.[a-z]\w+\b(?!/)|\b[A-Za-z]\w+\(\w*\)")
NO_CODE = re.compile(r"e\.g|i\.e|d2l\.ai")
NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?%?(?![\w%])")
NOTHING_TO_SHOW = re.compile(r"\d|0\d|1[89]\d\d|20\d\d")  # single digits, numbers of lessons, years
OF_OTHERS = ("title", "reading")  # cells with the minutes and with the papers


def other_words(text: str) -> Iterator[str]:
    """The words of a text that are not the field's, each with the one that is."""
    for pattern, better in OTHER_WORDS.items():
        for word in sorted(set(re.findall(rf"\b{pattern}\b", text, re.IGNORECASE))):
            yield f"says {word!r}: the course says {better!r}"


def bare_code(text: str) -> Iterator[str]:
    """Names of the code that stand in a sentence without backticks, where a word was meant, or the backticks forgotten."""
    prose = NO_PROSE.sub(" ", text)
    for name in sorted(set(CODE.findall(prose))):
        if not NO_CODE.fullmatch(name):
            yield f"says {name!r} in a sentence: put code into backticks, or take a word"


def unshown_numbers(notebook: NotebookNode) -> Iterator[tuple[str, list[str]]]:
    """(id, numbers) of each text with numbers that stand in no code and no output: is each of them right?"""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    read = [text for cell in code for text in (cell.source, *map(text_of, cell.outputs))]
    shown = {number for text in read for number in NUMBER.findall(text)}
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.id not in OF_OTHERS:
            prose = re.sub(r"\]\(.*?\)", "]", cell.source)  # no addresses of links
            numbers = [number.rstrip(",") for number in NUMBER.findall(prose)]
            unshown = [
                number
                for number in dict.fromkeys(numbers)
                if number not in shown and not NOTHING_TO_SHOW.fullmatch(number)
            ]
            if unshown:
                yield cell.id, unshown


def text_of(output: NotebookNode) -> str:
    """All that can be read in the output of a cell."""
    data = output.get("data", {})
    return output.get("text", "") + "".join(data.get(kind, "") for kind in ("text/plain", "text/html", "text/markdown"))
