"""Every exercise of every lesson: open, right, and wrong in each way that it knows."""

import importlib
import itertools
import pkgutil

import pytest

import lessonlib.exercises
from lessonlib.comparing import same
from lessonlib.conventions import other_words

WORDS = [module.name for module in pkgutil.iter_modules(lessonlib.exercises.__path__)]
SHEETS = {word: importlib.import_module(f"lessonlib.exercises.{word}").sheet for word in WORDS}
EXERCISES = [pytest.param(each, id=f"{word}-{each.name}") for word, sheet in SHEETS.items() for each in sheet.exercises]
MISTAKES = [
    pytest.param(each, mistake, id=f"{word}-{each.name}-{mistake.answer.__name__}")
    for word, sheet in SHEETS.items()
    for each in sheet.exercises
    for mistake in each.mistakes
]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_unanswered_it_says_what_to_do(exercise):
    report = exercise.check(...)
    assert report.symbol == "○" and exercise.task in report.message


@pytest.mark.parametrize("exercise", [each for each in EXERCISES if each.values[0].cases])
def test_a_function_that_returns_dots_is_unanswered(exercise):
    assert exercise.check(lambda *args, **kwargs: ...).symbol == "○"


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_reference_is_right_and_told_a_new_fact(exercise):
    report = exercise.check(exercise.answer(exercise.reference))
    assert report.symbol == "✓" and exercise.fact in report.message


@pytest.mark.parametrize("exercise, mistake", MISTAKES)
def test_a_mistake_is_answered_by_its_own_sentence(exercise, mistake):
    report = exercise.check(exercise.answer(mistake.answer))
    assert report.symbol == "✗" and mistake.because in report.message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_mistakes_are_told_apart(exercise):
    assert len(exercise.mistakes) >= 2
    results = [exercise._results(exercise.answer(mistake.answer)) for mistake in exercise.mistakes]
    for one, other in itertools.combinations(results, 2):
        assert not all(same(a, b, exercise.tolerance) for a, b in zip(one, other))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_texts_are_there_and_whole(exercise):
    sentences = [exercise.task, exercise.fact, *exercise.hints, *(mistake.because for mistake in exercise.mistakes)]
    assert len(exercise.hints) >= 2 and all(sentence.strip() for sentence in sentences)
    assert not list(other_words("\n".join([exercise.title, *sentences])))
    assert all(
        sentence.rstrip("`)").endswith((".", "?", "...", ")")) or "=" in sentence or "*" in sentence
        for sentence in sentences
    )


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nonsense_is_wrong_and_never_raises(exercise):
    for nonsense in (None, object(), [], {}, "", float("nan"), float("inf"), b"x", [[1], [2, 3]], 10**400, lambda: 1):
        report = exercise.check(nonsense)
        assert report.symbol == "✗" and len(report.message) > 10 and "0x" not in repr(report)
