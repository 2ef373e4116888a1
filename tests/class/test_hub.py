"""The hub of a class: a real JupyterHub with the course's configuration gives two users the lessons, and keeps their work."""

import re
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
import running_hub
import yaml
from running_hub import ROOT, User, commit, repository, wait_for
from traitlets.config import PyFileConfigLoader

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
    more = f"{running_hub.WITHOUT_SYSTEMD}\nc.Spawner.environment['LESSONS'] = {source.as_uri()!r}"
    with running_hub.hub(folder, more) as address:
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


def run_from_top_to_bottom(notebook):
    for number, cell in enumerate(each for each in notebook["cells"] if each["cell_type"] == "code"):
        cell["execution_count"] = 100 + number


def test_a_new_exercise_reaches_whoever_has_run_and_answered_the_one_before(place, anna):
    mine = anna.read(LESSON)
    run_from_top_to_bottom(mine)
    cells(mine)["exercise-weight-shape"]["source"] = "exercise.weight_shape.check((10, 3, 5, 5))"
    anna.save(LESSON, mine)

    def edit(by_id, all_cells):
        new = nbformat.v4.new_code_cell("exercise.new.check(...)", id="exercise-new")
        all_cells.insert(all_cells.index(by_id["exercise-weight-shape"]) + 1, new)
        for number, cell in enumerate(each for each in all_cells if each["cell_type"] == "code"):
            cell["execution_count"] = number + 1

    change(place, edit)
    anna.pull(place.source.as_uri())
    after = list(cells(anna.read(LESSON)).items())
    index = [name for name, _ in after].index("exercise-weight-shape")
    assert after[index][1]["source"] == "exercise.weight_shape.check((10, 3, 5, 5))"
    assert after[index + 1][0] == "exercise-new"


def test_where_both_changed_a_cell_the_student_s_stays(place, anna):
    """Also in a notebook that the student has run from top to bottom, so that every cell of it has changed."""
    mine = anna.read(LESSON)
    cells(mine)["exercise-groups"]["source"] = "exercise.three_groups.check('mine')"
    run_from_top_to_bottom(mine)
    anna.save(LESSON, mine)
    change(place, lambda by_id, _: by_id["exercise-groups"].update(source="exercise.three_groups.check('theirs')"))
    anna.pull(place.source.as_uri())
    notebook = anna.read(LESSON)
    nbformat.validate(nbformat.from_dict(notebook))
    assert cells(notebook)["exercise-groups"]["source"] == "exercise.three_groups.check('mine')"


def test_a_link_brings_no_other_repository_and_fills_no_other_folder(place, anna, tmp_path):
    """Code in the right folder, such as .ipython/profile_default/startup, would run as whoever clicked on the link."""
    for source, folder in [
        (repository(tmp_path).as_uri(), running_hub.COURSE),
        (place.source.as_uri(), ".jupyter"),
        (place.source.as_uri(), f"{running_hub.COURSE}/../../elsewhere"),
    ]:
        with pytest.raises(AssertionError, match="This link is not your course's"):
            anna.pull(source, folder)


def test_scripts_in_the_pulled_folder_stop_neither_a_server_nor_a_kernel(place, anna):
    for name in ("random", "queue", "types", "calendar", "torch", "tornado"):
        (place.homes / "anna" / running_hub.COURSE / f"{name}.py").write_text("raise SystemExit")
    anna.stop().start()
    with anna.kernel(LESSON) as kernel:
        (told,) = kernel.run(
            "import random, torch, lessonlib; print(random.__file__, torch.__file__, lessonlib.__file__)"
        )
    assert [str(place.homes) in file for file in told["text"].split()] == [False, False, True]


@pytest.mark.skipif(Path("/run/systemd/system").is_dir(), reason="systemd runs here")
def test_without_systemd_a_student_is_told_at_once(tmp_path):
    if lacking := running_hub.missing():
        pytest.skip(lacking)
    with running_hub.hub(tmp_path, more="") as address:
        with pytest.raises(AssertionError, match="systemd does not run here"):
            User(address, "anna")  # the page after the login


def test_a_server_that_nobody_uses_is_stopped(tmp_path):
    if lacking := running_hub.missing():
        pytest.skip(lacking)
    soon = "c.JupyterHub.services[0]['command'][3:] = ['--timeout=5', '--cull-every=1']"
    with running_hub.hub(tmp_path, f"{running_hub.WITHOUT_SYSTEMD}\n{soon}") as address:
        user = User(address, "chloé").start()
        wait_for(lambda: not user.asked()["server"], 60, "the end of an idle server")


def test_the_values_for_kubernetes_say_what_the_configuration_of_one_server_says():
    values = yaml.safe_load((HUB / "values.yaml").read_text(encoding="utf-8"))
    one_server = PyFileConfigLoader(str(HUB / "jupyterhub_config.py")).load_config()
    user = values["singleuser"]
    assert user["memory"]["limit"] == one_server.Spawner.mem_limit
    assert user["cpu"]["limit"] == one_server.Spawner.cpu_limit
    for name, value in user["extraEnv"].items():
        here = value.replace("python3", sys.executable).replace("/srv/convolution-course", str(ROOT))
        assert one_server.Spawner.environment[name] == here
    assert user["defaultUrl"] == one_server.Spawner.default_url
    (culler,) = one_server.JupyterHub.services
    assert culler["command"][-1] == f"--timeout={values['cull']['timeout']}" and values["cull"]["enabled"]
    assert re.fullmatch(r"v\d+\.\d+\.\d+", user["image"]["tag"])
    assert values["proxy"]["https"]["enabled"] and values["hub"]["config"]["Authenticator"]["admin_users"]


def test_one_server_listens_to_its_own_machine_and_lets_a_group_in():
    config = PyFileConfigLoader(str(HUB / "jupyterhub_config.py")).load_config()
    bind_url, api_url = config.JupyterHub.bind_url, config.ConfigurableHTTPProxy.api_url
    assert bind_url.startswith("http://127.0.0.1:") and api_url.startswith("http://127.0.0.1:")
    ports = [*(int(url.rpartition(":")[2]) for url in (bind_url, api_url)), config.JupyterHub.hub_port]
    assert max(ports) < 1024, "a student could listen there while the hub restarts, and be given passwords"
    assert "allow_all" not in config.Authenticator
    assert config.PAMAuthenticator.allowed_groups and config.PAMAuthenticator.admin_groups
    unit = (HUB / "jupyterhub.service").read_text(encoding="utf-8")
    assert "UMask=0077" in unit and "StateDirectoryMode=0700" in unit and str(tuple(ports)) in unit
    assert f"reverse_proxy 127.0.0.1:{ports[0]} " in (HUB / "Caddyfile").read_text(encoding="utf-8")


def test_the_link_in_the_guide_is_the_one_that_is_tried_here():
    guide = (HUB / "README.md").read_text(encoding="utf-8")
    (link,) = re.findall(r"https://\S+/hub/user-redirect/git-pull\?(\S+)", guide)
    given = dict(part.split("=") for part in link.split("&"))
    assert given["repo"] == f"https://github.com/{REPOSITORY}"
    assert given["branch"] == "main" and given["targetpath"] == running_hub.COURSE
    first = given["urlpath"].removeprefix(f"lab/tree/{running_hub.COURSE}/")
    assert (ROOT / first).is_file()
