"""The questions of lesson 04, with their answers and the mistakes that they know."""

import numpy as np
import torch
from torch import nn

from lessonlib import layers, pooling
from lessonlib.checking import Behaviour, Call, Choice, Function, Sheet, Side

sheet = Sheet()

MAP = [[1, 3, 5, 3], [6, 2, 0, 8], [4, 6, 1, 4], [2, 8, 0, 3]]


def _what_it_makes_of_maps(layer):
    """What a layer makes of maps with 3 channels, 4 rows and 6 columns: what counts of an average pooling."""
    parts = [each for each in layer.modules() if not [*each.children()]] if isinstance(layer, nn.Module) else [layer]
    if not all(isinstance(part, nn.Conv2d) for part in parts):  # a pooling layer beside it would do the work
        raise ValueError("Give the layer itself, an nn.Conv2d whose weights you have set.")
    white = torch.ones(1, 3, 4, 6)
    only_first = white * torch.tensor([1.0, 0, 0]).view(3, 1, 1)
    drawn = torch.randn(1, 3, 4, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        of_black, of_white, of_first, of_drawn = (
            layers.run(layer.train(), maps, "3 maps of 4 x 6")[0].numpy()
            for maps in (0 * white, white, only_first, drawn)
        )  # as in training, where a dropout acts too
    return {
        "for 3 maps of 4 x 6 its maps have the shape": str(of_white.shape),
        "its strongest response to black, where only a bias responds (bias=False leaves it out)": of_black.flat[
            np.abs(of_black).argmax()
        ],
        "its first number on white": of_white.flat[0],
        "its first number in each map, where only the first channel is white": of_first[:, 0, 0],
        "its numbers on maps drawn at random": of_drawn,
    }


@sheet.exercise(
    title="By hand",
    task=(
        "Apply max pooling with windows of 2 x 2 to the map {numbers}. Give the pooled map, two rows of two numbers."
    ),
    given={"numbers": MAP},
    draw=lambda choose: {"numbers": [[choose.randint(0, 9) for _ in range(4)] for _ in range(4)]},
    hints=[
        "The windows stand side by side: four of them, and none overlaps another.",
        "The first window holds {numbers[0][0]}, {numbers[0][1]}, {numbers[1][0]} and {numbers[1][1]}. Keep the largest.",
        "[[{max(numbers[0][:2] + numbers[1][:2])}, ...], [..., ...]]: the next window holds {numbers[0][2]}, {numbers[0][3]}, {numbers[1][2]} and {numbers[1][3]}.",
    ],
    fact=(
        "Right: each of the four windows gives its largest number. The pooled map no longer says where in its window that "
        "number stood."
    ),
    mistakes={
        "max_at_stride_one": (
            lambda numbers: pooling.max_pool2d(numbers, 2, stride=1),
            "you moved the window by one number at a time. A pooling window moves by its own size, unless you give a stride.",
        ),
        "means_by_hand": (
            lambda numbers: pooling.avg_pool2d(numbers, 2),
            "these are the means of the windows. Max pooling keeps the largest number.",
        ),
        "every_second_number": (
            lambda numbers: np.array(numbers)[::2, ::2],
            "you kept the first number of each window. Look at all four, and keep the largest.",
        ),
        "one_window_for_all": (
            lambda numbers: np.max(numbers),
            "this is the largest number of the whole map. Each window has its own: there are four.",
        ),
        "smallest_by_hand": (
            lambda numbers: -pooling.max_pool2d(-np.array(numbers), 2),
            "you kept the smallest number of each window.",
        ),
        "sums_by_hand": (
            lambda numbers: 4 * pooling.avg_pool2d(numbers, 2),
            "you summed each window. Max pooling keeps one of its numbers, the largest.",
        ),
        "windows_of_one_row": (
            lambda numbers: pooling.max_pool2d(numbers, (1, 2)),
            "your windows have one row. A window of 2 x 2 covers two rows and two columns.",
        ),
        "windows_of_one_column": (
            lambda numbers: pooling.max_pool2d(numbers, (2, 1)),
            "your windows have one column. A window of 2 x 2 covers two rows and two columns.",
        ),
    },
)
def max_by_hand(numbers):
    windows = [
        [numbers[row][column : column + 2] + numbers[row + 1][column : column + 2] for column in (0, 2)]
        for row in (0, 2)
    ]
    return [[max(window) for window in row] for row in windows]


@sheet.exercise(
    title="Predict: the pooled side",
    task="`nn.MaxPool2d({kernel_size})` receives maps of {side} x {side}. How many rows do the pooled maps have? A whole number.",
    kind=Side(),
    given={"side": 32, "kernel_size": 3},
    draw=lambda choose: {"side": choose.randint(20, 99), "kernel_size": choose.randint(3, 9)},
    hints=[
        "Without a stride, a window of {kernel_size} moves by {kernel_size}. How many such windows stand side by side in {side} pixels?",
        "{side // kernel_size} windows cover {side // kernel_size * kernel_size} pixels. Does the rest get a window?",
    ],
    fact=(
        "Right: {side // kernel_size} windows of {kernel_size} fit into {side} pixels, and what is left over gets no window. It "
        "gets no gradient either."
    ),
    mistakes={
        "side_at_stride_one": (
            lambda side, kernel_size: side - kernel_size + 1,
            "this is right for a window that moves by one pixel, as in a convolution. A pooling window moves by its own size.",
        ),
        "side_halved": (
            lambda side, kernel_size: side // 2,
            "this is half of the side. The window is {kernel_size} pixels wide, not 2, and moves by {kernel_size}.",
        ),
        "side_rounded_up": (
            lambda side, kernel_size: -(-side // kernel_size),
            "with this number, the pixels that are left over would have a window of their own. They are dropped: round down.",
        ),
        "side_with_a_fraction": (
            lambda side, kernel_size: side / kernel_size,
            "a number of windows is whole: the pixels that are left over are dropped.",
        ),
        "side_without_the_first": (
            lambda side, kernel_size: (side - kernel_size) // kernel_size,
            "this is the number of steps from the first window to the last. There is one window more than there are steps.",
        ),
    },
)
def pooled_side(side, kernel_size):
    return (side - kernel_size) // kernel_size + 1


@sheet.exercise(
    title="Write max_pool2d",
    task=(
        "Write `max_pool2d(image, kernel_size, stride=None)` for an array (height, width) and square windows: the "
        "pooled map as an array. Without a stride the window moves by its own size. Rows and columns that are left over "
        "at the border are dropped."
    ),
    kind=Function(
        cases=(
            Call(np.arange(16).reshape(4, 4) * 7 % 16, 2),
            Call(np.arange(24).reshape(4, 6) * 5 % 24, 2),
            Call(np.arange(24).reshape(6, 4) * 5 % 24, 2),
            Call(-1 - np.arange(16).reshape(4, 4) * 7 % 16, 2),
            Call(np.arange(35).reshape(5, 7) * 11 % 35, 2),
            Call(np.arange(30).reshape(5, 6) * 7 % 30 / 4, 2, stride=1),
            Call(np.arange(63).reshape(7, 9) * 20 % 63, 3, stride=2),
            Call(np.arange(48).reshape(6, 8) * 19 % 48, 1, stride=3),
            Call(np.arange(48).reshape(8, 6) * 19 % 48, 3),
            Call(-1000.0 - np.arange(45).reshape(5, 9) * 7 % 45, 4, stride=3),
            Call(np.arange(12).reshape(2, 6) * 5 % 12, 2),
        )
    ),
    hints=[
        "Begin with the size: the window's last place begins `kernel_size` before the border, and it moves by stride.",
        "So there are `(height - kernel_size) // stride + 1` rows. The window of row r begins at `r * stride`.",
        "In two loops: `result[row, column] = image[top : top + kernel_size, left : left + kernel_size].max()`.",
    ],
    fact=(
        "Right: your function agrees in all cases. In training, the gradient of a window goes to its largest number alone. "
        "Average pooling gives all numbers of the window an equal part of the gradient."
    ),
)
def max_pool2d(image, kernel_size, stride=None):
    stride = kernel_size if stride is None else stride
    rows = (image.shape[0] - kernel_size) // stride + 1
    columns = (image.shape[1] - kernel_size) // stride + 1
    result = np.zeros((rows, columns))
    for row in range(rows):
        for column in range(columns):
            top, left = row * stride, column * stride
            result[row, column] = image[top : top + kernel_size, left : left + kernel_size].max()
    return result


@max_pool2d.mistake("without a stride your window moves on by one. It should move by its own size, `kernel_size`.")
def default_stride_of_one(image, kernel_size, stride=None):
    return pooling.max_pool2d(image, kernel_size, 1 if stride is None else stride)


@max_pool2d.mistake("you leave stride out: the window always moves by its own size.")
def stride_ignored(image, kernel_size, stride=None):
    return pooling.max_pool2d(image, kernel_size)


@max_pool2d.mistake("you take the mean of each window.")
def takes_the_mean(image, kernel_size, stride=None):
    return pooling.avg_pool2d(image, kernel_size, stride)


@max_pool2d.mistake("your maximum begins at 0, so negative numbers never win. Begin with a number of the window.")
def begins_at_zero(image, kernel_size, stride=None):
    return np.maximum(pooling.max_pool2d(image, kernel_size, stride), 0)


@max_pool2d.mistake(
    "what is left over at the border gets a window of its own. It is dropped: that is what PyTorch does, too."
)
def keeps_the_rest(image, kernel_size, stride=None):
    return pooling.max_pool2d(image, kernel_size, stride, ceil_mode=True)


@max_pool2d.mistake(
    "your last windows hang over the border. The window stays inside: it begins at most at `height - kernel_size`."
)
def hangs_over_the_border(image, kernel_size, stride=None):
    step = stride or kernel_size
    below = np.pad(image, (0, kernel_size - 1), mode="edge")
    return pooling.max_pool2d(below, kernel_size, step)[: -(-image.shape[0] // step), : -(-image.shape[1] // step)]


@max_pool2d.mistake(
    "your window moves on by one. In row r of the result it begins at r * stride, and so for the columns."
)
def begins_at_the_wrong_place(image, kernel_size, stride=None):
    rows, columns = pooling.pooled_size(image.shape, kernel_size, stride)
    return pooling.max_pool2d(image, kernel_size, 1)[:rows, :columns]


@max_pool2d.mistake(
    "the last row and the last column are missing: the window has `(n - kernel_size) // stride + 1` places among n."
)
def one_window_too_few(image, kernel_size, stride=None):
    return pooling.max_pool2d(image, kernel_size, stride)[:-1, :-1]


@max_pool2d.mistake("your function ends after the first number: `return` stands inside the loops. Move it below them.")
def returns_after_the_first_window(image, kernel_size, stride=None):
    result = np.zeros(pooling.pooled_size(image.shape, kernel_size, stride))
    result[0, 0] = image[:kernel_size, :kernel_size].max()
    return result


@sheet.exercise(
    title="Average pooling as a convolution",
    task=(
        "Build an `nn.Conv2d` that computes, on maps with 3 channels, exactly what `nn.AvgPool2d(2)` computes. Set its "
        "weights with `nn.init.constant_(layer.weight, ...)`."
    ),
    kind=Behaviour(_what_it_makes_of_maps),
    hints=[
        "A mean of four numbers is a weighted sum of them. Which weight does each of them have?",
        "The window moves by its own size, without a bias. Each channel is pooled alone: which argument does that?",
        "`nn.Conv2d(3, 3, kernel_size=2, stride=2, groups=3, bias=False)`, with every weight 1 / 4.",
    ],
    fact=(
        "Right: each filter looks at one channel and gives a quarter of each of its four numbers. If training may change the "
        "12 weights, the layer learns how to pool."
    ),
    mistakes={
        "channels_mixed": (
            lambda: _convolution(1 / 4),
            "With groups=1 each of its maps sums all three channels. Pooling keeps the channels apart: groups=3.",
        ),
        "channels_averaged": (
            lambda: _convolution(1 / 12),
            "It takes the mean over the three channels too. Pooling keeps the channels apart: groups=3, and weights of 1 / 4.",
        ),
        "channels_made_one": (
            lambda: _convolution(1 / 12, out_channels=1),
            "It has one map for all channels. Pooling gives back as many channels as it gets.",
        ),
        "sums_the_window": (
            lambda: _convolution(1, groups=3),
            "It sums each window. Divide by the four numbers in it: weights of 1 / 4.",
        ),
        "divides_by_the_side": (
            lambda: _convolution(1 / 2, groups=3),
            "You divided by the side of the window. It holds 2 * 2 numbers: weights of 1 / 4.",
        ),
        "stride_of_a_convolution": (
            lambda: _convolution(1 / 4, stride=1, groups=3),
            "Its window moves by one, which is the default of a convolution. A pooling window moves by its own size: stride=2.",
        ),
        "pads_the_maps": (
            lambda: _convolution(1 / 4, padding=1, groups=3),
            "It pads the maps. `nn.AvgPool2d(2)` does not.",
        ),
    },
)
def average_as_convolution():
    layer = nn.Conv2d(3, 3, kernel_size=2, stride=2, groups=3, bias=False)
    nn.init.constant_(layer.weight, 1 / 4)
    return layer


def _convolution(weight, out_channels=3, stride=2, **changes):
    layer = nn.Conv2d(3, out_channels, kernel_size=2, stride=stride, bias=False, **changes)
    nn.init.constant_(layer.weight, weight)
    return layer


@sheet.exercise(
    title="The field of two blocks",
    task=(
        "Each of two blocks has two convolutions of 3 x 3 with stride 1, and a max pooling of 2 x 2 with stride 2. How "
        "many pixels wide is the receptive field of one number at the end?"
    ),
    kind=Side(),
    hints=[
        "Begin with a field of 1 and a jump of 1. Each layer adds `(kernel_size - 1) * jump` to the field.",
        "The first block adds 2, 2 and 1. Its pooling doubles the jump, so every later layer adds twice as much.",
        "1 + (2 + 2 + 1) * 1 + (2 + 2 + 1) * ...",
    ],
    fact=(
        "Right: the first block makes a field of 6 with a jump of 2, and the second adds (2 + 2 + 1) * 2 = 10 pixels. The four "
        "convolutions alone would see 9 pixels."
    ),
    mistakes={
        "strides_ignored": (
            lambda: pooling.receptive_field([(3, 1), (3, 1), (2, 1)] * 2)[0],
            "this is the field without any stride. After the first pooling, neighbours in the map are two pixels apart.",
        ),
        "field_of_a_block_doubled": (
            6 * 2 * 2,
            "24 is the field of one block, 6, doubled twice. Pooling does not double the field: it doubles the jump, and so what later layers add.",
        ),
        "fields_added": (
            6 + 6,
            "12 is twice the field of one block, 6. The second block looks at numbers that are 2 pixels apart.",
        ),
        "whole_windows_added": (
            1 + 3 + 3 + 2 + 2 * (3 + 3 + 2),
            "this adds k jumps for a window of k. From its first number to its last there are k - 1 jumps.",
        ),
        "jump_multiplied_too_early": (
            1 + (2 + 2) * 1 + 1 * 2 + (2 + 2) * 2 + 1 * 4,
            "you multiplied the jump before you added the pooling's window. The window of a layer counts with the jump in front of "
            "it; its stride counts for the layers that follow.",
        ),
        "last_pooling_forgotten": (
            lambda: pooling.receptive_field([(3, 1), (3, 1), (2, 2), (3, 1), (3, 1)])[0],
            "this is the field before the last pooling. Its window of 2 covers two neighbours, 2 pixels apart.",
        ),
        "pooling_windows_forgotten": (
            lambda: pooling.receptive_field([(3, 1), (3, 1), (1, 2)] * 2)[0],
            "here the windows of the poolings are missing. They add to the field as well, (2 - 1) * jump.",
        ),
        "convolutions_alone": (
            lambda: pooling.receptive_field([(3, 1)] * 4)[0],
            "that is the field of the four convolutions alone. The poolings have windows too, and their strides make the jump longer.",
        ),
        "jump_in_place_of_the_field": (
            lambda: pooling.receptive_field([(3, 1), (3, 1), (2, 2)] * 2)[1],
            "that is the jump, the distance from field to field. Asked for is the width of one field.",
        ),
    },
)
def receptive_field():
    size = jump = 1
    for kernel_size, stride in [(3, 1), (3, 1), (2, 2)] * 2:
        size += (kernel_size - 1) * jump
        jump *= stride
    return size


@sheet.exercise(
    title="Predict: the complex cell",
    task=(
        "In this model a complex cell takes the strongest response of several simple cells. They stand side by side, and "
        'all prefer a vertical bar. Choose "place", "angle", "both" or "neither": what may change about the bar without changing the '
        "response much?"
    ),
    kind=Choice(("place", "angle", "both", "neither")),
    hints=[
        "Move the vertical bar a little: one simple cell falls silent. What does its neighbour do?",
        "Now turn the bar until it is horizontal. Which of the simple cells responds?",
    ],
    fact=(
        "Right: where the bar moves, a neighbour takes over, but no neighbour prefers another angle. Fukushima's Neocognitron "
        "of 1980 stacks layers of S-cells and C-cells, modelled on simple and complex cells. They do what convolution and "
        "pooling do today. It did not yet learn by backpropagation."
    ),
    mistakes={
        "tolerates_the_angle": (
            "angle",
            "all its simple cells prefer the same angle. Turn the bar, and none of them responds.",
        ),
        "tolerates_both": (
            "both",
            "the simple cells differ in their place, and all prefer one angle. If the bar turns far enough, none of them responds.",
        ),
        "tolerates_neither": (
            "neither",
            "that is true of one simple cell. Here the bar moves from one simple cell to the next, and one of them responds.",
        ),
    },
)
def complex_cell():
    return "place"


@sheet.exercise(
    title="Predict: without a maximum",
    task=(
        "Two other cells respond to a vertical bar at about as many places as the maximum: the sum of the 13 simple cells, "
        "and one simple cell that is stretched sideways to five times its width. One bar turns away from the "
        'vertical. Which of the two loses the angle, that is, still responds strongly? Choose "the sum", "the stretched '
        'cell", "both" or "neither".'
    ),
    kind=Choice(("the sum", "the stretched cell", "both", "neither")),
    hints=[
        "How much do the 13 simple cells respond to a bar at 45°? What is the sum of 13 such numbers?",
        "The stretched cell has wide stripes, and is no higher than before. How far can a bar turn before it leaves its stripe?",
    ],
    fact=(
        "Right: the stripe of the stretched cell is wide, so a turned bar still lies in it. The sum adds responses of cells "
        "that hardly respond to a bar turned that far."
    ),
    mistakes={
        "sum_loses_the_angle": (
            "the sum",
            "each of its 13 terms is the response of a simple cell. If the bar turns so far that all are 0, so is their sum.",
        ),
        "both_lose_the_angle": (
            "both",
            "one of them does. In the sum, each term is still the response of a simple cell that prefers the vertical.",
        ),
        "neither_loses_the_angle": (
            "neither",
            "one of them does. The stripe of the stretched cell is five times as wide and as high as before: a turned bar "
            "stays in it for longer.",
        ),
    },
)
def without_maximum():
    return "the stretched cell"


@sheet.exercise(
    title="Predict: three verdicts",
    task=(
        "The image moves by one pixel. What does the result of each layer do: a convolution with stride 1, a max "
        'pooling of 2 x 2 with stride 2, a global max pooling? Three words, each "equivariant" (it moves along), '
        '"invariant" (it stays as it is) or "neither".'
    ),
    kind=Choice(("equivariant", "invariant", "neither"), labels=("convolution", "max pooling", "global max pooling")),
    hints=[
        "For the second, move a single 1 along [0, 0, 1, 0, 0, 0], with windows of 2. Which steps change the result?",
        "Some steps change it, others do not. For the third: does the largest number of a map depend on its place?",
    ],
    fact=(
        "Right: the map of a convolution moves along, a pooled map can't move by half a place, and the largest number of a map "
        "is the same wherever it stands. If the image moves by 2 pixels, the pooling layer is equivariant too."
    ),
    mistakes={
        "convolution_called_invariant": (
            ("invariant", "neither", "invariant"),
            "a convolution is not invariant: move the image, and its map moves along. That is equivariant.",
        ),
        "pooling_called_invariant": (
            ("equivariant", "invariant", "invariant"),
            "pooling tolerates some shifts and not others: a 1 that crosses from one window into the next changes the result.",
        ),
        "pooling_called_equivariant": (
            ("equivariant", "equivariant", "invariant"),
            "the pooled map can't move by half a place. Where its stride is 2, a shift by one pixel has no counterpart.",
        ),
        "words_swapped": (
            ("invariant", "neither", "equivariant"),
            "you swapped the words: equivariant means that the result moves along, invariant that it stays.",
        ),
        "global_pooling_called_neither": (
            ("equivariant", "neither", "neither"),
            "a global pooling has one window, over the whole map. Can a shift change its largest number?",
        ),
        "global_pooling_called_equivariant": (
            ("equivariant", "neither", "equivariant"),
            "the global pooling gives one number, which can't move along: it stays.",
        ),
        "all_called_equivariant": (
            ("equivariant", "equivariant", "equivariant"),
            "you call all three equivariant. The global pooling gives one number: where could it move to?",
        ),
        "all_called_invariant": (
            ("invariant", "invariant", "invariant"),
            "you call all three invariant. Two of them change their result when the image moves.",
        ),
    },
)
def verdicts():
    return "equivariant", "neither", "invariant"


@sheet.exercise(
    title="Predict: one pixel or two",
    task=(
        "A CNN with a max pooling of 2 x 2 and, at its end, global max pooling has learned digits at one place. Now the "
        "digits move to the right, by one pixel or by two. Which of the two shifts costs more accuracy? Choose "
        '"one pixel", "two pixels", "both as much" or "none costs anything".'
    ),
    kind=Choice(("one pixel", "two pixels", "both as much", "none costs anything")),
    hints=[
        "The global pooling is invariant. So the result stays as it is, if all layers before it are equivariant. Are they?",
        "Look at the table of verdicts: what does a max pooling of 2 x 2 do at a shift by 1, and at a shift by 2?",
    ],
    fact=(
        "Right: at a shift by two the max pooling is equivariant, and the largest number of each map stays as it is. At a "
        "shift by one its windows cut the digits in another way."
    ),
    mistakes={
        "further_costs_more": (
            "two pixels",
            "a longer shift is not a harder one here: after two pixels the pooled maps are the old ones, moved by one place.",
        ),
        "both_shifts_cost_as_much": (
            "both as much",
            "the two shifts differ for a layer with stride 2: see the max pooling in the table of verdicts.",
        ),
        "no_shift_costs": (
            "none costs anything",
            "that would be so if every layer before the global pooling were equivariant to both shifts. One of them has "
            "stride 2.",
        ),
    },
)
def pixel_by_pixel():
    return "one pixel"


@sheet.exercise(
    title="Predict: half of them one pixel further",
    task=(
        "The same CNN is trained again. Half of the training digits now stand one pixel further to the right; their "
        "number is the same. What do odd shifts cost this network, compared with the first? Choose "
        '"as much as before", "half as much" or "almost nothing".'
    ),
    kind=Choice(("as much as before", "half as much", "almost nothing")),
    hints=[
        "In which two ways can the windows of 2 x 2 cut a digit from left to right? Which of them did the first network see?",
        "After an odd shift, the windows cut the test digits as they cut half of the new training digits.",
    ],
    fact=(
        "Right: the windows cut a digit in two ways from left to right, and this network has learned both. The first network "
        "had learned one of them."
    ),
    mistakes={
        "one_place_more_changes_nothing": (
            "as much as before",
            "now the network also sees digits that its windows cut in the other way. An odd shift brings it nothing new.",
        ),
        "half_the_digits_half_the_cost": (
            "half as much",
            "a network does not need all digits at each place. 600 digits that are cut in the other way teach it that way.",
        ),
    },
)
def one_pixel_further():
    return "almost nothing"


@sheet.exercise(
    title="Predict: one step to the right",
    task=(
        "The signal [0, 0, 4, 4, 0, 0, 4, 4] goes through max pooling with windows of 2: [0, 4, 0, 4]. Now it moves one "
        "step to the right, to [4, 0, 0, 4, 4, 0, 0, 4]. Give the pooled signal, four numbers."
    ),
    hints=[
        "The windows stay where they are. The first now holds 4 and 0.",
        "Each of the four windows holds a 4 and a 0, in one order or the other.",
    ],
    fact=(
        "Right: each window now holds a 4 and a 0. Max pooling looks at every second place only. How many samples a signal "
        "needs is the question of Shannon's sampling theorem of 1949."
    ),
    mistakes={
        "pooled_signal_stays": (
            [0, 4, 0, 4],
            "that would be invariant. But the windows stay where they are, and the stripes move over their borders.",
        ),
        "pooled_signal_moves": (
            [4, 0, 4, 0],
            "that would be equivariant. But the signal moved by one number, which is half a window.",
        ),
        "means_of_the_signal": (
            [2, 2, 2, 2],
            "these are the means of the windows. Max pooling keeps the larger number of the two.",
        ),
        "signal_at_stride_one": (
            lambda: pooling.max_pool2d([[4, 0, 0, 4, 4, 0, 0, 4]], (1, 2), stride=1)[0],
            "you moved the windows on by one number. They move by 2, and give four numbers.",
        ),
    },
)
def one_step():
    return pooling.max_pool2d([[4, 0, 0, 4, 4, 0, 0, 4]], (1, 2))[0]


def _small_network(choose, layers=4):
    """The windows and strides of a few layers, each of which sees more than one number."""
    windows = [choose.choice([2, 3, 5]) for _ in range(layers)]
    return {"windows": windows, "strides": [choose.choice([1, 2, 3]) for _ in range(layers)]}


def _reaches(windows, strides, steps=None):
    """Receptive field and jump; steps: what the jump is multiplied with before a layer's window is added."""
    field, jump = 1, 1
    for window, stride in zip(windows, strides, strict=True):
        jump *= stride if steps == "early" else 1
        field += (window if steps == "whole" else window - 1) * jump
        jump *= 1 if steps == "early" else stride
    return field, jump


@sheet.drill(
    title="Field and jump",
    task=(
        "The layers of a small network have windows of {str(windows)[1:-1]} pixels and strides of {str(strides)[1:-1]}, in this "
        "order. How many pixels wide is the receptive field of one number at the end, and how large is the jump? Two numbers."
    ),
    given={"windows": [3, 2, 3], "strides": [1, 2, 1]},
    draw=_small_network,
    easy=lambda choose: _small_network(choose, layers=2),
    hints=[
        "Begin with a field of 1 and a jump of 1. A layer adds (window - 1) * jump to the field, then its stride multiplies the jump.",
        "The first layer makes the field {windows[0]} and the jump {strides[0]}. The second adds {windows[1] - 1} * {strides[0]}.",
    ],
    fact="Right: each layer adds (window - 1) * jump pixels, with the jump of the layers before it, and its stride counts for those after it.",
    mistakes={
        "field_without_strides": (
            lambda windows, strides: (_reaches(windows, [1] * len(windows))[0], _reaches(windows, strides)[1]),
            "the jump is right, but your field leaves out the strides: after a stride of 2, neighbours lie 2 pixels apart.",
        ),
        "jump_left_at_one": (
            lambda windows, strides: (_reaches(windows, strides)[0], 1),
            "the field is right, but the jump is not 1: it is the product of all strides.",
        ),
        "strides_added": (
            lambda windows, strides: (_reaches(windows, strides)[0], sum(strides)),
            "the field is right, but you added the strides. They multiply.",
        ),
        "windows_added_whole": (
            lambda windows, strides: _reaches(windows, strides, "whole"),
            "you added whole windows. From the first number of a window to its last there is one jump less.",
        ),
        "jump_before_the_window": (
            lambda windows, strides: _reaches(windows, strides, "early"),
            "you multiplied the jump before you added the window. A stride counts for the layers after its own.",
        ),
        "field_and_jump_reversed": (
            lambda windows, strides: _reaches(windows, strides)[::-1],
            "you gave them in reverse: first the field, then the jump.",
        ),
    },
)
def field_and_jump(windows, strides):
    field, jump = 1, 1
    for window, stride in zip(windows, strides, strict=True):
        field += (window - 1) * jump
        jump *= stride
    return field, jump


def _with_whole_means(choose):
    """A map of 4 x 4 whose windows of 2 x 2 have whole means."""
    numbers = [[choose.randint(0, 9) for _ in range(4)] for _ in range(4)]
    for row in (0, 2):
        for column in (0, 2):
            window = sum(numbers[row][column : column + 2]) + numbers[row + 1][column]
            numbers[row + 1][column + 1] = -window % 4 + 4 * choose.randint(0, 1)
    return {"numbers": numbers}


@sheet.drill(
    title="Average pooling by hand",
    task="Apply average pooling with windows of 2 x 2 to the map {numbers}. Give the pooled map, two rows of two numbers.",
    given={"numbers": [[1, 3, 4, 2], [5, 3, 2, 0], [2, 6, 1, 0], [0, 8, 3, 4]]},
    draw=_with_whole_means,
    hints=[
        "The windows stand side by side. Sum the four numbers of each, and divide.",
        "The first window: ({numbers[0][0]} + {numbers[0][1]} + {numbers[1][0]} + {numbers[1][1]}) / 4.",
    ],
    fact="Right: each of the four windows gives the mean of its four numbers.",
    mistakes={
        "largest_in_place_of_means": (
            lambda numbers: pooling.max_pool2d(numbers, 2),
            "these are the largest numbers of the windows. Average pooling gives their means.",
        ),
        "sums_in_place_of_means": (
            lambda numbers: 4 * pooling.avg_pool2d(numbers, 2),
            "these are the sums. Divide by the four numbers of a window.",
        ),
        "means_of_two": (
            lambda numbers: 2 * pooling.avg_pool2d(numbers, 2),
            "you divided by 2, the side of the window. It holds four numbers.",
        ),
        "means_at_stride_one": (
            lambda numbers: pooling.avg_pool2d(numbers, 2, stride=1),
            "you moved the window by one number. A pooling window moves by its own size.",
        ),
        "one_mean_for_all": (
            lambda numbers: np.mean(numbers),
            "this is the mean of the whole map, global average pooling. Here each window has its own.",
        ),
    },
)
def mean_by_hand(numbers):
    return pooling.avg_pool2d(numbers, kernel_size=2)
