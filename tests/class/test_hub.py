"""The hub of a class: a real JupyterHub with the course's configuration gives two users the lessons, and keeps their work."""

import ast
import re
import sys
from types import SimpleNamespace

import nbformat
import pytest
import running_hub
import yaml
from running_hub import ROOT, User, commit, repository, wait_for

from coursetools.place import REPOSITORY

HUB = ROOT / "hub"
LESSON = "notebooks/03_color.ipynb"
TOLD = "import os, lessonlib; print(os.environ['OMP_NUM_THREADS'], os.environ['OMP_WAIT_POLICY'], lessonlib.__file__)"
ANSWERED = """from lessonlib.exercises.color import sheet as exercise
exercise.maps_of_one_filter.check(1)"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A hub that runs: its address, the repository that its users pull, and the folder of their homes."""
    if lacking := running_hub.missing():
        pytest.skip(lacking)
    source, folder = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("hub")
    repository(source)
    with running_hub.hub(folder) as address:
        yield SimpleNamespace(address=address, source=source, homes=folder / "home")


@pytest.fixture(scope="module")
def anna(place):
    return User(place.address, "anna").start().pull(place.source.as_uri())


def cells(notebook):
    return {cell["id"]: cell for cell in notebook["cells"]}


def test_two_users_run_the_lesson_that_they_pulled_with_its_own_library_on_one_thread(place, anna):
    for user in (anna, User(place.address, "björn").start().pull(place.source.as_uri())):
        with user.kernel(LESSON) as kernel:
            (told,), (report,) = kernel.run(TOLD), kernel.run(ANSWERED)
        threads, policy, file = told["text"].split()
        assert (threads, policy) == ("1", "passive")
        assert file == str(place.homes / user.name / running_hub.COURSE / "lessonlib" / "__init__.py")
        assert report["data"]["application/vnd.lessonlib.report+json"]["outcome"] == "right"


def change(place, edit):
    """What an author does to the lesson upstream: edit gets its cells by their ids."""
    notebook = nbformat.reads((place.source / LESSON).read_text(encoding="utf-8"), 4)
    edit(cells(notebook), notebook.cells)
    nbformat.write(notebook, place.source / LESSON)
    commit(place.source)


def test_an_updated_lesson_reaches_a_student_whose_answers_stay(place, anna):
    mine = anna.read(LESSON)
    cells(mine)["exercise-separable"]["source"] = "exercise.separable.check(4711)"
    mine["cells"].append(nbformat.v4.new_markdown_cell("A note of my own."))
    anna.save(LESSON, mine)
    library = place.source / "lessonlib" / "color.py"
    library.write_text(library.read_text() + "\nNEW = 3\n")

    def edit(by_id, all_cells):
        by_id["goals"]["source"] += "\n- read what is new."
        all_cells.insert(3, nbformat.v4.new_code_cell("from lessonlib.color import NEW\nNEW", id="new-run"))

    change(place, edit)
    anna.pull(place.source.as_uri())
    notebook = anna.read(LESSON)
    nbformat.validate(nbformat.from_dict(notebook))
    after = cells(notebook)
    assert after["exercise-separable"]["source"] == "exercise.separable.check(4711)"
    assert notebook["cells"][-1]["source"] == "A note of my own."
    assert "read what is new" in after["goals"]["source"]
    with anna.kernel(LESSON) as kernel:
        (shown,) = kernel.run(after["new-run"]["source"])
    assert shown["data"]["text/plain"] == "3"


def test_where_both_changed_a_cell_the_student_s_stays(place, anna):
    """Also in a notebook that the student has run from top to bottom, so that every cell of it has changed."""
    mine = anna.read(LESSON)
    cells(mine)["exercise-groups"]["source"] = "exercise.three_groups.check('mine')"
    for number, cell in enumerate(each for each in mine["cells"] if each["cell_type"] == "code"):
        cell["execution_count"] = 100 + number
    anna.save(LESSON, mine)
    change(place, lambda by_id, _: by_id["exercise-groups"].update(source="exercise.three_groups.check('theirs')"))
    anna.pull(place.source.as_uri())
    notebook = anna.read(LESSON)
    nbformat.validate(nbformat.from_dict(notebook))
    assert cells(notebook)["exercise-groups"]["source"] == "exercise.three_groups.check('mine')"


def test_a_server_that_nobody_uses_is_stopped(tmp_path):
    if lacking := running_hub.missing():
        pytest.skip(lacking)
    soon = "c.JupyterHub.services[0]['command'][3:] = ['--timeout=5', '--cull-every=1']"
    with running_hub.hub(tmp_path, soon) as address:
        user = User(address, "chloé").start()
        wait_for(lambda: not user.asked()["server"], 60, "the end of an idle server")


def test_the_values_for_kubernetes_say_what_the_configuration_of_one_server_says():
    values = yaml.safe_load((HUB / "values.yaml").read_text(encoding="utf-8"))
    one_server = settings(HUB / "jupyterhub_config.py")
    user = values["singleuser"]
    assert user["memory"]["limit"] == one_server["c.Spawner.mem_limit"]
    assert user["cpu"]["limit"] == one_server["c.Spawner.cpu_limit"]
    assert one_server["c.Spawner.environment"].items() <= user["extraEnv"].items()
    assert user["defaultUrl"] == one_server["c.Spawner.default_url"]
    (culler,) = one_server["c.JupyterHub.services"]
    assert culler["command"][-1] == f"--timeout={values['cull']['timeout']}" and values["cull"]["enabled"]
    assert re.fullmatch(r"v\d+\.\d+\.\d+", user["image"]["tag"])


def settings(path):
    """{what is set: its value} of a configuration, as far as it is plain data."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            source = ast.unparse(statement.value).replace("sys.executable", repr(sys.executable))
            try:
                found[ast.unparse(statement.targets[0])] = ast.literal_eval(source)
            except ValueError:
                continue  # what JupyterHub gives
    return found


def test_the_link_in_the_guide_is_the_one_that_is_tried_here():
    guide = (HUB / "README.md").read_text(encoding="utf-8")
    (link,) = re.findall(r"https://\S+/hub/user-redirect/git-pull\?(\S+)", guide)
    given = dict(part.split("=") for part in link.split("&"))
    assert given["repo"] == f"https://github.com/{REPOSITORY}"
    assert given["branch"] == "main" and given["targetpath"] == running_hub.COURSE
    first = given["urlpath"].removeprefix(f"lab/tree/{running_hub.COURSE}/")
    assert (ROOT / first).is_file()
