"""The questions of lesson 05, with their answers and the mistakes that they know."""

import copy
import re

import torch
from torch import nn

from lessonlib import cnn
from lessonlib.checking import Sheet
from lessonlib.data import scattered_digits
from lessonlib.training import accuracy, fit

sheet = Sheet()
progress = sheet.progress

BUDGET = 12_000
REPAIRS = ("global pooling", "shifted training images")
REACHED = {}  # the accuracy of each network that was trained here, so that none is trained twice


def _how_it_scores(network):
    """What counts of a network for images of 1 x 28 x 28 whose scores go into the cross-entropy."""
    generator = torch.Generator().manual_seed(0)
    scores = _scores(network, torch.rand(6, 1, 28, 28, generator=generator))
    if isinstance(scores, str):
        return {"for 6 images it gives": scores}
    return {
        "for 6 images it gives": f"scores of shape {tuple(scores.shape)}",
        "a score can be negative": (scores < 0).any().item(),
        "the scores of an image sum to 1": torch.allclose(scores.sum(-1), torch.ones(()), atol=1e-4),
        "parameters": _count(network),
    }


def _what_it_reaches(network):
    """What counts of a network for images of 1 x 20 x 20: its shapes, its parameters, its accuracy after a training."""
    scores = _scores(network, torch.zeros(4, 1, 20, 20))
    shape = scores if isinstance(scores, str) else f"scores of shape {tuple(scores.shape)}"
    is_small = _count(network) <= BUDGET
    share = _accuracy(network) if is_small and shape == "scores of shape (4, 10)" else 0
    words = {0.9: "90% or more", 0.8: "80% to 89%", 0.4: "40% to 79%", 0: "below 40%"}
    return {
        "for 4 images it gives": shape,
        "parameters": f"{'at most' if is_small else 'more than'} {BUDGET:,}",
        "validation images right": next(text for least, text in words.items() if share >= least),
    }


def _scores(network, images):
    """The scores of a network that is asked for images, or the error that it raises."""
    if not isinstance(network, nn.Module):
        raise ValueError("Give a network: an nn.Sequential, or another nn.Module.")
    try:
        with torch.no_grad():
            return network(images)
    except Exception as error:  # whatever a student's forward raises
        return f"{type(error).__name__}: {error}"


def _count(network):
    return sum(weights.numel() for weights in network.parameters())


def _accuracy(network):
    """The share of validation images that a copy of the network names after a short training, from new weights.

    Whoever tries one network after another chooses a setting: that is what the validation images are for.
    """
    recipe = type(network), str(network)
    is_told = all(type(each).__module__.startswith("torch.nn.") for each in network.modules())  # by its text
    if recipe not in REACHED or not is_told:
        train, validation, _ = scattered_digits(canvas=20, train=2000, validation=1000, test=1)
        network = copy.deepcopy(network)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            for layer in network.modules():
                if hasattr(layer, "reset_parameters"):
                    layer.reset_parameters()
            fit(network, train, epochs=4, batch_size=32, device="cpu")
        REACHED[recipe] = accuracy(network, validation)
    return REACHED[recipe]


@sheet.exercise(
    title="Predict: the shapes",
    task=(
        "An image of 1 x 32 x 32 runs through two blocks, each a convolution of 3 x 3 with padding 1, a ReLU and a max "
        "pooling of 2 x 2. The convolutions have 8 and 32 filters. Then comes a third convolution of 3 x 3 with padding "
        "1 and 64 filters. Give the shape after the first block, after the second block and after the third "
        "convolution: three tuples (channels, height, width)."
    ),
    hints=[
        "A filter of 3 x 3 with padding 1 keeps the sides. A ReLU changes no shape at all.",
        "After a convolution there are as many maps as it has filters. A pooling of 2 x 2 halves both sides.",
        "The first two of three: `[(8, 16, 16), (32, 8, 8), ...]`.",
    ],
    fact=(
        "VGG-16 has a similar rhythm: after each of its first three poolings it doubles its filters, from 64 to 512. "
        "After the fourth pooling it keeps 512."
    ),
)
def shapes():
    return [(8, 32 // 2, 32 // 2), (32, 16 // 2, 16 // 2), (64, 8, 8)]


@shapes.mistake("you put the channels last. PyTorch has them first: (channels, height, width).")
def shapes_channels_last():
    return [(16, 16, 8), (8, 8, 32), (8, 8, 64)]


@shapes.mistake("you left out the poolings: each of them halves the height and the width.")
def shapes_without_pooling():
    return [(8, 32, 32), (32, 32, 32), (64, 32, 32)]


@shapes.mistake("you left out the padding. With padding 1 a filter of 3 x 3 keeps the sides, and only pooling halves.")
def shapes_without_padding():
    return [(8, 15, 15), (32, 6, 6), (64, 4, 4)]


@shapes.mistake(
    "you multiplied the filters. A filter has a slice for every map and adds up what they give: a convolution makes as "
    "many maps as it has filters."
)
def shapes_filters_multiplied():
    return [(8, 16, 16), (8 * 32, 8, 8), (8 * 32 * 64, 8, 8)]


@shapes.mistake("you pooled once. Each of the two blocks ends in a pooling of its own: 32, 16, 8.")
def shapes_pooled_once():
    return [(8, 16, 16), (32, 16, 16), (64, 16, 16)]


@shapes.mistake("you pooled three times. No pooling comes after the third convolution.")
def shapes_pooled_three_times():
    return [(8, 16, 16), (32, 8, 8), (64, 4, 4)]


@shapes.mistake("you begin with the image. The question is what comes out of each of the three parts.")
def shapes_one_block_early():
    return [(1, 32, 32), (8, 16, 16), (32, 8, 8)]


@sheet.exercise(
    title="Where does the 7 * 7 come from?",
    task=(
        "Images of 1 x 28 x 28 run through two blocks, each of two convolutions of 3 x 3 with padding 1 and a max "
        "pooling of 2 x 2, every convolution with 10 filters. Then come `nn.Flatten()` and "
        "`nn.Linear(in_features, 10)`. Which number is in_features?"
    ),
    hints=[
        "Follow the side of the maps. Which layers change it?",
        "With padding 1 a filter of 3 x 3 keeps the side, and each pooling halves it: 28, 14, 7.",
        "The flatten lists all numbers of all maps: 10 maps of 7 * 7.",
    ],
    fact="You may leave the count to PyTorch: `nn.LazyLinear(10)` sets its in_features when it gets the first image.",
)
def in_features():
    side = 28 // 2 // 2
    return 10 * side * side


@in_features.mistake("these are the numbers of one map. The flatten lists the numbers of all 10 maps.")
def in_features_of_one_map():
    return 7 * 7


@in_features.mistake(
    "you left out the padding, and took maps of 4 x 4. With padding 1 only the poolings make the maps smaller."
)
def in_features_without_padding():
    return 10 * 4 * 4


@in_features.mistake("you halved the side once, to 14. There are two poolings.")
def in_features_pooled_once():
    return 10 * 14 * 14


@in_features.mistake("you took maps of 28 x 28. Each of the two poolings halves their sides.")
def in_features_not_pooled():
    return 10 * 28 * 28


@in_features.mistake(
    "you took maps of 5 x 5, as LeNet has them: its second convolution has no padding. Follow the side of these maps."
)
def in_features_of_lenet():
    return 10 * 5 * 5


@in_features.mistake("you counted one row of each map. A map has 7 rows of 7 numbers.")
def in_features_one_side():
    return 10 * 7


@in_features.mistake("that is how many maps there are. Each of them has 7 * 7 numbers, and the flatten lists them all.")
def in_features_maps_alone():
    return 10


@in_features.mistake("you pooled three times. A pooling comes only after the second and after the fourth convolution.")
def in_features_pooled_three_times():
    return 10 * 3 * 3


@sheet.exercise(
    title="Three bugs",
    view=_how_it_scores,
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
)
def mended():
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Flatten(), nn.Linear(16 * 7 * 7, 10)),
    )


@mended.mistake(
    "The flatten takes the batch along: it makes one long vector of all images. It has to begin at dimension 1."
)
def batch_flattened():
    return nn.Sequential(*cnn.features(1, (8, 16)), nn.Flatten(start_dim=0), nn.Linear(16 * 7 * 7, 10))


@mended.mistake(
    "No score can be negative: a ReLU after the last layer makes every negative score 0, and such a score gets no gradient."
)
def relu_at_the_end():
    return nn.Sequential(*mended.reference(), nn.ReLU())


@mended.mistake(
    "The scores of an image sum to 1: cross-entropy computes a softmax itself, and yours makes it two in a row."
)
def softmax_at_the_end():
    return nn.Sequential(*mended.reference(), nn.Softmax(dim=1))


@mended.mistake("There is no linear layer left that makes 10 scores of the maps.")
def no_linear_layer():
    return mended.reference()[:-1]


@sheet.exercise(
    title="Predict: the same price",
    task=(
        "A CNN and an FFNN with as many parameters learn from the same scattered digits. The FFNN learns for ten times "
        'as many epochs. Choose "better", "as good", "a little worse" or "far worse": how does the FFNN do on test '
        "images?"
    ),
    choices=("better", "as good", "a little worse", "far worse"),
    hints=[
        "There are 6,000 images, ten digits and 625 places. How often does a seven stand at one particular place?",
        "Lesson 01 gave the FFNN more parameters than the CNN. Parameters were not what it lacked.",
    ],
    fact=(
        "On a closed and bounded set of inputs, a wide enough FFNN can approximate every continuous function as closely "
        "as you like (Hornik, Stinchcombe and White 1989; for the ReLU, Leshno et al. 1993). This does not say that it "
        "learns the function from 6,000 images."
    ),
)
def same_price():
    return "far worse"


@same_price.mistake(
    "its weights are not shared: it has to learn each digit anew at every place, and it sees few digits at each place."
)
def price_as_good():
    return "as good"


@same_price.mistake(
    "with digits in the middle of the image, yes. These digits stand anywhere, and the FFNN has to learn each place by "
    "itself."
)
def price_little_worse():
    return "a little worse"


@same_price.mistake("it does get more epochs. But it sees the same images again, and it still shares no weights.")
def price_better():
    return "better"


@sheet.exercise(
    title="Predict: more epochs",
    task=(
        "The FFNN learns for 30 epochs. In the second half its accuracy on training images still rises by more than 12 "
        'points. Choose "rises as much", "hardly changes" or "falls to chance": what does its accuracy on validation '
        "images do in this half?"
    ),
    choices=("rises as much", "hardly changes", "falls to chance"),
    hints=[
        "It has more than 20,000 weights, and it sees each of these 6,000 images once in every epoch.",
        "To name a training image it can learn what makes a seven, or remember this one image. Which of the two helps "
        "with new images, and does the other one do harm?",
    ],
    fact=(
        "Large enough networks learn even training images with random labels by heart (Zhang et al. 2017, "
        '"Understanding deep learning requires rethinking generalization").'
    ),
)
def more_epochs():
    return "hardly changes"


@more_epochs.mistake(
    "it would if it learned what all sevens have in common. But in this half it learns its 6,000 images by heart."
)
def rises_as_much():
    return "rises as much"


@more_epochs.mistake(
    "it does not forget what it knows: what it learned about all digits in the first half is still there."
)
def falls_to_chance():
    return "falls to chance"


@sheet.exercise(
    title="Predict: what can go",
    task=(
        'Choose "ReLU", "global pooling" or "filters": what can this network lose with the least harm, its ReLUs, its '
        "global pooling (a flatten takes its place), or all filters of the first layer but one?"
    ),
    choices=("ReLU", "global pooling", "filters"),
    hints=[
        "Imagine the network without each of the three in turn. Which idea of the lessons is then missing?",
        "Lesson 02 needed something that is not linear between two convolutions. Is the ReLU the only such thing here?",
    ],
    fact=(
        "The maximum can be the only non-linearity of a network. Maxout networks have no ReLU: each unit is the largest "
        "of several linear functions (Goodfellow et al. 2013)."
    ),
)
def least_needed():
    return "ReLU"


@least_needed.mistake(
    "then nothing gathers what was found at different places, and the linear layer has to learn each place by itself."
)
def pooling_goes():
    return "global pooling"


@least_needed.mistake(
    "one filter finds one kind of part (lesson 03), and the second layer has nothing else to build upon."
)
def filters_go():
    return "filters"


def _a_repair(answer):
    """Each of the two repairs is a right answer, and so are both together; of several names, a wrong one counts."""
    names = [answer] if isinstance(answer, str) else answer
    if not (isinstance(names, (list, tuple)) and names and all(isinstance(name, str) for name in names)):
        return answer
    names = [part.strip().lower() for name in names for part in re.split(r",|\band\b", name)]
    return next((name for name in names if name not in REPAIRS), REPAIRS[0])


@sheet.exercise(
    title="Repair the fall under shifts",
    task=(
        "All digits of the training set stand in the middle. Which change makes the network name digits that stand "
        'further right? Choose "more padding", "more filters", "more epochs", "global pooling" or "shifted training '
        'images". Two of them help; name one of them, or both in a list.'
    ),
    choices=("more padding", "more filters", "more epochs", *REPAIRS),
    view=_a_repair,
    hints=[
        "Which weights of the last layer belong to places where no digit ever stood?",
        "Either no weight belongs to a place any more, or digits stand at every place.",
    ],
    fact=(
        "LeNet-5's errors on MNIST fell from 0.95% to 0.8% when distorted copies of the digits, shifted, scaled and "
        "sheared, joined its training images (LeCun et al. 1998, section III)."
    ),
)
def repair():
    return "global pooling"


@repair.mistake("padding keeps the maps large, but the last layer still has weights of its own for each place.")
def repaired_by_padding():
    return "more padding"


@repair.mistake(
    "more filters find more kinds of parts. But no digit ever stood at the new places to train the weights of the last layer for them."
)
def repaired_by_filters():
    return "more filters"


@repair.mistake(
    "however long it trains, it sees no digit at the new places, and the weights for them never learn what one looks like."
)
def repaired_by_epochs():
    return "more epochs"


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
)
def lenet_costs():
    convolutions = 6 * 1 * 25 * 28 * 28 + 16 * 6 * 25 * 10 * 10
    linear = 400 * 120 + 120 * 84 + 84 * 10
    return convolutions, linear


@lenet_costs.mistake("you gave them in reverse: first the convolutions, then the linear layers.")
def costs_reversed():
    return 58_920, 357_600


@lenet_costs.mistake("these are the parameters. A weight of a convolution is used again at every place of its map.")
def parameters_in_place_of_costs():
    return 2_572, 59_134


@lenet_costs.mistake(
    "these are the weights. A convolution uses each of its weights at every place of its map: multiply."
)
def weights_in_place_of_costs():
    return 2_550, 58_920


@lenet_costs.mistake("a filter of the second convolution sees all 6 maps: it has 6 * 25 weights.")
def second_convolution_sees_one_map():
    return 6 * 25 * 28 * 28 + 16 * 25 * 10 * 10, 58_920


@lenet_costs.mistake("you counted the biases. They are added, not multiplied.")
def costs_with_biases():
    return 6 * 26 * 28 * 28 + 16 * 151 * 10 * 10, 59_134


@lenet_costs.mistake("you let the second convolution stand at 14 x 14 places. Without padding its maps have 10 x 10.")
def second_convolution_padded():
    return 6 * 25 * 28 * 28 + 16 * 6 * 25 * 14 * 14, 58_920


@sheet.exercise(
    title="Build a network",
    task=(
        "Build a network for images of 1 x 20 x 20 with 10 scores and at most 12,000 parameters. The check trains it "
        "on 2,000 scattered digits for 4 epochs; it then has to name 90% of 1,000 validation images."
    ),
    view=_what_it_reaches,
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
)
def small_network():
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.AdaptiveMaxPool2d(1)),
        *(nn.Flatten(), nn.Linear(32, 10)),
    )


@small_network.mistake(
    "It has more than 12,000 parameters. Print `parameters.parameter_table(network, (1, 20, 20))`: where do they sit?"
)
def over_budget():
    return cnn.convnet_with_flatten((1, 20, 20), (16, 32))


@small_network.mistake(
    "It names fewer than 40% of the validation images. Does it use the same weights at every place, as a convolution does? "
    "Does a ReLU at its end cut scores off?"
)
def without_convolution():
    return cnn.ffnn((1, 20, 20), 28)


@small_network.mistake(
    "It names 40% to 79% of the validation images. It finds parts, but then it may have weights for each place, or it "
    "averages the parts away: keep the largest response of each map."
)
def flattened():
    return cnn.convnet_with_flatten((1, 20, 20), (8, 16))


@small_network.mistake(
    "It names 80% to 89% of the validation images: nearly. The budget allows more filters, and the cross-entropy wants the "
    "scores without a softmax."
)
def few_filters():
    return cnn.convnet((1, 20, 20), (8, 16))


@small_network.mistake("It gives one score. There are ten digits: the last layer has ten outputs, one score for each.")
def one_score():
    return cnn.convnet((1, 20, 20), (16, 32), classes=1)
