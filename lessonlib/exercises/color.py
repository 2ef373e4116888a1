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
    if isinstance(layer, nn.Conv2d) and layer.in_channels != 3:
        raise ValueError(
            f"It takes {layer.in_channels} channels, its first argument. A colour image has 3: red, green and blue."
        )
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
    if isinstance(layer, tuple):
        raise ValueError(
            "This is a tuple: write the layer with the name of each argument, `nn.Conv2d(3, 64, kernel_size=7, ...)`."
        )
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
    fact="Right: at each place a filter sums all its products, over all three slices, and gives one number. These numbers make one map.",
    mistakes={
        "a_map_for_each_channel": (
            3,
            "you counted a map for each channel. Each slice does make a contribution, but the three contributions are added at once.",
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
    """Two channels of 3 x 4 and two slices of 2 x 2, of small numbers."""
    channels = [[[choose.randint(0, 9) for _ in range(4)] for _ in range(3)] for _ in range(2)]
    return {
        "channels": channels,
        "slices": [[[choose.randint(-2, 4) for _ in range(2)] for _ in range(2)] for _ in range(2)],
    }


@sheet.exercise(
    title="By hand: two channels",
    task=(
        "Slide the slice {slices[0]} over channel 0, {channels[0]}, and the slice {slices[1]} over channel 1, {channels[1]}. "
        "What does this filter give?"
    ),
    given={"channels": CHANNELS.tolist(), "slices": SLICES.tolist()},
    draw=_two_channels,
    hints=[
        "Slide each slice over its own channel first, as in lesson 02.",
        "At the first place channel 1 contributes {channels[1][0][0]} * {slices[1][0][0]} + {channels[1][0][1]} * {slices[1][0][1]} + {channels[1][1][0]} * {slices[1][1][0]} + {channels[1][1][1]} * {slices[1][1][1]}.",
        "One sum for each place: what channel 0 contributes there, plus what channel 1 contributes.",
    ],
    fact=(
        "Right: each slice slides over its own channel, and the two contributions are added place by place. Contributions of "
        "different sign can cancel."
    ),
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
        "Right: 0.587 * 0.299 / 0.587 is 0.299, and so is 0.299 * 1. Both sides have the same grey value, and a filter on the "
        "grey image finds nothing. Nerve cells keep such differences: some in a monkey's thalamus are excited by red and inhibited by green light, or "
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
    title="Images in, maps out",
    task=(
        "A layer of {out_channels} filters, {kernel_size} x {kernel_size}, without padding, gets a colour image of shape (3, {side}, {side}). Which shape does "
        "its output have for one image? Give three lengths."
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
        "Right: each of the {out_channels} filters gives one map, and a window of {kernel_size} has {side} - {kernel_size} + 1 "
        "places on a side of {side} pixels. Of the 96 filters of AlexNet's first layer, some became edges of many angles and widths, others coloured blobs "
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
        "shape_multiplied": (
            lambda side, out_channels, kernel_size: out_channels * (side - kernel_size + 1) ** 2,
            "you multiplied the shape: this is how many numbers the output has. Give its three lengths.",
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
    task="Which shape does the weight of `nn.Conv2d({in_channels}, {out_channels}, {kernel_size})` have in PyTorch? Give its lengths.",
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
    fact="Right: {out_channels} filters, each with {in_channels} slices of {kernel_size} x {kernel_size} weights. Keras stores the same weights as ({kernel_size}, {kernel_size}, {in_channels}, {out_channels}): rows, columns, inputs, filters. Look before you copy weights.",
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
        "weight_multiplied": (
            lambda in_channels, out_channels, kernel_size: out_channels * in_channels * kernel_size**2,
            "you multiplied the shape: this is how many weights there are. Give its four lengths.",
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
    title="Predict: the second layer",
    task=(
        "The first two layers of VGG-16 are `nn.Conv2d(3, 64, 3)` and `nn.Conv2d(64, 64, 3)`, both with padding. The "
        "first has 1,792 parameters. How many does the second have?"
    ),
    hints=[
        "Both have 64 filters of 3 x 3. How many slices does a filter of the first have, and one of the second?",
        "64 * (64 * 3 * 3 + 1)",
    ],
    fact="Right: 64 filters, each with 64 slices of 3 x 3 weights and a bias: 64 * 577. Deeper in VGG-16, 512 filters look at 512 maps: 2,359,808 parameters in one such layer.",
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
        "second_side_not_squared": (
            64 * (64 * 3 + 1),
            "you gave a slice 3 weights. It has 3 rows and 3 columns.",
        ),
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


def _layer_of(choose, in_channels, out_channels, rows, columns):
    """An image, a weight and a bias of small whole numbers."""
    shapes = (in_channels, rows + 2, columns + 3), (out_channels, in_channels, rows, columns), (out_channels,)
    return [choose.integers(1, 6, shape) for shape in shapes]


_NUMBERS = np.random.default_rng(3)


@sheet.exercise(
    title="Write conv2d, with channels",
    task=(
        "Write `conv2d(image, weight, bias)` for arrays: image (channels, height, width), weight (filters, channels, rows, "
        "columns) and bias (filters,). It gives the maps (filters, height - rows + 1, width - columns + 1)."
    ),
    kind=Function(
        cases=(
            Call(*_layer_of(_NUMBERS, 1, 1, 2, 2)),
            Call(*_layer_of(_NUMBERS, 2, 2, 2, 2)),
            Call(*_layer_of(_NUMBERS, 3, 3, 2, 2)),
            Call(*_layer_of(_NUMBERS, 3, 2, 3, 2)),
            Call(*(array / 4 - 1 for array in _layer_of(_NUMBERS, 2, 5, 1, 3))),
        )
    ),
    hints=[
        "weight[i] is a filter, weight[i, j] its slice for channel j. A filter gives one map: begin with one filter.",
        "`filters.cross_correlate(image[j], weight[i, j])` is what channel j contributes to map i. Sum over j, then add bias[i] once.",
        "`maps.append(sum(contributions) + bias[i])` for each filter i, and at the end `np.stack(maps)`.",
    ],
    fact=(
        "Right: a sum over the channels for each filter, and one bias added to it. The order of the channels does not matter "
        "to a convolution, if image and weight have the same one."
    ),
)
def conv2d(image, weight, bias):
    maps = []
    for one_filter, its_bias in zip(weight, bias, strict=True):
        total = its_bias
        for channel, weights in zip(image, one_filter, strict=True):
            total = total + filters.cross_correlate(channel, weights)
        maps.append(total)
    return np.stack(maps)


@conv2d.mistake("you kept the contributions of the channels apart. Each filter sums them: one map for each filter.")
def channels_not_summed(image, weight, bias):
    maps = [_contributions(image, one_filter) for one_filter in weight]
    return np.stack(maps) + bias[:, None, None, None]


@conv2d.mistake(
    "you add the bias once for each channel. It is added once to each map, after the sum over the channels."
)
def bias_for_each_channel(image, weight, bias):
    return color.conv2d(image, weight, bias * len(image))


@conv2d.mistake("you left out the bias: bias[i] is added to every number of map i.")
def bias_left_out(image, weight, bias):
    return color.conv2d(image, weight)


@conv2d.mistake("you flip the slices. A layer slides them over their channels as they are.")
def slices_of_a_layer_flipped(image, weight, bias):
    return color.conv2d(image, weight[:, :, ::-1, ::-1], bias)


@conv2d.mistake("you exchanged filters and channels: weight[i, j] is the slice of filter i for channel j.")
def filters_and_channels_exchanged(image, weight, bias):
    return color.conv2d(image, weight.swapaxes(0, 1), bias)


@conv2d.mistake("you use one channel alone. Each filter has a slice for every channel, and sums what they give.")
def one_channel_alone(image, weight, bias):
    return color.conv2d(image[:1], weight[:, :1], bias)


@conv2d.mistake("you take the mean over the channels. A filter sums them.")
def channels_averaged(image, weight, bias):
    return color.conv2d(image, weight / len(image), bias)


@conv2d.mistake("you sum over the filters too. Each filter has a map of its own.")
def filters_summed(image, weight, bias):
    return color.conv2d(image, weight, bias).sum(axis=0)


@sheet.exercise(
    title="Predict: with one filter",
    task=(
        "A small network classifies digits. Its first layer has a single filter, its second layer has 16. How many "
        'validation images does it get right? Choose "10%", "70%" or "95%".'
    ),
    kind=Choice(("10%", "70%", "95%")),
    hints=[
        "10% is guessing. Can one map still tell some digits apart?",
        "One map shows where a digit has strokes of some kind. Is that enough to tell a one from a zero, and a three from an eight?",
    ],
    fact=(
        "Right: one map still shows much of a digit, so the network does not guess. With more filters it does better. VGG-16 "
        "has 64 filters in its first layer and 512 in its last convolution (Simonyan and Zisserman 2014, table 1)."
    ),
    mistakes={
        "one_filter_guesses": (
            "10%",
            "that would be guessing. One map is still an image of the digit, and the second layer looks for parts in it.",
        ),
        "one_filter_suffices": (
            "95%",
            "in this network that takes more filters. Here the pooling and the second layer have a single map to work with.",
        ),
    },
)
def with_one_filter():
    return "70%"


@sheet.exercise(
    title="Predict: as many parameters",
    task=(
        "One filter in the first layer, and 131 in the second: 2,640 parameters, about as many as the network with 16 "
        "and then 16 filters has. How many images does it get right after equally many epochs? "
        'Choose "as few as with 1 and then 16", "in between" or "as many as with 16 and then 16".'
    ),
    kind=Choice(("as few as with 1 and then 16", "in between", "as many as with 16 and then 16")),
    hints=[
        "All 131 filters of the second layer look at the same single map.",
        "131 filters can look for more parts in that map than 16 can. Do they have all that 16 filters have in 16 maps?",
    ],
    fact=(
        "Right: with 131 filters on one map the network gets more right than with 16, and fewer than with 16 filters on 16 "
        "maps. Each of the 131 has a single slice, 9 weights. In the other network each of 16 filters has 144 weights."
    ),
    mistakes={
        "parameters_gain_nothing": (
            "as few as with 1 and then 16",
            "131 filters find more parts in one map than 16 do, and the last layer can use all of them.",
        ),
        "parameters_gain_everything": (
            "as many as with 16 and then 16",
            "all 131 filters look at the same single map, and can use only what it still holds after the pooling.",
        ),
    },
)
def same_parameters():
    return "in between"


@sheet.exercise(
    title="Predict: the whole image in one map",
    task=(
        "The only filter of the first layer is fixed: 1 in its middle, 0 elsewhere, so that its map is the image itself. "
        "The pooling, the 131 filters and the last layer follow as before. How many validation images does the network get "
        'right? Choose "10%", "75%" or "95%".'
    ),
    kind=Choice(("10%", "75%", "95%")),
    hints=[
        "The map holds everything that the image holds. Which layer comes next?",
        "That layer is the pooling. What do the 131 filters see of the map?",
    ],
    fact=(
        "Right: the map holds the whole image, but the 131 filters see it only after the pooling. Without the pooling the same "
        "network gets about 95%."
    ),
    mistakes={
        "image_says_nothing": (
            "10%",
            "that would be guessing. The map is the image itself, and pooled it still shows where the strokes are.",
        ),
        "image_says_everything": (
            "95%",
            "the map does hold the whole image. But the 131 filters see only what the pooling makes of it.",
        ),
    },
)
def whole_image():
    return "75%"


@sheet.exercise(
    title="Predict: the plates in grey",
    task=(
        "A network learns to read the plates in colour, and gets about 95% of the test images right. The same network "
        'learns from the same plates in grey. How many does it then get right? Choose "10%", "50%" or "90%".'
    ),
    kind=Choice(("10%", "50%", "90%")),
    hints=[
        "What does the digit add to the grey value, 0.299 red + 0.587 green + 0.114 blue?",
        "Where there is ink, 0.6 * 0.587 is added to red and 0.6 * 0.299 is taken from green. Weigh both as grey does.",
    ],
    fact=(
        "Right: the digit changes the grey value by 0.6 * (0.299 * 0.587 - 0.587 * 0.299) = 0. What is left is noise, and from noise "
        "a network can only guess one of ten digits."
    ),
    mistakes={
        "reads_as_well_in_grey": (
            "90%",
            "for that the grey image must show the digit. What it adds to red and what it takes from green cancel there.",
        ),
        "reads_half_in_grey": (
            "50%",
            "for that the grey image must show some of it. What the digit adds to red and what it takes from green cancel there.",
        ),
    },
)
def plates_in_grey():
    return "10%"


@sheet.exercise(
    title="Grey as a convolution",
    task=(
        "Make an `nn.Conv2d` that turns a colour image into its grey values, 0.299 red + 0.587 green + 0.114 blue, "
        "at each pixel and at the image's size."
    ),
    kind=Behaviour(_what_it_makes_of_colours),
    hints=[
        "How many channels does a grey image have? How many pixels does one grey value depend on?",
        "`layer = nn.Conv2d(3, 1, kernel_size=1, bias=False)`: its weight has the shape (1, 3, 1, 1).",
        "`layer.weight.data = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)`",
    ],
    fact=(
        "Right: your layer gives each pixel the weighted sum of its own three channels, and nothing else. "
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
        "For `nn.Conv2d({in_channels}, {out_channels}, {kernel_size}, groups={groups})`, give the shape of the weight and the number of parameters."
    ),
    given={"in_channels": 12, "out_channels": 24, "kernel_size": 3, "groups": 3},
    draw=_with_groups,
    hints=[
        "The {in_channels} channels are cut into {groups} groups. How many channels does a filter see?",
        "There are still {out_channels} filters, each with {in_channels // groups} slices of {kernel_size} x {kernel_size}, and a bias.",
        "(({out_channels}, {in_channels // groups}, {kernel_size}, {kernel_size}), {out_channels} * ({in_channels // groups} * {kernel_size} * {kernel_size} + 1))",
    ],
    fact="Right: each of the {out_channels} filters has {in_channels} / {groups} slices, and keeps its bias. AlexNet had two groups for a plain reason: it was spread over two graphics cards of 3 GB each.",
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
        "Right: the first layer has {in_channels} filters with one slice and a bias each, the second {out_channels} filters "
        "with {in_channels} weights and a bias each. After a first full convolution MobileNet is made of such pairs: 8 to 9 times less computation, at a small "
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
    title="A layer for a given shape",
    task="Write the `nn.Conv2d` with a kernel of 7 x 7 that turns (3, 224, 224) into (64, 112, 112).",
    kind=Behaviour(_what_it_gives),
    hints=[
        "The channels are given. Half the size: which argument does that?",
        "With stride 2, (224 + 2 * padding - 7) // 2 + 1 must be 112.",
        "`nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=...)`: half a kernel, rounded down.",
    ],
    fact=(
        "Right: your layer gives 64 x 112 x 112. With stride 2, padding 3 does it: (224 + 2 * 3 - 7) // 2 + 1 = 112. That is "
        "the first layer of ResNet (He et al. 2015). There it has bias=False: the batch normalisation after it "
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
            "The map has a side of 116, as with padding 7, a whole kernel. Half a kernel on each side is enough.",
        ),
        "padding_2": (
            lambda: nn.Conv2d(3, 64, 7, stride=2, padding=2),
            "The map has a side of 111, as with padding 2. Without rounding, (224 + 2p - 7) / 2 + 1 = 112 gives p = 2.5: take 3. "
            "The half step that is left over is dropped.",
        ),
        "padding_1": (
            lambda: nn.Conv2d(3, 64, 7, stride=2, padding=1),
            "The map has a side of 110, as with padding 1, which is for a kernel of 3. One of 7 needs (7 - 1) / 2 on each side.",
        ),
        "stride_1": (
            lambda: nn.Conv2d(3, 64, 7, padding=3),
            "This layer keeps the size of 224. A stride of 2 halves it.",
        ),
        "neither_stride_nor_padding": (
            lambda: nn.Conv2d(3, 64, 7),
            "The map has a side of 218, as without stride and padding. Both are needed.",
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


@sheet.drill(
    title="What a layer costs",
    task=(
        "`nn.Conv2d({in_channels}, {out_channels}, {kernel_size}, padding={kernel_size // 2})` receives an image with "
        "{in_channels} channels of {side} x {side}. How many multiply-adds does it cost, without the biases?"
    ),
    given={"in_channels": 2, "out_channels": 8, "kernel_size": 3, "side": 20},
    draw=lambda choose: {
        "in_channels": choose.randint(2, 32),
        "out_channels": choose.randint(4, 64),
        "kernel_size": choose.choice([3, 5, 7]),
        "side": choose.randint(8, 64),
    },
    easy=lambda choose: {
        "in_channels": choose.randint(2, 6),
        "out_channels": choose.randint(4, 9),
        "kernel_size": 3,
        "side": choose.choice([5, 10, 20]),
    },
    hints=[
        "How many places does the map have with this padding? How often is a weight used?",
        "{out_channels} * {in_channels} * {kernel_size} * {kernel_size} weights, each at {side} * {side} places.",
    ],
    fact=(
        "Right: this padding keeps the {side} x {side} places, and at each of them every one of the "
        "{out_channels * in_channels * kernel_size**2:,} weights is used once."
    ),
    mistakes={
        "cost_of_one_place": (
            lambda in_channels, out_channels, kernel_size, side: out_channels * in_channels * kernel_size**2,
            "these are the weights. Each of them is used at every place of the map: multiply.",
        ),
        "cost_of_one_slice": (
            lambda in_channels, out_channels, kernel_size, side: out_channels * kernel_size**2 * side**2,
            "you gave each filter one slice. It has one for each of the {in_channels} channels.",
        ),
        "cost_of_one_filter": (
            lambda in_channels, out_channels, kernel_size, side: in_channels * kernel_size**2 * side**2,
            "this is the cost of one filter. The layer has {out_channels}.",
        ),
        "cost_of_one_row_of_places": (
            lambda in_channels, out_channels, kernel_size, side: out_channels * in_channels * kernel_size**2 * side,
            "you counted {side} places. The map has {side} rows and {side} columns.",
        ),
        "cost_of_one_row_of_weights": (
            lambda in_channels, out_channels, kernel_size, side: out_channels * in_channels * kernel_size * side**2,
            "you took {kernel_size} weights for a window. It has {kernel_size} rows and {kernel_size} columns.",
        ),
        "cost_without_padding": (
            lambda in_channels, out_channels, kernel_size, side: (
                out_channels * in_channels * kernel_size**2 * (side - kernel_size + 1) ** 2
            ),
            "you left out the padding, which keeps the side: the map has {side} rows, not {side - kernel_size + 1}.",
        ),
        "cost_counted_twice": (
            lambda in_channels, out_channels, kernel_size, side: (
                2 * out_channels * in_channels * kernel_size**2 * side**2
            ),
            "you counted multiplications and additions one by one. A multiply-add is one of each, counted once.",
        ),
    },
)
def layer_costs(in_channels, out_channels, kernel_size, side):
    return out_channels * in_channels * kernel_size**2 * side**2


@sheet.drill(
    title="One pixel, two filters of 1 x 1",
    task=(
        "A pixel has the three channels {pixel}. Two filters of 1 x 1 have the weights {weights[0]} and {weights[1]}, and no "
        "bias. Which two numbers do they give at this pixel?"
    ),
    given={"pixel": [3, 1, 2], "weights": [[1, 0, 2], [1, -1, 1]]},
    draw=lambda choose: {
        "pixel": choose.sample(range(1, 10), 3),
        "weights": [choose.sample(range(-3, 4), 3) for _ in range(2)],
    },
    hints=[
        "A filter of 1 x 1 has one weight for each channel, and sums its products.",
        "The first number is {pixel[0]} * {weights[0][0]} + {pixel[1]} * {weights[0][1]} + {pixel[2]} * {weights[0][2]}.",
    ],
    fact="Right: a filter of 1 x 1 is a weighted sum of the channels, the same at every pixel. Two filters give two maps.",
    mistakes={
        "products_not_summed": (
            lambda pixel, weights: [[a * b for a, b in zip(pixel, row, strict=True)] for row in weights],
            "these are the products. A filter sums its own, and gives one number.",
        ),
        "one_filter_of_two": (
            lambda pixel, weights: _weighted(pixel, weights)[0],
            "this is what the first filter gives. The second one gives a number of its own.",
        ),
        "filters_summed": (
            lambda pixel, weights: sum(_weighted(pixel, weights)),
            "you summed what the two filters give. Each has a map of its own.",
        ),
        "pixel_averaged": (
            lambda pixel, weights: [number / 3 for number in _weighted(pixel, weights)],
            "you divided by the three channels. A filter sums its products.",
        ),
        "weights_alone": (
            lambda pixel, weights: [*map(sum, weights)],
            "you summed the weights. Multiply each by its channel first.",
        ),
    },
)
def one_pixel(pixel, weights):
    return [sum(value * weight for value, weight in zip(pixel, row, strict=True)) for row in weights]


def _weighted(pixel, weights):
    return np.array(weights) @ pixel
