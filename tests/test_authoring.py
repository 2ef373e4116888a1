"""A lesson is run and stored in its normal form, and each convention is tried on a notebook that breaks it."""

import subprocess
import sys
from base64 import b64decode, b64encode
from io import BytesIO
from types import SimpleNamespace

import nbformat
import pytest
from PIL import Image

from coursetools.authoring import __main__ as command
from coursetools.authoring import changes, conventions, names, prose, storing, telling
from coursetools.authoring.normal_form import METADATA
from coursetools.lesson import lessons, read
from lessonlib.checking import Sheet

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


def with_source(path, source, **metadata):
    """The notebook with this as its first code cell."""
    notebook = read(path)
    notebook.cells[1].source = source
    notebook.cells[1].metadata.update(metadata)
    nbformat.write(notebook, path)


def test_a_notebook_is_run_and_stored_in_normal_form(path):
    storing.author(path)
    notebook = read(path)
    title, sum_, figure, sentence = notebook.cells
    assert [cell.id for cell in notebook.cells] == ["a-title-text", "a-title-run", "two-pixels", "a-title-text-2"]
    assert [cell.metadata.slideshow.slide_type for cell in notebook.cells] == ["slide", "fragment", "fragment", "skip"]
    assert notebook.metadata == METADATA and sum_.source == "1 + 1"
    assert (sum_.execution_count, figure.execution_count) == (1, 2)
    assert sum_.outputs[0].data["text/plain"] == "2"
    assert set(figure.metadata) == {"slideshow", "tags"} and "image/png" in figure.outputs[0].data


def test_the_second_time_nothing_changes_and_a_figure_with_the_same_pixels_keeps_its_bytes(path):
    storing.author(path)
    first, modified = path.read_bytes(), path.stat().st_mtime_ns
    storing.author(path)
    assert path.read_bytes() == first and path.stat().st_mtime_ns == modified
    notebook, again = read(path), BytesIO()
    figure = notebook.cells[2].outputs[0].data
    Image.open(BytesIO(b64decode(figure["image/png"]))).save(again, format="png", compress_level=0)
    figure["image/png"] = b64encode(again.getvalue()).decode()
    nbformat.write(notebook, path)
    other_bytes = path.read_bytes()
    storing.author(path)
    assert path.read_bytes() == other_bytes != first


def test_the_normal_form_is_written_without_running_a_cell(path, monkeypatch):
    monkeypatch.setattr(storing, "run", lambda *_: pytest.fail("a cell was run"))
    with_source(path, "1 + 1  ")
    storing.author(path, runs=False)
    assert read(path).cells[1].source == "1 + 1" and not read(path).cells[1].outputs


def test_the_output_of_a_result_is_hidden_until_it_is_run_and_of_no_other_cell(path):
    with_source(path, "1 + 1", tags=["result"], jupyter={"source_hidden": True})
    storing.author(path)
    assert read(path).cells[1].metadata.jupyter == {"source_hidden": True, "outputs_hidden": True}
    with_source(path, "two = 2", tags=["result"])  # nothing comes out
    storing.author(path)
    assert read(path).cells[1].metadata.jupyter == {"source_hidden": True}
    with_source(path, "1 + 1", tags=[])
    storing.author(path)
    assert read(path).cells[1].metadata.jupyter == {"source_hidden": True}


def test_the_code_of_a_result_is_hidden_where_the_bounds_of_a_claim_would_tell_it(path):
    source = "from lessonlib.claims import claim\nprint('Right:')\nclaim('CNN', 0.9, above=0.5)"
    for tags, hidden in ((["result"], {"source_hidden": True, "outputs_hidden": True}), ([], {})):
        with_source(path, source, tags=tags, jupyter={})
        storing.author(path)
        assert read(path).cells[1].metadata.get("jupyter", {}) == hidden


def test_the_author_s_own_settings_do_not_reach_the_kernel(path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "svg")
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with_source(path, "import os\n\nos.environ.get('OMP_NUM_THREADS'), os.environ.get('MPLBACKEND') == 'svg'")
    storing.author(path)
    assert read(path).cells[1].outputs[0].data["text/plain"] == "('1', False)"


def test_a_notebook_that_raises_is_left_as_it_was_unless_the_error_is_the_lesson(path, capsys, monkeypatch):
    monkeypatch.setattr(conventions, "before_it_runs", lambda notebook: [])
    with_source(path, "1 / 0")
    before = path.read_bytes()
    assert command.main([str(path)]) == 1
    assert path.read_bytes() == before and "ZeroDivisionError" in capsys.readouterr().out
    with_source(path, "print('ahead by 40 points:', False)")
    before = path.read_bytes()
    assert command.main([str(path)]) == 1 and path.read_bytes() == before
    assert "left as it was: cell a-title-run states a claim that is false" in capsys.readouterr().out
    with_source(path, "1 / 0", tags=["raises-exception"])
    storing.author(path)
    assert read(path).cells[1].outputs[0].ename == "ZeroDivisionError"


def test_check_tells_each_notebook_s_faults_and_writes_nothing(path, capsys):
    before = path.read_bytes()
    assert command.main(["--check", "nowhere.ipynb", str(path), str(lessons()[1].path)]) == 1
    said = capsys.readouterr().out
    assert "nowhere.ipynb: can't be read" in said and path.read_bytes() == before
    assert "not in normal form" in said and "not all been run" in said and "02_filters.ipynb: in order" in said


def test_every_stored_lesson_and_every_sentence_of_its_exercises_is_in_order(capsys):
    assert command.main(["--check"]) == 0, capsys.readouterr().out


def test_the_normal_form_is_the_file_s_bytes(tmp_path):
    path = tmp_path / "02_filters.ipynb"
    path.write_bytes(lessons()[1].path.read_bytes().replace(b"\n", b"\r\n"))
    assert "not in normal form" in " ".join(storing.problems(path))


def test_a_notebook_whose_ids_an_editor_dropped_is_told(path):
    notebook = read(path)
    notebook.nbformat_minor = 4
    for cell in notebook.cells:
        del cell["id"]
    nbformat.write(notebook, path)
    (fault,) = storing.problems(path)
    assert fault.startswith("its cells have no ids")


def test_a_changed_output_is_said_as_git_says_it_and_a_cell_runs_by_its_id(path):
    storing.author(path)
    with_source(path, "1 + 2")
    test = [sys.executable, "-m", "pytest", "-c", "pyproject.toml", "-p", "conftest", "-p", "no:cacheprovider"]
    said = subprocess.run([*test, path, "--cell", "a-title-run"], capture_output=True, text=True).stdout
    assert "::a-title-run" in said and "Cell a-title-run gives another text/plain:" in said
    assert said.index("\n-2\n") < said.index("\n+3\n") < said.index("If that is meant: make author")
    assert "1 failed in" in said and "two-pixels" not in said


def test_figures_are_compared_up_to_the_first_training_of_a_lesson(thumbnails):
    training = {cell.id for lesson in lessons() for cell in lesson.notebook().cells if thumbnails.trains(cell)}
    assert {"networks-runs", "count-runs", "open-train"} <= training
    assert not any(map(thumbnails.trains, lessons()[1].notebook().cells))


def test_a_figure_that_is_turned_is_told_from_itself(thumbnails):
    look_alike, symmetric = thumbnails.look_alike, set()
    for cell in (cell for lesson in lessons() for cell in lesson.notebook().cells):
        for output in cell.get("outputs", []):
            png = output.get("data", {}).get("image/png")
            if png:
                image = Image.open(BytesIO(b64decode(png))).convert("RGB")
                turns = (Image.Transpose.FLIP_TOP_BOTTOM, Image.Transpose.FLIP_LEFT_RIGHT)
                assert look_alike(png, encoded(image))
                if all(look_alike(png, encoded(image.transpose(turn))) for turn in turns):
                    symmetric.add(cell.id)
    assert symmetric == {"cell-weights"}  # a single Gabor filter, in the middle, is its own mirror image


def encoded(image):
    file = BytesIO()
    image.save(file, format="png", compress_level=1)
    return b64encode(file.getvalue()).decode()


def test_the_tests_of_a_changed_file_are_found():
    tests = changes.tests_of(["lessonlib/exercises/filters.py"])
    assert {"notebooks/02_filters.ipynb", "tests/test_exercises.py", "tests/test_filters.py"} <= set(tests)
    assert "tests/test_data.py" not in tests
    assert "tests/test_checking.py" in changes.tests_of(["lessonlib/checking/apart.py"])
    assert "tests/browser/test_slides.py" in changes.tests_of(["coursetools/pages/decks.py"])
    assert changes.tests_of(["notebooks/03_color.ipynb"])[0] == "notebooks/03_color.ipynb"


GOOD_TEXT = [
    "# Do a thing\n\nAt the end you have done it.\n\n**Time**: 5 to 10 minutes. **Needs**: nothing.",
    "## What you will learn\n\nYou can\n\n- one,\n- two,\n- three.",
    "## A section\n\nA sentence on `cross_correlate`, [a link](https://a.org/some_page.html) and $x_i = f(x)$.",
    "Ask. 3 minutes.",
    "## Summary",
    "## Going further",
    "## Further reading",
]


def code(source, id_, *tags, outputs=(), count=None):
    cell = nbformat.v4.new_code_cell(source, id=id_, outputs=list(outputs), execution_count=count)
    cell.metadata.update({"slideshow": {"slide_type": "fragment"}, "tags": list(tags)})
    return cell


def result(alt=None, **data):
    kinds = {"png": "image/png", "markdown": "text/markdown", "plain": "text/plain", "html": "text/html"}
    metadata = {"image/png": {"alt": alt}} if alt else {}
    return nbformat.v4.new_output(
        "display_data", {kinds[kind]: value for kind, value in data.items()}, metadata=metadata
    )


def stream(text, name="stdout"):
    return nbformat.v4.new_output("stream", name=name, text=text)


@pytest.fixture
def good():
    notebook = nbformat.v4.new_notebook()
    for number, source in enumerate(GOOD_TEXT):
        kind = {"slideshow": {"slide_type": "notes" if number == 3 else "slide"}}
        notebook.cells.append(nbformat.v4.new_markdown_cell(source, id=f"text-{number}", metadata=kind))
    sources = {"colab": "", "setup": "", "progress": ""} | {
        f"run-{number}": f"value_{number} = 0" for number in range(5)
    }
    notebook.cells += [code(source, name, count=count) for count, (name, source) in enumerate(sources.items(), 1)]
    for number, name in ((0, "title"), (5, "further"), (6, "reading")):
        notebook.cells[number].id = name
    return notebook


def test_a_good_notebook_has_no_problems(good):
    assert conventions.problems(good) == []


@pytest.mark.parametrize(
    "cell, old, new, complaint",
    [
        (0, "# Do", "Do", "not a title"),
        (0, "**Time**", "Time", "does not say **Time**"),
        (0, "5 to 10 minutes", "an hour", "the title says no minutes"),
        (0, "5 to 10", "30 to 45", "30 to 45 minutes: by its words, exercises, predictions and code it takes 0 to 0"),
        (0, "5 to 10", "5 to 30", "the title says 5 to 30 minutes"),
        (2, "A sentence", "word " * 110 * 91, "92 minutes are more than 90: a text between two sections ends with"),
        (1, "## What you will learn", "## Goals", "the first section is not"),
        (1, "\n- two,\n- three.", "", "1 goals"),
        (2, "`cross_correlate`", "cross_correlate", "says 'cross_correlate' in a sentence"),
        (2, "`cross_correlate`", "np.zeros", "says 'np.zeros' in a sentence"),
        (2, "`cross_correlate`", "range(n)", "says 'range(n)' in a sentence"),
        (2, "A sentence", "A picture", "says 'picture': the course says 'image'"),
        (3, "3 minutes", "No time is told", "has no note for the instructor that tells the minutes"),
        (3, "Ask.", "Most rooms say 9.", "says 'Most rooms', which nobody has counted"),
        (5, "Going further", "More", "the last sections are not"),
        (-1, "value_4", "# a picture\nvalue_4", "says 'picture'"),
        (-1, "value_4 = 0", "1\n" * 13, "cell run-4 has 13 lines, more than 12"),
        (-1, "value_4 = 0", "nn.Sequential()\n" * 21, "cell run-4 has 21 lines, more than 20"),
        (-1, "value_4 = 0", "[i for i in range(9) if any(i for i in ())]", "run-4 has a comprehension inside another"),
        (-1, "value_4 = 0", "{i: j for i in () for j in ()}", "cell run-4 has a comprehension with two for"),
        (-1, "value_4 = 0", "x = 1;", "semicolon"),
        (-1, "value_4 = 0", "x = " + "1 + " * 21 + "1", "cell run-4 has a line of 89 columns, more than 88"),
        (-1, "value_4 = 0", "%matplotlib inline", "magic"),
        (-1, "value_4 = 0", "1 +\n2", "has a syntax error in line 1"),
        (-1, "value_4 = 0", "exercise.size.check(...)", "asks a question but is not tagged"),
        (-1, "value_4 = 0", "exercise.size.check(\n    ...\n)", "cell run-4 breaks its check over lines"),
        (-1, "value_4 = 0", "value_9", "cell run-4 uses value_9, which no cell defines"),
    ],
)
def test_what_a_text_or_a_source_does_not_keep_to_is_told(good, cell, old, new, complaint):
    assert old in good.cells[cell].source
    good.cells[cell].source = good.cells[cell].source.replace(old, new)
    assert complaint in " ".join(conventions.before_it_runs(good))


def test_a_large_file_twice_an_id_and_an_unknown_tag_are_told(good):
    assert conventions.problems(good, size=conventions.MOST_BYTES + 1024)
    good.cells[2].id = good.cells[3].id
    good.cells[4].metadata = {}
    good.cells[7].metadata.tags = ["hide"]
    faults = " ".join(conventions.problems(good))
    assert "'text-3' stands twice" in faults and "text-4 has no slide type" in faults and "tag, 'hide'" in faults


@pytest.mark.parametrize(
    "output, complaint",
    [
        (nbformat.v4.new_output("error", ename="KeyError", evalue="", traceback=[]), "raised KeyError"),
        (stream("hm", "stderr"), "wrote to stderr"),
        (stream("CNN ahead by 40 points: False"), "states a claim that is false"),
        (stream("CNN ahead by 40 points: True"), "says only True"),
        (result(plain="True"), "says only True"),
        (stream("read from /home/ada/data"), "a path"),
        (stream(r"read from C:\Users\ada"), "a path"),
        (result(plain="<object at 0x7f3a2b4c>"), "a memory address"),
        (stream("took 3.2 s"), "a time"),
        (stream("DeprecationWarning: old"), "a warning"),
        (result(png="aaaa", plain="Figure", alt="A line."), "has a figure without a caption"),
        (result(png="aaaa", plain="Figure"), "has a figure without a caption"),
        (result(png="aaaa", plain="Figure", alt="Of image.shape."), "the caption of cell run-4 says 'image.shape'"),
    ],
)
def test_an_output_that_a_reader_should_not_see_is_told(good, output, complaint):
    good.cells[-1].outputs = [output]
    assert complaint in " ".join(conventions.problems(good))


def test_what_is_meant_is_no_fault(good):
    good.cells[-1].outputs = [result(png="aaaa", plain="Figure", alt="A line."), result(markdown="*A line.*")]
    good.cells[-2].outputs = [nbformat.v4.new_output("error", ename="ValueError", evalue="", traceback=[])]
    good.cells[-2].metadata.tags = ["raises-exception"]
    good.cells[-4].outputs = [stream("CNN ahead: ≈ 63 points, above 40: True")]
    good.cells[-3].outputs, good.cells[-3].metadata.tags = [stream("max adds up: False")], ["false-is-the-result"]
    assert conventions.problems(good) == []
    good.cells[-1].execution_count = None
    assert "have not all been run" in " ".join(conventions.problems(good))


@pytest.fixture
def predicts(good, monkeypatch):
    """The good notebook with a prediction in its section: the question, the note on it, its result, and what happened."""
    monkeypatch.setattr(telling, "_titles", lambda word: {"size": "Predict: the size"})
    texts = {"size-notes": "Expect 5.", "size-text": WHAT_HAPPENED, "other-text": "### Another size"}
    note, *texts = [nbformat.v4.new_markdown_cell(source, id=name) for name, source in texts.items()]
    note.metadata.slideshow, texts[0].metadata.slideshow, texts[1].metadata.slideshow = (
        {"slide_type": kind} for kind in ("notes", "skip", "subslide")
    )
    asks = code("exercise.size.check(...)", "size", "exercise")
    good.cells[3:3] = [asks, note, code("4", "size-run", "result"), code("4", "size-more", "result"), *texts]
    return good


WHAT_HAPPENED = "<details><summary>What happened</summary>\n\nIt has 4.\n\n</details>"


def test_a_prediction_with_its_result_and_what_happened_is_in_order(predicts):
    assert conventions.before_it_runs(predicts) == []
    predicts.cells.insert(6, predicts.cells.pop(4))  # the note, told with the result
    assert conventions.before_it_runs(predicts) == []


@pytest.mark.parametrize(
    "order, complaint",
    [
        ("size size-notes size-text", "cell size asks to predict, and no cell tagged result follows it"),
        ("size other-text size-notes", "cell size asks to predict, and no cell tagged result follows it"),
        ("size size-run size-notes other-text size-text", "size-run is a result, and the next text is not folded"),
        ("size size-run", "size-run is a result, and the next text is not folded"),
        ("size-notes size size-run size-text", "cell size-notes is a note before cell size: notes stand after"),
    ],
)
def test_what_stands_in_another_order_is_told(predicts, order, complaint):
    parts = {cell.id: cell for cell in predicts.cells[3:9]}
    predicts.cells[3:9] = [parts[name] for name in order.split()]
    assert complaint in " ".join(conventions.before_it_runs(predicts))


@pytest.mark.parametrize("source", ["It has 4.", WHAT_HAPPENED.replace("\n\nIt", "\nIt"), WHAT_HAPPENED[:-10]])
def test_what_happened_is_folded_so_that_every_reader_shows_it(predicts, source):
    predicts.cells[7].source = source
    assert "the next text is not folded" in " ".join(conventions.before_it_runs(predicts))


@pytest.mark.parametrize(
    "output, is_neutral",
    [
        (stream("Accuracy on 1,500 images:\nCNN: ≈ 63%\n"), True),
        (stream("\nCNN: ≈ 63%\n"), False),
        (result(png="aaaa", plain="Figure\nThe CNN is right 9 times in 10."), True),
        (result(png="aaaa", plain="Figure: 9 times in 10."), False),
        (result(plain="network  right\nCNN  63%", html="<table>\n<thead><tr><th>network"), True),
        (result(plain="network  right\nCNN  63%", html="<table><thead><tr><td>63%"), False),
        (result(plain="tensor(4)"), False),
    ],
)
def test_the_first_line_of_a_result_gives_nothing_away(good, output, is_neutral):
    good.cells[-1].outputs, good.cells[-1].metadata.tags = [output], ["result"]
    assert ("its first line gives it away" in " ".join(conventions.problems(good))) == (not is_neutral)
    good.cells[-1].metadata.tags = []
    assert "its first line gives it away" not in " ".join(conventions.problems(good))


def test_minutes_are_words_exercises_predictions_and_lines_of_code(predicts):
    before = telling.minutes(predicts)
    predicts.cells[2].source += "\n\n*Medium, 7 minutes.* " + "word " * 217
    assert telling.minutes(predicts) == pytest.approx(before + 7 + 220 / 110)
    predicts.cells[-1].source += "\n\n1" * 20
    predicts.cells[3].source += "  # the same cell asks once"
    assert telling.minutes(predicts) == pytest.approx(before + 7 + 2 + 2)
    del predicts.cells[3]
    assert telling.minutes(predicts) == pytest.approx(before + 7 + 2)


def test_a_lesson_is_known_by_the_exercises_that_it_imports():
    assert [telling.word_of(lesson.notebook()) for lesson in lessons()] == [lesson.word for lesson in lessons()]


def test_a_right_answer_is_told_that_it_is_right_and_why():
    def size():
        return 4

    def count():
        return 10

    sheet = Sheet()
    sheet.exercise(title="Size", task="How many?", hints=["4"], fact="Right: 8 - 5 + 1.")(size)
    sheet.exercise(title="Count", task="How many?", hints=["10"], fact="A bias belongs to an output.")(count)
    faults = list(command.faults_of(SimpleNamespace(word="filters", sheet=sheet)))
    assert faults == ["count does not begin its fact with Right, and why"]


@pytest.mark.parametrize("answer", ["def size(n):\n    return ...", "size = ..."])
def test_the_story_stands_without_the_names_of_an_exercise(good, answer):
    good.cells[-3] = code(f"{answer}\n\nexercise.size.check(size)", "run-2", "exercise", count=6)
    assert conventions.problems(good) == []
    good.cells[-1].source = "area = size**2"
    assert list(names.undefined(good)) == ["cell run-4 uses size, which no cell defines, or an exercise alone"]
    good.cells[-4].source = "size = 3"
    assert not list(names.undefined(good))
    assert list(names.redefined(good)) == ["cell run-2 is an exercise and redefines size: the story uses that name"]


@pytest.mark.parametrize(
    "source", ["filters.cross_corelate", "exercise.conv_layr.check(...)", "figures.canvas.nothing"]
)
def test_a_name_that_the_library_does_not_have_is_told(good, source):
    imports = "from lessonlib import figures, filters\nfrom lessonlib.exercises.parameters import sheet as exercise"
    good.cells[-2].source, good.cells[-1].source = imports, f"{source}\nfilters.cross_correlate\nexercise.conv_layer"
    assert list(names.dead_attributes(good)) == [
        f"cell run-4 uses {source.removesuffix('.check(...)')}, which is not there"
    ]


def test_a_number_that_no_cell_shows_is_told(good):
    good.cells[2].source = "Of 150,528 values 12.5% and 13% are [ink](https://a.org/1998), 1,234 are 7, in 1998."
    good.cells[-1].outputs = [stream("150,528 values, 12.5%")]
    assert list(prose.unshown_numbers(good)) == [("text-2", ["13%", "1,234"])]
