"""What did my class get wrong? python -m coursetools.classroom FOLDER tells, from the notebooks that students handed in.

python -m coursetools.classroom FOLDER --students class.csv   names them as the list of the class does, and who is missing
python -m coursetools.classroom --nbgrader 03 COURSE          writes the problem sheet of a lesson into nbgrader's COURSE
python -m coursetools.classroom --mark 03 COURSE              marks with nbgrader what students have handed in there
"""

import argparse
import sys
from pathlib import Path

OUTPUT = Path("build/classroom")  # which git does not keep: it holds names


def tell(place: Path, output: Path, students: Path | None = None) -> None:
    """Write what a class answered as a page and as CSV, and print what needs a look. Raises NotRead where nothing was
    handed in.
    """
    from coursetools.classroom import collecting, counting, files, questions, roster, showing

    listed = roster.read(students) if students else roster.Roster()
    asked = questions.questions()
    collected = collecting.collect(files.files(place), asked, listed)
    for name, why in collected.passed_over:
        print(f"{name} is passed over: {why}", file=sys.stderr)
    if all(each.fault for each in collected.hand_ins):
        raise files.NotRead("holds no notebook of the course that can be read")
    lessons = list(counting.count(collected.hand_ins, asked, listed.rows))
    for lesson in lessons:
        print(f"{lesson.lesson or 'Of no known lesson'}: {lesson.handed_in} handed in")
        for student, why in lesson.unreadable.items():
            print(f"{student} can't be read: {why}")
        for state, names in {"Missing": lesson.missing, "Perhaps missing": lesson.perhaps}.items():
            print(f"{state} in {lesson.lesson}: {', '.join(names)}\n" * bool(names), end="")
    for doubt in collected.doubts:
        print(f"Is this right? {doubt}")
    output.mkdir(parents=True, exist_ok=True)
    showing.write_answers(lessons, output / "class.csv")
    showing.write_students(lessons, listed, output / "students.csv")
    showing.write_page(lessons, collected, output / "class.html")
    page, students = output / "class.html", output / "students.csv"
    print(f"Begin with {page}; {students} has a row for each student, class.csv one for each answer.")
    print("Read as saved, nothing was run: what is stored can be old, or forged. For marks there is --nbgrader.")


def mark(number: str, course: Path) -> int:
    """Mark a lesson, and say who was, and who wasn't. Returns the exit status: 1 where somebody needs a look."""
    from coursetools.classroom import marks

    faults = 0
    for student, said, look in marks.mark(number, course):
        print(f"{student} {said}", file=sys.stderr if look else sys.stdout, flush=True)
        faults += look
    return int(faults > 0)


def main(arguments: list[str] | None = None) -> int:
    """The command line. Returns the exit status: 0 if there was something to tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("place", type=Path, help="a folder or zip of notebooks handed in; with --nbgrader, its course")
    parser.add_argument("--output", type=Path, default=OUTPUT, help=f"folder for page and CSV, by default {OUTPUT}")
    parser.add_argument("--students", type=Path, help="the list of the class, a CSV as your platform gives it")
    parser.add_argument("--nbgrader", metavar="LESSON", help="the number of the lesson")
    parser.add_argument("--seeds", action="store_true", help="with --nbgrader: numbers of their own for every student")
    parser.add_argument("--mark", metavar="LESSON", help="the number of the lesson")
    options = parser.parse_args(arguments)
    try:
        if options.nbgrader:
            from coursetools.classroom import marks

            print(marks.write_problem_sheet(options.nbgrader, options.place, options.seeds))
        elif options.mark:
            return mark(options.mark, options.place)
        else:
            tell(options.place, options.output, options.students)
    except (OSError, ValueError) as fault:
        print(f"{options.place}: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
