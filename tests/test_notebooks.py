"""Running and normalising a notebook: nothing volatile stays, nothing changes the second time, errors are refused."""

import json
import subprocess
import sys
from base64 import b64decode, b64encode
from io import BytesIO

import nbformat
import pytest
from PIL import Image

from coursetools import notebooks

FIGURE = 'from PIL import Image\n\nImage.new("L", (2, 1), 200)'


@pytest.fixture
def path(tmp_path):
    """A notebook as JupyterLab saves it: random ids, its own metadata, not run."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "old", "display_name": "Old"}, "widgets": {}})
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# A title", id="1f2e3d4c"),
        nbformat.v4.new_code_cell(
            "1 + 1   \n", id="12345678-1234-1234-1234-123456789abc", metadata={"collapsed": True}
        ),
        nbformat.v4.new_code_cell(FIGURE, id="two-pixels", metadata={"tags": ["exercise"], "execution": {"x": "now"}}),
        nbformat.v4.new_markdown_cell("A sentence.", id="abcdef01"),
    ]
    path = tmp_path / "01_thing.ipynb"
    nbformat.write(notebook, path)
    return path


def test_a_notebook_is_run_and_stored_in_normal_form(path):
    notebooks.author(path)
    notebook = notebooks.read(path)
    title, sum_, figure, sentence = notebook.cells
    assert [cell.id for cell in notebook.cells] == ["a-title-text", "a-title-run", "two-pixels", "a-title-text-2"]
    assert [cell.metadata.slideshow.slide_type for cell in notebook.cells] == ["slide", "fragment", "fragment", "skip"]
    assert notebook.metadata == notebooks.METADATA and sum_.source == "1 + 1"
    assert (sum_.execution_count, figure.execution_count) == (1, 2)
    assert sum_.outputs[0].data["text/plain"] == "2"
    assert set(figure.metadata) == {"slideshow", "tags"} and "image/png" in figure.outputs[0].data


def test_the_author_s_own_settings_do_not_reach_the_kernel(path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    asks = "import os\n\nos.environ.get('OMP_NUM_THREADS'), os.environ.get('MPLBACKEND') == 'svg'"
    with_changed(path, lambda found: found["cells"][1].update(source=asks))
    notebooks.author(path)
    assert notebooks.read(path).cells[1].outputs[0].data["text/plain"] == "('1', False)"


def test_the_second_time_nothing_changes(path):
    notebooks.author(path)
    first = path.read_bytes()
    modified = path.stat().st_mtime_ns
    notebooks.author(path)
    assert path.read_bytes() == first and path.stat().st_mtime_ns == modified


def test_a_figure_with_the_same_pixels_keeps_its_bytes(path):
    notebooks.author(path)
    notebook = notebooks.read(path)
    other_bytes = notebook.cells[2].outputs[0].data["image/png"]
    again = BytesIO()
    Image.open(BytesIO(b64decode(other_bytes))).save(again, format="png", compress_level=0)
    notebook.cells[2].outputs[0].data["image/png"] = b64encode(again.getvalue()).decode()
    nbformat.write(notebook, path)
    stored = path.read_bytes()
    notebooks.author(path)
    assert path.read_bytes() == stored


def test_a_notebook_that_raises_is_refused_and_left_as_it_was(path, capsys, monkeypatch):
    monkeypatch.setattr(notebooks.conventions, "before_it_runs", lambda notebook: [])
    notebook = notebooks.read(path)
    notebook.cells[1].source = "1 / 0"
    nbformat.write(notebook, path)
    before = path.read_bytes()
    assert notebooks.main([str(path)]) == 1
    assert path.read_bytes() == before and "ZeroDivisionError" in capsys.readouterr().out


def test_an_error_that_is_the_lesson_is_kept(path):
    notebook = notebooks.read(path)
    notebook.cells[1].source, notebook.cells[1].metadata.tags = "1 / 0", ["raises-exception"]
    nbformat.write(notebook, path)
    notebooks.author(path)
    assert notebooks.read(path).cells[1].outputs[0].ename == "ZeroDivisionError"


def test_check_says_what_is_wrong_and_writes_nothing(path, capsys):
    before = path.read_bytes()
    assert notebooks.main(["--check", str(path)]) == 1
    said = capsys.readouterr().out
    assert "not in normal form" in said and "not all been run" in said and path.read_bytes() == before


def test_the_stored_lessons_are_in_order(capsys):
    assert notebooks.main(["--check"]) == 0
    assert all(line.endswith(": in order") for line in capsys.readouterr().out.splitlines())


def stored_figures():
    for path in sorted(notebooks.LESSONS.glob("*.ipynb")):
        for cell in notebooks.read(path).cells:
            for output in cell.get("outputs", []):
                if "image/png" in output.get("data", {}):
                    yield cell.id, output.data["image/png"]


def encoded(image):
    file = BytesIO()
    image.save(file, format="png")
    return b64encode(file.getvalue()).decode()


def test_figures_are_compared_up_to_the_first_training_of_a_lesson():
    cells = [cell for path in notebooks.LESSONS.glob("*.ipynb") for cell in notebooks.read(path).cells]
    assert {cell.id for cell in cells if notebooks.trains(cell)} >= {"networks-train", "count-train", "open-train"}
    assert not any(notebooks.trains(cell) for cell in notebooks.read(notebooks.LESSONS / "02_filters.ipynb").cells)


def test_a_figure_that_is_turned_is_told_from_itself():
    symmetric = set()
    for name, png in stored_figures():
        image = Image.open(BytesIO(b64decode(png))).convert("RGB")
        assert notebooks.look_alike(png, encoded(image))
        turns = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)
        if all(notebooks.look_alike(png, encoded(image.transpose(turn))) for turn in turns):
            symmetric.add(name)
    assert symmetric == {"cell-weights"}  # a single Gabor filter, in the middle, is its own mirror image


def with_changed(path, change):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    change(notebook)
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.parametrize(
    "damage, told",
    [
        (lambda path: path.unlink(), "is not there"),
        (lambda path: (path.unlink(), path.mkdir()), "is a folder, not a notebook"),
        (lambda path: path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes()), "begins with a byte order mark"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is no JSON in UTF-8"),
        (lambda path: path.write_text("{"), "is no JSON in UTF-8"),
        (lambda path: path.write_text("[]"), "is no notebook"),
        (lambda path: path.write_text("{}"), "is no notebook"),
        (lambda path: path.write_text(f"<<<<<<< HEAD\n{path.read_text()}"), "has a conflict marker in line 1"),
        (lambda path: with_changed(path, lambda found: found.update(nbformat=3)), "is in the notebook format 3"),
        (lambda path: with_changed(path, lambda found: found.pop("cells")), "is no notebook"),
    ],
)
def test_a_file_that_is_no_notebook_is_told_and_the_next_one_checked(damage, told, path, capsys):
    damage(path)
    good = notebooks.LESSONS / "01_parameters.ipynb"
    assert notebooks.main(["--check", str(path), str(good)]) == 1
    first, second = capsys.readouterr().out.strip().splitlines()
    assert f"01_thing.ipynb: {told}" in first and second.endswith("01_parameters.ipynb: in order")


def test_all_faults_are_told_before_a_cell_is_run(path, capsys, monkeypatch):
    monkeypatch.setattr(notebooks, "run", lambda *_: pytest.fail("a cell was run"))
    with_changed(path, lambda found: found["cells"][1].update(source="1 +\n2"))
    assert notebooks.main([str(path)]) == 1
    said = capsys.readouterr().out
    assert "has a syntax error in line 1" in said and "does not say **Time**" in said and "goals" in said


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.replace(b"\n", b"\r\n"),
        lambda content: content.rstrip(b"\n"),
        lambda content: json.dumps(json.loads(content), indent=4).encode(),
        lambda content: json.dumps(json.loads(content), indent=1, sort_keys=False, ensure_ascii=True).encode() + b"\n",
    ],
)
def test_the_normal_form_is_the_file_s_bytes(spoil, tmp_path):
    stored = (notebooks.LESSONS / "01_parameters.ipynb").read_bytes()
    path = tmp_path / "01_parameters.ipynb"
    path.write_bytes(stored)
    assert notebooks.problems(path) == []
    path.write_bytes(spoil(stored))
    assert "not in normal form" in " ".join(notebooks.problems(path))


def test_what_has_changed_in_a_cell_is_said_as_git_says_it(path):
    notebooks.author(path)
    with_changed(path, lambda found: found["cells"][1].update(source="1 + 2"))
    command = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "conftest", "-p", "no:cacheprovider", path]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    assert "::a-title-run" in said and "Cell a-title-run gives another text/plain:" in said
    assert said.index("\n-2\n") < said.index("\n+3\n") < said.index("If that is meant: make author")
