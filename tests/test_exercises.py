"""Every exercise of every lesson: open, right, and wrong in each way that it knows."""

import functools
import importlib
import pkgutil
from dataclasses import replace

import pytest

import lessonlib.exercises
from lessonlib.checking import Function, Mistake

WORDS = [module.name for module in pkgutil.iter_modules(lessonlib.exercises.__path__)]
SHEETS = {word: importlib.import_module(f"lessonlib.exercises.{word}").sheet for word in WORDS}
EXERCISES = {f"{word}-{each.name}": each for word, sheet in SHEETS.items() for each in sheet.exercises + sheet.drills}
DRAWN = {name: each for name, each in EXERCISES.items() if each.draw}
each_exercise = pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)


@each_exercise
def test_unanswered_it_says_what_to_do_and_computes_nothing(exercise):
    @functools.wraps(exercise.reference)  # its source is read
    def computes(*_, **__):
        pytest.fail("something is computed before there is an answer")

    mistakes = [Mistake(mistake.name, computes, mistake.because) for mistake in exercise.mistakes]
    unanswered = replace(exercise, reference=computes, mistakes=mistakes, sheet=None)
    answers = [..., [..., ...], *([lambda *args, **kwargs: ...] if isinstance(exercise.kind, Function) else [])]
    for report in map(unanswered.check, answers):
        assert report.symbol == "○" and report.message.endswith(exercise.text(exercise.task))
    assert exercise.text(exercise.task) in repr(unanswered) and unanswered._repr_html_() and unanswered.hint()
    assert "key" not in vars(unanswered)


@each_exercise
def test_the_reference_is_right_and_each_mistake_has_its_own_sentence(exercise):
    report = exercise.check(exercise.answer(exercise.reference))
    assert report.symbol == "✓" and exercise.key.fact in report.message
    for mistake, known in zip(exercise.mistakes, exercise.key.mistakes, strict=True):
        report = exercise.check(exercise.answer(mistake.answer))
        assert report.symbol == "✗" and report.mistake == mistake.name and known.because[1:] in report.message, report


@each_exercise
def test_texts_are_there_and_whole(exercise):
    *hints, may_be_code = map(exercise.text, exercise.hints)
    because = [exercise.text(mistake.because) for mistake in exercise.mistakes]
    sentences = [exercise.text(exercise.task), exercise.text(exercise.fact), *hints, *because]
    assert hints and may_be_code and len({mistake.name for mistake in exercise.mistakes}) == len(because) >= 2
    assert [sentence for sentence in sentences if not sentence.rstrip("`)").endswith((".", "?"))] == []


@each_exercise
def test_nonsense_is_wrong_and_never_raises(exercise):
    for nonsense in (None, object(), [], "", float("nan"), [[1], [2, 3]], lambda: 1):
        report = exercise.check(nonsense)
        assert report.symbol == "✗" and len(report.message) > 10 and "0x" not in repr(report)


def check_other_numbers(exercise, seeds):
    """Whether there are draws that tell all mistakes apart, they differ, and their texts hold their numbers."""
    others = [exercise.another(seed) for seed in seeds]
    assert len({str(other.given) for other in others}) > min(10, len(seeds) / 10)
    for other in others:
        texts = [other.task, other.fact, *other.hints, *(mistake.because for mistake in other.mistakes)]
        assert not any("{" in other.text(text) for text in texts)


@pytest.mark.parametrize("exercise", DRAWN.values(), ids=DRAWN)
def test_other_numbers_are_answered_like_the_lesson_s_own(exercise):
    check_other_numbers(exercise, range(20))
    other = exercise.another(seed=7)
    assert other.check(other.answer(exercise.reference)).symbol == "✓"
    for mistake in exercise.mistakes:
        assert other.check(other.answer(mistake.answer)).mistake == mistake.name


def test_what_is_done_by_hand_can_be_asked_again_and_a_drill_begins_with_easy_numbers():
    assert len(DRAWN) >= 30
    easy, hard = ([SHEETS["pooling"].field_and_jump.another(seed) for seed in seeds] for seeds in ((1, 5), (6, 9)))
    assert {len(other.given["windows"]) for other in easy} == {2}
    assert {4} == {len(other.given["windows"]) for other in hard}
