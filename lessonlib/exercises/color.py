"""The questions of lesson 03, with their answers and the mistakes that they know."""

import numpy as np
import torch
from torch import nn

from lessonlib import color, filters, layers
from lessonlib.checking import Behaviour, Call, Choice, Function, Seen, Sheet

sheet = Sheet()

CHANNELS = np.stack([np.arange(9).reshape(3, 3), np.arange(1, 10).reshape(3, 3)])
SLICES = np.array([[[0, 1], [2, 3]], [[1, 2], [3, 4]]])
COLOURS = {"black": (0, 0, 0), "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "white": (1, 1, 1)}


def _what_it_makes_of_colours(layer):
    """What a layer, or a weight, makes of images in one colour, of one white pixel, and of images drawn at random."""
    if isinstance(layer, torch.Tensor) and layer.ndim in (3, 4) and layer.shape[-1] > 1:
        raise ValueError("This is an image, what the layer gives: hand over the layer itself.")
    if not isinstance(layer, nn.Module) and np.ndim(layer) != 4:
        raise ValueError("Give the layer, an nn.Conv2d, or its weight (out_channels, in_channels, rows, columns).")
    if isinstance(layer, nn.Conv2d) and layer.weight.ndim != 4:
        shape = tuple(layer.weight.shape)
        raise ValueError(
            f"Its weight has the shape {shape}: a layer needs (filters, slices, rows, columns), (1, 3, 1, 1)."
        )

    def maps_of(images):
        if not isinstance(layer, nn.Module):
            return torch.as_tensor(color.conv2d(images, layer)).numpy()
        with torch.no_grad():
            return layers.run(
                layer.train(), images, "images in colour"
            ).numpy()  # as in training, where a dropout acts too

    maps = maps_of(torch.tensor([*COLOURS.values()]).float()[:, :, None, None].expand(-1, -1, 4, 5))
    if maps.shape[1] == 1 and maps[0].any():
        answer = f"On black it gives {maps[0].flat[0]:.2f}, not 0"
        raise ValueError(f"{answer}: the layer has a bias, and at first it is random. Use `bias=False`.")
    seen = {"its output has the shape": str(maps.shape[1:])}
    if maps.shape[2:] != (4, 5):
        return seen
    pixel = torch.zeros(1, 3, 6, 7)
    pixel[..., 2, 3] = 1
    lit = np.argwhere(maps_of(pixel)[0].any(axis=0)).tolist()
    seen["one white pixel changes"] = (
        "that pixel"
        if lit == [[2, 3]]
        else "another pixel"
        if len(lit) == 1
        else "no pixel"
        if not lit
        else "several pixels"
    )
    seen |= {f"on {name}": result[..., 0, 0].squeeze() for name, result in zip(COLOURS, maps, strict=True)}
    drawn = 3 * torch.randn(2, 3, 6, 7, generator=torch.Generator().manual_seed(0))  # a ReLU or a limit would show
    return seen | {"on images drawn at random": maps_of(drawn)}


def _what_it_gives(layer):
    """What counts of a layer, or of a dictionary of its arguments, that is asked for by its output."""
    if isinstance(layer, torch.Tensor):
        raise ValueError("This is a tensor: hand over the layer itself, or a dictionary of its arguments.")
    if isinstance(layer, nn.Sequential) and len(layer) == 1:
        (layer,) = layer
    if isinstance(layer, nn.modules.lazy.LazyModuleMixin):
        layer(torch.zeros(1, 3, 224, 224))  # now it knows its channels
    in_channels = layer.get("in_channels") if isinstance(layer, dict) else getattr(layer, "in_channels", 3)
    sheet = color.specification(layer, (in_channels, 224, 224))
    here = dict(zip(sheet["argument"], sheet["here"], strict=True))
    return {name: here[name] for name in ("in_channels", "kernel_size", "output")}


def _grey_as(weights, **arguments):
    """A convolution of 1 x 1 with these weights, a row for each filter, and no bias."""
    weight = torch.tensor(weights)[:, :, None, None]
    layer = nn.Conv2d(3, len(weight), 1, bias=False, **arguments)
    layer.weight.data = weight
    return layer


@sheet.exercise(
    title="Predict: how many maps",
    task="One filter of 3 x 3 slides over a colour image with its 3 channels. How many maps does it give?",
    hints=[
        "How many numbers does a filter give at each place? Remember that it sums all its products.",
        "The products of all three slices go into one sum.",
    ],
    fact="What the slices contribute is summed at once. A layer never hands the contributions out.",
    mistakes={
        "a_map_for_each_channel": (
            3,
            "you counted a map for each channel. Each slice does make a contribution, but the three contributions are summed.",
        ),
        "a_map_for_each_weight": (9, "you counted the weights of one slice. They all go into the same sum."),
        "a_map_for_each_weight_of_each_slice": (
            27,
            "you counted the weights of the filter, 3 slices of 3 x 3. They all go into the same sum.",
        ),
    },
)
def maps_of_one_filter():
    return 1


def _contributions(channels, slices, slide=filters.cross_correlate):
    return np.stack([slide(channel, weights) for channel, weights in zip(channels, slices, strict=True)])


def _two_channels(choose):
    """Two channels of 3 x 3 and two slices of 2 x 2, of small numbers."""
    channels = [[[choose.randint(0, 9) for _ in range(3)] for _ in range(3)] for _ in range(2)]
    return {
        "channels": channels,
        "slices": [[[choose.randint(-2, 4) for _ in range(2)] for _ in range(2)] for _ in range(2)],
    }


@sheet.exercise(
    title="By hand: two channels",
    task=(
        "Slide the slice {slices[0]} over channel 0, {channels[0]}, and the slice {slices[1]} over channel 1, {channels[1]}. "
        "Give the map of this one filter."
    ),
    given={"channels": CHANNELS.tolist(), "slices": SLICES.tolist()},
    draw=_two_channels,
    hints=[
        "Slide each slice over its own channel first, as in lesson 02.",
        "At the first place channel 1 contributes {channels[1][0][0]} * {slices[1][0][0]} + {channels[1][0][1]} * {slices[1][0][1]} + {channels[1][1][0]} * {slices[1][1][0]} + {channels[1][1][1]} * {slices[1][1][1]}.",
        "Four sums, one for each place: what channel 0 contributes there, plus what channel 1 contributes.",
    ],
    fact="The sum comes first and a ReLU after it: contributions of different sign can cancel, and in colour they will.",
    mistakes={
        "contributions_not_summed": (
            lambda channels, slices: _contributions(channels, slices),
            "These are the two contributions. A filter has one map: sum them, number by number.",
        ),
        "contributions_averaged": (
            lambda channels, slices: _contributions(channels, slices).mean(axis=0),
            "you took the mean of the two contributions. A filter sums them.",
        ),
        "channel_0_alone": (
            lambda channels, slices: _contributions(channels, slices)[0],
            "this is the contribution of channel 0 alone. Channel 1 has its own slice: add what it gives.",
        ),
        "channel_1_alone": (
            lambda channels, slices: _contributions(channels, slices)[1],
            "this is the contribution of channel 1 alone. Add what channel 0 gives with its slice.",
        ),
        "slices_flipped": (
            lambda channels, slices: _contributions(channels, slices, filters.convolve).sum(axis=0),
            "you flipped the slices. They slide over their channels as they are.",
        ),
        "first_slice_for_both": (
            lambda channels, slices: _contributions(channels, [slices[0]] * 2).sum(axis=0),
            "you slid the slice of channel 0 over both channels. Each channel has weights of its own.",
        ),
        "slices_swapped": (
            lambda channels, slices: _contributions(channels, slices[::-1]).sum(axis=0),
            "you swapped the slices: the first one belongs to channel 0.",
        ),
        "channels_added_first": (
            lambda channels, slices: filters.cross_correlate(np.sum(channels, axis=0), np.sum(slices, axis=0)),
            "you added the channels, and you added the slices. Each channel meets its own slice first; what they give is added.",
        ),
    },
)
def two_channels(channels, slices):
    channel_0 = filters.cross_correlate(channels[0], slices[0])
    channel_1 = filters.cross_correlate(channels[1], slices[1])
    return channel_0 + channel_1


@sheet.exercise(
    title="Predict: the edge in grey",
    task=(
        "Left of a border every pixel is (0, 0.299 / 0.587, 0), a green, and right of it (1, 0, 0), a red. The image "
        "becomes grey, 0.299 red + 0.587 green + 0.114 blue, and an edge filter slides over it. What does it find at the "
        'border? Choose "a strong edge", "a weak edge" or "nothing".'
    ),
    kind=Choice(("a strong edge", "a weak edge", "nothing")),
    hints=[
        "A filter on the grey image sees one channel. Which numbers stand there, left and right of the border?",
        "Left 0.587 * 0.299 / 0.587, right 0.299 * 1.",
    ],
    fact=(
        "Nerve cells keep such differences: some in a monkey's thalamus are excited by red and inhibited by green light, or "
        "the other way round (De Valois, Abramov and Jacobs 1966)."
    ),
    mistakes={
        "edge_seen_in_colour": (
            "a strong edge",
            "you see the colours. The filter gets the grey image, which has the same number on both sides.",
        ),
        "edge_half_seen": (
            "a weak edge",
            "a weak edge needs a small step, but here there is none: both sides have the same grey value.",
        ),
    },
)
def edge_in_grey():
    return "nothing"


@sheet.exercise(
    title="Predict: images in, maps out",
    task=(
        "A layer of {out_channels} filters, {kernel_size} x {kernel_size}, without padding, gets a colour image of shape (3, {side}, {side}). Which shape does "
        "its output have, without the batch? Give a tuple."
    ),
    given={"side": 32, "out_channels": 10, "kernel_size": 5},
    draw=lambda choose: {
        "side": choose.randint(16, 64),
        "out_channels": choose.randint(4, 15),
        "kernel_size": choose.randint(2, 7),
    },
    hints=[
        "How many maps does one filter give? And {out_channels} of them?",
        "The side is {side} - {kernel_size} + 1.",
        "({out_channels}, ..., ...)",
    ],
    fact=(
        "Of the 96 filters of AlexNet's first layer, some became edges of many angles and widths, others coloured blobs "
        "(Krizhevsky et al. 2012, figure 3)."
    ),
    mistakes={
        "maps_for_channels_and_filters": (
            lambda side, out_channels, kernel_size: (
                (3 * out_channels),
                (side - kernel_size + 1),
                (side - kernel_size + 1),
            ),
            "you gave each filter a map for each channel. It sums over the channels: {out_channels} filters, {out_channels} maps.",
        ),
        "map_of_one_filter": (
            lambda side, out_channels, kernel_size: (1, (side - kernel_size + 1), (side - kernel_size + 1)),
            "one filter gives one map. The layer has {out_channels} of them.",
        ),
        "as_many_maps_as_channels": (
            lambda side, out_channels, kernel_size: (3, (side - kernel_size + 1), (side - kernel_size + 1)),
            "the channels of the input are summed in each filter: there are as many maps as filters.",
        ),
        "size_of_the_image": (
            lambda side, out_channels, kernel_size: (out_channels, side, side),
            "you kept the size of the image. Without padding a window of {kernel_size} makes each side smaller by {kernel_size - 1}.",
        ),
        "kernel_size_taken_off": (
            lambda side, out_channels, kernel_size: (out_channels, (side - kernel_size), (side - kernel_size)),
            "you subtracted {kernel_size} from the side. A window of {kernel_size} has {side} - {kernel_size} + 1 places.",
        ),
        "channels_last": (
            lambda side, out_channels, kernel_size: ((side - kernel_size + 1), (side - kernel_size + 1), out_channels),
            "the channels come first in PyTorch: (channels, height, width).",
        ),
        "maps_not_summed": (
            lambda side, out_channels, kernel_size: (
                out_channels,
                3,
                (side - kernel_size + 1),
                (side - kernel_size + 1),
            ),
            "you kept the three contributions to each filter apart. They are summed: one map for each filter.",
        ),
        "shape_with_the_batch": (
            lambda side, out_channels, kernel_size: (1, out_channels, side - kernel_size + 1, side - kernel_size + 1),
            "the first number counts the images of a batch. Give the shape for one image.",
        ),
    },
)
def output_shape(side, out_channels, kernel_size):
    return (out_channels, side - kernel_size + 1, side - kernel_size + 1)


@sheet.exercise(
    title="The shape of the weight",
    task="Which shape does the weight of `nn.Conv2d({in_channels}, {out_channels}, {kernel_size})` have in PyTorch? Give a tuple.",
    given={"in_channels": 3, "out_channels": 10, "kernel_size": 5},
    draw=lambda choose: {
        "in_channels": choose.randint(2, 9),
        "out_channels": choose.randint(4, 40),
        "kernel_size": choose.randint(2, 7),
    },
    hints=[
        "Begin with one filter: it has a slice of {kernel_size} x {kernel_size} weights for each of the {in_channels} channels, ({in_channels}, {kernel_size}, {kernel_size}).",
        "There are {out_channels} filters, and their number comes first: ({out_channels}, ...).",
    ],
    fact="Keras stores the same weights as ({kernel_size}, {kernel_size}, {in_channels}, {out_channels}): rows, columns, inputs, filters. Look before you copy weights.",
    mistakes={
        "inputs_first": (
            lambda in_channels, out_channels, kernel_size: (in_channels, out_channels, kernel_size, kernel_size),
            "you swapped filters and channels. The call names the inputs first, the weight its filters: weight[0] is a filter.",
        ),
        "order_of_keras": (
            lambda in_channels, out_channels, kernel_size: (kernel_size, kernel_size, in_channels, out_channels),
            "this is the order of another library (Keras). PyTorch has (filters, channels, rows, columns).",
        ),
        "slices_last": (
            lambda in_channels, out_channels, kernel_size: (out_channels, kernel_size, kernel_size, in_channels),
            "you put the channels last. PyTorch has (filters, channels, rows, columns).",
        ),
        "without_slices": (
            lambda in_channels, out_channels, kernel_size: (out_channels, kernel_size, kernel_size),
            "you left out the channels: a filter has a slice of {kernel_size} x {kernel_size} for each of them.",
        ),
        "one_filter_alone": (
            lambda in_channels, out_channels, kernel_size: (in_channels, kernel_size, kernel_size),
            "this is one filter. The layer has {out_channels} of them in one array.",
        ),
        "one_side_of_the_kernel": (
            lambda in_channels, out_channels, kernel_size: (out_channels, in_channels, kernel_size),
            "The kernel has rows and columns: {kernel_size} appears twice.",
        ),
        "matrix_of_a_linear_layer": (
            lambda in_channels, out_channels, kernel_size: (out_channels, (in_channels * kernel_size**2)),
            "this is the weight of a linear layer that sees one window. A convolution keeps its {in_channels * kernel_size**2} columns as {in_channels} slices of {kernel_size} x {kernel_size}.",
        ),
        "arguments_of_the_call": (
            lambda in_channels, out_channels, kernel_size: (in_channels, out_channels, kernel_size),
            "these are the arguments of the call. The weight needs rows and columns, and its filters first.",
        ),
    },
)
def weight_shape(in_channels, out_channels, kernel_size):
    return (out_channels, in_channels, kernel_size, kernel_size)


@sheet.exercise(
    title="The parameters of the layer",
    task="How many parameters does `nn.Conv2d({in_channels}, {out_channels}, {kernel_size})` have?",
    given={"in_channels": 3, "out_channels": 10, "kernel_size": 5},
    draw=lambda choose: {
        "in_channels": choose.randint(2, 9),
        "out_channels": choose.randint(4, 40),
        "kernel_size": choose.randint(2, 7),
    },
    hints=[
        "The weight has {out_channels} * {in_channels} * {kernel_size} * {kernel_size} numbers.",
        "And each of the {out_channels} filters has a bias: {out_channels} * ({in_channels} * {kernel_size} * {kernel_size} + 1)",
    ],
    fact="The bias has the shape ({out_channels},): one number for each map, added to every pixel of it.",
    mistakes={
        "count_without_bias": (
            lambda in_channels, out_channels, kernel_size: out_channels * in_channels * kernel_size * kernel_size,
            "you left out the {out_channels} biases.",
        ),
        "count_without_channels": (
            lambda in_channels, out_channels, kernel_size: out_channels * (kernel_size * kernel_size + 1),
            "you left out the channels: a filter has a slice of {kernel_size} x {kernel_size} for each of the {in_channels}.",
        ),
        "count_without_channels_and_bias": (
            lambda in_channels, out_channels, kernel_size: out_channels * kernel_size * kernel_size,
            "you left out channels and biases: each filter has {in_channels} slices of {kernel_size} x {kernel_size} weights, and a bias.",
        ),
        "count_bias_per_slice": (
            lambda in_channels, out_channels, kernel_size: out_channels * in_channels * (kernel_size * kernel_size + 1),
            "you counted a bias for each slice. What the slices give is summed: each filter has one bias.",
        ),
        "count_bias_per_channel": (
            lambda in_channels, out_channels, kernel_size: (
                out_channels * in_channels * kernel_size * kernel_size + in_channels
            ),
            "you counted a bias for each input channel. It belongs to a map of the output: there are {out_channels}.",
        ),
        "count_with_one_bias": (
            lambda in_channels, out_channels, kernel_size: out_channels * in_channels * kernel_size * kernel_size + 1,
            "you counted one bias in all. Each of the {out_channels} filters has its own.",
        ),
        "count_side_not_squared": (
            lambda in_channels, out_channels, kernel_size: out_channels * (in_channels * kernel_size + 1),
            "you took {kernel_size} weights for a slice. It has {kernel_size} rows and {kernel_size} columns.",
        ),
        "count_of_one_filter": (
            lambda in_channels, out_channels, kernel_size: in_channels * kernel_size * kernel_size + 1,
            "this is one filter with its bias. The layer has {out_channels}.",
        ),
    },
)
def weight_count(in_channels, out_channels, kernel_size):
    return out_channels * (in_channels * kernel_size * kernel_size + 1)


@sheet.exercise(
    title="Predict: the second layer",
    task=(
        "The first two layers of VGG-16 are `nn.Conv2d(3, 64, 3)` and `nn.Conv2d(64, 64, 3)`, both with padding. The "
        "first has 1,792 parameters. How many does the second have?"
    ),
    hints=[
        "Both have 64 filters of 3 x 3. How many slices does a filter of the first have, and one of the second?",
        "64 * (64 * 3 * 3 + 1)",
    ],
    fact="Deeper in VGG-16, 512 filters look at 512 maps: 2,359,808 parameters in one such layer.",
    mistakes={
        "second_like_the_first": (
            64 * (3 * 3 * 3 + 1),
            "you took the filters of the first layer. Those of the second look at 64 maps, and need a slice for each.",
        ),
        "first_layer_for_each_map": (
            64 * 64 * (3 * 3 * 3 + 1),
            "you took the first layer 64 times. Its filters have 3 slices. The second has 64 filters too, but with 64 slices each.",
        ),
        "second_without_bias": (64 * 64 * 3 * 3, "you left out the 64 biases."),
        "second_with_one_slice": (
            64 * (3 * 3 + 1),
            "you gave each filter one slice. It has one for each of the 64 maps that it looks at.",
        ),
        "second_with_one_filter": (64 * 3 * 3 + 1, "this is one filter with its bias. The layer has 64 of them."),
        "second_sees_the_image": (
            64 * (67 * 3 * 3 + 1),
            "you counted 3 channels more: the second layer sees the 64 maps of the first, and not the image.",
        ),
        "second_bias_per_slice": (
            64 * 64 * (3 * 3 + 1),
            "you counted a bias for each slice. What the slices give is summed: each filter has one bias.",
        ),
        "both_layers": (
            64 * (3 * 3 * 3 + 1) + 64 * (64 * 3 * 3 + 1),
            "these are both layers together. The question is about the second alone.",
        ),
    },
)
def second_layer():
    return 64 * (64 * 3 * 3 + 1)


@sheet.exercise(
    title="Predict: with one filter",
    task=(
        "A small network classifies digits. Its first layer has a single filter, its second layer has 16. How many "
        'test images does it get right? Choose "10%", "70%" or "95%".'
    ),
    kind=Choice(("10%", "70%", "95%")),
    hints=[
        "10% is guessing. Can one map still tell some digits apart?",
        "A map of vertical strokes is enough to tell a one from a zero. Is it enough to tell a three from an eight?",
    ],
    fact="VGG-16 has 64 filters in its first layer and 512 in its last convolution (Simonyan and Zisserman 2014, table 1).",
    mistakes={
        "one_filter_guesses": (
            "10%",
            "that would be guessing. One map is still an image of the digit, and the second layer looks for parts in it.",
        ),
        "one_filter_suffices": (
            "95%",
            "that takes more filters. A single filter shows one kind of part in its map, and digits differ in many ways.",
        ),
    },
)
def with_one_filter():
    return "70%"


@sheet.exercise(
    title="Predict: as many parameters",
    task=(
        "One filter in the first layer, and 131 in the second: 2,640 parameters, about as many as the network with 16 "
        "and 16 filters has. After equally many epochs, how much of the distance between one filter and 16 do the "
        'additional parameters close? Choose "nothing", "a part" or "everything".'
    ),
    kind=Choice(("nothing", "a part", "everything")),
    hints=[
        "All 131 filters of the second layer look at the same single map.",
        "More filters can look for more parts in that map. What about the parts that the map does not show?",
    ],
    fact="Each of the 131 filters has a single slice, 9 weights. In the other network each of 16 filters has 144 weights.",
    mistakes={
        "parameters_gain_nothing": (
            "nothing",
            "131 filters find more parts in one map than 16 do, and the last layer can use all of them.",
        ),
        "parameters_gain_everything": (
            "everything",
            "all 131 filters look at the same single map, and can use only what this map shows.",
        ),
    },
)
def same_parameters():
    return "a part"


@sheet.exercise(
    title="Grey as a convolution",
    task=(
        "Make an `nn.Conv2d` that turns a colour image into its grey values, 0.299 red + 0.587 green + 0.114 blue, "
        "at each pixel and at the image's size. Hand over the layer."
    ),
    kind=Behaviour(_what_it_makes_of_colours),
    hints=[
        "How many channels does a grey image have? How many pixels does one grey value depend on?",
        "`layer = nn.Conv2d(3, 1, kernel_size=1, bias=False)`: its weight has the shape (1, 3, 1, 1).",
        "`layer.weight.data = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)`",
    ],
    fact=(
        "Network in network (Lin et al. 2014) put such layers between larger ones, to mix the maps at each pixel. "
        "GoogLeNet and ResNet took them over, mainly to make the maps fewer."
    ),
    mistakes={
        "grey_of_neighbours": (
            Seen({"its output has the shape": "(1, 4, 5)", "one white pixel changes": "several pixels"}),
            "It looks at neighbours. A grey value depends on its own pixel alone: the kernel is 1 x 1.",
        ),
        "grey_of_another_pixel": (
            Seen({"its output has the shape": "(1, 4, 5)", "one white pixel changes": "another pixel"}),
            "It moves the image: a grey value depends on its own pixel. The kernel is 1 x 1.",
        ),
        "three_grey_maps": (
            lambda: _grey_as([[0.299, 0.587, 0.114]] * 3),
            "It gives three maps, all the same. A grey image is one map: `out_channels` is 1.",
        ),
        "grey_not_summed": (
            lambda: _grey_as([[0.299], [0.587], [0.114]], groups=3),
            "It weighs the channels and does not sum them: with groups=3 each filter sees one channel alone.",
        ),
        "equal_thirds": (
            lambda: _grey_as([[1 / 3, 1 / 3, 1 / 3]]),
            "It takes a third of each channel. Green looks brighter than blue: use the three weights given.",
        ),
        "channels_summed": (
            lambda: _grey_as([[1.0, 1.0, 1.0]]),
            "It sums the channels without weights, and white becomes 3.",
        ),
        "blue_first": (
            lambda: _grey_as([[0.114, 0.587, 0.299]]),
            "The order is red, green, blue: you gave the weight of red to blue.",
        ),
    },
)
def grey_layer():
    layer = nn.Conv2d(3, 1, kernel_size=1, bias=False)
    layer.weight.data = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return layer


def _with_groups(choose):
    """Numbers for a layer whose groups divide its channels and its filters."""
    groups = choose.randint(2, 6)
    in_channels, out_channels = (groups * choose.randint(2, 9) for _ in range(2))
    return {
        "in_channels": in_channels,
        "out_channels": out_channels,
        "kernel_size": choose.choice([3, 5, 7]),
        "groups": groups,
    }


@sheet.exercise(
    title="Three groups",
    task=(
        "For `nn.Conv2d({in_channels}, {out_channels}, {kernel_size}, groups={groups})`, give the shape of the weight and the number of parameters, as "
        "`((..., ..., ..., ...), ...)`."
    ),
    given={"in_channels": 12, "out_channels": 24, "kernel_size": 3, "groups": 3},
    draw=_with_groups,
    hints=[
        "The {in_channels} channels are cut into {groups} groups. How many channels does a filter see?",
        "There are still {out_channels} filters, each with {in_channels // groups} slices of {kernel_size} x {kernel_size}, and a bias.",
        "(({out_channels}, {in_channels // groups}, {kernel_size}, {kernel_size}), {out_channels} * ({in_channels // groups} * {kernel_size} * {kernel_size} + 1))",
    ],
    fact="AlexNet had two groups for a plain reason: it was spread over two graphics cards of 3 GB each.",
    mistakes={
        "groups_ignored": (
            lambda in_channels, out_channels, kernel_size, groups: (
                (out_channels, in_channels, kernel_size, kernel_size),
                out_channels * (in_channels * kernel_size * kernel_size + 1),
            ),
            "you left out groups: a filter sees only the {in_channels} / {groups} channels of its own group.",
        ),
        "groups_ignored_in_the_count": (
            lambda in_channels, out_channels, kernel_size, groups: (
                (out_channels, (in_channels // groups), kernel_size, kernel_size),
                out_channels * (in_channels * kernel_size * kernel_size + 1),
            ),
            "the shape is right, but you counted all {in_channels} channels: a filter has {in_channels // groups} slices.",
        ),
        "groups_ignored_in_the_shape": (
            lambda in_channels, out_channels, kernel_size, groups: (
                (out_channels, in_channels, kernel_size, kernel_size),
                out_channels * ((in_channels // groups) * kernel_size * kernel_size + 1),
            ),
            "the count is right, but the shape is not: the second number counts the slices of a filter.",
        ),
        "biases_divided": (
            lambda in_channels, out_channels, kernel_size, groups: (
                (out_channels, (in_channels // groups), kernel_size, kernel_size),
                out_channels * (in_channels * kernel_size * kernel_size + 1) // groups,
            ),
            "the shape is right, but you divided the biases by groups too. Each of the {out_channels} filters has one.",
        ),
        "groups_without_bias": (
            lambda in_channels, out_channels, kernel_size, groups: (
                (out_channels, (in_channels // groups), kernel_size, kernel_size),
                out_channels * (in_channels // groups) * kernel_size * kernel_size,
            ),
            "the shape is right, but you left out the {out_channels} biases.",
        ),
        "shape_of_one_group": (
            lambda in_channels, out_channels, kernel_size, groups: (
                ((out_channels // groups), (in_channels // groups), kernel_size, kernel_size),
                out_channels * ((in_channels // groups) * kernel_size * kernel_size + 1),
            ),
            "the count is right, but this is the shape of one group. All {out_channels} filters stand in one array.",
        ),
        "one_group_alone": (
            lambda in_channels, out_channels, kernel_size, groups: (
                ((out_channels // groups), (in_channels // groups), kernel_size, kernel_size),
                (out_channels // groups) * ((in_channels // groups) * kernel_size * kernel_size + 1),
            ),
            "this is one of the groups. The layer has {out_channels} filters in all.",
        ),
        "groups_swapped": (
            lambda in_channels, out_channels, kernel_size, groups: (
                ((in_channels // groups), out_channels, kernel_size, kernel_size),
                out_channels * ((in_channels // groups) * kernel_size * kernel_size + 1),
            ),
            "you swapped filters and slices: the filters come first.",
        ),
    },
)
def three_groups(in_channels, out_channels, kernel_size, groups):
    return (
        (out_channels, (in_channels // groups), kernel_size, kernel_size),
        out_channels * ((in_channels // groups) * kernel_size * kernel_size + 1),
    )


@sheet.exercise(
    title="Write conv2d_parameters, with groups",
    task=(
        "Write `conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True)`: the number of "
        "parameters of a layer with square kernels."
    ),
    kind=Function(
        cases=(
            Call(1, 1, 3, bias=False),
            Call(1, 1, 3),
            Call(1, 6, 5),
            Call(3, 64, 3),
            Call(3, 64, 3, bias=False),
            Call(12, 24, 3, groups=3),
            Call(12, 24, 3, groups=3, bias=False),
            Call(32, 32, 5, groups=32),
            Call(512, 256, 1, groups=2, bias=False),
        )
    ),
    hints=[
        "Count one filter first: `kernel_size * kernel_size` weights for each channel that it sees.",
        "With groups, the channels are divided: each filter sees only `in_channels // groups` of them, and has as many slices.",
        "out_channels filters, each of (in_channels // groups) * kernel_size**2 weights; with bias, out_channels more.",
    ],
    fact="ResNeXt-50 (Xie et al. 2017) is a ResNet whose 3 x 3 convolutions have 32 groups.",
)
def conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    weights_of_a_filter = (in_channels // groups) * kernel_size * kernel_size
    return out_channels * (weights_of_a_filter + (1 if bias else 0))


@conv2d_parameters.mistake("you left out the biases: with `bias=True` each of the `out_channels` filters has one.")
def written_without_bias(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels // groups) * kernel_size**2


@conv2d_parameters.mistake("you add the biases even with `bias=False`.")
def written_with_bias_always(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * ((in_channels // groups) * kernel_size**2 + 1)


@conv2d_parameters.mistake("you left out groups: a filter sees only `in_channels // groups` channels.")
def written_without_groups(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels * kernel_size**2 + bias)


@conv2d_parameters.mistake(
    "you divided the biases by groups too. Every filter keeps its bias: groups only take input channels away."
)
def written_biases_divided(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels * kernel_size**2 + bias) // groups


@conv2d_parameters.mistake("this is one group. All groups together have `out_channels` filters.")
def written_for_one_group(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return (out_channels // groups) * ((in_channels // groups) * kernel_size**2 + bias)


@conv2d_parameters.mistake(
    "you left out the input channels: a filter has a slice of weights for each channel that it sees."
)
def written_without_channels(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (kernel_size**2 + bias)


@conv2d_parameters.mistake("you counted one bias for the whole layer. Each of the `out_channels` filters has its own.")
def written_with_one_bias(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels // groups) * kernel_size**2 + bias


@conv2d_parameters.mistake("you took `kernel_size` once. The window has `kernel_size` rows and as many columns.")
def written_kernel_not_squared(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * ((in_channels // groups) * kernel_size + bias)


@sheet.exercise(
    title="A separable convolution",
    task=(
        "`nn.Conv2d({in_channels}, {in_channels}, {kernel_size}, groups={in_channels})` is followed by `nn.Conv2d({in_channels}, {out_channels}, 1)`. How many parameters do the two "
        "have together, biases included?"
    ),
    given={"in_channels": 64, "out_channels": 128, "kernel_size": 3},
    draw=lambda choose: {
        "in_channels": choose.randint(4, 64),
        "out_channels": choose.randint(4, 128),
        "kernel_size": choose.choice([3, 5, 7]),
    },
    hints=[
        "The first: {in_channels} filters that see one map each, so {in_channels} * ({kernel_size} * {kernel_size} + 1).",
        "The second: {out_channels} filters of 1 x 1 over {in_channels} maps, so {out_channels} * ({in_channels} + 1).",
        "{in_channels} * ({kernel_size} * {kernel_size} + 1) + {out_channels} * ({in_channels} * 1 * 1 + 1)",
    ],
    fact=(
        "After a first full convolution MobileNet is made of such pairs: 8 to 9 times less computation, at a small "
        "cost in accuracy (Howard et al. 2017, section 3.1)."
    ),
    mistakes={
        "plain_convolution": (
            lambda in_channels, out_channels, kernel_size: out_channels * (in_channels * kernel_size * kernel_size + 1),
            "this is the plain `nn.Conv2d({in_channels}, {out_channels}, {kernel_size})`, which the pair is to replace.",
        ),
        "separable_without_bias": (
            lambda in_channels, out_channels, kernel_size: (
                in_channels * kernel_size * kernel_size + out_channels * in_channels
            ),
            "you left out all biases: the first layer has {in_channels} of them, the second {out_channels}.",
        ),
        "depthwise_without_bias": (
            lambda in_channels, out_channels, kernel_size: (
                in_channels * kernel_size * kernel_size + out_channels * (in_channels + 1)
            ),
            "you left out the {in_channels} biases of the first layer.",
        ),
        "pointwise_without_bias": (
            lambda in_channels, out_channels, kernel_size: (
                in_channels * (kernel_size * kernel_size + 1) + out_channels * in_channels
            ),
            "you left out the {out_channels} biases of the second layer.",
        ),
        "depthwise_alone": (
            lambda in_channels, out_channels, kernel_size: in_channels * (kernel_size * kernel_size + 1),
            "this is the first layer alone. Add the 1 x 1 convolution after it.",
        ),
        "pointwise_alone": (
            lambda in_channels, out_channels, kernel_size: out_channels * (in_channels + 1),
            "this is the second layer alone. Add the depthwise one before it.",
        ),
        "depthwise_sees_all": (
            lambda in_channels, out_channels, kernel_size: (
                in_channels * (in_channels * kernel_size * kernel_size + 1) + out_channels * (in_channels + 1)
            ),
            "you left out groups={in_channels}: a filter of the first layer sees one map, not {in_channels}.",
        ),
        "depthwise_of_the_output": (
            lambda in_channels, out_channels, kernel_size: (
                out_channels * (kernel_size * kernel_size + 1) + out_channels * (in_channels + 1)
            ),
            "you gave the depthwise layer {out_channels} maps. It stands first, and sees the {in_channels} of the input.",
        ),
    },
)
def separable(in_channels, out_channels, kernel_size):
    depthwise = in_channels * (kernel_size * kernel_size + 1)
    pointwise = out_channels * (in_channels * 1 * 1 + 1)
    return depthwise + pointwise


@sheet.exercise(
    title="Fill in every argument",
    task=(
        "Write the `nn.Conv2d` with a kernel of 7 x 7 that turns (3, 224, 224) into (64, 112, 112). Hand over the "
        "layer, or a dictionary of its arguments."
    ),
    kind=Behaviour(_what_it_gives),
    hints=[
        "The channels are given. Half the size: which argument does that?",
        "With stride 2, (224 + 2 * padding - 7) // 2 + 1 must be 112.",
        "`nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=...)`: half a kernel, rounded down.",
    ],
    fact=(
        "You wrote the first layer of ResNet (He et al. 2015). There it has bias=False: the batch normalisation after it "
        "subtracts the mean of each map, and a bias with it, and then adds an offset of its own."
    ),
    mistakes={
        "padding_0": (
            lambda: nn.Conv2d(3, 64, 7, stride=2),
            "The map has a side of 109: padding must make up for all that the window takes off, before the stride halves "
            "the rest.",
        ),
        "padding_7": (
            lambda: nn.Conv2d(3, 64, 7, stride=2, padding=7),
            "You padded with a whole kernel, and the map has a side of 116. Half a kernel on each side is enough.",
        ),
        "padding_2": (
            lambda: nn.Conv2d(3, 64, 7, stride=2, padding=2),
            "The map has a side of 111. Without rounding, (224 + 2p - 7) / 2 + 1 = 112 gives p = 2.5: take 3. "
            "The half step that is left over is dropped.",
        ),
        "padding_1": (
            lambda: nn.Conv2d(3, 64, 7, stride=2, padding=1),
            "The map has a side of 110: padding 1 is for a kernel of 3. One of 7 needs (7 - 1) / 2 on each side.",
        ),
        "stride_1": (lambda: nn.Conv2d(3, 64, 7, padding=3), "You left out stride: this layer keeps the size of 224."),
        "neither_stride_nor_padding": (
            lambda: nn.Conv2d(3, 64, 7),
            "You left out stride and padding: the map has a side of 218.",
        ),
        "channels_swapped": (
            lambda: nn.Conv2d(64, 3, 7, stride=2, padding=3),
            "You swapped the channels: `in_channels` comes first, and the image has 3.",
        ),
        "kernel_of_3": (
            lambda: nn.Conv2d(3, 64, 3, stride=2, padding=1),
            "The size is right, but the kernel is 3 x 3. Asked for is one of 7 x 7, which needs more padding.",
        ),
    },
)
def fill_in():
    return nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, dilation=1, groups=1, bias=False)
