"""What a page says of an answer: what Python has foreseen, and of all else that people type the same as Python."""

import json
import os
import re
import shutil
import subprocess
from contextlib import suppress
from functools import cache

import numpy as np
import pytest

from coursetools.lesson import lessons
from coursetools.pages.bundle import WEB
from coursetools.pages.questions import as_data, as_json, is_judged
from lessonlib.checking import Behaviour, Choice, Function, Numbers, Outcome, Sheet
from lessonlib.checking.comparing import show

EXERCISES = [exercise for lesson in lessons() for exercise in lesson.sheet.exercises]
JUDGED = list(filter(is_judged, EXERCISES))
BY_NAME = {exercise.name: exercise for exercise in reversed(JUDGED)}  # of two with one name the first
DRAWS = 20 if "THOROUGH" in os.environ else 2

# {exercise: {answer in Python: what people type who mean it}}; \n ends a line.
TYPED = {
    "linear_layer": {
        "100480": r"""100480 | 100,480 | 100.480 | 100 480 | 100 480 | 100 480 | 100 480 | 100'480 | 100’480 | 100_480
            | 100,480.00 | 100.480,00 | 100480.0 | 100480. | 1.0048e5 | 0x18880 | 784*128+128 | 784 * 128 + 128 | 784 × 128 + 128
            | 784·128 + 128 | 784x128 + 128 | 785 * 128 | (784 + 1) * 128 | 128*(784+1) | 200960/2 | 200960 ÷ 2 | 317^2 - 9
            | 317**2-9 | 317² − 9 | x = 100480 | x=100,480 | n_parameters = 100480 | 784*128 + 128 = 100480 | answer: 100480
            | ≈ 100480 | ~100480 | 100480 parameters | 100,480 weights and biases | "100480" | '100480' | `100480` | (100480)
            | [100480] | tensor(100480) | np.int64(100480) | 100480  # weights and biases | +100480 | --100480 | 10048000 %""",
        "100352": "100352 | 100,352 | 784 * 128 | 784x128 | 28*28*128 | 28^2 * 128 | 28²·128 | 100 352 | 100.352",
        "-100480": "-100480 | −100480 | –100,480 | - 100 480",
        "1004.8": "100480% | 100480 % | 100.480 % | 1004,8 | 1.004,8 | 1 004,8 | 100480 per cent | 100480 percent",
        "100481": "100481 | 100,481 | 100.481 | 784*128 + 129 | 100481 parameters",
        "0.5": "1/2 | 0.5 | 0,5 | .5 | 50% | 50 % | ½ | 2**-1",
        "(100, 481)": "100, 481 | (100, 481) | [100, 481]",
        "[[1, 2], [3, 4]]": "[[1, 2], [3, 4]] | (1, 2); (3, 4)",
        "12345678901234567890": "12345678901234567890 | 12,345,678,901,234,567,890",
        "...": "... | … | | (...)",
    },
    "twice_the_side": {
        "4": "4 | 4.0 | 4,0 | 4x | 4 x | 4 times | 2*2 | 2 x 2 | 2^2 | 8/2 | 400% | 16 // 4 | 2 + 2 | 5 - 1 | 5 -1 | -(-4) | 004",
        "0.125": "0,125 | 0.125 | 1/8 | 12.5% | 12,5 %",
        "2": "2 | 2,00 | 200 % | 4/2 | factor = 2 | doubles: 2",
        "0.25": "1/4 | 0,25 | 25 % | 25% | 1 / 4",
        "4.0004": "4.0004 | 4,0004",
        "4.01": "4.01 | 4,01",
    },
    "conv_layer": {
        "4864": "4864 | 4,864 | 4 864 | 64*(3*5*5+1) | 64 * (3 * 5 * 5 + 1) | 64 × (3×5×5 + 1) | 64*75 + 64 | 4.864 | 4800 + 64",
        "4800": "4800 | 4,800 | 4.800 | 64*3*5*5 | 64 x 3 x 5 x 5 | 4 800 weights",
        "76": "76 | 3*5*5+1 | 75+1",
    },
    "linear_in_its_place": {"3692640": "3,692,640 | 3.692.640 | 3 692 640 | 3'692'640 | 3692640 | 784*4704 + 4704"},
    "stacked_size": {
        "5": "5 | 5x5 | 5×5 | 5 x 5 | 5 X 5 | (5, 5) | 5, 5 | [5, 5] | 5 pixels | 5 px | 5 x 5 pixels | 3 + 2 | 5.0 | 5,0",
        "6": "6 | 6x6 | 6 × 6 | (6, 6) | 3+3 | 6 pixels",
        "9": "9 | 9x9 | 3*3",
        "(5, 4)": "5x4 | 5 × 4 | (5, 4)",
        "7": "7 | 7x7",
    },
    "receptive_field": {"16": "16 | 16 pixels | 16x16 | 16 × 16 px | 6 + 10", "11": "11 | 11 x 11"},
    "pooled_side": {
        "32 / 3": "32/3 | 10,666666666666666 | 10.666666666666666",
        "10": "10 | 10 x 10",
        "11": "11 pixels",
    },
    "cell_angle": {
        "30": "30 | 30° | 30 ° | 30 degrees | 30 deg | 210 | -150 | 30.0 | 30,0 | 180 + 30",
        "150": "150 | -30 | −30° | 330",
        "75": "75 | 75 degrees | -105",
    },
    "output_shape": {
        "(10, 28, 28)": r"""(10, 28, 28) | [10, 28, 28] | 10, 28, 28 | 10,28,28 | 10 28 28 | [10 28 28] | 10 x 28 x 28 | 10x28x28
            | 10×28×28 | 10 × 28 × 28 | 10; 28; 28 | torch.Size([10, 28, 28]) | 10 channels, 28 rows, 28 columns | (10, 28, 28,)
            | 10, 32 - 4, 32-4 | np.array([10, 28, 28]) | tensor([10., 28., 28.]) | shape = (10, 28, 28) | [[10, 28, 28]]""",
        "7840": "7840 | 10 * 28 * 28 | 10*28*28 | 7,840",
        "(28, 28, 10)": "28, 28, 10 | 28 x 28 x 10 | (28,28,10)",
        "(30, 28, 28)": "30 28 28 | 30×28×28 | (30, 28, 28)",
        "(9, 28, 28)": "9, 28, 28 | 9 x 28 x 28",
        "(10, 28, 27)": "10, 28, 27 | 10 28 27",
        "(10, 28)": "10, 28 | 10 x 28",
        "12": "12",
    },
    "weight_shape": {
        "(10, 3, 5, 5)": "10 x 3 x 5 x 5 | 10, 3, 5, 5 | (10,3,5,5)",
        "(3, 10, 5, 5)": "3x10x5x5 | 3 10 5 5",
    },
    "one_step": {
        "[4, 4, 4, 4]": r"4, 4, 4, 4 | 4 4 4 4 | [4, 4, 4, 4] | [4. 4. 4. 4.] | 4;4;4;4 | 4\n4\n4\n4 | 4,0; 4,0; 4,0; 4,0",
        "[0, 4, 0, 4]": "0 4 0 4 | 0, 4, 0, 4 | [0. 4. 0. 4.]",
        "[4, 4, 4, 5]": "4 4 4 5 | 4, 4, 4, 5",
        "[2.5, 4, 4, 4]": "2,5; 4; 4; 4 | 2.5 4 4 4 | 5/2, 4, 4, 4",
    },
    "lenet_costs": {
        "(357600, 58920)": r"""357600, 58920 | 357,600; 58,920 | 357.600; 58.920 | 357,600, 58,920 | 357 600, 58 920
            | 357.600, 58.920 | (357600, 58920) | 357'600, 58'920 | 357600 58920 | 357_600, 58_920 | 357,600\n58,920""",
        "(58920, 357600)": "58,920; 357,600 | 58920, 357600",
        "(357600, 58921)": "357600, 58921 | 357,600; 58,921",
    },
    "gradient_and_cover": {
        "(0, 5)": "0, 5 | 0 5 | (0, 5)",
        "(-1, 5)": "-1, 5 | -1 5 | −1; 5",
        "(0.5, 5)": "0.5, 5 | 0,5; 5",
    },
    "first_map": {
        "[[19, 25], [37, 43]]": r"""[[19, 25], [37, 43]] | ((19, 25), (37, 43)) | [[19 25] [37 43]] | [[19 25]\n [37 43]]
            | 19 25\n37 43 | 19, 25\n37, 43 | 19,25\n37,43 | 19, 25;\n37, 43; | 19 25; 37 43 | [19, 25], [37, 43] | 19\t25\n37\t43
            | [19, 25],\n[37, 43] | (19, 25)\n(37, 43) | [19 25; 37 43] | array([[19, 25],\n       [37, 43]]) | 19 25\n\n37 43\n
            | tensor([[19., 25.],\n        [37., 43.]]) | tensor([[19., 25.], [37., 43.]], dtype=torch.float64) | 19.0 25.0\n37.0 43.0
            | np.array([[19, 25], [37, 43]]) | 0*0 + 1*1 + 3*2 + 4*3, 25\n37, 43 | 19,0 25,0\n37,0 43,0 | [[[19, 25], [37, 43]]]""",
        "[[19, 37], [25, 43]]": r"19 37\n25 43 | [[19 37] [25 43]] | 19, 37\n25, 43",
        "[[-19, -25], [-37, -43]]": r"-19, -25\n-37, -43 | -19 -25\n-37 -43 | [[-19 -25] [-37 -43]] | −19 −25\n−37 −43",
        "[[-1, -2], [-4, -5]]": r"-1, -2\n-4, -5 | -1 -2\n-4 -5 | [[-1 -2]\n [-4 -5]] | [[-1, -2], [-4, -5]]",
        "[[19, 25], [37, 42]]": r"19 25\n37 42 | [[19, 25], [37, 42]]",
        "[19, 25, 37, 43]": r"19 25 37 43 | 19, 25, 37, 43 | [19, 25, 37, 43]",
        "[[19, 25], [37]]": r"19 25\n37 | [[19, 25], [37]]",
        "[[19, 25, 0], [37, 43, 0]]": r"19 25 0\n37 43 0 | [[19, 25, 0], [37, 43, 0]]",
        "[[0.19, 0.25], [0.37, 0.43]]": r".19 .25\n.37 .43 | 0,19 0,25\n0,37 0,43 | 19% 25%\n37% 43%",
    },
    "cam_by_hand": {
        "[[7, 0], [4, 0]]": r"7 0\n4 0 | [[7. 0.]\n [4. 0.]]",
        "[[7, -3], [4, -3]]": r"7 -3\n4 -3 | 7, -3\n4, -3",
    },
    "three_groups": {
        "((24, 4, 3, 3), 888)": r"""((24, 4, 3, 3), 888) | (24, 4, 3, 3), 888 | [24, 4, 3, 3], 888 | 24 x 4 x 3 x 3, 888
            | 24x4x3x3\n888 | 24 4 3 3\n888 | 24, 4, 3, 3\n888 | 24, 4, 3, 3; 888""",
        "((24, 12, 3, 3), 888)": r"24 x 12 x 3 x 3, 888 | (24, 12, 3, 3), 888",
        "((24, 4, 3, 2), 888)": r"24 x 4 x 3 x 2, 888 | 24, 4, 3, 2\n888",
        "((24, 4, 3, 2), 887)": r"(24, 4, 3, 2), 887",
    },
    "shapes": {
        "[(8, 10, 10), (32, 5, 5), (64, 5, 5)]": r"""8 x 10 x 10\n32 x 5 x 5\n64 x 5 x 5 | (8, 10, 10), (32, 5, 5), (64, 5, 5)
            | 8, 10, 10\n32, 5, 5\n64, 5, 5 | 8x10x10, 32x5x5, 64x5x5 | [[8, 10, 10], [32, 5, 5], [64, 5, 5]]""",
        "[(8, 10, 10), (32, 5, 5), (64, 5, 4)]": r"8 10 10\n32 5 5\n64 5 4",
    },
    "edge_filter": {
        "[[-1, 1]]": "[[-1, 1]] | -1 1 | [[-1 1]] | -1, 1 | ((-1, 1),)",
        "[[-1/4, 0, 1/4], [-1/2, 0, 1/2], [-1/4, 0, 1/4]]": r"-1/4 0 1/4\n-1/2 0 1/2\n-1/4 0 1/4 | -.25 0 .25; -.5 0 .5; -.25 0 .25",
        "[[1, -1]]": "1 -1 | [[1, -1]]",
        "[[-1], [1]]": r"-1\n1 | [[-1], [1]]",
        "[[1, 1]]": "1 1 | [[1, 1]]",
        "[[-1/3, 0, 1/3]]": "-1/3 0 1/3",
        "[[-1, 1], [-1, 1]]": r"-1 1\n-1 1 | [[-1, 1], [-1, 1]]",
        "[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]": r"-1 0 1\n-2 0 2\n-1 0 1 | [[-1 0 1] [-2 0 2] [-1 0 1]]",
    },
    "shift": {
        "'most'": "most | Most | 'most' | “most” | MOST. | the most",
        "'few'": 'few | "few"',
        "'half'": "half | a half",
    },
    "what_carries": {"'with flatten'": "with flatten | With Flatten"},
    "linear_or_not": {
        "('linear', 'affine', 'neither')": '("linear", "affine", "neither", ) | linear, affine, neither | linear affine neither',
        "('linear', 'linear', 'neither')": "linear, linear and neither | linear; linear; neither",
        "('neither', 'affine', 'neither')": "neither, affine, neither",
        "('linear', ..., 'neither')": '("linear", ..., "neither", ) | ("linear", ..., ..., )',
    },
    "tag_moved": {"('nearly none', 'nearly all')": '("nearly none", "nearly all", ) | nearly none, nearly all'},
    "repair": {
        "['global pooling']": '("global pooling", ) | global pooling | "Global pooling"',
        "['global pooling', 'shifted training images']": '("global pooling", "shifted training images", )',
        "['more padding']": '("more padding", ) | "more padding", "global pooling" | more padding and shifted training images',
        "['more epochs']": '("more epochs", "global pooling", )',
    },
    "least_needed": {
        "'ReLU'": "relu | ReLUs | its ReLUs",
        "'global pooling'": "pooling | global pooling",
        "'filters'": "filter",
    },
    "fewest_parameters": {"'3 blocks'": "3 | 3 blocks | 3 Blocks", "'2 blocks'": "2 | 2 blocks"},
    "with_one_filter": {"'70%'": "70% | 70 % | 70", "'95%'": "95% | 95"},
}
# {exercise: what can't be read as an answer to it}
UNREADABLE = {
    "linear_layer": r"""twelve | 1 2 | (1 | [1, 2 | 1 + | 1 / 0 | 0 ** -1 | open('x') | 1,,2 | 10**400 | 1e400 | {1: 2, 3} | {5} | a.b
        | 1j | 1 if 2 else 3 | (-8) ** 0.5 | <b>1</b> | 5 million | 3 or 4 | about 5 | None | True | nan | 7 % 2 | 1:2 | $5 | ?""",
    "twice_the_side": "four | a lot | 4 5 | 4,,0 | 1.2.3",
    "output_shape": "ten, 28, 28 | 10 by 28 | (10, 28 | {10, 28, 28} | 10, 28, 28) | nothing",
    "first_map": "19 25) | [[19, 25], [37, 43] | a b | [19 25 | [], []",
    "three_groups": "24, 4, 3, 3, 888",
    "cell_angle": "37 | 30.5 | flat",
    "stacked_size": "five | 5 5",
    "edge_filter": r"5 | 1 2\n3 | [] | [[]] | Sobel",
    "shift": "all | most of them | 12 | [1, 2]",
    "linear_or_not": "linear | linear, affine | linear, affine, both",
    "repair": "more layers | more padding, more layers",
}
ENDLESS = ["9" * 9000, "(" * 999, "(" * 9000, "-" * 999, "1 " * 501, "[" * 999]


def typed(answers):
    """The answers of a line as they stand in a field."""
    return [answer.strip(" ").replace(r"\n", "\n").replace(r"\t", "\t") for answer in re.split(r"\s?\| ", answers)]


@cache
def data_of(question):
    return json.loads(as_json(as_data(question)))


def judged(asked):
    """What a page says of each (question, typed answer): [symbol, message, mistake]."""
    if (node := shutil.which("node")) is None:
        pytest.skip("no node on this machine: what a page says is tested in the browser alone")
    data = [(data_of(question), written) for question, written in asked]
    command = [node, WEB / "tests" / "judge.mjs"]
    run = subprocess.run(command, input=json.dumps(data), capture_output=True, text=True, encoding="utf-8")
    assert not run.returncode, run.stderr
    return json.loads(run.stdout)


def given_by(question):
    """An answer for each verdict on a question, as it is typed."""
    if isinstance(question.kind, Behaviour):  # there the verdict holds what a kernel does
        return [repr(kernel) for kernel in (question.reference(), *(mistake.answer for mistake in question.mistakes))]
    is_words = isinstance(question.kind, Choice)
    return [json.dumps(gives).strip("[]") if is_words else repr(gives) for gives, *_ in question.verdicts()]


def test_what_python_has_foreseen_is_told_in_its_words():
    asked = []
    for exercise in JUDGED:
        for question in (exercise, *(exercise.another(seed) for seed in range(DRAWS if exercise.draw else 0))):
            asked += [(question, *pair) for pair in zip(given_by(question), question.verdicts(), strict=True)]
    assert len(asked) > 500
    said = judged([(question, given) for question, given, _ in asked])
    for (question, given, verdict), (symbol, message, mistake) in zip(asked, said, strict=True):
        assert (symbol, mistake) == (verdict.outcome.symbol, verdict.name), (question.name, given, message)
        says = verdict.says.removeprefix("{yours}")
        assert message.removesuffix(" **Hint** helps.").endswith(says), (question.name, given, message)
        assert message.startswith("Right: " if verdict.outcome == Outcome.RIGHT else "Not yet. ")


def agreed(question, written, value, said):
    """Whether the page says of what is written what Python says of its value, up to the answer that is repeated."""
    symbol, message, mistake = said
    report = question.check(value)
    if (symbol, mistake) != (report.symbol, report.mistake):
        return False
    if report.outcome == Outcome.OPEN:
        return message == "Not answered yet."
    here = report.message.removesuffix(f" `{question.call}.hint()` helps.")
    tail = here.lower().removeprefix(f"{show(question.kind.observe(value))}: ".lower())
    return message.removesuffix(" **Hint** helps.").lower().endswith(tail)


def test_what_people_type_is_told_as_python_tells_its_value():
    asked = [
        (BY_NAME[name], written, eval(value))
        for name, answers in TYPED.items()
        for value, forms in answers.items()
        for written in typed(forms)
    ]
    assert len(asked) > 300
    said = judged([(question, written) for question, written, _ in asked])
    differing = [
        (question.name, written, value, verdict, question.check(value))
        for (question, written, value), verdict in zip(asked, said, strict=True)
        if not agreed(question, written, value, verdict)
    ]
    assert differing == []


def test_what_lies_near_an_answer_is_told_alike():
    asked = []
    for question in JUDGED:
        for gives, *_ in data_of(question)["verdicts"][:3] if isinstance(question.kind, Numbers) else []:
            with suppress(ValueError):  # its rows differ in length
                array = np.asarray(gives, float)
                near = (array + 1, array - 15, array * 1.0004, array * 10, np.atleast_1d(array) + 30, 30 - array.T)
                asked += [(question, repr(each.tolist()), each.tolist()) for each in near]
    said = judged([(question, written) for question, written, _ in asked])
    for (question, written, value), verdict in zip(asked, said, strict=True):
        assert verdict[0] == "→" or agreed(question, written, value, verdict), (question.check(value), written, verdict)


def test_what_cannot_be_read_is_no_mistake_and_says_how_to_write_it():
    asked = [(BY_NAME[name], written) for name, line in UNREADABLE.items() for written in typed(line)]
    asked += [(BY_NAME[name], written) for name in ("linear_layer", "first_map") for written in ENDLESS]
    for (question, written), (symbol, message, mistake) in zip(asked, judged(asked), strict=True):
        assert (symbol, mistake) == ("→", None), (question.name, written, message)
        assert re.search("such as|Choose|Put|multiple", message) and len(message) < 200, message


def test_an_answer_in_per_cent_is_read_as_the_question_asks_for_it():
    asks = exercise_of(lambda: 35, task="How many per cent is it?")
    share = exercise_of(lambda: 0.35, task="Which share is it?")
    pairs = [(asks, "35"), (asks, "35%"), (asks, "35 %"), (share, "35%"), (share, "35 per cent"), (share, "0,35")]
    assert [symbol for symbol, *_ in judged(pairs)] == ["✓"] * 6
    assert [symbol for symbol, *_ in judged([(asks, "0.35"), (share, "35")])] == ["✗"] * 2


def exercise_of(reference, **data):
    return Sheet().exercise(title="A title", fact="Right: a fact.", hints=["The hint."], **data)(reference)


def test_an_answer_is_repeated_as_it_was_typed_and_as_it_was_read():
    written = ["0,125", "28*28-2", "95,958", "16 pixels", "1/3", "\n2 "]
    said = [message.split(": ")[0] for _, message, _ in judged([(BY_NAME["twice_the_side"], each) for each in written])]
    assert said == [
        "Not yet. " + each
        for each in ("0,125 = 0.125", "28*28-2 = 782", "95,958 = 95.958", "16 pixels", "1/3 = 0.333333", "2")
    ]


def test_a_page_judges_all_but_what_needs_python():
    in_python = {type(exercise.kind) for exercise in EXERCISES if not is_judged(exercise)}
    assert in_python == {Function, Behaviour} and is_judged(BY_NAME["edge_filter"])
