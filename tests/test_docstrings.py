"""What a student reads under Shift+Tab: one line, or the sections of numpydoc, which name every argument; examples run."""

import doctest
import importlib
import inspect
import pkgutil
import re

import pytest

import lessonlib

ALL = [each.name for each in pkgutil.walk_packages(lessonlib.__path__, "lessonlib.")]
INSIDE = "lessonlib.checking", "lessonlib.exercises", "lessonlib.figures.canvas"
READ_BY_STUDENTS = [name for name in ALL if not name.startswith(INSIDE)]
SECTIONS = ["Parameters", "Returns", "Raises", "References", "Examples", "Attributes"]
SHORT = 2  # lines


def public_functions():
    for name in READ_BY_STUDENTS:
        for each in vars(importlib.import_module(name)).values():
            if inspect.isfunction(each) and each.__module__ == name and not each.__name__.startswith("_"):
                yield each


FUNCTIONS = list(public_functions())


def sections(function):
    """{title: lines} of a docstring, with what stands before the first section under ""."""
    found, title = {"": []}, ""
    lines = inspect.getdoc(function).splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch("-{3,}", below):
            title = line
            found[title] = []
        elif not re.fullmatch("-{3,}", line):
            found[title].append(line)
    return found


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda each: f"{each.__module__.split('.')[-1]}.{each.__name__}")
def test_a_docstring_is_short_or_names_every_argument(function):
    found = sections(function)
    assert set(found) - {""} <= set(SECTIONS) and list(found)[1:] == sorted(list(found)[1:], key=SECTIONS.index)
    if len(inspect.getdoc(function).splitlines()) <= SHORT:
        return
    heads = [line for line in found.get("Parameters", []) if line and not line.startswith(" ")]
    named = [name.strip() for line in heads for name in line.partition(" : ")[0].split(",")]
    signature = inspect.signature(function).parameters.values()
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    asked = [f"{stars.get(each.kind, '')}{each.name}" for each in signature if each.name != "caption"]  # all have it
    assert sorted(named) == sorted(asked)


@pytest.mark.parametrize("name", ALL)
def test_the_examples_of_a_module_give_what_they_say(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
