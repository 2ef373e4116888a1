"""The page to look up has the terms of the lessons and computed numbers, and the exam names places that are there."""

import inspect
import re

import numpy as np
import torch
from torch import nn
from torchvision import models

from coursetools.lesson import NOTEBOOKS, ROOT, lessons
from lessonlib import color, parameters

PAGE = (NOTEBOOKS / "reference.md").read_text(encoding="utf-8")
EXAM = (ROOT / "hub" / "exam.md").read_text(encoding="utf-8")
TEXTS = {
    each.number: "\n".join(c.source for c in each.notebook().cells if c.cell_type == "markdown") for each in lessons()
}
# Bold in a lesson, and no term: stressed, or the beginning of a paragraph. A sentence is told by its end or its length.
STRESSED = {"Time", "Needs", "Predict", "one map", "opposes", "lower the resolution", "No sharing", "sharing"}
STRESSED |= {"overfits", "maximum"}


def test_the_words_are_the_terms_of_the_lessons_each_with_the_first_lesson_that_has_it():
    first = {}
    for number, text in TEXTS.items():
        for bold in re.findall(r"\*\*(.+?)\*\*", text):
            if bold not in STRESSED and bold[-1] not in ".?" and len(bold.split()) <= 4:
                first.setdefault(bold.lower().removesuffix("s"), number)  # filters and filter are one
    listed = re.findall(r"^- \*\*(.+?)\*\* \((\d\d)\): .+\.$", PAGE, re.MULTILINE)
    there = {(word.lower().removesuffix("s"), number) for word, number in listed}
    faults = [f"add - **{word}** ({number}): ..., or its bold to STRESSED" for word, number in first.items() - there]
    faults += [f"take out {word} ({number}): its first bold is not there" for word, number in there - first.items()]
    assert not faults, "\n".join(["Words of notebooks/reference.md:", *sorted(faults)])
    assert [word.lower() for word, _ in listed] == sorted(word.lower() for word, _ in listed)


@torch.no_grad()
def test_each_example_of_the_page_gives_the_number_beside_it():
    model = nn.Sequential(nn.Identity(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 1))
    model.load_state_dict({"3.weight": torch.tensor([[4.0, -2]]), "3.bias": torch.tensor([0.25])})
    names = {"model": model, "f": lambda x: 2 * x + 1}
    exec("; ".join(re.findall(r"`(import .+?|A = .+?)`", PAGE)), names)
    examples = re.findall(r"`([^`\n]+)` = (\[[^`|;]*\]|\([^)]*\)|-?\d+(?:,\d{3})*(?:\.\d+)?)", PAGE)
    assert len(examples) == PAGE.count("` = ") > 30
    for code, said in examples:
        number = eval(re.sub(r"(?<=\d),(?=\d{3})", "", said))
        np.testing.assert_allclose(eval(code, names), number, rtol=0, atol=0.005, err_msg=code)


def test_the_rows_of_conv2d_are_its_arguments_and_what_each_changes():
    _, _, *rows = [re.split(r" *\| *", line.replace("`", "")) for line in PAGE.splitlines() if line.count("|") == 9]
    defaults = {name: argument.default for name, argument in inspect.signature(nn.Conv2d).parameters.items()}
    assert [row[1] for row in rows] == ["none", *list(defaults)[:9]]
    for _, name, default, _, _, example, *said, _ in rows:
        layer = {"in_channels": 16, "out_channels": 32, "kernel_size": 3} | eval(f"dict({example})")
        height, width, *others = color.counted_by_pytorch(nn.Conv2d(**layer), (layer["in_channels"], 10, 10))
        assert said == [f"{others[0]} x {height} x {width}", *(f"{number:,}" for number in others[1:])]
        assert not default or (default == repr(defaults[name]) and example.startswith(f"{name}="))


def test_the_networks_of_the_story_have_as_many_parameters_as_it_says():
    with torch.device("meta"):
        alexnet, vgg16 = (parameters.count(build()) / 1e6 for build in (models.alexnet, models.vgg16))
    lenet5 = parameters.lenet5_of_1998().footer["parameters"]
    assert all(said in PAGE for said in (f"{lenet5:,} parameters", f"{alexnet:.0f} million", f"{vgg16:.0f} million"))


def test_the_exam_has_twelve_questions_and_names_headings_that_are_there():
    places = re.findall(r"^ +Answered in: (.+)$", EXAM, re.MULTILINE)
    named = re.findall(r"(\d\d) \*(.+?)\*", "; ".join(places))
    headings = {number: re.findall(r"^#+ (.+)$", text, re.MULTILINE) for number, text in TEXTS.items()}
    gone = [f"{number} {heading}" for number, heading in named if heading not in headings[number]]
    assert len(places) == 12 and not gone, f"hub/exam.md names headings that their lesson does not have: {gone}"
