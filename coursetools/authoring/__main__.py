"""Run, store and check lessons: what make author and make check call.

python -m coursetools.authoring                        runs every lesson of notebooks/, and stores it
python -m coursetools.authoring notebooks/NAME.ipynb   one of them
python -m coursetools.authoring --form                 stores the normal form, and runs nothing
python -m coursetools.authoring --check                only says what is wrong; runs and writes nothing
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from coursetools.authoring import conventions, prose
from coursetools.authoring.changes import changed
from coursetools.authoring.normal_form import normalise
from coursetools.authoring.storing import author, problems
from coursetools.lesson import Lesson, NotebookError, lessons, read


def faults_of(lesson: Lesson) -> Iterator[str]:
    """What is wrong with exercises: mistakes that no answer tells apart, words that are not the field's, bare code."""
    try:
        sheet = lesson.sheet
    except (ImportError, AttributeError) as error:
        yield f"it can't be imported: {error}"
        return
    for exercise in sheet.exercises + sheet.drills:
        try:
            yield from exercise.faults()
        except Exception as error:
            yield f"{exercise.name} can't be computed: {type(error).__name__}: {error}"
        if not exercise.fact.startswith("Right"):
            yield f"{exercise.name} does not begin its fact with Right, and why"
        because = [mistake.because for mistake in exercise.mistakes]
        text = "\n".join(map(exercise.text, [exercise.task, *exercise.hints[:-1], exercise.fact, *because]))
        yield from (f"{exercise.name} {fault}" for fault in (*prose.other_words(text), *prose.bare_code(text)))


def tell(path: Path, options: argparse.Namespace) -> bool:
    """Do what is asked with one notebook, and print what is wrong with it. Returns whether all is well."""
    name = os.path.relpath(path)
    try:
        faults = [] if options.check else conventions.before_it_runs(normalise(read(path)))
        if not options.check and not faults:
            author(path, runs=not options.form)
        faults = faults or problems(path)
    except NotebookError as error:
        faults = [str(error)]
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        faults = [f"left as it was, because a cell failed:\n{error}"]
    print("\n".join(f"{name}: {fault}" for fault in faults) or f"{name}: in order")
    if options.check and not faults and name in changed():
        for cell, numbers in prose.unshown_numbers(read(path)):
            print(f"    {cell} says {', '.join(numbers)}, which no cell shows: is it right?")
    return not faults


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit status: 0 if every notebook ran and keeps to the conventions."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, help="by default all of notebooks/")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help="only say what is wrong; run and write nothing")
    what.add_argument("--form", action="store_true", help="store the normal form; run nothing")
    options = parser.parse_args(arguments)
    all_well = [tell(path, options) for path in options.notebooks or [lesson.path for lesson in lessons()]]
    faults = []
    for lesson in lessons() if options.check and not options.notebooks else []:
        faults += [f"lessonlib/exercises/{lesson.word}.py: {fault}" for fault in faults_of(lesson)]
    print(*faults, sep="\n", end="\n" if faults else "")
    return int(not all(all_well) or bool(faults))


if __name__ == "__main__":
    sys.exit(main())
