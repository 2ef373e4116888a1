"""The questions of lesson 01, with their answers and the mistakes that they know."""

import torch
from torchvision import models

from lessonlib import parameters
from lessonlib.checking import Call, Sheet

sheet = Sheet()
progress = sheet.progress


@sheet.exercise(
    title="Predict: a shift by one column",
    task='Choose "few", "half" or "most": of the pixels with ink before or after the move, how many get another value?',
    choices=("few", "half", "most"),
    hints=[
        "A pixel keeps its value only if its left neighbour had the same value.",
        "Ink is rarely equally dark in two neighbouring pixels; only the empty background stays as it is.",
    ],
    fact="To a program, the shifted image is a different list of numbers; to you, the same digit.",
)
def shift():
    return "most"


@shift.mistake("you think of the digit, which looks the same. The network is given the pixels, and they all move over.")
def looks_the_same():
    return "few"


@shift.mistake("you count the ink alone. The pixels that the ink leaves change as well as those that it enters.")
def only_the_ink():
    return "half"


@sheet.exercise(
    title="The first linear layer",
    task="Count the parameters of `nn.Linear(784, 128)`, weights and biases.",
    hints=[
        "Every output is a weighted sum of all inputs, plus one number of its own.",
        "784 weights for each of the 128 outputs, and one bias for each output: 784 * 128 + ...",
    ],
    fact="A bias belongs to an output. With 128 outputs there are 128 of them, however large the image is.",
)
def linear_layer():
    return 784 * 128 + 128


@linear_layer.mistake("these are the weights alone: you left out the 128 biases, one for each output.")
def linear_without_bias():
    return 784 * 128


@linear_layer.mistake("you counted a bias for each input. A bias is added to an output, so there are 128.")
def linear_bias_per_input():
    return 784 * 128 + 784


@linear_layer.mistake("you added inputs and outputs. Every output has a weight for every input: multiply them.")
def linear_added():
    return 784 + 128


@linear_layer.mistake("you left out the weights: every one of the 128 outputs has 784 of them, and one bias.")
def linear_only_bias():
    return 128


@sheet.exercise(
    title="Predict: twice the side",
    task="The image's side doubles. By which factor does the number of weights of a linear layer grow? Give a number.",
    hints=[
        "How many pixels has an image of 100 x 100, how many one of 200 x 200?",
        "The factor of the pixels: 2 * 2.",
    ],
    fact="Ten times the side is a hundred times the weights. The convolution's factor is 1.",
)
def twice_the_side():
    return 4


@twice_the_side.mistake("that is the factor of the side. The weights follow the number of pixels, side times side.")
def side_not_area():
    return 2


@twice_the_side.mistake(
    "that holds for a convolution. A linear layer has a weight for every pixel, and there are more pixels now."
)
def as_a_convolution():
    return 1


@twice_the_side.mistake("you squared the factor twice: only the inputs grow, the number of outputs stays.")
def both_sides_grow():
    return 16


@sheet.exercise(
    title="The first convolutional layer",
    task="Count the parameters of `nn.Conv2d(3, 64, 3)`: 3 input channels, 64 filters, windows of 3 x 3 pixels.",
    hints=[
        "Begin with one filter: it looks at a window of 3 x 3 pixels, in all 3 channels.",
        "One filter has 3 * 3 * 3 weights and 1 bias. There are 64 filters.",
        "64 * (3 * 3 * 3 + 1)",
    ],
    fact="You did not need the size of the image: the same 64 filters serve a stamp and a poster.",
)
def conv_layer():
    return 64 * (3 * 3 * 3 + 1)


@conv_layer.mistake("you left out the 64 biases, one for each filter.")
def conv_without_bias():
    return 64 * 3 * 3 * 3


@conv_layer.mistake("you left out the input channels: a filter has 3 x 3 weights for each of the 3 channels.")
def conv_without_channels():
    return 64 * (3 * 3 + 1)


@conv_layer.mistake(
    "you left out the input channels and the biases: a filter has 3 x 3 weights for each of 3 channels, and a bias."
)
def conv_without_channels_and_bias():
    return 64 * 3 * 3


@conv_layer.mistake("you counted a bias for each slice of each filter. The slices are summed first: one bias a filter.")
def conv_bias_per_slice():
    return 64 * 3 * 3 * 3 + 64 * 3


@conv_layer.mistake(
    "you counted a bias for each input channel. A bias is added to an output map: one for each of the 64 filters."
)
def conv_bias_per_input_channel():
    return 64 * 3 * 3 * 3 + 3


@conv_layer.mistake(
    "you counted the filters again at each of 32 x 32 places. They are shared: every place uses the same weights."
)
def conv_at_every_place():
    return 64 * (3 * 3 * 3 + 1) * 32 * 32


@conv_layer.mistake("this is one filter, 3 * 3 * 3 weights and a bias. The layer has 64 of them.")
def conv_one_filter():
    return 3 * 3 * 3 + 1


@sheet.exercise(
    title="The linear layer in its place",
    task=(
        "`nn.Conv2d(1, 6, 5, padding=2)` turns an image of 1 x 28 x 28 into 6 maps of 28 x 28. Count the parameters "
        "of a linear layer with the same inputs and outputs."
    ),
    hints=[
        "How many numbers go in, and how many come out? Each of the 6 maps has 28 * 28 numbers.",
        "784 inputs and 6 * 784 outputs: a weight for each pair, and a bias for each output.",
    ],
    fact="The convolution does this with 156 parameters: 6 filters of 5 x 5 weights and a bias.",
)
def linear_in_its_place():
    inputs = 28 * 28
    outputs = 6 * 28 * 28
    return inputs * outputs + outputs


@linear_in_its_place.mistake("you left out the biases, one for each of the 4,704 outputs.")
def in_its_place_without_bias():
    return 784 * 6 * 784


@linear_in_its_place.mistake(
    "you left out the number of filters: the output is 6 maps of 784 numbers each. The biases are missing too."
)
def in_its_place_one_map():
    return 784 * 784


@linear_in_its_place.mistake("you left out the number of filters: the output is 6 maps of 784 numbers, so 4,704.")
def in_its_place_one_map_with_bias():
    return 784 * 784 + 784


@linear_in_its_place.mistake("this is the convolution itself. Asked for is the linear layer that could replace it.")
def the_convolution_itself():
    return 6 * (5 * 5 + 1)


@linear_in_its_place.mistake(
    "you counted a bias for each of the 6 maps. A linear layer knows no maps: one bias for each of 4,704 outputs."
)
def in_its_place_bias_per_map():
    return 784 * 6 * 784 + 6


@sheet.exercise(
    title="Write conv2d_parameters",
    task="Write `conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True)` for square kernels.",
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
        "With groups, the channels are dealt out: each filter sees only in_channels // groups of them.",
        "out_channels filters, each of (in_channels // groups) * kernel_size**2 weights; with bias, out_channels more.",
    ],
    fact="With groups equal to the channels, each filter sees one channel: the depthwise convolution of MobileNet (Howard et al. 2017).",
)
def conv2d_parameters(in_channels, out_channels, kernel_size, groups=1, bias=True):
    weights_of_a_filter = (in_channels // groups) * kernel_size * kernel_size
    return out_channels * (weights_of_a_filter + (1 if bias else 0))


@conv2d_parameters.mistake("you left out the biases: with `bias=True` each of the out_channels filters has one.")
def never_a_bias(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels // groups) * kernel_size**2


@conv2d_parameters.mistake("you add the biases even with `bias=False`.")
def always_a_bias(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * ((in_channels // groups) * kernel_size**2 + 1)


@conv2d_parameters.mistake("you left out groups: a filter sees only in_channels // groups channels.")
def groups_ignored(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels * kernel_size**2 + bias)


@conv2d_parameters.mistake(
    "you divided the biases by groups too. Every filter keeps its bias: groups only take input channels away."
)
def biases_divided(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels * kernel_size**2 + bias) // groups


@conv2d_parameters.mistake(
    "you divided by groups twice. The number of filters stays out_channels; each sees fewer input channels."
)
def filters_divided_too(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return (out_channels // groups) * (in_channels // groups) * kernel_size**2 + out_channels * bias


@conv2d_parameters.mistake("this is one group. All groups together have out_channels filters.")
def one_group_only(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return (out_channels // groups) * ((in_channels // groups) * kernel_size**2 + bias)


@conv2d_parameters.mistake(
    "you left out the input channels: a filter has a slice of weights for each channel that it sees."
)
def channels_ignored(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (kernel_size**2 + bias)


@conv2d_parameters.mistake("you took kernel_size once. The window is kernel_size rows by kernel_size columns.")
def kernel_not_squared(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * ((in_channels // groups) * kernel_size + bias)


@conv2d_parameters.mistake(
    "you counted a bias for each input channel. A bias is added to an output map: one for each filter."
)
def bias_per_input_channel(in_channels, out_channels, kernel_size, groups=1, bias=True):
    return out_channels * (in_channels // groups) * kernel_size**2 + in_channels * bias


@sheet.exercise(
    title="Predict: shuffled pixels",
    task='Both networks are trained anew on the shuffled images. Which one gets much worse? Choose "FFNN", "CNN", "both" or "neither".',
    choices=("FFNN", "CNN", "both", "neither"),
    hints=[
        "A linear layer multiplies each pixel with its own weight. Does it matter in which order the pixels are listed?",
        "A 3 x 3 filter looks at neighbours. After the shuffle, what do neighbours have to do with each other?",
    ],
    fact="Shuffle the columns of the first weight matrix in the same way, and the FFNN computes what it computed before.",
)
def shuffled_pixels():
    return "CNN"


@shuffled_pixels.mistake(
    "a linear layer has a weight for each pixel, wherever the pixel stands: its weights can be shuffled along."
)
def ffnn_suffers():
    return "FFNN"


@shuffled_pixels.mistake("one of them never used which pixels are neighbours, so it can't miss it. Which one?")
def both_suffer():
    return "both"


@shuffled_pixels.mistake(
    "every bit of information is still there, true, but a 3 x 3 filter relies on neighbours that belong together."
)
def nobody_suffers():
    return "neither"


@sheet.exercise(
    title="Predict: a place never seen",
    task='Trained on the left, tested on the right: which of the two networks falls to chance? Choose "FFNN", "CNN", "both" or "neither".',
    choices=("FFNN", "CNN", "both", "neither"),
    hints=[
        "In training, the right half is always black. Which weights of a linear layer then learn nothing?",
        "The filters of a convolution do not know where they are. Whatever they learn on the left, they can find on the right.",
    ],
    fact="An input that is always 0 sends no gradient to its weights: the FFNN's weights for the right half are still the random ones.",
)
def unseen_place():
    return "FFNN"


@unseen_place.mistake("its filters are shared: what they learn on the left they apply on the right, unchanged.")
def cnn_falls():
    return "CNN"


@unseen_place.mistake("one of them uses the same weights at every place. Which one?")
def both_fall():
    return "both"


@unseen_place.mistake(
    "the linear layer has weights of its own for each pixel, and those of the right half never saw any ink."
)
def nobody_falls():
    return "neither"


@sheet.exercise(
    title="LeNet on a larger image",
    task="Today's LeNet has 61,706 parameters on images of 28 x 28. Count them on images of 56 x 56.",
    hints=[
        "Which layers have a parameter count that depends on the image? Only the one behind the flatten.",
        "Follow the side: 56, pooled 28, convolved with 5 x 5 24, pooled 12. So 16 maps of 12 x 12 reach the linear layer.",
        "Take the 120 * (16 * 5 * 5) weights of the first linear layer away, and put 120 * (16 * 12 * 12) in their place.",
    ],
    fact="All of the growth sits in one linear layer. A global pooling in place of the flatten would have prevented it.",
)
def larger_lenet():
    side = ((56 // 2) - 4) // 2
    return 61_706 - 120 * 16 * 5 * 5 + 120 * 16 * side * side


@larger_lenet.mistake(
    "the convolutions stay as they are, but the linear layer behind the flatten has a weight for every place of the maps."
)
def lenet_unchanged():
    return 61_706


@larger_lenet.mistake(
    "you multiplied everything by four. The convolutions do not grow at all, nor do the last two linear layers."
)
def lenet_times_four():
    return 4 * 61_706


@larger_lenet.mistake(
    "you took maps of 10 x 10. A 5 x 5 filter takes 4 off the side whatever the side is: 28 becomes 24, pooled 12."
)
def lenet_maps_doubled():
    return 61_706 - 120 * 16 * 5 * 5 + 120 * 16 * 10 * 10


@larger_lenet.mistake("you took maps of 14 x 14. The second convolution has no padding: 28 becomes 24, pooled 12.")
def lenet_convolution_padded():
    return 61_706 - 120 * 16 * 5 * 5 + 120 * 16 * 14 * 14


@sheet.exercise(
    title="AlexNet's linear layers",
    task="Which share of AlexNet's parameters sits in its linear layers? In percent, to one decimal, from the table above.",
    tolerance=5e-4,
    hints=[
        "Divide the linear parameters by all parameters, convolutions and linear layers together, and multiply by 100.",
        "100 * linear / (convolution + linear), with the two numbers of AlexNet's row.",
    ],
    fact="Later networks (Lin et al. 2014, then ResNet) replaced these layers by a global average pooling.",
)
def alexnet_share():
    with torch.device("meta"):  # shapes only, no memory for the weights
        counts = parameters.parameters_by_kind(models.alexnet())
    return 100 * counts["linear"] / sum(counts.values())


@alexnet_share.mistake(
    "that is the share of the convolutions. They do most of the work with few parameters; asked for are the linear layers."
)
def share_of_the_convolutions():
    return 100 - alexnet_share.reference()


@alexnet_share.mistake("that is a fraction of 1. Asked for is a percentage: multiply by 100.")
def share_as_fraction():
    return alexnet_share.reference() / 100


@alexnet_share.mistake(
    "you divided the linear layers by the convolutions. A share is a part of the whole: divide by the sum."
)
def ratio_in_place_of_share():
    share = alexnet_share.reference()
    return 100 * share / (100 - share)
