"""Every exercise of every lesson: open, right, and wrong in each way that it knows."""

import importlib
import pkgutil

import pytest

import lessonlib.exercises
from coursetools.conventions import other_words
from lessonlib.checking import Function

WORDS = [module.name for module in pkgutil.iter_modules(lessonlib.exercises.__path__)]
SHEETS = {word: importlib.import_module(f"lessonlib.exercises.{word}").sheet for word in WORDS}
EXERCISES = [pytest.param(each, id=f"{word}-{each.name}") for word, sheet in SHEETS.items() for each in sheet.exercises]
DRAWN = [
    pytest.param(each, id=f"{word}-{each.name}")
    for word, sheet in SHEETS.items()
    for each in sheet.exercises
    if each.draw
]
each_exercise = pytest.mark.parametrize("exercise", EXERCISES)


def answer(exercise, function):
    """What a student hands over for a reference or a mistake: a function itself, or its value."""
    return exercise.first.answer(function)


@each_exercise
def test_unanswered_it_says_what_to_do(exercise):
    report = exercise.check(...)
    assert report.symbol == "○" and exercise.first.key.task in report.message


@pytest.mark.parametrize("exercise", [each for each in EXERCISES if isinstance(each.values[0].kind, Function)])
def test_a_function_that_returns_dots_is_unanswered(exercise):
    assert exercise.check(lambda *args, **kwargs: ...).symbol == "○"


@each_exercise
def test_the_reference_is_right_and_told_a_new_fact(exercise):
    report = exercise.check(answer(exercise, exercise.reference))
    assert report.symbol == "✓" and exercise.first.key.fact in report.message


@each_exercise
def test_each_mistake_is_answered_by_its_own_sentence(exercise):
    for mistake, known in zip(exercise.mistakes, exercise.first.key.mistakes, strict=True):
        report = exercise.check(answer(exercise, mistake.answer))
        assert report.symbol == "✗" and report.mistake == mistake.name, f"{mistake.name}: {report}"
        assert known.because[1:] in report.message


@each_exercise
def test_mistakes_are_told_apart(exercise):
    assert len(exercise.mistakes) >= 2
    names = [mistake.name for mistake in exercise.mistakes]
    assert len(set(names)) == len(names)


@each_exercise
def test_texts_are_there_and_whole(exercise):
    key, hints = exercise.first.key, exercise.first.to_dict()["hints"]
    sentences = [key.task, key.fact, *hints, *(mistake.because for mistake in key.mistakes)]
    assert len(hints) >= 2 and all(sentence.strip() for sentence in sentences)
    assert not list(other_words("\n".join([exercise.title, *sentences])))
    may_be_code = hints[-1]
    unfinished = [each for each in sentences if each != may_be_code and not each.rstrip("`)").endswith((".", "?"))]
    assert unfinished == []


NONSENSE = (None, object(), [], {}, "", float("nan"), float("inf"), b"x", [[1], [2, 3]], 10**400, lambda: 1)


@each_exercise
def test_nonsense_is_wrong_and_never_raises(exercise):
    for nonsense in NONSENSE:
        report = exercise.check(nonsense)
        assert report.symbol == "✗" and len(report.message) > 10 and "0x" not in repr(report)


@pytest.mark.parametrize("exercise", DRAWN)
def test_other_numbers_tell_all_mistakes_apart_and_fit_their_texts(exercise):
    for seed in range(200):
        question = exercise.another(seed)
        assert question.tells_mistakes_apart()
        assert all("{" not in text for text in (question.key.task, question.key.fact, *question.to_dict()["hints"]))
    assert len({str(exercise.another(seed).to_dict()["given"]) for seed in range(200)}) > 10


@pytest.mark.parametrize("exercise", DRAWN)
def test_another_question_is_answered_like_the_lesson_s_own(exercise):
    question = exercise.another(seed=7)
    assert question.check(question.answer(exercise.reference)).symbol == "✓"
    for mistake in exercise.mistakes:
        assert question.check(question.answer(mistake.answer)).mistake == mistake.name


def test_many_exercises_have_other_numbers():
    assert len(DRAWN) >= 20
