"""The questions of lesson 05, with their answers and the mistakes that they know."""

import torch
from torch import nn

from lessonlib import cnn, layers
from lessonlib.checking import Behaviour, Choice, Seen, Sheet
from lessonlib.data import scattered_digits
from lessonlib.training import accuracy, fit

sheet = Sheet()

BUDGET = 12_000
REPAIRS = ("global pooling", "shifted training images")


def _what_it_computes(network):
    """What counts of the mended network: its shapes, and whether its scores are those of its layers and nothing else."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(6, 1, 28, 28, generator=generator)
    images[3:] *= 10  # so that a limit on large numbers shows as well
    right = mended.reference()
    seen = {"for 6 images it gives": _shape_of(_scores(network, images)), "its parameters": str(_shapes(network))}
    if seen != {"for 6 images it gives": "scores of shape (6, 10)", "its parameters": str(_shapes(right))}:
        return seen
    # Large enough that every change shows.
    weights = {shape: torch.randn(shape, generator=generator) * 0.15 for shape in _shapes(right)}
    for each in (*network.parameters(), *right.parameters()):
        each.data = weights[tuple(each.shape)]
    scores = _scores(network.train(), images)
    computed = (name for name, other in _variants(right).items() if torch.allclose(scores, other(images), atol=1e-4))
    return seen | {"it computes": next(computed, "something else")}


def _variants(right):
    """{what a network computes: the network}, made of the right network, changed in the ways that occur."""
    return {
        "the scores of its layers": right,
        "these scores and then a ReLU": lambda images: right(images).relu(),
        "these scores and then a softmax": lambda images: right(images).softmax(dim=1),
        "these scores and then a ReLU and a softmax": lambda images: right(images).relu().softmax(dim=1),
        "these scores and then a logarithm of the softmax": lambda images: right(images).log_softmax(dim=1),
        "scores without the two ReLUs": nn.Sequential(*(layer for layer in right if not isinstance(layer, nn.ReLU))),
    }


def _what_it_reaches(network):
    """What counts of a network for images of 1 x 20 x 20: its shapes, its parameters, its accuracy after a training."""
    scores = _scores(network, torch.rand(4, 1, 20, 20, generator=torch.Generator().manual_seed(0)))
    seen = {"for 4 images it gives": _shape_of(scores)}
    is_small = sum(weights.numel() for weights in network.parameters()) <= BUDGET
    seen["parameters"] = f"{'at most' if is_small else 'more than'} {BUDGET:,}"
    if not is_small or seen["for 4 images it gives"] != "scores of shape (4, 10)":
        return seen
    share = _accuracy(network)
    words = {0.9: "90% or more", 0.8: "80% to 89%", 0.4: "40% to 79%", 0: "below 40%"}
    seen["validation images right"] = next(text for least, text in words.items() if share >= least)
    if share >= 0.9 or not scores.any():
        return seen
    if torch.allclose(scores.sum(dim=1), torch.ones(4), atol=1e-4):
        return seen | {"its scores": "sum to 1"}
    return seen | ({"its scores": "are never negative"} if (scores >= 0).all() else {})


def _scores(network, images):
    """The scores of a network that is asked for images, or the error that it raises."""
    if not isinstance(network, nn.Module):
        raise ValueError("Give a network: an nn.Sequential, or another nn.Module.")
    try:
        with torch.no_grad():
            return layers.run(network, images, "no scores")
    except ValueError as reason:
        return str(reason)


def _shape_of(scores):
    is_tensor = isinstance(scores, torch.Tensor)
    return f"scores of shape {tuple(scores.shape)}" if is_tensor else scores if isinstance(scores, str) else "no tensor"


def _shapes(network):
    return sorted(tuple(weights.shape) for weights in network.parameters())


def _accuracy(network):
    """The share of validation images that a network names after a short training, from new weights.

    Whoever tries one network after another chooses a setting: that is what the validation images are for.
    """
    train, validation, _ = scattered_digits(canvas=20, train=2000, validation=1000, test=1)
    torch.manual_seed(0)
    for layer in network.modules():
        if hasattr(layer, "reset_parameters"):
            layer.reset_parameters()
    fit(network, train, epochs=4, batch_size=32, device="cpu")
    return accuracy(network, validation)


@sheet.exercise(
    title="Predict: the shapes",
    task=(
        "An image of 1 x {side} x {side} runs through two blocks, each a convolution of 3 x 3 with padding 1, a ReLU and a max "
        "pooling of 2 x 2. The convolutions have {filters[0]} and {filters[1]} filters. Then comes a third convolution of 3 x 3 with padding "
        "1 and {filters[2]} filters. Give the shape after the first block, after the second block and after the third "
        "convolution: three tuples (channels, height, width)."
    ),
    given={"side": 32, "filters": (8, 32, 64)},
    draw=lambda choose: {"side": 8 * choose.randint(2, 16), "filters": tuple(choose.sample(range(3, 40), 3))},
    hints=[
        "A filter of 3 x 3 with padding 1 keeps the sides. A ReLU changes no shape at all.",
        "After a convolution there are as many maps as it has filters. A pooling of 2 x 2 halves both sides.",
        "The first two of three: `[({filters[0]}, {side // 2}, {side // 2}), ({filters[1]}, {side // 4}, {side // 4}), ...]`.",
    ],
    fact=(
        "VGG-16 has a similar rhythm: after each of its first three poolings it doubles its filters, from 64 to 512. "
        "After the fourth pooling it keeps 512."
    ),
    mistakes={
        "shapes_channels_last": (
            lambda side, filters: [
                ((side // 2), (side // 2), filters[0]),
                ((side // 4), (side // 4), filters[1]),
                ((side // 4), (side // 4), filters[2]),
            ],
            "you put the channels last. PyTorch has them first: (channels, height, width).",
        ),
        "shapes_without_pooling": (
            lambda side, filters: [(filters[0], side, side), (filters[1], side, side), (filters[2], side, side)],
            "you left out the poolings: each of them halves the height and the width.",
        ),
        "shapes_without_padding": (
            lambda side, filters: [
                (filters[0], ((side - 2) // 2), ((side - 2) // 2)),
                (filters[1], (((side - 2) // 2 - 2) // 2), (((side - 2) // 2 - 2) // 2)),
                (filters[2], ((side - 2) // 2 - 2) // 2 - 2, ((side - 2) // 2 - 2) // 2 - 2),
            ],
            "you left out the padding. With padding 1 a filter of 3 x 3 keeps the sides, and only pooling halves.",
        ),
        "shapes_filters_multiplied": (
            lambda side, filters: [
                (filters[0], (side // 2), (side // 2)),
                ((filters[0] * filters[1]), (side // 4), (side // 4)),
                ((filters[0] * filters[1] * filters[2]), (side // 4), (side // 4)),
            ],
            "you multiplied the filters. A filter has a slice for every map and adds up what they give: a convolution makes as "
            "many maps as it has filters.",
        ),
        "shapes_pooled_once": (
            lambda side, filters: [
                (filters[0], (side // 2), (side // 2)),
                (filters[1], (side // 2), (side // 2)),
                (filters[2], (side // 2), (side // 2)),
            ],
            "you pooled once. Each of the two blocks ends in a pooling of its own: {side}, {side // 2}, {side // 4}.",
        ),
        "shapes_pooled_three_times": (
            lambda side, filters: [
                (filters[0], (side // 2), (side // 2)),
                (filters[1], (side // 4), (side // 4)),
                (filters[2], (side // 8), (side // 8)),
            ],
            "you pooled three times. No pooling comes after the third convolution.",
        ),
        "shapes_without_channels": (
            lambda side, filters: [(side // 2, side // 2), (side // 4, side // 4), (side // 4, side // 4)],
            "you left the channels out: the number of maps comes first, then height and width.",
        ),
        "shapes_one_block_early": (
            lambda side, filters: [
                (1, side, side),
                (filters[0], (side // 2), (side // 2)),
                (filters[1], (side // 4), (side // 4)),
            ],
            "you begin with the image. The question is what comes out of each of the three parts.",
        ),
    },
)
def shapes(side, filters):
    return [
        (filters[0], side // 2, side // 2),
        (filters[1], side // 4, side // 4),
        (filters[2], (side // 4), (side // 4)),
    ]


@sheet.exercise(
    title="Where does the 7 * 7 come from?",
    task=(
        "Images of 1 x 28 x 28 run through two blocks, each of two convolutions of 3 x 3 with padding 1 and a max "
        "pooling of 2 x 2, every convolution with 10 filters. Then come `nn.Flatten()` and "
        "`nn.Linear(in_features, 10)`. Which number is `in_features`?"
    ),
    hints=[
        "Follow the side of the maps. Which layers change it?",
        "With padding 1 a filter of 3 x 3 keeps the side, and each pooling halves it: 28, 14, 7.",
        "The flatten lists all numbers of all maps: 10 maps of 7 * 7.",
    ],
    fact="You may leave the count to PyTorch: `nn.LazyLinear(10)` sets its `in_features` when it gets the first image.",
    mistakes={
        "in_features_of_one_map": (
            7 * 7,
            "these are the numbers of one map. The flatten lists the numbers of all 10 maps.",
        ),
        "in_features_without_padding": (
            10 * 4 * 4,
            "you left out the padding, and took maps of 4 x 4. With padding 1 only the poolings make the maps smaller.",
        ),
        "in_features_pooled_once": (
            10 * 14 * 14,
            "these are maps of 14 x 14. There are two poolings, and each halves the side.",
        ),
        "in_features_not_pooled": (
            10 * 28 * 28,
            "you took maps of 28 x 28. Each of the two poolings halves their sides.",
        ),
        "in_features_of_lenet": (
            10 * 5 * 5,
            "you took maps of 5 x 5. LeNet has such maps, because one of its convolutions has no padding. Here all "
            "of them have.",
        ),
        "in_features_with_all_parameters": (
            10 * (10 * 7 * 7 + 1),
            "these are the parameters of the linear layer. How many numbers go in?",
        ),
        "in_features_as_a_shape": (
            (10, 7, 7),
            "this is the shape of the maps, and it is right. How many numbers does the flatten list?",
        ),
        "in_features_of_the_image": (
            28 * 28,
            "784 is 28 * 28, the pixels of the image. The flatten comes after the blocks: what have they made of it?",
        ),
    },
)
def in_features():
    side = 28 // 2 // 2
    return 10 * side * side


@sheet.exercise(
    title="Three bugs",
    kind=Behaviour(_what_it_computes),
    task=(
        "Mend the network `broken`, for images of 1 x 28 x 28 and `nn.functional.cross_entropy`: keep its layers, "
        "but without the three bugs. Hand over the mended network."
    ),
    hints=[
        "Call it with two images: `broken(torch.rand(2, 1, 28, 28))`. At which layer do two images become one?",
        "`nn.Flatten()` keeps the batch, `nn.Flatten(start_dim=0)` does not.",
        "Cross-entropy takes scores of any size and sign, and computes the softmax itself. Which layers change the scores first?",
        "The same layers up to `nn.Flatten(), nn.Linear(16 * 7 * 7, 10)`, and nothing after them.",
    ],
    fact=(
        "`cross_entropy` computes the softmax and its logarithm in one step, so that a very small probability never "
        "becomes the logarithm of 0."
    ),
    mistakes={
        "batch_flattened": (
            lambda: nn.Sequential(*cnn.features(1, (8, 16)), nn.Flatten(start_dim=0), nn.Linear(16 * 7 * 7, 10)),
            "The flatten takes the batch along: it makes one long vector of all images. It has to begin at dimension 1.",
        ),
        "pooled_globally": (
            lambda: nn.Sequential(*cnn.features(1, (8, 16)), nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(16, 10)),
            "You pool globally. That works, but it is another network: `broken` has a flatten of all numbers of the "
            "maps.",
        ),
        "one_more_linear_layer": (
            lambda: nn.Sequential(*mended.reference(), nn.Linear(10, 10)),
            "You added a linear layer. The bugs go away without a new one.",
        ),
        "relu_at_the_end": (
            Seen({"it computes": "these scores and then a ReLU"}),
            "No score can be negative: a ReLU after the last layer makes every negative score 0, and such a score gets no gradient.",
        ),
        "softmax_at_the_end": (
            Seen({"it computes": "these scores and then a softmax"}),
            "The scores of an image sum to 1: cross-entropy computes a softmax itself, and yours makes it two in a row.",
        ),
        "both_at_the_end": (
            Seen({"it computes": "these scores and then a ReLU and a softmax"}),
            "The flatten is mended. But two bugs are left after the last layer: look at what they do to a negative score.",
        ),
        "log_softmax_at_the_end": (
            Seen({"it computes": "these scores and then a logarithm of the softmax"}),
            "A logarithm of the softmax comes last. Cross-entropy computes it itself: hand it the scores of the linear layer.",
        ),
        "relus_left_out": (
            Seen({"it computes": "scores without the two ReLUs"}),
            "You took out all ReLUs. Only the last one is a bug: the two after the convolutions belong to the network.",
        ),
        "other_layers": (
            Seen({"it computes": "something else"}),
            "It has the right parameters, but it computes something else than the layers of `broken` without the bugs. "
            "Keep its layers, and their order.",
        ),
    },
)
def mended():
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(16 * 7 * 7, 10)),
    )


@sheet.exercise(
    title="Predict: the same price",
    task=(
        "A CNN and an FFNN with as many parameters learn from the same scattered digits. The FFNN learns for ten times "
        'as many epochs. Choose "better", "as good", "a little worse" or "far worse": how does the FFNN do on test '
        "images?"
    ),
    kind=Choice(("better", "as good", "a little worse", "far worse")),
    hints=[
        "There are 6,000 images, ten digits and 625 places. How often does a seven stand at one particular place?",
        "Lesson 01 gave the FFNN more parameters than the CNN. Parameters were not what it lacked.",
    ],
    fact=(
        "On a closed and bounded set of inputs, a wide enough FFNN can approximate every continuous function as closely "
        "as you like (Hornik, Stinchcombe and White 1989; for the ReLU, Leshno et al. 1993). This does not say that it "
        "learns the function from 6,000 images."
    ),
    mistakes={
        "price_as_good": (
            "as good",
            "its weights are not shared: it has to learn each digit anew at every place, and it sees few digits at each place.",
        ),
        "price_little_worse": (
            "a little worse",
            "with digits in the middle of the image, yes. These digits stand anywhere, and the FFNN has to learn each place by "
            "itself.",
        ),
        "price_better": (
            "better",
            "it does get more epochs. But it sees the same images again, and it still shares no weights.",
        ),
    },
)
def same_price():
    return "far worse"


@sheet.exercise(
    title="Predict: more epochs",
    task=(
        "The FFNN learns for 30 epochs. In the second half its accuracy on training images still rises by more than 12 "
        'points. Choose "rises as much", "hardly changes" or "falls to chance": what does its accuracy on validation '
        "images do in this half?"
    ),
    kind=Choice(
        ("rises as much", "hardly changes", "falls to chance"),
        also=dict.fromkeys(("rises a little", "rises slightly", "stays the same"), "hardly changes"),
    ),
    hints=[
        "It has more than 20,000 weights, and it sees each of these 6,000 images once in every epoch.",
        "To name a training image it can learn what makes a seven, or remember this one image. Which of the two helps "
        "with new images, and does the other one do harm?",
    ],
    fact=(
        "Large enough networks learn even training images with random labels by heart (Zhang et al. 2017, "
        '"Understanding deep learning requires rethinking generalization").'
    ),
    mistakes={
        "rises_as_much": (
            "rises as much",
            "it would if it learned what all sevens have in common. But in this half it learns its 6,000 images by heart.",
        ),
        "falls_to_chance": (
            "falls to chance",
            "it does not forget what it knows: what it learned about all digits in the first half is still there.",
        ),
    },
)
def more_epochs():
    return "hardly changes"


@sheet.exercise(
    title="Predict: what can go",
    task=(
        'Choose "ReLU", "global pooling" or "filters": what can this network lose with the least harm, its ReLUs, its '
        "global pooling (a flatten takes its place), or all filters of the first layer but one?"
    ),
    kind=Choice(
        ("ReLU", "global pooling", "filters"),
        also={
            "its relus": "ReLU",
            "the relus": "ReLU",
            "the relu": "ReLU",
            "pooling": "global pooling",
            "its global pooling": "global pooling",
            "the global pooling": "global pooling",
            "filter": "filters",
            "all filters but one": "filters",
            "all filters of the first layer but one": "filters",
        },
    ),
    hints=[
        "Imagine the network without each of the three in turn. Which idea of the lessons is then missing?",
        "Lesson 02 needed something that is not linear between two convolutions. Is the ReLU the only such thing here?",
    ],
    fact=(
        "The maximum can be the only non-linearity of a network. Maxout networks have no ReLU: each unit is the largest "
        "of several linear functions (Goodfellow et al. 2013)."
    ),
    mistakes={
        "pooling_goes": (
            "global pooling",
            "then nothing gathers what was found at different places, and the linear layer has to learn each place by itself.",
        ),
        "filters_go": (
            "filters",
            "with one filter, one map must carry everything through the pooling to the second layer, and much is lost (lesson 03).",
        ),
    },
)
def least_needed():
    return "ReLU"


@sheet.exercise(
    title="Repair the fall under shifts",
    task=(
        "All digits of the training set stand in the middle. Which change makes the network name digits that stand "
        'further right? Choose "more padding", "more filters", "more epochs", "global pooling" or "shifted training '
        'images". Two of them help; name one of them, or both in a list.'
    ),
    kind=Choice(("more padding", "more filters", "more epochs", *REPAIRS), any_of=True),
    hints=[
        "Which weights of the last layer belong to places where no digit ever stood?",
        "Either no weight belongs to a place any more, or digits stand at every place.",
    ],
    fact=(
        "LeNet-5's errors on MNIST fell from 0.95% to 0.8% when distorted copies of the digits, shifted, scaled and "
        "sheared, joined its training images (LeCun et al. 1998, section III)."
    ),
    mistakes={
        "repaired_by_padding": (
            "more padding",
            "padding keeps the maps large, but the last layer still has weights of its own for each place.",
        ),
        "repaired_by_filters": (
            "more filters",
            "more filters find more kinds of parts. But no digit ever stood at the new places to train the weights of the last layer for them.",
        ),
        "repaired_by_epochs": (
            "more epochs",
            "however long it trains, it sees no digit at the new places, and the weights for them never learn what one looks like.",
        ),
    },
)
def repair():
    return "global pooling", "shifted training images"


@sheet.exercise(
    title="Where the work is done",
    task=(
        "LeNet gets an image of 1 x 28 x 28: convolutions of 5 x 5 with 6 filters (maps of 28 x 28) and with 16 "
        "filters (maps of 10 x 10), then three linear layers: 400 to 120, to 84, to 10 numbers. How many multiply-adds "
        "do the convolutions cost, and how many the linear layers? Two numbers, without biases."
    ),
    hints=[
        "A linear layer uses each weight once for an image. A convolution uses each weight at every place of its map.",
        "The first convolution: 6 filters of 1 * 5 * 5 weights at 28 * 28 places. The second filters see 6 maps.",
        "(6 * 25 * 28 * 28 + 16 * 6 * 25 * 10 * 10, 400 * 120 + ...)",
    ],
    fact="In VGG-16 the convolutions hold 11% of the parameters and do 99% of the multiply-adds.",
    mistakes={
        "costs_reversed": (
            (58_920, 357_600),
            "you gave them in reverse: first the convolutions, then the linear layers.",
        ),
        "parameters_in_place_of_costs": (
            (2_572, 59_134),
            "these are the parameters. A weight of a convolution is used again at every place of its map.",
        ),
        "weights_in_place_of_costs": (
            (2_550, 58_920),
            "these are the weights. A convolution uses each of its weights at every place of its map: multiply.",
        ),
        "second_convolution_sees_one_map": (
            (6 * 25 * 28 * 28 + 16 * 25 * 10 * 10, 58_920),
            "a filter of the second convolution sees all 6 maps: it has 6 * 25 weights.",
        ),
        "costs_with_biases": (
            (6 * 26 * 28 * 28 + 16 * 151 * 10 * 10, 59_134),
            "you counted the biases. They are added, not multiplied.",
        ),
        "second_convolution_on_the_first_maps": (
            (6 * 25 * 28 * 28 + 16 * 6 * 25 * 28 * 28, 58_920),
            "you let both convolutions stand at 28 x 28 places. The second one's maps have 10 x 10.",
        ),
        "places_after_the_poolings": (
            (6 * 25 * 14 * 14 + 16 * 6 * 25 * 5 * 5, 58_920),
            "you took the maps after the poolings. A convolution works at every place of its own map, before it is "
            "pooled.",
        ),
        "counted_twice": (
            (2 * 357_600, 2 * 58_920),
            "you counted multiplications and additions one by one. A multiply-add is one of each, counted once.",
        ),
    },
)
def lenet_costs():
    convolutions = 6 * 1 * 25 * 28 * 28 + 16 * 6 * 25 * 10 * 10
    linear = 400 * 120 + 120 * 84 + 84 * 10
    return convolutions, linear


@sheet.exercise(
    title="Build a network",
    task=(
        "Build a network for images of 1 x 20 x 20 with 10 scores and at most 12,000 parameters. The check trains it "
        "on 2,000 scattered digits for 4 epochs; it then has to name 90% of 1,000 validation images."
    ),
    kind=Behaviour(_what_it_reaches),
    right=Seen(
        {
            "for 4 images it gives": "scores of shape (4, 10)",
            "parameters": "at most 12,000",
            "validation images right": "90% or more",
        }
    ),
    seconds=120,
    hints=[
        "Which layers of the lesson find a part wherever it stands, and which ones forget where it stood?",
        "A digit has 8 x 8 pixels. After three poolings of 2 x 2 it is down to one pixel: two blocks are enough.",
        "Convolution and ReLU with 16 filters, a pooling, convolution and ReLU with 32, then a global max pooling.",
        "`nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), ..., nn.Flatten(), nn.Linear(32, 10))`",
    ],
    fact=(
        "The solution has 5,130 parameters. SqueezeNet (Iandola et al. 2016) reached AlexNet's accuracy with about 50 "
        "times fewer parameters. It uses many 1 x 1 filters, and global average pooling in place of linear layers."
    ),
    mistakes={
        "over_budget": (
            Seen({"parameters": "more than 12,000"}),
            "It has more than 12,000 parameters. Print `parameters.parameter_table(network, (1, 20, 20))`: where do they sit?",
        ),
        "one_score": (
            Seen({"for 4 images it gives": "scores of shape (4, 1)"}),
            "It gives one score. There are ten digits: the last layer has ten outputs, one score for each.",
        ),
        "scores_that_sum_to_1": (
            Seen({"its scores": "sum to 1"}),
            "Too few validation images are right. The scores of an image sum to 1: the training's cross-entropy computes "
            "a softmax itself, so leave yours out.",
        ),
        "scores_never_negative": (
            Seen({"its scores": "are never negative"}),
            "Too few validation images are right. No score is negative: what comes after the last linear layer?",
        ),
        "reaches_little": (
            Seen({"validation images right": "below 40%"}),
            "It names fewer than 40% of the validation images. Does it begin with convolutions of enough filters? Does it "
            "end with the largest response of each map, or with the mean, in which a small digit is lost?",
        ),
        "reaches_some": (
            Seen({"validation images right": "40% to 79%"}),
            "It names 40% to 79% of the validation images. Does it have weights of its own for each place? Does it average "
            "where it could keep the largest response of each map? Does it have enough filters?",
        ),
        "reaches_much": (
            Seen({"validation images right": "80% to 89%"}),
            "It names 80% to 89% of the validation images: nearly. The budget allows more filters.",
        ),
    },
)
def small_network():
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1)),
        *(nn.Flatten(), nn.Linear(32, 10)),
    )
