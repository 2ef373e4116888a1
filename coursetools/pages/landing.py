"""The first page, in the README's words: what the course is, the explorer and a question at once, lessons, ways in."""

import re

from nbformat import NotebookNode

from coursetools.lesson import NOTEBOOKS, Lesson
from coursetools.pages.questions import question
from coursetools.place import REPOSITORY, is_named

# Sections of the README, in the order of this page, and what they are called here.
SECTIONS = {"The lessons": "The lessons", "Begin": "Run the notebooks", "Teach": "Teach", "Licence": "Licence"}
START = "**Begin with [lesson 01](01_parameters.ipynb), here in your browser: nothing to install.**\n\n"
ASKED = "01_parameters", "conv_layer"  # the question that README.md shows as an image
PAGE = re.compile(r"\]\(notebooks/(\w+\.(?:ipynb|md))\)")  # a lesson, or what one looks up
IMAGE = re.compile(r"^!\[.*\]\(\.github/(\w+)\.png\)$", re.MULTILINE)
FILE = re.compile(r"\[([^\]]+)\]\(((?:\w+/)*[A-Z][\w.#-]*)\)")  # LICENSE, hub/README.md


def landing(readme: str, explorer: str) -> str:
    """The page as Markdown. explorer: the HTML element of one."""
    head, *rest = re.split(r"^## (.*)\n", readme, flags=re.MULTILINE)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    parts = [re.sub(r"^!", f"{START}!", head, flags=re.MULTILINE)]  # before its image
    parts += [f"## {here}\n{sections[name]}" for name, here in SECTIONS.items()]
    text = re.sub(r"^(<!-- )?\[!\[.*\n", "", "\n".join(parts), flags=re.MULTILINE)  # badges
    text = re.sub(r"^Put your answers [^:]*`[^:]*\. (?=An)", "", text, flags=re.MULTILINE)  # how, in a notebook
    lesson, name = ASKED
    asked = getattr(Lesson(NOTEBOOKS / f"{lesson}.ipynb").sheet, name).another(1)  # its own numbers wait in the lesson
    alive = {"explorer": explorer, "answer": question(asked)}
    text = IMAGE.sub(lambda image: alive.get(image[1], image[0]), text)
    pages = [f"{title} <{page}>" for title, page in re.findall(r"\[([^\]]+)" + PAGE.pattern, text)]
    text = PAGE.sub(r"](\1)", text)
    text = FILE.sub(_link_to_a_file, text)
    text = re.sub(r"the\s+page \*Practice\* of\s+the\s+site", "[the page Practice](practice.md)", text)
    contents = "\n".join(["```{toctree}", ":hidden:", "", *pages, "Practise what comes back <practice>", "```"])
    return f"{text}\n\n{contents}\n"


def _link_to_a_file(found: re.Match) -> str:
    """A link into the repository. As long as that has no place, the words and the name of the file."""
    words, file = found.groups()
    if is_named():
        return f"[{words}](https://github.com/{REPOSITORY}/blob/main/{file})"
    name = f"`{file.partition('#')[0]}`"
    return name if words == file else f"{words} ({name})"


def first_explorer(notebook: NotebookNode) -> str:
    """The HTML element of the first explorer of a lesson, or "" where there is none."""
    shown = (
        output.get("data", {}).get("text/html", "") for cell in notebook.cells for output in cell.get("outputs", [])
    )
    return next((html for html in shown if "data-explorer" in html), "")
