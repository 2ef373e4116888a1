"""What did my class get wrong? python -m coursetools.classroom FOLDER tells, from the notebooks that students handed in.

python -m coursetools.classroom --nbgrader 03 COURSE   writes the problem sheet of a lesson into nbgrader's folder COURSE
python -m coursetools.classroom --mark 03 COURSE       marks with nbgrader what students handed in there
"""

import argparse
import sys
from pathlib import Path

from coursetools.classroom import collecting, counting, marks, showing
from coursetools.lesson import lessons

OUTPUT = Path("build/classroom")  # which git does not keep: it holds names


def tell(place: Path, output: Path) -> None:
    """Print what a class answered, and write it as class.html and class.csv. Raises NotRead where nothing was handed in."""
    asked = {lesson.name: {exercise.name: exercise for exercise in lesson.sheet.exercises} for lesson in lessons()}
    hand_ins, passed_over = collecting.collect(collecting.files(place), asked)
    for name, why in passed_over:
        print(f"{name} is passed over: {why}", file=sys.stderr)
    if not hand_ins:
        raise collecting.NotRead("holds no notebook of the course that can be read")
    counted = list(counting.count(hand_ins, asked))
    for lesson in counted:
        print(showing.table(lesson), end="\n\n")
    output.mkdir(parents=True, exist_ok=True)
    showing.write_csv(counted, output / "class.csv")
    showing.write_page(counted, passed_over, output / "class.html")
    print(f"Each student: {output / 'class.html'} and {output / 'class.csv'}")
    print("Read as saved, nothing was run: what is stored can be old, or forged. For marks there is --nbgrader.")


def mark(number: str, course: Path) -> int:
    """Mark a lesson, and say who was, and who wasn't. Returns the exit status: 1 where somebody needs a look."""
    faults = 0
    for student, fault in marks.mark(number, course):
        print(f"{student} {fault or 'is marked'}", file=sys.stderr if fault else sys.stdout, flush=True)
        faults += bool(fault)
    return int(faults > 0)


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit status: 0 if there was something to tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", type=Path, help="a folder or zip of notebooks handed in; with --nbgrader, its course")
    parser.add_argument("--output", type=Path, default=OUTPUT, help=f"folder for page and CSV, by default {OUTPUT}")
    parser.add_argument("--nbgrader", metavar="LESSON", help="the number of the lesson")
    parser.add_argument("--seeds", action="store_true", help="with --nbgrader: numbers of their own for every student")
    parser.add_argument("--mark", metavar="LESSON", help="the number of the lesson")
    options = parser.parse_args(arguments)
    try:
        if options.nbgrader:
            print(marks.write_problem_sheet(options.nbgrader, options.place, options.seeds))
        elif options.mark:
            return mark(options.mark, options.place)
        else:
            tell(options.place, options.output)
    except (collecting.NotRead, OSError, ValueError) as fault:
        print(f"{options.place}: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
