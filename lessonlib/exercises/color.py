"""The questions of lesson 03, with their answers and the mistakes that they know."""

import numpy as np
import torch
from torch import nn

from lessonlib import color, filters
from lessonlib.checking import Call, Sheet

sheet = Sheet()
progress = sheet.progress

CHANNELS = np.stack([np.arange(9).reshape(3, 3), np.arange(1, 10).reshape(3, 3)])
SLICES = np.array([[[0, 1], [2, 3]], [[1, 2], [3, 4]]])
COLOURS = {"black": (0, 0, 0), "red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "white": (1, 1, 1)}


def _what_it_makes_of_colours(layer):
    """The shape of what a layer, or a weight, gives for images of 4 x 5 pixels in one colour, and its first values."""
    if not isinstance(layer, nn.Module) and np.ndim(layer) != 4:
        raise ValueError("Give the layer, an nn.Conv2d, or its weight (out_channels, in_channels, rows, columns).")
    images = torch.tensor([*COLOURS.values()]).float()[:, :, None, None].expand(-1, -1, 4, 5)
    if isinstance(layer, nn.Conv2d) and layer.weight.ndim != 4:
        shape = tuple(layer.weight.shape)
        raise ValueError(
            f"Its weight has the shape {shape}: a layer needs (filters, slices, rows, columns), (1, 3, 1, 1)."
        )
    if isinstance(layer, nn.Module):
        dtype = next((each.dtype for each in layer.parameters()), images.dtype)
        maps = layer(images.to(dtype)).detach().numpy()
    else:
        maps = color.conv2d(images, layer)
    if maps.shape[1] == 1 and maps[0].any():
        answer = f"On black it gives {maps[0].flat[0]:.2f}, not 0"
        raise ValueError(f"{answer}: the layer has a bias, and at first it is random. Use `bias=False`.")
    on_colours = {f"on {name}": result[..., 0, 0].squeeze() for name, result in zip(COLOURS, maps)}
    return {"the shape of its output": maps.shape[1:], **on_colours}


def _what_it_gives(layer):
    """What counts of a layer, or of a dictionary of its arguments, that is asked for by its output."""
    in_channels = layer.get("in_channels") if isinstance(layer, dict) else getattr(layer, "in_channels", 3)
    sheet = color.specification(layer, (in_channels, 224, 224))
    here = dict(zip(sheet["argument"], sheet["here"]))
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
)
def maps_of_one_filter():
    return 1


@maps_of_one_filter.mistake(
    "you counted a map for each channel. Each slice does make a contribution, but the three contributions are summed."
)
def a_map_for_each_channel():
    return 3


@maps_of_one_filter.mistake("you counted the weights of one slice. They all go into the same sum.")
def a_map_for_each_weight():
    return 9


@maps_of_one_filter.mistake("you counted the weights of the filter, 3 slices of 3 x 3. They all go into the same sum.")
def a_map_for_each_weight_of_each_slice():
    return 27


@sheet.exercise(
    title="By hand: two channels",
    task=(
        "Slide the slice [[0, 1], [2, 3]] over channel 0, [[0, 1, 2], [3, 4, 5], [6, 7, 8]], and the slice "
        "[[1, 2], [3, 4]] over channel 1, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]. Give the map of this one filter."
    ),
    hints=[
        "Channel 0 you know from lesson 02: its contribution is [[19, 25], [37, 43]].",
        "Channel 1 contributes 1 * 1 + 2 * 2 + 4 * 3 + 5 * 4 = 37 at the first place.",
        "Four sums, of which the first is 19 + 37 = 56: `[[56, ...], [..., ...]]`",
    ],
    fact="The sum comes first and a ReLU after it: contributions of different sign can cancel, and in colour they will.",
)
def two_channels():
    channel_0 = filters.cross_correlate([[0, 1, 2], [3, 4, 5], [6, 7, 8]], [[0, 1], [2, 3]])
    channel_1 = filters.cross_correlate([[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 2], [3, 4]])
    return channel_0 + channel_1


def _contributions(slide=filters.cross_correlate, channels=CHANNELS, slices=SLICES):
    return np.stack([slide(channel, weights) for channel, weights in zip(channels, slices)])


@two_channels.mistake("These are the two contributions. A filter has one map: sum them, number by number.")
def contributions_not_summed():
    return _contributions()


@two_channels.mistake("you took the mean of the two contributions. A filter sums them.")
def contributions_averaged():
    return _contributions().mean(axis=0)


@two_channels.mistake("this is the contribution of channel 0 alone. Channel 1 has its own slice: add what it gives.")
def channel_0_alone():
    return _contributions()[0]


@two_channels.mistake("this is the contribution of channel 1 alone. Add what channel 0 gives with its slice.")
def channel_1_alone():
    return _contributions()[1]


@two_channels.mistake("you took the contribution of channel 1 from that of channel 0. They are added.")
def contributions_subtracted():
    return _contributions()[0] - _contributions()[1]


@two_channels.mistake("you multiplied the two contributions. Products are summed, over the channels too.")
def contributions_multiplied():
    return _contributions().prod(axis=0)


@two_channels.mistake("you flipped the slices. They slide over their channels as they are.")
def slices_flipped():
    return _contributions(filters.convolve).sum(axis=0)


@two_channels.mistake(
    "you flipped the slice, and took channel 0 alone. Slices slide as they are; add what channel 1 gives."
)
def channel_0_flipped():
    return _contributions(filters.convolve)[0]


@two_channels.mistake("you flipped the slices, and did not sum. They slide as they are, and a filter has one map.")
def contributions_flipped():
    return _contributions(filters.convolve)


@two_channels.mistake("you slid the slice of channel 0 over both channels. Each channel has weights of its own.")
def first_slice_for_both():
    return _contributions(slices=SLICES[[0, 0]]).sum(axis=0)


@two_channels.mistake("you slid the slice of channel 1 over both channels. Each channel has weights of its own.")
def second_slice_for_both():
    return _contributions(slices=SLICES[[1, 1]]).sum(axis=0)


@two_channels.mistake("you swapped the slices: the first one belongs to channel 0.")
def slices_swapped():
    return _contributions(slices=SLICES[::-1]).sum(axis=0)


@two_channels.mistake(
    "you added the channels, and you added the slices. Each channel meets its own slice first; what they give is added."
)
def channels_added_first():
    return filters.cross_correlate(CHANNELS.sum(axis=0), SLICES.sum(axis=0))


@two_channels.mistake("you summed over the places too. The map keeps a number for each of the 2 x 2 places.")
def summed_to_one_number():
    return _contributions().sum()


@two_channels.mistake("this is the first number of the map. The window stands at 2 x 2 places.")
def only_the_first_place():
    return _contributions()[:, 0, 0].sum()


@two_channels.mistake("You put zeros around the channels. Without padding there are 2 x 2 places.")
def channels_padded():
    return _contributions(lambda channel, weights: filters.cross_correlate(channel, weights, padding=1)).sum(axis=0)


@two_channels.mistake("you swapped rows and columns of the map.")
def map_transposed():
    return _contributions().sum(axis=0).T


@sheet.exercise(
    title="Predict: the edge in grey",
    task=(
        "Left of a border every pixel is (0, 0.299 / 0.587, 0), a green, and right of it (1, 0, 0), a red. The image "
        "becomes grey, 0.299 red + 0.587 green + 0.114 blue, and an edge filter slides over it. What does it find at the "
        'border? Choose "a strong edge", "a weak edge" or "nothing".'
    ),
    choices=("a strong edge", "a weak edge", "nothing"),
    hints=[
        "A filter on the grey image sees one channel. Which numbers stand there, left and right of the border?",
        "Left 0.587 * 0.299 / 0.587, right 0.299 * 1.",
    ],
    fact=(
        "Nerve cells keep such differences: some in a monkey's thalamus are excited by red and inhibited by green light, or "
        "the other way round (De Valois, Abramov and Jacobs 1966)."
    ),
)
def edge_in_grey():
    return "nothing"


@edge_in_grey.mistake("you see the colours. The filter gets the grey image, which has the same number on both sides.")
def edge_seen_in_colour():
    return "a strong edge"


@edge_in_grey.mistake("a weak edge needs a small step, but here there is none: both sides have the same grey value.")
def edge_half_seen():
    return "a weak edge"


@sheet.exercise(
    title="Predict: images in, maps out",
    task=(
        "A layer of 10 filters, 5 x 5, without padding, gets a colour image of shape (3, 32, 32). Which shape does "
        "its output have, without the batch? Give a tuple."
    ),
    hints=[
        "How many maps does one filter give? And ten of them?",
        "The side is 32 - 5 + 1.",
        "(10, ..., ...)",
    ],
    fact=(
        "Of the 96 filters of AlexNet's first layer, some became edges of many angles and widths, others coloured blobs "
        "(Krizhevsky et al. 2012, figure 3)."
    ),
)
def output_shape():
    return (10, 32 - 5 + 1, 32 - 5 + 1)


@output_shape.mistake("you gave each filter a map for each channel. It sums over the channels: 10 filters, 10 maps.")
def maps_for_channels_and_filters():
    return (30, 28, 28)


@output_shape.mistake("one filter gives one map. The layer has 10 of them.")
def map_of_one_filter():
    return (1, 28, 28)


@output_shape.mistake("the channels of the input are summed in each filter: there are as many maps as filters.")
def as_many_maps_as_channels():
    return (3, 28, 28)


@output_shape.mistake("you kept the size of the image. Without padding a window of 5 makes each side smaller by 4.")
def size_of_the_image():
    return (10, 32, 32)


@output_shape.mistake("you subtracted 5 from the side. A window of 5 has 32 - 5 + 1 places.")
def kernel_size_taken_off():
    return (10, 27, 27)


@output_shape.mistake("the channels come first in PyTorch: (channels, height, width).")
def channels_last():
    return (28, 28, 10)


@output_shape.mistake("you added the maps to the channels. The output of the layer holds its maps only.")
def channels_and_maps():
    return (13, 28, 28)


@output_shape.mistake(
    "you kept the three contributions to each filter apart. They are summed: one map for each filter."
)
def maps_not_summed():
    return (10, 3, 28, 28)


@sheet.exercise(
    title="The shape of the weight",
    task="Which shape does the weight of `nn.Conv2d(3, 10, 5)` have in PyTorch? Give a tuple.",
    hints=[
        "Begin with one filter: it has a slice of 5 x 5 weights for each of the 3 channels, (3, 5, 5).",
        "There are 10 filters, and their number comes first: (10, ...).",
    ],
    fact="Keras stores the same weights as (5, 5, 3, 10): rows, columns, inputs, filters. Look before you copy weights.",
)
def weight_shape():
    return (10, 3, 5, 5)


@weight_shape.mistake(
    "you swapped filters and channels. The call names the inputs first, the weight its filters: weight[0] is a filter."
)
def inputs_first():
    return (3, 10, 5, 5)


@weight_shape.mistake("this is the order of another library (Keras). PyTorch has (filters, channels, rows, columns).")
def order_of_keras():
    return (5, 5, 3, 10)


@weight_shape.mistake("you put the channels last. PyTorch has (filters, channels, rows, columns).")
def slices_last():
    return (10, 5, 5, 3)


@weight_shape.mistake("you left out the channels: a filter has a slice of 5 x 5 for each of them.")
def without_slices():
    return (10, 5, 5)


@weight_shape.mistake("this is one filter. The layer has 10 of them in one array.")
def one_filter_alone():
    return (3, 5, 5)


@weight_shape.mistake("The kernel has rows and columns: 5 appears twice.")
def one_side_of_the_kernel():
    return (10, 3, 5)


@weight_shape.mistake(
    "this is the weight of a linear layer that sees one window. A convolution keeps its 75 columns as 3 slices of 5 x 5."
)
def matrix_of_a_linear_layer():
    return (10, 75)


@weight_shape.mistake("these are all 30 slices in one row. The weight keeps the 3 slices of a filter together.")
def slices_in_a_row():
    return (30, 5, 5)


@weight_shape.mistake("these are the arguments of the call. The weight needs rows and columns, and its filters first.")
def arguments_of_the_call():
    return (3, 10, 5)


@sheet.exercise(
    title="The parameters of the layer",
    task="How many parameters does `nn.Conv2d(3, 10, 5)` have?",
    hints=["The weight has 10 * 3 * 5 * 5 numbers.", "And each of the 10 filters has a bias: 10 * (3 * 5 * 5 + 1)"],
    fact="The bias has the shape (10,): one number for each map, added to every pixel of it.",
)
def weight_count():
    return 10 * (3 * 5 * 5 + 1)


@weight_count.mistake("you left out the 10 biases.")
def count_without_bias():
    return 10 * 3 * 5 * 5


@weight_count.mistake("you left out the channels: a filter has a slice of 5 x 5 for each of the 3.")
def count_without_channels():
    return 10 * (5 * 5 + 1)


@weight_count.mistake("you left out channels and biases: each filter has 3 slices of 5 x 5 weights, and a bias.")
def count_without_channels_and_bias():
    return 10 * 5 * 5


@weight_count.mistake("you counted a bias for each slice. What the slices give is summed: each filter has one bias.")
def count_bias_per_slice():
    return 10 * 3 * (5 * 5 + 1)


@weight_count.mistake("you counted a bias for each input channel. It belongs to a map of the output: there are 10.")
def count_bias_per_channel():
    return 10 * 3 * 5 * 5 + 3


@weight_count.mistake("this is one filter with its bias. The layer has 10.")
def count_of_one_filter():
    return 3 * 5 * 5 + 1


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
)
def second_layer():
    return 64 * (64 * 3 * 3 + 1)


@second_layer.mistake(
    "you took the filters of the first layer. Those of the second look at 64 maps, and need a slice for each."
)
def second_like_the_first():
    return 64 * (3 * 3 * 3 + 1)


@second_layer.mistake(
    "you took the first layer 64 times. Its filters have 3 slices. The second has 64 filters too, but with 64 slices each."
)
def first_layer_for_each_map():
    return 64 * 64 * (3 * 3 * 3 + 1)


@second_layer.mistake("you left out the 64 biases.")
def second_without_bias():
    return 64 * 64 * 3 * 3


@second_layer.mistake("you gave each filter one slice. It has one for each of the 64 maps that it looks at.")
def second_with_one_slice():
    return 64 * (3 * 3 + 1)


@second_layer.mistake("this is one filter with its bias. The layer has 64 of them.")
def second_with_one_filter():
    return 64 * 3 * 3 + 1


@second_layer.mistake("you counted 3 channels more: the second layer sees the 64 maps of the first, and not the image.")
def second_sees_the_image():
    return 64 * (67 * 3 * 3 + 1)


@second_layer.mistake("you counted a bias for each slice. What the slices give is summed: each filter has one bias.")
def second_bias_per_slice():
    return 64 * 64 * (3 * 3 + 1)


@second_layer.mistake("these are both layers together. The question is about the second alone.")
def both_layers():
    return 64 * (3 * 3 * 3 + 1) + 64 * (64 * 3 * 3 + 1)


@sheet.exercise(
    title="Predict: with one filter",
    task=(
        "A small network classifies digits. Its first layer has a single filter, its second layer has 16. How many "
        'test images does it get right? Choose "10%", "70%" or "95%".'
    ),
    choices=("10%", "70%", "95%"),
    hints=[
        "10% is guessing. Can one map still tell some digits apart?",
        "A map of vertical strokes is enough to tell a one from a zero. Is it enough to tell a three from an eight?",
    ],
    fact="VGG-16 has 64 filters in its first layer and 512 in its last convolution (Simonyan and Zisserman 2014, table 1).",
)
def with_one_filter():
    return "70%"


@with_one_filter.mistake(
    "that would be guessing. One map is still an image of the digit, and the second layer looks for parts in it."
)
def one_filter_guesses():
    return "10%"


@with_one_filter.mistake(
    "that takes more filters. A single filter shows one kind of part in its map, and digits differ in many ways."
)
def one_filter_suffices():
    return "95%"


@sheet.exercise(
    title="Predict: as many parameters",
    task=(
        "One filter in the first layer, and 131 in the second: 2,640 parameters, about as many as the network with 16 "
        "and 16 filters has. After equally many epochs, how much of the distance between one filter and 16 do the "
        'additional parameters close? Choose "nothing", "a part" or "everything".'
    ),
    choices=("nothing", "a part", "everything"),
    hints=[
        "All 131 filters of the second layer look at the same single map.",
        "More filters can look for more parts in that map. What about the parts that the map does not show?",
    ],
    fact="Each of the 131 filters has a single slice, 9 weights. In the other network each of 16 filters has 144 weights.",
)
def same_parameters():
    return "a part"


@same_parameters.mistake("131 filters find more parts in one map than 16 do, and the last layer can use all of them.")
def parameters_gain_nothing():
    return "nothing"


@same_parameters.mistake("all 131 filters look at the same single map, and can use only what this map shows.")
def parameters_gain_everything():
    return "everything"


@sheet.exercise(
    title="Grey as a convolution",
    task=(
        "Make an `nn.Conv2d` that turns a colour image into its grey values, 0.299 red + 0.587 green + 0.114 blue, "
        "at each pixel and at the image's size. Hand over the layer."
    ),
    view=_what_it_makes_of_colours,
    hints=[
        "How many channels does a grey image have? How many pixels does one grey value depend on?",
        "`layer = nn.Conv2d(3, 1, kernel_size=1, bias=False)`: its weight has the shape (1, 3, 1, 1).",
        "`layer.weight.data = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)`",
    ],
    fact=(
        "Network in network (Lin et al. 2014) put such layers between larger ones, to mix the maps at each pixel. "
        "GoogLeNet and ResNet took them over, mainly to make the maps fewer."
    ),
)
def grey_layer():
    layer = nn.Conv2d(3, 1, kernel_size=1, bias=False)
    layer.weight.data = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)
    return layer


@grey_layer.mistake("It gives three maps, all the same. A grey image is one map: out_channels is 1.")
def three_grey_maps():
    return _grey_as([[0.299, 0.587, 0.114]] * 3)


@grey_layer.mistake("It weighs the channels and does not sum them: with groups=3 each filter sees one channel alone.")
def grey_not_summed():
    return _grey_as([[0.299], [0.587], [0.114]], groups=3)


@grey_layer.mistake("It takes a third of each channel. Green looks brighter than blue: use the three weights given.")
def equal_thirds():
    return _grey_as([[1 / 3, 1 / 3, 1 / 3]])


@grey_layer.mistake("It sums the channels without weights, and white becomes 3.")
def channels_summed():
    return _grey_as([[1.0, 1.0, 1.0]])


@grey_layer.mistake("The order is red, green, blue: you gave the weight of red to blue.")
def blue_first():
    return _grey_as([[0.114, 0.587, 0.299]])


@grey_layer.mistake("It keeps three channels, each with its own weight on itself. One filter sums over all three.")
def grey_on_the_diagonal():
    return _grey_as(np.diag([0.9, 0.8, 0.7]).astype(np.float32).tolist())


@sheet.exercise(
    title="Three groups",
    task=(
        "For `nn.Conv2d(12, 24, 3, groups=3)`, give the shape of the weight and the number of parameters, as "
        "`((..., ..., ..., ...), ...)`."
    ),
    hints=[
        "The 12 channels are cut into 3 groups. How many channels does a filter see?",
        "There are still 24 filters, each with 4 slices of 3 x 3, and a bias.",
        "((24, 4, 3, 3), 24 * (4 * 3 * 3 + 1))",
    ],
    fact="AlexNet had two groups for a plain reason: it was spread over two graphics cards of 3 GB each.",
)
def three_groups():
    return ((24, 4, 3, 3), 24 * (4 * 3 * 3 + 1))


@three_groups.mistake("you left out groups: a filter sees only the 12 / 3 channels of its own group.")
def groups_ignored():
    return ((24, 12, 3, 3), 24 * (12 * 3 * 3 + 1))


@three_groups.mistake("the shape is right, but you counted all 12 channels: a filter has 4 slices.")
def groups_ignored_in_the_count():
    return ((24, 4, 3, 3), 24 * (12 * 3 * 3 + 1))


@three_groups.mistake("the count is right, but the shape is not: the second number counts the slices of a filter.")
def groups_ignored_in_the_shape():
    return ((24, 12, 3, 3), 24 * (4 * 3 * 3 + 1))


@three_groups.mistake("the shape is right, but you divided the biases by groups too. Each of the 24 filters has one.")
def biases_divided():
    return ((24, 4, 3, 3), 24 * (12 * 3 * 3 + 1) // 3)


@three_groups.mistake("you divided everything by groups, the biases too. Each of the 24 filters has one.")
def biases_divided_and_shape_ignored():
    return ((24, 12, 3, 3), 24 * (12 * 3 * 3 + 1) // 3)


@three_groups.mistake("the shape is right, but you left out the 24 biases.")
def groups_without_bias():
    return ((24, 4, 3, 3), 24 * 4 * 3 * 3)


@three_groups.mistake("the count is right, but this is the shape of one group. All 24 filters stand in one array.")
def shape_of_one_group():
    return ((8, 4, 3, 3), 24 * (4 * 3 * 3 + 1))


@three_groups.mistake("the count is right, but the groups have no axis of their own: all 24 filters stand in a row.")
def groups_as_an_axis():
    return ((3, 8, 4, 3, 3), 24 * (4 * 3 * 3 + 1))


@three_groups.mistake("this is one of the three groups. The layer has 24 filters in all.")
def one_group_alone():
    return ((8, 4, 3, 3), 8 * (4 * 3 * 3 + 1))


@three_groups.mistake(
    "you divided the filters among the groups, and not the channels: there are 24 filters, each with 4 slices."
)
def filters_dealt_out():
    return ((8, 12, 3, 3), 8 * (12 * 3 * 3 + 1))


@three_groups.mistake("you swapped filters and slices: the filters come first.")
def groups_swapped():
    return ((4, 24, 3, 3), 24 * (4 * 3 * 3 + 1))


@three_groups.mistake(
    "you took the number of groups for the number of channels in each: 12 channels in 3 groups make 4."
)
def groups_for_channels():
    return ((24, 3, 3, 3), 24 * (3 * 3 * 3 + 1))


@sheet.exercise(
    title="Write conv2d_parameters, with groups",
    task=(
        "Write `conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True)`: the number of "
        "parameters of a layer with square kernels."
    ),
    cases=[
        Call(1, 1, 3, bias=False),
        Call(1, 1, 3),
        Call(1, 6, 5),
        Call(3, 64, 3),
        Call(3, 64, 3, bias=False),
        Call(12, 24, 3, groups=3),
        Call(12, 24, 3, groups=3, bias=False),
        Call(32, 32, 5, groups=32),
    ],
    hints=[
        "Count one filter first: kernel_size * kernel_size weights for each channel that it sees.",
        "With groups, the channels are divided: each filter sees only in_channels // groups of them, and has as many slices.",
        "out_channels filters, each of (in_channels // groups) * kernel_size**2 weights; with bias, out_channels more.",
    ],
    fact="ResNeXt-50 (Xie et al. 2017) is a ResNet whose 3 x 3 convolutions have 32 groups.",
)
def conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    weights_of_a_filter = (in_channels // groups) * kernel_size * kernel_size
    return out_channels * (weights_of_a_filter + (1 if bias else 0))


@conv2d_parameters.mistake("you left out the biases: with `bias=True` each of the out_channels filters has one.")
def written_without_bias(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels // groups) * kernel_size**2


@conv2d_parameters.mistake("you add the biases even with `bias=False`.")
def written_with_bias_always(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * ((in_channels // groups) * kernel_size**2 + 1)


@conv2d_parameters.mistake("you left out groups: a filter sees only in_channels // groups channels.")
def written_without_groups(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels * kernel_size**2 + bias)


@conv2d_parameters.mistake(
    "you divided the biases by groups too. Every filter keeps its bias: groups only take input channels away."
)
def written_biases_divided(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels * kernel_size**2 + bias) // groups


@conv2d_parameters.mistake(
    "you divided by groups twice. The number of filters stays out_channels; each sees fewer input channels."
)
def written_filters_divided_too(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return (out_channels // groups) * (in_channels // groups) * kernel_size**2 + out_channels * bias


@conv2d_parameters.mistake("this is one group. All groups together have out_channels filters.")
def written_for_one_group(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return (out_channels // groups) * ((in_channels // groups) * kernel_size**2 + bias)


@conv2d_parameters.mistake(
    "you left out the input channels: a filter has a slice of weights for each channel that it sees."
)
def written_without_channels(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (kernel_size**2 + bias)


@conv2d_parameters.mistake("you took kernel_size once. The window is kernel_size rows by kernel_size columns.")
def written_kernel_not_squared(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * ((in_channels // groups) * kernel_size + bias)


@conv2d_parameters.mistake(
    "you counted a bias for each input channel. A bias is added to an output map: one for each filter."
)
def written_bias_per_input_channel(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels // groups) * kernel_size**2 + in_channels * bias


@sheet.exercise(
    title="A separable convolution",
    task=(
        "`nn.Conv2d(64, 64, 3, groups=64)` is followed by `nn.Conv2d(64, 128, 1)`. How many parameters do the two "
        "have together, biases included?"
    ),
    hints=[
        "The first: 64 filters that see one map each, so 64 * (3 * 3 + 1).",
        "The second: 128 filters of 1 x 1 over 64 maps, so 128 * (64 + 1).",
        "64 * (3 * 3 + 1) + 128 * (64 * 1 * 1 + 1)",
    ],
    fact=(
        "After a first full convolution MobileNet is made of such pairs: 8 to 9 times less computation, at a small "
        "cost in accuracy (Howard et al. 2017, section 3.1)."
    ),
)
def separable():
    depthwise = 64 * (3 * 3 + 1)
    pointwise = 128 * (64 * 1 * 1 + 1)
    return depthwise + pointwise


@separable.mistake("this is the plain `nn.Conv2d(64, 128, 3)`, which the pair is to replace.")
def plain_convolution():
    return 128 * (64 * 3 * 3 + 1)


@separable.mistake("you left out all biases: the first layer has 64 of them, the second 128.")
def separable_without_bias():
    return 64 * 3 * 3 + 128 * 64


@separable.mistake("you left out the 64 biases of the first layer.")
def depthwise_without_bias():
    return 64 * 3 * 3 + 128 * (64 + 1)


@separable.mistake("you left out the 128 biases of the second layer.")
def pointwise_without_bias():
    return 64 * (3 * 3 + 1) + 128 * 64


@separable.mistake("this is the first layer alone. Add the 1 x 1 convolution after it.")
def depthwise_alone():
    return 64 * (3 * 3 + 1)


@separable.mistake("this is the second layer alone. Add the depthwise one before it.")
def pointwise_alone():
    return 128 * (64 + 1)


@separable.mistake("you left out groups=64: a filter of the first layer sees one map, not 64.")
def depthwise_sees_all():
    return 64 * (64 * 3 * 3 + 1) + 128 * (64 + 1)


@separable.mistake("you multiplied the two layers. They follow each other: add their parameters.")
def layers_multiplied():
    return 64 * (3 * 3 + 1) * 128 * (64 + 1)


@separable.mistake("you gave the depthwise layer 128 maps. It stands first, and sees the 64 of the input.")
def depthwise_of_the_output():
    return 128 * (3 * 3 + 1) + 128 * (64 + 1)


@sheet.exercise(
    title="Fill in every argument",
    task=(
        "Write the `nn.Conv2d` with a kernel of 7 x 7 that turns (3, 224, 224) into (64, 112, 112). Hand over the "
        "layer, or a dictionary of its arguments."
    ),
    view=_what_it_gives,
    hints=[
        "The channels are given. Half the size: which argument does that?",
        "With stride 2, (224 + 2 * padding - 7) // 2 + 1 must be 112.",
        "`nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=...)`: half a kernel, rounded down.",
    ],
    fact=(
        "You wrote the first layer of ResNet (He et al. 2015). There it has bias=False: the batch normalisation after it "
        "subtracts the mean of each map, and a bias with it, and then adds an offset of its own."
    ),
)
def fill_in():
    return nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, dilation=1, groups=1, bias=False)


@fill_in.mistake(
    "The map has a side of 109: padding must make up for the 6 rows and columns that the window takes off, before the "
    "stride halves the rest."
)
def padding_0():
    return nn.Conv2d(3, 64, 7, stride=2)


@fill_in.mistake("You padded with a whole kernel, and the map has a side of 116. Half a kernel on each side is enough.")
def padding_7():
    return nn.Conv2d(3, 64, 7, stride=2, padding=7)


@fill_in.mistake(
    "You took half of 7 rounded up, and the map has a side of 113. (7 - 1) / 2 on each side keeps the size."
)
def padding_4():
    return nn.Conv2d(3, 64, 7, stride=2, padding=4)


@fill_in.mistake(
    "The map has a side of 111: 2 is too little. Without rounding, (224 + 2p - 7) / 2 + 1 = 112 gives p = 2.5: take 3. "
    "The half step that is left over is dropped."
)
def padding_2():
    return nn.Conv2d(3, 64, 7, stride=2, padding=2)


@fill_in.mistake("The map has a side of 110: padding 1 is for a kernel of 3. One of 7 needs (7 - 1) / 2 on each side.")
def padding_1():
    return nn.Conv2d(3, 64, 7, stride=2, padding=1)


@fill_in.mistake("You left out stride: this layer keeps the size of 224.")
def stride_1():
    return nn.Conv2d(3, 64, 7, padding=3)


@fill_in.mistake("You left out stride and padding: the map has a side of 218.")
def neither_stride_nor_padding():
    return nn.Conv2d(3, 64, 7)


@fill_in.mistake("You swapped the channels: in_channels comes first, and the image has 3.")
def channels_swapped():
    return nn.Conv2d(64, 3, 7, stride=2, padding=3)


@fill_in.mistake("The size is right, but the kernel is 3 x 3. Asked for is one of 7 x 7, which needs more padding.")
def kernel_of_3():
    return nn.Conv2d(3, 64, 3, stride=2, padding=1)
