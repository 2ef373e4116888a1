"""Whose a notebook is, as a table: each class by the paths of what it handed in, who that is, and what is doubtful."""

import csv

import pytest

from coursetools.classroom.roster import Roster, read
from coursetools.classroom.whose import whose

LESSONS = ["01_parameters", "02_filters"]
CLASSES = {
    "Moodle": """
        Anna Lee_4711_assignsubmission_file_/01_parameters.ipynb                -> Anna Lee
        Ben Ode_4712_assignsubmission_file_/work/01_parameters.ipynb            -> Ben Ode
        sheet-2/Ben Ode_5001_assignsubmission_file_/x/02_filters.ipynb          -> Ben Ode
        Cem Ak_4713_assignsubmission_file_01_parameters.ipynb                   -> Cem Ak
    """,
    "Moodle, two of one name": """
        Anna Lee_11_assignsubmission_file_/01_parameters.ipynb                  -> Anna Lee (11)
        Anna Lee_12_assignsubmission_file_/01_parameters.ipynb                  -> Anna Lee (12)
        Ben Ode_13_assignsubmission_file_/01_parameters.ipynb                   -> Ben Ode
        ? of one name, and counted as several students by numbers or groups: Anna Lee
    """,
    "Moodle with blind marking": """
        Participant_500_assignsubmission_file_/01_parameters.ipynb              -> Participant 500
        Participant_501_assignsubmission_file/01_parameters.ipynb               -> Participant 501
        Participant_733_assignsubmission_file/02_filters.ipynb                  -> Participant 733
        ? nobody is joined over 01_parameters, 02_filters
    """,
    "Moodle with blind marking, in German": """
        Teilnehmerin_500_assignsubmission_file_/01_parameters.ipynb             -> Teilnehmerin (500)
        Teilnehmerin_501_assignsubmission_file_/01_parameters.ipynb             -> Teilnehmerin (501)
        ? of one name
    """,
    "Canvas": """
        leeanna_1234_55511_01_parameters.ipynb                                  -> leeanna
        leeanna_LATE_1234_66711_02_filters-1.ipynb                              -> leeanna
        odeben_1235_55512_all my work/notebooks/01_parameters.ipynb             -> odeben
        anon_x7Kp2_55513_01_parameters.ipynb                                    -> anon_x7Kp2
    """,
    "Canvas, two of one name": """
        leeanna_1234_55511_01_parameters.ipynb                                  -> leeanna (1234)
        leeanna_1299_55512_01_parameters.ipynb                                  -> leeanna (1299)
        leeanna_1299_66712_02_filters.ipynb                                     -> leeanna (1299)
        ? of one name
    """,
    "Blackboard": """
        Lesson 1_alee_attempt_2026-11-20-10-00-00_01_parameters.ipynb           -> alee
        Lesson 1_alee_attempt_2026-11-21-10-00-00_mine.ipynb                    -> alee
        Lesson 2_alee_attempt_2026-11-28-10-00-00_02_filters.ipynb              -> alee
    """,
    "Blackboard, user names with a _": """
        Lesson 1_jane_doe_attempt_2026-11-20-10-00-00_01_parameters.ipynb       -> doe (Lesson 1_jane)
        Lesson 1_john_doe_attempt_2026-11-20-10-00-00_01_parameters.ipynb       -> doe (Lesson 1_john)
        ? of one name
    """,
    "Brightspace": """
        123-456 - Jane Doe - Jan 31, 2026 1000 AM/01_parameters.ipynb           -> Jane Doe
        123-456 - Jane Doe - Jan 31, 2026 0100 PM/01_parameters.ipynb           -> Jane Doe
        124-456 - Ben Ode-Lee - Jan 31, 2026 1000 AM/01_parameters.ipynb        -> Ben Ode-Lee
        125-456 - Cem Ak - Jan 31, 2026 1000 AM - 01_parameters.ipynb           -> Cem Ak
    """,
    "nbgrader": """
        course/source/ps1/01_parameters.ipynb                                   ->
        course/release/ps1/01_parameters.ipynb                                  ->
        course/submitted/anna/ps1/01_parameters.ipynb                           -> anna
        course/submitted/ben/ps1/01_parameters.ipynb                            -> ben
        course/autograded/anna/ps1/01_parameters.ipynb                          ->
        course/cleaned/ben/ps1/01_parameters.ipynb                              ->
    """,
    "what looks like Canvas, and is a course": """
        project_1_2026_submissions/anna/01_parameters.ipynb                     -> anna
        project_1_2026_submissions/ben/01_parameters.ipynb                      -> ben
    """,
    "nbgrader, with assignments that nobody foresees": """
        submitted/anna/intro/01_parameters.ipynb                                -> anna
        submitted/anna/next/02_filters.ipynb                                    -> anna
        submitted/ben/intro/01_parameters.ipynb                                 -> ben
    """,
    "one folder of nbgrader": """
        anna/ps1/01_parameters.ipynb                                            -> anna
        anna/ps2/02_filters.ipynb                                               -> anna
        ben/ps1/01_parameters.ipynb                                             -> ben
    """,
    "a template at the top, and in a group": """
        01_parameters.ipynb                                                     ->
        tutorial A/01_parameters.ipynb                                          ->
        tutorial A/anna/01_parameters.ipynb                                     -> anna
        tutorial A/ben/01_parameters.ipynb                                      -> ben
        tutorial B/cem/01_parameters.ipynb                                      -> cem
    """,
    "weeks": """
        week 1/anna/01_parameters.ipynb                                         -> anna
        week 2/anna/02_filters.ipynb                                            -> anna
        week 2/anna/01_parameters.ipynb                                         -> anna
        2026-02-07/ben/01_parameters.ipynb                                      -> ben
    """,
    "weeks in another language": """
        Woche 1/anna/01_parameters.ipynb                                        -> anna
        Woche 1/ben/01_parameters.ipynb                                         -> ben
        Woche 2/anna/02_filters.ipynb                                           -> anna
    """,
    "groups": """
        Mo/Anna/01_parameters.ipynb                                             -> Anna (Mo)
        Mo/Ben/01_parameters.ipynb                                              -> Ben
        Di/Anna/01_parameters.ipynb                                             -> Anna (Di)
        Di/Cem/01_parameters.ipynb                                              -> Cem
        ? by numbers or groups: Anna
    """,
    "groups that hand in together": """
        group-1/01_parameters.ipynb                                             -> group-1
        group(3)/01_parameters.ipynb                                            -> group(3)
        ? may be a group: group(3), group-1
    """,
    "folders in their folders": """
        anna/stuff/01_parameters.ipynb                                          -> anna
        ben/stuff/01_parameters.ipynb                                           -> ben
        cem/01_parameters.ipynb                                                 -> cem
        cem/convolution-course-main/notebooks/02_filters.ipynb                  -> cem
        dora/my homework (final)/01_parameters.ipynb                            -> dora
    """,
    "by the files' names": """
        01_parameters.ipynb                                                     ->
        class 7b/01_parameters_anna_lee.ipynb                                   -> anna lee
        class 7b/Ben-01_parameters(2).ipynb                                     -> Ben
        class 7b/chloé.ipynb                                                    -> chloé
    """,
    "by the files' names, in a folder that could be a person": """
        Mo/01_parameters_anna.ipynb                                             -> anna
        Mo/01_parameters_ben.ipynb                                              -> ben
        ? 2 notebooks of 01_parameters in Mo: each is taken for another student's
    """,
    "numbered by a browser": """
        class 7b/01_parameters.ipynb                                            -> class 7b/01_parameters.ipynb
        class 7b/01_parameters (1).ipynb                                        -> class 7b/01_parameters (1).ipynb
        ? do not say whose they are, and count each for itself
    """,
    "many in a folder that could be a person": """
        Mo/01_parameters.ipynb                                                  -> Mo/01_parameters.ipynb
        Mo/01_parameters (1).ipynb                                              -> Mo/01_parameters (1).ipynb
        Mo/01_parameters (2).ipynb                                              -> Mo/01_parameters (2).ipynb
        Mo/01_parameters (3).ipynb                                              -> Mo/01_parameters (3).ipynb
        ? 4 notebooks of 01_parameters in Mo: each is taken for another student's
        ? do not say whose they are
    """,
    "copies of one student": """
        anna/01_parameters.ipynb                                                -> anna
        anna/01_parameters-Copy1.ipynb                                          -> anna
        anna/01_parameters_final (1).ipynb                                      -> anna
        ben/attempt 1/01_parameters.ipynb                                       -> ben
        ben/attempt 2/01_parameters.ipynb                                       -> ben
    """,
    "many folders of one name": """
        week 1/anna/01_parameters.ipynb                                         -> anna
        week 2/anna/01_parameters.ipynb                                         -> anna
        week 3/anna/01_parameters.ipynb                                         -> anna
        week 4/anna/01_parameters.ipynb                                         -> anna
        ? 4 files of 01_parameters under one name: is 'anna' a student?
    """,
    "one name spelled in two ways, numbers and other alphabets": """
        Anna Lee/01_parameters.ipynb                                            -> Anna Lee
        anna_lee/02_filters.ipynb                                               -> Anna Lee
        4711001/01_parameters.ipynb                                             -> 4711001
        李明/01_parameters.ipynb                                                -> 李明
        İpek/01_parameters.ipynb                                                -> İpek
    """,
    "one notebook alone": """
        01_parameters.ipynb                                                     -> 01_parameters.ipynb
        ? do not say whose they are
    """,
}


def lesson_of(path):
    return next((lesson for lesson in LESSONS if lesson in path), LESSONS[0])


@pytest.mark.parametrize("name", CLASSES)
def test_whose_each_file_is_and_what_is_doubtful(name):
    lines = [line.strip() for line in CLASSES[name].strip().splitlines()]
    table = dict(map(str.strip, line.split("->")) for line in lines if not line.startswith("?"))
    owners, doubts = whose({path: lesson_of(path) for path in table}, LESSONS, Roster())
    assert {path: owner.name for path, owner in owners.items()} == table
    said = [line[2:] for line in lines if line.startswith("?")]
    assert len(doubts) == len(said) and all(words in doubt for words, doubt in zip(said, doubts, strict=True)), doubts


@pytest.mark.parametrize(
    "earlier, later",
    [
        ("L1_alee_attempt_2026-11-09-10-00-00_x.ipynb", "L1_alee_attempt_2026-11-10-09-00-00_x.ipynb"),
        ("1-2 - Jane - Jan 31, 2026 1159 AM/x.ipynb", "1-2 - Jane - Jan 31, 2026 1200 PM/x.ipynb"),
        ("1-2 - Jane - Dec 9, 2025 0900 AM/x.ipynb", "1-2 - Jane - Jan 10, 2026 0900 AM/x.ipynb"),
        ("leeanna_1234_9999_x.ipynb", "leeanna_LATE_1234_10001_x-1.ipynb"),
    ],
)
def test_the_later_attempt_is_known_by_what_the_platform_writes(earlier, later):
    owners, _ = whose({earlier: LESSONS[0], later: LESSONS[0]}, LESSONS, Roster())
    assert owners[earlier].name == owners[later].name and owners[earlier].attempt < owners[later].attempt


LISTS = {
    "Canvas": (
        'Student,ID,SIS Login ID,Section,HW1\n"   Points Possible",,,,10\n"Lee, Anna",1234,alee,A,7\n"Lee, Anna",1299,alee2,A,3\n'
        '"Ode, Ben",1235,bode,A,9\n"Student, Test",9,,,\n',
        ["Lee, Anna", "Lee, Anna (1299)", "Ode, Ben"],
        {
            "leeanna_1234_5551_x.ipynb": "Lee, Anna",
            "leeanna_LATE_1299_5552_x.ipynb": "Lee, Anna (1299)",
            "ben_ode/x.ipynb": "Ode, Ben",
            "Lesson 1_alee2_attempt_2026-11-20-10-00-00_x.ipynb": "Lee, Anna (1299)",
        },
    ),
    "Moodle": (
        "Identifier;Full name;Email address;Status\nParticipant 11;Anna Lee;anna.lee@x.edu;-\nParticipant 12;Jane de la Cruz;jcruz@x.edu;-\n",
        ["Anna Lee", "Jane de la Cruz"],
        {
            "Participant_11_assignsubmission_file_/x.ipynb": "Anna Lee",
            "Tutorial A-Jane de la Cruz_99_assignsubmission_file_/x.ipynb": "Jane de la Cruz",
            "Mo/01_parameters_jcruz (1).ipynb": "Jane de la Cruz",
        },
    ),
    "Blackboard": (
        "Last Name\tFirst Name\tUsername\nDoe\tJane\tjane_doe\nDoe\tJohn\tjohn_doe\n",
        ["Jane Doe", "John Doe"],
        {
            "Lesson 1_jane_doe_attempt_2026-11-20-10-00-00_x.ipynb": "Jane Doe",
            "1-2 - John Doe - Jan 31, 2026 1159 AM/x.ipynb": "John Doe",
        },
    ),
    "nbgrader": (
        "name\nanna\nben\n",
        ["anna", "ben"],
        {"submitted/anna/ps1/x.ipynb": "anna", "autograded/anna/ps1/x.ipynb": "", "submitted/ben/ps1/x.ipynb": "ben"},
    ),
    "names alone": ("Anna Lee\nBen Ode\n", ["Anna Lee", "Ben Ode"], {"Anna Lee/stuff/x.ipynb": "Anna Lee"}),
}


@pytest.mark.parametrize("platform", LISTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_the_list_of_a_class_says_who_it_is(platform, encoding, tmp_path):
    text, names, found = LISTS[platform]
    (tmp_path / "class.csv").write_text(text, encoding=encoding)
    roster = read(tmp_path / "class.csv")
    assert roster.names == names
    owners, doubts = whose(dict.fromkeys(found, LESSONS[0]), LESSONS, roster)
    assert {path: owner.name for path, owner in owners.items()} == found and not doubts


def test_who_is_not_in_the_list_or_twice_is_told():
    roster = Roster(csv.reader(["name,id", "Anna Lee,7", "Anna Lee,8", "Ben Ode,1"]))
    paths = ["Anna Lee/x.ipynb", "Eve/01_parameters (1).ipynb", "Ben Ode/x.ipynb"]
    owners, doubts = whose(dict.fromkeys(paths, LESSONS[0]), LESSONS, roster)
    assert [owner.name for owner in owners.values()] == ["Anna Lee", "Eve", "Ben Ode"]
    assert doubts == ["not in the list of the class, or there twice: Anna Lee, Eve"]
