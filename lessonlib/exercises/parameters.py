"""The questions of lesson 01, with their answers and the mistakes that they know."""

from lessonlib.checking import Call, Choice, Function, Sheet

sheet = Sheet()


@sheet.exercise(
    title="Predict: a shift by one column",
    task='Choose "few", "half" or "most": of the pixels with ink before or after the move, how many get another value?',
    kind=Choice(("few", "half", "most")),
    hints=[
        "After the move, each pixel has the value that its left neighbour had before.",
        "Compare neighbouring numbers in one row of the digit. How often are two of them equal?",
    ],
    fact="Right: a pixel keeps its value only where it equals its left neighbour, and in a stroke that is rare. To a program the shifted image is a different list of numbers; to you it is the same digit.",
    mistakes={
        "looks_the_same": (
            "few",
            "the digit looks the same, but a program gets the pixels, and every value moves on to the next pixel.",
        ),
        "only_the_ink": (
            "half",
            "more of them change: the pixels that the ink leaves, the pixels that it enters, and most pixels within a stroke, where the ink is not equally thick.",
        ),
    },
)
def shift():
    return "most"


@sheet.exercise(
    title="The first linear layer",
    task="Count the parameters of `nn.Linear({inputs}, {outputs})`, weights and biases.",
    given={"inputs": 784, "outputs": 128},
    draw=lambda choose: {"inputs": choose.randint(20, 900), "outputs": choose.randint(5, 200)},
    hints=[
        "Every output is a weighted sum of all inputs, plus one number that belongs to this output.",
        "{inputs} weights for each of the {outputs} outputs, and one bias for each output: {inputs} * {outputs} + ...",
    ],
    fact="Right: each of the {outputs} outputs has {inputs} weights and one bias. The number of biases does not depend on the image.",
    mistakes={
        "linear_without_bias": (
            lambda inputs, outputs: inputs * outputs,
            "you counted only the weights. You left out the {outputs} biases, one for each output.",
        ),
        "linear_bias_per_input": (
            lambda inputs, outputs: inputs * outputs + inputs,
            "you counted a bias for each input. A bias is added to an output, so there are {outputs}.",
        ),
        "linear_added": (
            lambda inputs, outputs: inputs + outputs,
            "you added inputs and outputs. Every output has a weight for every input: multiply them.",
        ),
        "linear_one_bias": (
            lambda inputs, outputs: inputs * outputs + 1,
            "you counted one bias in all. Each of the {outputs} outputs has its own.",
        ),
        "linear_only_bias": (
            lambda inputs, outputs: outputs,
            "you left out the weights: each of the {outputs} outputs has {inputs} weights and one bias.",
        ),
    },
)
def linear_layer(inputs, outputs):
    return inputs * outputs + outputs


@sheet.exercise(
    title="Predict: one filter for two strokes",
    task=(
        "One filter of 8 x 8 slides over the four images, and of each image you keep the strongest response. In the last two images it has to be larger "
        'than in both of the first two. How many filters of 8 x 8 can do that? Choose "most", "a few" or "none".'
    ),
    kind=Choice(("most", "a few", "none")),
    hints=[
        "How many of the two strokes does a window of 8 x 8 see at once?",
        "Take the window of the third image with the strongest response. Does the same window stand in one of the first two images?",
    ],
    fact="Right: a window of 8 x 8 sees one stroke at most, and each stroke also stands in one of the first two images. So one of these has a response at least as strong.",
    mistakes={
        "most_filters": (
            "most",
            "a filter that responds to vertical strokes responds to the first image too, and one for horizontal strokes to the second.",
        ),
        "a_special_filter": (
            "a few",
            "its 64 weights may be anything: the window with the strongest response in the third image also stands in the first or the second image.",
        ),
    },
)
def one_filter():
    return "none"


@sheet.exercise(
    title="The first convolutional layer",
    task="Count the parameters of `nn.Conv2d({in_channels}, {out_channels}, {kernel_size})`: {in_channels} input channels, {out_channels} filters, windows of {kernel_size} x {kernel_size} pixels.",
    given={"in_channels": 3, "out_channels": 64, "kernel_size": 5},
    draw=lambda choose: {
        "in_channels": choose.randint(2, 9),
        "out_channels": choose.randint(4, 99),
        "kernel_size": choose.randint(2, 7),
    },
    hints=[
        "Begin with one filter: it looks at a window of {kernel_size} x {kernel_size} pixels, in all {in_channels} channels.",
        "One filter has {in_channels} * {kernel_size} * {kernel_size} weights and 1 bias. There are {out_channels} filters.",
        "{out_channels} * ({in_channels} * {kernel_size} * {kernel_size} + 1)",
    ],
    fact="Right: each of the {out_channels} filters has {in_channels} x {kernel_size} x {kernel_size} weights and one bias. The size of the image does not occur: the same filters work on a small image and on a large one.",
    mistakes={
        "conv_without_bias": (
            lambda in_channels, out_channels, kernel_size: out_channels * in_channels * kernel_size * kernel_size,
            "you left out the {out_channels} biases, one for each filter.",
        ),
        "conv_without_channels": (
            lambda in_channels, out_channels, kernel_size: out_channels * (kernel_size * kernel_size + 1),
            "you left out the input channels: a filter has {kernel_size} x {kernel_size} weights for each of the {in_channels} channels.",
        ),
        "conv_without_channels_and_bias": (
            lambda in_channels, out_channels, kernel_size: out_channels * kernel_size * kernel_size,
            "you left out the input channels and the biases: a filter has {kernel_size} x {kernel_size} weights for each of {in_channels} channels, and a bias.",
        ),
        "conv_bias_per_slice": (
            lambda in_channels, out_channels, kernel_size: (
                out_channels * in_channels * kernel_size * kernel_size + out_channels * in_channels
            ),
            "you counted a bias for each input channel of each filter. A filter sums over all its channels, and has one bias.",
        ),
        "conv_one_filter": (
            lambda in_channels, out_channels, kernel_size: in_channels * kernel_size * kernel_size + 1,
            "this is one filter with its bias. The layer has {out_channels} of them.",
        ),
        "conv_bias_per_input_channel": (
            lambda in_channels, out_channels, kernel_size: (
                out_channels * in_channels * kernel_size * kernel_size + in_channels
            ),
            "you counted a bias for each input channel. A bias is added to an output map: one for each of the {out_channels} filters.",
        ),
        "conv_at_every_place": (
            lambda in_channels, out_channels, kernel_size: (
                out_channels * (in_channels * kernel_size * kernel_size + 1) * 32 * 32
            ),
            "you counted the filters again at each of 32 x 32 places. They are shared: the same weights are used at every place.",
        ),
        "conv_one_bias": (
            lambda in_channels, out_channels, kernel_size: out_channels * in_channels * kernel_size * kernel_size + 1,
            "you counted one bias in all. Each of the {out_channels} filters has its own.",
        ),
        "conv_side_not_squared": (
            lambda in_channels, out_channels, kernel_size: out_channels * (in_channels * kernel_size + 1),
            "you took {kernel_size} weights for a window. It has {kernel_size} rows and {kernel_size} columns.",
        ),
        "conv_side_not_squared_and_without_bias": (
            lambda in_channels, out_channels, kernel_size: out_channels * in_channels * kernel_size,
            "you took {kernel_size} weights for a window. It has {kernel_size} rows and {kernel_size} columns. And each filter has a bias.",
        ),
    },
)
def conv_layer(in_channels, out_channels, kernel_size):
    return out_channels * (in_channels * kernel_size * kernel_size + 1)


@sheet.exercise(
    title="The linear layer in its place",
    task=(
        "`nn.Conv2d(1, {filters}, {kernel_size}, padding={kernel_size // 2})` turns an image of 1 x {side} x {side} into {filters} maps of {side} x {side}. Count the parameters "
        "of a linear layer with the same inputs and outputs."
    ),
    given={"side": 28, "filters": 6, "kernel_size": 5},
    draw=lambda choose: {
        "side": choose.randint(10, 64),
        "filters": choose.randint(2, 16),
        "kernel_size": choose.choice([3, 5, 7]),
    },
    hints=[
        "How many numbers go in, and how many come out? Each of the {filters} maps has {side} * {side} numbers.",
        "{side**2} inputs and {filters} * {side**2} outputs: a weight for each pair, and a bias for each output.",
    ],
    fact="Right: each of the {filters * side**2:,} outputs has {side**2} weights and one bias. The convolution needs {filters * (kernel_size**2 + 1):,} parameters for the same shapes.",
    mistakes={
        "in_its_place_without_bias": (
            lambda side, filters, kernel_size: (side**2) * filters * (side**2),
            "you left out the biases, one for each of the {filters * side**2:,} outputs.",
        ),
        "in_its_place_one_map": (
            lambda side, filters, kernel_size: (side**2) * (side**2),
            "you left out the number of filters: the output is {filters} maps of {side**2} numbers each. The biases are missing too.",
        ),
        "in_its_place_one_map_with_bias": (
            lambda side, filters, kernel_size: (side**2) * (side**2) + (side**2),
            "you left out the number of filters: the output is {filters} maps of {side**2} numbers, so {filters * side**2:,}.",
        ),
        "in_its_place_bias_per_input": (
            lambda side, filters, kernel_size: (side**2) * filters * (side**2) + side**2,
            "you counted a bias for each input. A bias is added to an output, so there are {filters * side**2:,}.",
        ),
        "the_convolution_itself": (
            lambda side, filters, kernel_size: filters * (kernel_size * kernel_size + 1),
            "this is the number for the convolution itself. The question is about the linear layer that could replace it.",
        ),
        "in_its_place_bias_per_map": (
            lambda side, filters, kernel_size: (side**2) * filters * (side**2) + filters,
            "you counted a bias for each of the {filters} maps. A linear layer knows no maps: it has a bias for each of its {filters * side**2:,} outputs.",
        ),
    },
)
def linear_in_its_place(side, filters, kernel_size):
    inputs = side * side
    outputs = filters * side * side
    return inputs * outputs + outputs


@sheet.exercise(
    title="Write conv2d_parameters",
    task="Write `conv2d_parameters(in_channels, out_channels, kernel_size, bias=True)` for square kernels.",
    kind=Function(
        cases=(
            Call(1, 1, 3, bias=False),
            Call(1, 1, 3),
            Call(1, 6, 5),
            Call(3, 64, 3),
            Call(3, 64, 3, bias=False),
            Call(12, 24, 2),
            Call(5, 7, 4),
            Call(512, 256, 1),
        )
    ),
    hints=[
        "Count one filter first: `kernel_size * kernel_size` weights for each input channel.",
        "There are `out_channels` filters. With `bias=True` each of them has one bias.",
        "out_channels * (in_channels * kernel_size**2 + 1), and without the 1 if bias is False.",
    ],
    fact="Right: your function counts one filter and multiplies by the number of filters. `nn.Conv2d(512, 512, 3)`, as in VGG-16, has 2,359,808 parameters: the channels make it large, not the image.",
)
def conv2d_parameters(in_channels, out_channels, kernel_size, bias=True):
    weights_of_a_filter = in_channels * kernel_size * kernel_size
    return out_channels * (weights_of_a_filter + (1 if bias else 0))


@conv2d_parameters.mistake("you left out the biases: with `bias=True` each of the `out_channels` filters has one.")
def never_a_bias(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * in_channels * kernel_size**2


@conv2d_parameters.mistake("you add the biases even with `bias=False`.")
def always_a_bias(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * (in_channels * kernel_size**2 + 1)


@conv2d_parameters.mistake("this is one filter. The layer has `out_channels` of them.")
def one_filter_only(in_channels, out_channels, kernel_size, bias=True):
    return in_channels * kernel_size**2 + bias


@conv2d_parameters.mistake("you left out the input channels: a filter has a slice of weights for each of them.")
def channels_ignored(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * (kernel_size**2 + bias)


@conv2d_parameters.mistake("you took `kernel_size` once. The window has `kernel_size` rows and as many columns.")
def kernel_not_squared(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * (in_channels * kernel_size + bias)


@conv2d_parameters.mistake(
    "you counted one bias for the whole layer. Each of the `out_channels` filters has a bias of its own."
)
def one_bias_for_all(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * in_channels * kernel_size**2 + bias


@conv2d_parameters.mistake(
    "you counted a bias for each input channel of each filter. A filter sums over all its channels, and has one bias."
)
def bias_per_slice(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * in_channels * (kernel_size**2 + bias)


@conv2d_parameters.mistake(
    "you counted a bias for each input channel. A bias is added to an output map: each filter has one."
)
def bias_per_input_channel(in_channels, out_channels, kernel_size, bias=True):
    return out_channels * in_channels * kernel_size**2 + in_channels * bias


@sheet.exercise(
    title="Predict: twice the side",
    task="The image's side doubles. By which factor does the number of weights of a linear layer grow? Give a number.",
    hints=[
        "How many pixels does an image of 100 x 100 have, and how many does an image of 200 x 200 have?",
        "There is one weight for each pixel and each output: (2 * side)**2 / side**2 times as many.",
    ],
    fact="Right: twice the side means twice the rows and twice the columns, so four times the pixels, and each output has a weight for every pixel. For a convolution the factor is 1.",
    mistakes={
        "side_not_area": (
            2,
            "this is the factor of the side. The number of weights follows the number of pixels, side times side.",
        ),
        "as_a_convolution": (
            1,
            "this is right for a convolution. A linear layer has a weight for every pixel, and now there are more pixels.",
        ),
        "both_sides_grow": (
            16,
            "that would be right if the number of outputs grew by the same factor as the number of inputs. Here only the inputs grow.",
        ),
    },
)
def twice_the_side():
    return 4


@sheet.exercise(
    title="Predict: shuffled pixels",
    task='The FFNN and the CNN are trained anew on shuffled images. Which one gets much worse? Choose "FFNN", "CNN", "both" or "neither".',
    kind=Choice(("FFNN", "CNN", "both", "neither")),
    hints=[
        "A linear layer multiplies each pixel with its own weight. Does the order of the pixels matter to it?",
        "A 3 x 3 filter looks at neighbours. What do neighbours have to do with each other after the shuffle?",
    ],
    fact="Right: the filters of the CNN look at neighbouring pixels, and after the shuffle neighbours have nothing to do with each other. The FFNN has a weight of its own for each pixel, wherever the pixel stands.",
    mistakes={
        "ffnn_suffers": (
            "FFNN",
            "a linear layer has a weight for each pixel, wherever the pixel stands. Its weights can be permuted like the pixels.",
        ),
        "both_suffer": ("both", "one of them never used which pixels are neighbours, so it loses nothing. Which one?"),
        "nobody_suffers": (
            "neither",
            "all information is still there, but a 3 x 3 filter relies on neighbours that belong together.",
        ),
    },
)
def shuffled_pixels():
    return "CNN"


@sheet.exercise(
    title="Predict: a place never seen",
    task='The networks learn from digits on the left and are tested with digits on the right. Does the FFNN or the CNN fall to chance? Choose "FFNN", "CNN", "both" or "neither".',
    kind=Choice(("FFNN", "CNN", "both", "neither")),
    hints=[
        "In training, the right half is always black. What do the weights of a linear layer for these pixels learn?",
        "Does a filter of a convolution have other weights on the right than on the left?",
    ],
    fact="Right: the weights for the right half were multiplied by 0 in every training image, so their gradient was 0 and they still are the random numbers of the start.",
    mistakes={
        "cnn_falls": ("CNN", "its filters are shared: what they learn on the left is applied on the right, unchanged."),
        "both_fall": ("both", "one of them uses the same weights at every place. Which one?"),
        "nobody_falls": (
            "neither",
            "a linear layer has weights of its own for each pixel, and the weights for the right half never saw any ink.",
        ),
    },
)
def unseen_place():
    return "FFNN"


@sheet.exercise(
    title="Predict: which control falls",
    task=(
        "Two controls are trained on the left and tested on the right. One has no sharing: its filters have weights of their own at every place. The other "
        'has a flatten: its last layer has a weight for each place of each map. Which of them falls to chance? Choose "without sharing", "with flatten", "both" or "neither".'
    ),
    kind=Choice(("without sharing", "with flatten", "both", "neither")),
    hints=[
        "Follow a digit on the right through each network: which weights does it meet, and did they ever meet a digit in training?",
        "Shared filters respond on the right as on the left. Which weights does the last layer multiply these responses with?",
    ],
    fact="Right: without sharing the filters on the right never met a digit, and with a flatten the last layer's weights for the right never met one. The CNN has no weight that belongs to a place.",
    mistakes={
        "only_sharing": (
            "without sharing",
            "it does fall. But look at the last layer of the other one: it has weights that belong to places on the right, and those never met a digit.",
        ),
        "only_pooling": (
            "with flatten",
            "it does fall. But look at the filters of the other one: those on the right have weights of their own, and those never met a digit.",
        ),
        "no_control_falls": (
            "neither",
            "each of the two has weights that belong to places on the right, and those never met a digit. Where are they?",
        ),
    },
)
def what_carries():
    return "both"


@sheet.exercise(
    title="LeNet on a larger image",
    task="The LeNet of the table has 61,706 parameters for images of 28 x 28. How many does it have for images of {side} x {side}?",
    given={"side": 56},
    draw=lambda choose: {"side": 4 * choose.randint(8, 60)},
    hints=[
        "For which layers does the number of parameters depend on the image? Only for the one after the flatten.",
        "Follow the side: {side}, after the pooling {side // 2}, after the 5 x 5 convolution {side // 2 - 4}, after the pooling {(side // 2 - 4) // 2}. So the linear layer gets 16 maps of {(side // 2 - 4) // 2} x {(side // 2 - 4) // 2}.",
        "Take the 120 * (16 * 5 * 5) weights of the first linear layer away, and put 120 * (16 * {(side // 2 - 4) // 2} * {(side // 2 - 4) // 2}) in their place.",
    ],
    fact="Right: only the linear layer after the flatten grows, to 120 x (16 x {(side // 2 - 4) // 2} x {(side // 2 - 4) // 2} + 1) parameters. The convolutions and the other linear layers stay as they are.",
    mistakes={
        "lenet_unchanged": (
            61_706,
            "the convolutions stay as they are, but the linear layer after the flatten has a weight for every place of the maps.",
        ),
        "lenet_times_four": (
            4 * 61_706,
            "this is four times the whole network. The convolutions do not grow, and the last two linear layers do not grow either.",
        ),
        "lenet_linear_layer_times_four": (
            61_706 + 3 * 48_120,
            "you took the linear layer after the flatten four times, as if its maps had twice the side. The 5 x 5 filter without padding takes 4 pixels off, whatever the side is.",
        ),
        "lenet_new_layer_alone": (
            lambda side: 120 * (16 * ((side // 2 - 4) // 2) ** 2 + 1),
            "this is the linear layer after the flatten alone. Add the layers that do not grow.",
        ),
        "lenet_maps_doubled": (
            lambda side: 61_706 - 120 * 16 * 5 * 5 + 120 * 16 * (side // 4 - 4) ** 2,
            "you took maps of {side // 4 - 4} x {side // 4 - 4}. A 5 x 5 filter without padding makes each side 4 pixels shorter: {side // 2} becomes {side // 2 - 4}, and after the pooling {(side // 2 - 4) // 2}.",
        ),
        "lenet_convolution_padded": (
            lambda side: 61_706 - 120 * 16 * 5 * 5 + 120 * 16 * (side // 4) ** 2,
            "you took maps of {side // 4} x {side // 4}. The second convolution has no padding: {side // 2} becomes {side // 2 - 4}, and after the pooling {(side // 2 - 4) // 2}.",
        ),
        "lenet_first_convolution_not_padded": (
            lambda side: 61_706 - 120 * 16 * 5 * 5 + 120 * 16 * (side // 4 - 3) ** 2,
            "you took maps of {side // 4 - 3} x {side // 4 - 3}. The first convolution has padding, and its maps keep the side {side}. After the pooling it is {side // 2}, then {side // 2 - 4}, and after the second pooling {(side // 2 - 4) // 2}.",
        ),
        "lenet_new_layer_without_bias": (
            lambda side: 61_706 - 120 * 16 * 5 * 5 - 120 + 120 * 16 * ((side // 2 - 4) // 2) ** 2,
            "120 are missing, as many as the linear layer after the flatten has biases. It has them for every size of the image.",
        ),
    },
)
def larger_lenet(side):
    side = ((side // 2) - 4) // 2
    return 61_706 - 120 * 16 * 5 * 5 + 120 * 16 * side * side


@sheet.drill(
    title="Two linear layers",
    task=(
        "`nn.Linear({inputs}, {hidden})` is followed by a ReLU and `nn.Linear({hidden}, {outputs})`. How many parameters do "
        "they have together?"
    ),
    given={"inputs": 64, "hidden": 20, "outputs": 10},
    draw=lambda choose: {
        "inputs": choose.randint(50, 800),
        "hidden": choose.randint(11, 60),
        "outputs": choose.randint(2, 10),
    },
    easy=lambda choose: {
        "inputs": choose.randint(6, 12),
        "hidden": choose.randint(3, 5),
        "outputs": choose.randint(2, 4),
    },
    hints=[
        "Count one layer after the other. How many numbers does the second one get?",
        "{hidden} * ({inputs} + 1) + {outputs} * ({hidden} + 1)",
    ],
    fact=(
        "Right: the first layer has {inputs} weights and a bias for each of its {hidden} outputs, the second {hidden} weights "
        "and a bias for each of its {outputs}. The ReLU has none."
    ),
    mistakes={
        "two_without_biases": (
            lambda inputs, hidden, outputs: hidden * inputs + outputs * hidden,
            "you left out the biases: {hidden} in the first layer, {outputs} in the second.",
        ),
        "two_with_one_bias_each": (
            lambda inputs, hidden, outputs: hidden * inputs + 1 + outputs * hidden + 1,
            "you counted one bias in each layer. A layer has one for each of its outputs: {hidden} and {outputs}.",
        ),
        "first_of_two": (
            lambda inputs, hidden, outputs: hidden * (inputs + 1),
            "this is the first layer alone. Add the second one.",
        ),
        "second_of_two": (
            lambda inputs, hidden, outputs: outputs * (hidden + 1),
            "this is the second layer alone. Add the first one.",
        ),
        "second_sees_the_inputs": (
            lambda inputs, hidden, outputs: hidden * (inputs + 1) + outputs * (inputs + 1),
            "you let the second layer see the {inputs} inputs. It gets the {hidden} outputs of the first.",
        ),
        "two_layers_multiplied": (
            lambda inputs, hidden, outputs: inputs * hidden * outputs,
            "you multiplied all three numbers. Each layer has its own weights: count them, and add.",
        ),
    },
)
def two_linear_layers(inputs, hidden, outputs):
    return hidden * (inputs + 1) + outputs * (hidden + 1)
