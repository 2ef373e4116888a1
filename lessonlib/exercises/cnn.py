"""The questions of lesson 05, with their answers and the mistakes that they know."""

import copy

import torch
from torch import nn

from lessonlib import cnn
from lessonlib.checking import Sheet
from lessonlib.data import scattered_digits
from lessonlib.training import accuracy, fit

sheet = Sheet()
progress = sheet.progress

BUDGET = 12_000
REPAIRS = ("global pooling", "shifted training pictures")
REACHED = {}  # the accuracy of each network that was trained here, so that none is trained twice


def _how_it_scores(network):
    """What counts of a network for pictures of 1 x 28 x 28 whose scores go into the cross-entropy."""
    generator = torch.Generator().manual_seed(0)
    scores = _scores(network, torch.rand(6, 1, 28, 28, generator=generator))
    if isinstance(scores, str):
        return {"for 6 pictures it gives": scores}
    return {
        "for 6 pictures it gives": f"scores of shape {tuple(scores.shape)}",
        "a score can be negative": (scores < 0).any().item(),
        "the scores of a picture sum to 1": torch.allclose(scores.sum(-1), torch.ones(()), atol=1e-4),
        "parameters": _count(network),
    }


def _what_it_reaches(network):
    """What counts of a network for pictures of 1 x 20 x 20: its shapes, its parameters, its accuracy after a training."""
    scores = _scores(network, torch.zeros(4, 1, 20, 20))
    shape = scores if isinstance(scores, str) else f"scores of shape {tuple(scores.shape)}"
    is_small = _count(network) <= BUDGET
    share = _accuracy(network) if is_small and shape == "scores of shape (4, 10)" else 0
    words = {0.9: "90% or more", 0.8: f"{share:.0%}", 0.4: "40% to 79%", 0: "below 40%"}
    return {
        "for 4 pictures it gives": shape,
        "parameters": f"{'at most' if is_small else 'more than'} {BUDGET:,}",
        "test pictures right": next(text for least, text in words.items() if share >= least),
    }


def _scores(network, pictures):
    """The scores of a network that is asked for pictures, or the error that it raises."""
    if not isinstance(network, nn.Module):
        raise ValueError("Give a network: an nn.Sequential, or another nn.Module.")
    try:
        with torch.no_grad():
            return network(pictures)
    except Exception as error:  # whatever a student's forward raises
        return f"{type(error).__name__}: {error}"


def _count(network):
    return sum(weights.numel() for weights in network.parameters())


def _accuracy(network):
    """The share of test pictures that a copy of the network names after a short training, from weights of its own."""
    recipe = type(network), str(network)
    if recipe not in REACHED:
        train, test = scattered_digits(canvas=20, train=2000, test=1000)
        network = copy.deepcopy(network)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            for layer in network.modules():
                if hasattr(layer, "reset_parameters"):
                    layer.reset_parameters()
            fit(network, train, epochs=4, batch_size=32, device="cpu")
        REACHED[recipe] = accuracy(network, test)
    return REACHED[recipe]


@sheet.exercise(
    title="Predict: the shapes",
    task=(
        "A picture of 1 x 32 x 32 runs through three blocks, each a convolution of 3 x 3 with padding 1, a ReLU and a "
        "max pooling of 2 x 2. The convolutions have 8, 32 and 64 filters. Give the shape after each block: three "
        "tuples (channels, height, width)."
    ),
    hints=[
        "A filter of 3 x 3 with padding 1 keeps the sides. A ReLU changes no shape at all.",
        "After a convolution there are as many maps as it has filters. A pooling of 2 x 2 halves both sides.",
        "[(8, 16, 16), (32, ..., ...), (64, ..., ...)]",
    ],
    fact="VGG-16 keeps to this rhythm: behind a pooling it doubles its filters, from 64 to 512.",
)
def shapes():
    return [(8, 32 // 2, 32 // 2), (32, 16 // 2, 16 // 2), (64, 8 // 2, 8 // 2)]


@shapes.mistake("you put the channels last. PyTorch has them first: (channels, height, width).")
def shapes_channels_last():
    return [(16, 16, 8), (8, 8, 32), (4, 4, 64)]


@shapes.mistake("you left out the poolings: each of them halves the height and the width.")
def shapes_without_pooling():
    return [(8, 32, 32), (32, 32, 32), (64, 32, 32)]


@shapes.mistake("you left out the padding. With padding 1 a filter of 3 x 3 keeps the sides, and only pooling halves.")
def shapes_without_padding():
    return [(8, 15, 15), (32, 6, 6), (64, 2, 2)]


@shapes.mistake(
    "you multiplied the filters. A filter has a slice for every map and sums them: as many maps as filters."
)
def shapes_filters_multiplied():
    return [(8, 16, 16), (8 * 32, 8, 8), (8 * 32 * 64, 4, 4)]


@shapes.mistake("you pooled once. Every block ends in a pooling of its own: 32, 16, 8, 4.")
def shapes_pooled_once():
    return [(8, 16, 16), (32, 16, 16), (64, 16, 16)]


@shapes.mistake("you begin with the picture. Asked for is what comes out of each of the three blocks.")
def shapes_one_block_early():
    return [(1, 32, 32), (8, 16, 16), (32, 8, 8)]


@sheet.exercise(
    title="Where does the 7 * 7 come from?",
    task=(
        "Pictures of 1 x 28 x 28 run through two blocks, each of two convolutions of 3 x 3 with padding 1 and a max "
        "pooling of 2 x 2, every convolution with 10 filters. Then come `nn.Flatten()` and "
        "`nn.Linear(in_features, 10)`. Which number is in_features?"
    ),
    hints=[
        "Follow the side of the maps. Which layers change it?",
        "Padding 1 makes up for a filter of 3 x 3; each pooling halves: 28, 14, 7.",
        "The flatten lists all numbers of all maps: 10 maps of 7 * 7.",
    ],
    fact="You may leave the count to PyTorch: `nn.LazyLinear(10)` finds its in_features when it meets the first picture.",
)
def in_features():
    side = 28 // 2 // 2
    return 10 * side * side


@in_features.mistake("that is one map. The flatten lists the numbers of all 10 maps.")
def in_features_of_one_map():
    return 7 * 7


@in_features.mistake("you left out the padding, and took maps of 4 x 4. With padding 1 only the poolings shrink them.")
def in_features_without_padding():
    return 10 * 4 * 4


@in_features.mistake("you halved the side once, to 14. There are two poolings.")
def in_features_pooled_once():
    return 10 * 14 * 14


@in_features.mistake("you took maps of 28 x 28. Each of the two poolings halves their sides.")
def in_features_not_pooled():
    return 10 * 28 * 28


@in_features.mistake("you took maps of 5 x 5, those of LeNet, whose second convolution has no padding. Follow the side.")
def in_features_of_lenet():
    return 10 * 5 * 5


@in_features.mistake("you took the side of the maps once. A map has 7 rows of 7 numbers.")
def in_features_one_side():
    return 10 * 7


@in_features.mistake("that is how many maps there are. Each of them has 7 * 7 numbers, and the flatten lists them all.")
def in_features_maps_alone():
    return 10


@in_features.mistake("you pooled three times. Only the second and the fourth convolution have a pooling behind them.")
def in_features_pooled_three_times():
    return 10 * 3 * 3


@in_features.mistake("you halved at each of the four convolutions. Padding 1 keeps the side: only the poolings halve it.")
def in_features_halved_four_times():
    return 10 * 1 * 1 + 0 * 7 if False else 40
