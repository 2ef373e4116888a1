"""The pages as they are written: light, valid, linked; a lecture's answers and notes. Browsers open them in tests/browser."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from operator import attrgetter
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest

from coursetools.lesson import ROOT, lessons, slide_type, tags
from coursetools.pages import lesson_page
from coursetools.pages.bundle import FETCHED
from coursetools.pages.decks import MOST_MISTAKES, explained_in_notes, lecture, new_text
from coursetools.pages.landing import landing
from coursetools.pages.questions import as_data, as_json
from coursetools.pages.site import AMENDED
from lessonlib.checking import whose_mistake

each_lesson = pytest.mark.parametrize("lesson", lessons(), ids=attrgetter("name"))
# Bytes at most of a lesson's page with its images, of its style sheets and scripts, and of a picture.
PAGE, CODE, PICTURE = 1_000_000, 300_000, 500_000
BESIDE = (".others.js", "mathjax.js")  # the numbers of Another one, and two million bytes that are asked for once


class Links(HTMLParser):
    """The addresses and the anchors of a page."""

    def __init__(self, path):
        super().__init__()
        self.addresses, self.anchors = [], {""}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors |= {attributes[key] for key in ("id", "name") if attributes.get(key)}
        self.addresses += [attributes[key] for key in ("href", "src") if attributes.get(key)]


@each_lesson
def test_a_page_and_a_slide_show_are_light(site, decks, lesson):
    page = site / f"{lesson.name}.html"
    parts = {site / urlsplit(address).path: address for address in Links(page).addresses if address.startswith("_")}
    bytes_of = {path: path.stat().st_size for path in [page, *parts] if not path.name.endswith(BESIDE)}
    code = sum(size for path, size in bytes_of.items() if path.suffix in (".css", ".js"))
    assert code < CODE and sum(bytes_of.values()) - code < PAGE
    assert (decks / f"{lesson.name}.slides.html").stat().st_size < PAGE


def test_each_picture_is_light(site):
    assert not [path.name for path in (site / "_images").iterdir() if path.stat().st_size > PICTURE]


def test_the_site_holds_the_notebooks_themselves(site):
    for lesson in lessons():
        assert (site / "notebooks" / lesson.path.name).read_bytes() == lesson.path.read_bytes()
    assert not list((site / "_sources").iterdir())


def test_what_the_theme_leaves_out_is_put_in(site):
    """A release that writes something else gives pale or nameless parts, and only a browser would tell."""
    pages = "".join(path.read_text(encoding="utf-8") for path in site.glob("*.html"))
    set_up = '<span class="collapsed">Show the set-up</span>'
    assert [ours for ours in (*AMENDED.values(), set_up) if ours not in pages] == []
    assert "Toggle hidden content" not in pages  # a summary is named by its words
    assert "exercise.NAME" not in (site / "index.html").read_text(encoding="utf-8")  # there are buttons


def test_every_link_inside_leads_somewhere(site):
    pages = {path.name: Links(path) for path in site.glob("*.html") if path.name != "404.html"}  # asked for anywhere
    broken = []
    for name, page in pages.items():
        for address in page.addresses:
            parts = urlsplit(address)
            target = site / (unquote(parts.path) or name)
            anchors = pages[target.name].anchors if target.name in pages else {parts.fragment}
            if not parts.scheme and not (target.is_file() and parts.fragment in anchors):
                broken.append(f"{name}: {address}")
    assert len(pages) > len(lessons()) and not broken, "\n".join(broken)


def test_the_first_page_leads_into_the_first_lesson_and_names_the_files_that_have_no_address():
    text = landing((ROOT / "README.md").read_text(encoding="utf-8"), "")
    start = text.index("[lesson 01](01_parameters.ipynb), here in your browser: nothing to install")
    assert start < text.index("![Four patches") < text.index("## The lessons") < text.index("## Run the notebooks")
    assert "The guide (`hub/README.md`) says how" in text and "read `CONTRIBUTING.md`" in text


def test_the_html_is_valid(site):
    if shutil.which("node") is None:
        pytest.skip("no node on this machine, which runs the validator")
    validator = [FETCHED / ".bin" / "html-validate", "--preset", "standard", "--formatter", "text"]
    run = subprocess.run([*validator, *sorted(site.glob("*.html"))], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("all of it")
    command = [sys.executable, "-m", "coursetools.pages", "site", tmp_path]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 1 and "holds something else than a site" in run.stderr
    assert (tmp_path / "thesis.txt").read_text() == "all of it"


@each_lesson
def test_in_a_lecture_each_question_is_followed_by_its_answer_and_mistakes(lesson):
    cells = lecture(lesson).cells
    told = {cell.id: cell.source for cell in cells if cell.id.endswith("-answer")}
    answers = {name: source for name, source in told.items() if not name.endswith("-whose-answer")}
    asked = {f"{exercise.name.replace('_', '-')}-answer": exercise for exercise in lesson.sheet.exercises}
    assert list(answers) == list(asked)
    for name, exercise in asked.items():
        assert exercise.reason in answers[name] and exercise.key.mistakes[0].because in answers[name]
        if whose := whose_mistake(exercise, MOST_MISTAKES):
            before = [*told][[*told].index(name) - 1]
            assert before == name.replace("-answer", "-whose-answer") and whose.answer in told[before]
    assert not any(cell.outputs for cell in cells if "exercise" in cell.metadata.get("tags", []))


def test_in_a_lecture_the_run_comes_between_a_question_and_its_answer():
    """By code at once, and by a text that leads to it; the answer comes before the next question, text or section."""
    names = [cell.id for cell in lecture(lessons()[1]).cells if slide_type(cell) not in ("notes", "skip")]
    for story in (
        ["predict-bar", "cell-turn-heading", "cell-turn", "bar-across-answer", "tuning-text"],
        ["predict-shift", "shift-text", "shift-run-heading", "shift-run", "shift-then-filter-answer", "stride-text"],
        ["exercise-write", "operation-loop-text", "operation-loop-heading", "operation-loop", "operation-compare"],
        ["operation-compare", "cross-correlate-answer", "flip-heading"],
        ["exercise-by-hand", "first-map-whose-answer", "first-map-answer", "exercise-write-text"],
    ):
        first = names.index(story[0])
        assert names[first : first + len(story)] == story


@each_lesson
def test_in_a_lecture_what_stands_between_the_slides_is_told_by_the_speaker(lesson):
    before, after = (
        {cell.id: slide_type(cell) for cell in cells if cell.cell_type == "markdown"}
        for cells in (lesson.notebook().cells, lecture(lesson).cells)
    )
    between = [name for name, kind in before.items() if kind == "skip" and name not in ("further", "reading")]
    assert between and {after[name] for name in between} == {"notes"} and after["reading"] == "skip"


@each_lesson
def test_the_first_note_says_how_long_the_sections_take_together(lesson):
    notes = [cell.source for cell in lesson.notebook().cells if slide_type(cell) == "notes"]
    minutes = [int(number) for note in notes for number in re.findall(r"section takes (\d+) minutes", note)]
    (whole,) = re.findall(r"whole lesson takes (\d+) minutes", notes[0])
    assert len(minutes) > 5 and int(whole) == sum(minutes)


def test_what_happened_is_told_by_the_speaker_unfolded():
    folded = "<details><summary>What happened</summary>\n\nIt has 4 rows.\n\n</details>"
    cell = explained_in_notes(new_text(folded, "size-explain", "skip"))
    assert slide_type(cell) == "notes" and cell.source == "It has 4 rows."


def test_on_a_page_a_result_is_folded_until_its_question_is_answered():
    lesson = lessons()[1]
    notebook = lesson.notebook()
    drawn = next(cell for cell in notebook.cells if "image/png" in str(cell.get("outputs")))
    drawn.metadata.jupyter, drawn.metadata.tags = {"outputs_hidden": True}, ["result"]
    same = SimpleNamespace(name=lesson.name, sheet=lesson.sheet, notebook=lambda: notebook)
    page = lesson_page.page(same)
    (result,) = [cell for cell in page.cells if cell.id == drawn.id]
    assert result.metadata.tags == ["hide-output", "result"]
    assert result.metadata.mystnb["code_prompt_show"] == "Show the figure"
    drawn.metadata.jupyter["source_hidden"] = True
    (result,) = [cell for cell in lesson_page.page(same).cells if cell.id == drawn.id]
    assert result.metadata.mystnb["code_prompt_show"] == "Show the code and its figure"
    assert result.metadata.tags == ["hide-cell", "result"] and result.metadata.mystnb["image"]["alt"]


def test_what_is_printed_in_columns_keeps_them_on_a_phone():
    in_columns = {cell.id for cell in lesson_page.page(lessons()[0]).cells if "columns" in tags(cell)}
    assert in_columns == {"shift-neighbours", "combine-run"}


@pytest.mark.parametrize(
    "name, form",
    [
        ("parameters.linear_layer", ""),
        ("color.output_shape", "with commas between the numbers"),
        ("filters.edge_filter", "a line for each row, with commas between its numbers"),
        ("cnn.shapes", "a line for each row, with commas between its numbers"),
        ("color.three_groups", "with commas between the numbers, and brackets around a list"),
        ("filters.cell_angle", "in degrees, a multiple of 15"),
        ("parameters.shift", ""),
        ("parameters.conv2d_parameters", ""),
    ],
)
def test_a_page_says_how_an_answer_is_written_into_its_field(name, form):
    asked = {exercise.full_name: exercise for lesson in lessons() for exercise in lesson.sheet.exercises}
    assert as_data(asked[name])["form"] == form


@each_lesson
def test_a_page_and_a_slide_show_have_no_code_that_only_a_notebook_needs(site, lesson):
    """What formats a cell is shown nowhere, the call that asks on the slide alone: the page has the question itself."""
    code = [cell for cell in lesson_page.page(lesson).cells if cell.cell_type == "code"]
    shown = [cell.source for cell in code if "remove-input" not in tags(cell)]
    assert not any("# fmt" in source or ".check(" in source for source in shown)
    assert not any("# fmt" in cell.source for cell in lecture(lesson).cells)
    asked = {f"question-{exercise.name.replace('_', '-')}" for exercise in lesson.sheet.exercises}
    assert asked <= Links(site / f"{lesson.name}.html").anchors


def test_what_an_exercise_gives_to_begin_with_stays_on_its_page():
    cells = {cell.id: cell for cell in lesson_page.page(lessons()[0]).cells if cell.cell_type == "code"}
    assert (
        cells["exercise-write"].source.splitlines()[-1] == "    return ..." and tags(cells["exercise-write"]) == set()
    )
    assert tags(cells["exercise-linear-layer"]) == {"remove-input"}


def test_json_refuses_what_a_browser_cannot_read():
    with pytest.raises(ValueError):
        as_json({"right": float("nan")})
    assert as_json({"task": "</script>"}) == '{"task":"\\u003c/script>"}'
