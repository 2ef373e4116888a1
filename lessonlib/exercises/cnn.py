"""The questions of lesson 05, with their answers and the mistakes that they know."""

import copy

import torch
from torch import nn

from lessonlib import cnn, layers
from lessonlib.checking import Behaviour, Call, Choice, Function, Seen, Sheet
from lessonlib.data import scattered_digits
from lessonlib.training import accuracy, fit

sheet = Sheet()

BUDGET = 12_000
REPAIRS = ("global pooling", "shifted training images")
BLOCKS = ("1 block", "2 blocks", "3 blocks", "4 blocks")


class Epoch(Call):
    """One epoch of a small network: what counts is the weights that it has afterwards."""

    def __init__(self, images, batch_size):
        linear = nn.utils.skip_init(nn.Linear, 4, 3)  # draws no random numbers, so that an import leaves no trace
        model = nn.Sequential(nn.Flatten(), linear)
        generator = torch.Generator().manual_seed(images)
        for weights in model.parameters():
            weights.data = torch.randn(weights.shape, generator=generator)
        labels = torch.randint(3, (images,), generator=generator)
        super().__init__(
            *(model, torch.optim.SGD(model.parameters(), lr=0.5)),
            *(torch.randn(images, 1, 2, 2, generator=generator), labels, batch_size),
        )

    def __repr__(self):
        return f"(model, optimizer, images, labels, {self.args[-1]})"

    def came(self, called, shown):
        return f"`{called}{self}`, judged by the weights after it: "

    def of(self, function):
        """(the weights, in the order of model.parameters(), or what was given where that is `...`; False)."""
        model, _, images, labels, batch_size = self.args
        model = copy.deepcopy(model)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
        result = function(model, optimizer, images.clone(), labels.clone(), batch_size)
        weights = nn.utils.parameters_to_vector(model.parameters()).detach()
        return (result if result is ... else weights), False


def _what_it_computes(network):
    """What counts of the mended network: its shapes, and whether its scores are those of its layers and nothing else."""
    generator = torch.Generator().manual_seed(0)
    images = torch.randn(6, 1, 28, 28, generator=generator)
    images[3:] *= 10  # so that a limit on large numbers shows as well
    right = mended.reference()
    seen = {"for 6 images it gives": _shape_of(_scores(network, images)), "its parameters": str(_shapes(network))}
    if seen != {"for 6 images it gives": "scores of shape (6, 10)", "its parameters": str(_shapes(right))}:
        return seen
    if not all(weights.requires_grad for weights in network.parameters()):
        return seen | {"it computes": "with weights that can't learn"}
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
        "convolution: each time channels, height and width."
    ),
    given={"side": 20, "filters": (8, 32, 64)},
    draw=lambda choose: {"side": 4 * choose.randint(4, 32), "filters": tuple(choose.sample(range(3, 40), 3))},
    hints=[
        "A filter of 3 x 3 with padding 1 keeps height and width. A ReLU changes no shape at all.",
        "After a convolution there are as many maps as it has filters. A pooling of 2 x 2 halves height and width.",
        "The first two of three: `[({filters[0]}, {side // 2}, {side // 2}), ({filters[1]}, {side // 4}, {side // 4}), ...]`.",
    ],
    fact=(
        "Right: there are as many maps as filters, and only the two poolings change the size: {side}, {side // 2}, "
        "{side // 4}. In VGG-16, too, only poolings change the size. After each of the first three of them the number of "
        "filters doubles, from 64 to 512."
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
            "you left out the padding. With padding 1 a filter of 3 x 3 keeps height and width, and only pooling halves them.",
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
    title="The numbers after a flatten",
    task=(
        "Images of 1 x 28 x 28 run through two blocks, each of two convolutions of 3 x 3 with padding 1 and a max "
        "pooling of 2 x 2, every convolution with 10 filters. Then come `nn.Flatten()` and "
        "`nn.Linear(in_features, 10)`. Which number is `in_features`?"
    ),
    hints=[
        "Follow the height of the maps from layer to layer. Which layers change it?",
        "With padding 1 a filter of 3 x 3 keeps it, and each pooling halves it: 28, 14, 7.",
        "The flatten lists all numbers of all maps: 10 maps of 7 * 7.",
    ],
    fact=(
        "Right: only the two poolings change the size, so 10 maps of 7 x 7 are left, and the flatten lists their "
        "10 * 7 * 7 numbers. You may leave the count to PyTorch: `nn.LazyLinear(10)` sets its `in_features` when it gets "
        "the first image."
    ),
    mistakes={
        "in_features_of_one_map": (
            7 * 7,
            "these are the numbers of one map. The flatten lists the numbers of all 10 maps.",
        ),
        "in_features_without_padding": (
            10 * 4 * 4,
            "these are 10 maps of 4 x 4, as there would be without any padding. With padding 1 only the poolings make the maps smaller.",
        ),
        "in_features_pooled_once": (
            10 * 14 * 14,
            "this is right for 10 maps of 14 x 14, or 40 of 7 x 7. Each of the two poolings halves height and width, and a "
            "convolution of 10 filters gives 10 maps, however many it gets.",
        ),
        "in_features_not_pooled": (
            10 * 28 * 28,
            "these are 10 maps of 28 x 28. Each of the two poolings halves height and width.",
        ),
        "in_features_of_lenet": (
            10 * 5 * 5,
            "these are 10 maps of 5 x 5. LeNet's last maps have that size: one of its convolutions has no padding. Here "
            "all of them have.",
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
    title="Predict: the fewest parameters",
    task=(
        "Four networks for images of 1 x 32 x 32 have 1, 2, 3 and 4 blocks. A block is a convolution of 3 x 3 with padding "
        "1 and 16 filters, a ReLU and a max pooling of 2 x 2. After the blocks come a flatten and a linear layer to ten "
        'scores. Which network has the fewest parameters? Choose "1 block", "2 blocks", "3 blocks" or "4 blocks".'
    ),
    kind=Choice(BLOCKS, also={str(count): blocks for count, blocks in enumerate(BLOCKS, start=1)}),
    hints=[
        "Count two things for each network: the parameters of its convolutions, and those of its linear layer.",
        "Each block after the first has a convolution from 16 to 16 maps: 16 * (16 * 9 + 1) = 2,320 parameters.",
        "The flatten lists 16 * 16 * 16 numbers after one block, and a quarter of that after each further one.",
    ],
    fact=(
        "Right: each further block adds 2,320 parameters, and leaves the linear layer a quarter of its weights. The "
        "third block saves 7,680 weights in this way, the fourth only 1,920."
    ),
    mistakes={
        "one_block": (
            "1 block",
            "this network has the fewest layers, but its flatten lists 16 * 16 * 16 numbers, each with ten weights.",
        ),
        "two_blocks": (
            "2 blocks",
            "a third block adds 2,320 parameters. How many weights does the linear layer lose by its pooling?",
        ),
        "four_blocks": (
            "4 blocks",
            "its linear layer is the smallest, but the fourth block adds 2,320 parameters. Does it save as many?",
        ),
    },
)
def fewest_parameters():
    return "3 blocks"


@sheet.exercise(
    title="Write one epoch of training",
    task=(
        "Write `train_epoch(model, optimizer, images, labels, batch_size)`: it takes the images in the order in which they "
        "stand, `batch_size` at a time, with the rest as a smaller last batch, and trains the model on each batch once. "
        "The loss of a batch is the cross-entropy. What counts is the weights that the model has afterwards."
    ),
    kind=Function(cases=(Epoch(4, 4), Epoch(12, 4), Epoch(10, 4))),
    hints=[
        "`images.split(batch_size)` gives the batches, the last one with what is left. `labels.split(batch_size)` gives theirs.",
        "`for batch, its_labels in zip(images.split(batch_size), labels.split(batch_size)):` and then, for each batch, "
        "forward and loss: `loss = nn.functional.cross_entropy(model(batch), its_labels)`.",
        "Then three lines, inside the loop: `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`.",
    ],
    fact=(
        "Right: each batch has its own loss, its own gradient and its own step, and the old gradient is forgotten "
        "before. Whoever calls this function brings the images into a random order before each epoch."
    ),
)
def train_epoch(model, optimizer, images, labels, batch_size):
    for batch, its_labels in zip(images.split(batch_size), labels.split(batch_size), strict=True):
        loss = nn.functional.cross_entropy(model(batch), its_labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@train_epoch.mistake(
    "the gradients are not set to zero between two batches: `backward` adds to what is there, and the second step uses the sum."
)
def gradients_not_set_to_zero(model, optimizer, images, labels, batch_size):
    for batch, its_labels in _batches(images, labels, batch_size):
        nn.functional.cross_entropy(model(batch), its_labels).backward()
        optimizer.step()


@train_epoch.mistake(
    "the weights are the same as before, so no step has used a gradient. Is there an `optimizer.step()`? It comes after "
    "`zero_grad` and `backward`, for every batch."
)
def step_without_gradient(model, optimizer, images, labels, batch_size):
    for batch, its_labels in _batches(images, labels, batch_size):
        loss = nn.functional.cross_entropy(model(batch), its_labels)
        optimizer.zero_grad()
        optimizer.step()
        loss.backward()


@train_epoch.mistake(
    "each step uses the gradient of the batch before it, and the last gradient is never used: `step` stands before "
    "`backward`."
)
def step_before_backward(model, optimizer, images, labels, batch_size):
    for batch, its_labels in _batches(images, labels, batch_size):
        loss = nn.functional.cross_entropy(model(batch), its_labels)
        optimizer.step()
        optimizer.zero_grad()
        loss.backward()


@train_epoch.mistake(
    "there is one step in all, with the loss of the last batch. Each batch needs its own: are the lines after the loss "
    "inside the loop?"
)
def loss_of_the_last_batch_only(model, optimizer, images, labels, batch_size):
    *_, (batch, its_labels) = _batches(images, labels, batch_size)
    nn.functional.cross_entropy(model(batch), its_labels).backward()
    optimizer.step()


@train_epoch.mistake("only the first batch is trained on. Does a `return` stand inside the loop?")
def first_batch_only(model, optimizer, images, labels, batch_size):
    train_epoch.reference(model, optimizer, images[:batch_size], labels[:batch_size], batch_size)


@train_epoch.mistake(
    "the images that fill no whole batch are left out. With 10 images and a batch size of 4 the last batch has 2."
)
def rest_left_out(model, optimizer, images, labels, batch_size):
    whole = len(images) // batch_size * batch_size
    train_epoch.reference(model, optimizer, images[:whole], labels[:whole], batch_size)


@train_epoch.mistake(
    "a softmax comes before the cross-entropy, which computes one itself: hand it the scores as the model gives them."
)
def softmax_before_cross_entropy(model, optimizer, images, labels, batch_size):
    for batch, its_labels in _batches(images, labels, batch_size):
        loss = nn.functional.cross_entropy(model(batch).softmax(dim=1), its_labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


@train_epoch.mistake("all images are one batch here, with one step. Cut them into batches of `batch_size`.")
def one_batch_of_all(model, optimizer, images, labels, batch_size):
    train_epoch.reference(model, optimizer, images, labels, len(images))


@train_epoch.mistake(
    "the losses of a batch are summed. `cross_entropy` takes their mean if you don't ask for another reduction."
)
def losses_summed(model, optimizer, images, labels, batch_size):
    for batch, its_labels in _batches(images, labels, batch_size):
        loss = nn.functional.cross_entropy(model(batch), its_labels, reduction="sum")
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _batches(images, labels, batch_size):
    return zip(images.split(batch_size), labels.split(batch_size), strict=True)


@sheet.exercise(
    title="Three bugs",
    kind=Behaviour(_what_it_computes),
    task=(
        "Mend the network `broken`, for images of 1 x 28 x 28 and `nn.functional.cross_entropy`: keep its layers, "
        "but without the three bugs."
    ),
    hints=[
        "Call it with two images: `broken(torch.rand(2, 1, 28, 28))`. At which layer do two images become one?",
        "`nn.Flatten()` keeps the batch, `nn.Flatten(start_dim=0)` does not.",
        "Cross-entropy takes scores of any size and sign, and computes the softmax itself. Which layers change the scores first?",
        "The same layers up to `nn.Flatten(), nn.Linear(16 * 7 * 7, 10)`, and nothing after them.",
    ],
    fact=(
        "Right: the flatten keeps the batch, and the scores of the last linear layer go to the cross-entropy as they "
        "are. `cross_entropy` computes the softmax and its logarithm in one step, so that a very small probability never "
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
            "The flatten is mended. But a ReLU and a softmax still come after the last linear layer, and both change its scores.",
        ),
        "log_softmax_at_the_end": (
            Seen({"it computes": "these scores and then a logarithm of the softmax"}),
            "A logarithm of the softmax comes last. Cross-entropy computes it itself: hand it the scores of the linear layer.",
        ),
        "relus_left_out": (
            Seen({"it computes": "scores without the two ReLUs"}),
            "You took out all ReLUs. Only the last one is a bug: the two after the convolutions belong to the network.",
        ),
        "weights_frozen": (
            Seen({"it computes": "with weights that can't learn"}),
            "Some of its weights have `requires_grad=False`: they get no gradient, and no training changes them.",
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
    title="Predict: three learning rates",
    task=(
        "The same CNN is trained three times for eight epochs, with the learning rates 0.001, 0.01 and 0.3. With one of "
        "them its accuracy never leaves chance. With which? Choose 0.001, 0.01 or 0.3."
    ),
    kind=Choice(("0.001", "0.01", "0.3")),
    hints=[
        "A learning rate says how far the weights move in a step. What does a network need in order to learn at all?",
        "Short steps get less far in the same time, but they go in the right direction. What do very long steps do?",
    ],
    fact=(
        "Right: with 0.3 the first steps of Adam move every weight by about 0.3. Afterwards the ReLUs give 0 for every image, and no "
        "gradient passes. With 0.001 it learns, but in eight epochs it gets only about half as far as with 0.01."
    ),
    mistakes={
        "rate_too_small": (
            "0.001",
            "its steps are short, but they lead downhill: after eight epochs the network is better than chance.",
        ),
        "rate_just_right": (
            "0.01",
            "this is the one that works best here. One of the other two is too far away from it.",
        ),
    },
)
def learning_rates():
    return "0.3"


@sheet.exercise(
    title="Which number do you report?",
    task=(
        "You try 20 settings. With the best of them on the validation images, your network is right for 99% of its training "
        "images, for 93% of the validation images and for 91% of the test images, which you have used for nothing else. "
        'How good is it on new images? Choose the number that you report: "99%", "93%" or "91%".'
    ),
    kind=Choice(
        ("99%", "93%", "91%"),
        also={"training": "99%", "validation": "93%", "test": "91%", "0.91": "91%", "0.93": "93%", "0.99": "99%"},
    ),
    hints=[
        "Which of the three sets has had no part in making or choosing this network?",
        "The weights were made with one set, and the setting was chosen with another one.",
    ],
    fact=(
        "Right: the test images had no part in training or choosing, so their 91% tell what new images will give. Of 20 "
        "settings, the best one on validation images is in part the one with the best luck there."
    ),
    mistakes={
        "training_taken_for_the_result": (
            "99%",
            "this is the accuracy on training images. The network has learned from these, and can know them by heart.",
        ),
        "validation_taken_for_the_result": (
            "93%",
            "this is the best of 20 numbers on the validation images, and a part of it is luck. Which images had no part in the choice?",
        ),
    },
)
def reported():
    return "91%"


@sheet.exercise(
    title="Predict: the same price",
    task=(
        "A CNN and an FFNN with as many parameters learn from the same scattered digits. The FFNN learns for six times "
        'as many epochs. Choose "better", "as good", "a little worse" or "far worse": how does the FFNN do on test '
        "images, compared with the CNN?"
    ),
    kind=Choice(("better", "as good", "a little worse", "far worse")),
    hints=[
        "There are 2,000 images, ten digits and 169 places. How often does a seven stand at one particular place?",
        "Lesson 01 gave the FFNN more parameters than the CNN. Parameters were not what it lacked.",
    ],
    fact=(
        "Right: it sees few digits at each place, and what it learns there is of no use at another place. "
        "On a closed and bounded set of inputs, a wide enough FFNN can approximate every continuous function as closely "
        "as you like (Hornik, Stinchcombe and White 1989; for the ReLU, Leshno et al. 1993). This does not say that it "
        "learns the function from 2,000 images."
    ),
    mistakes={
        "price_as_good": (
            "as good",
            "it is far from that: it has to learn each digit anew at every place, and it sees few digits at each place.",
        ),
        "price_little_worse": (
            "a little worse",
            "the difference is small if all digits stand in the middle of the image. These digits stand anywhere, and the FFNN has to "
            "learn each place by itself.",
        ),
        "price_better": (
            "better",
            "it does get more epochs. But in each of them it sees the same 2,000 images again, and no digit at a new place.",
        ),
    },
)
def same_price():
    return "far worse"


@sheet.exercise(
    title="Predict: more epochs",
    task=(
        "The FFNN learns for 16 epochs. In the second half its accuracy on training images still rises by about 18 "
        'points. Choose "rises as much", "rises far less" or "falls": what does its accuracy on validation '
        "images do in this half?"
    ),
    kind=Choice(
        ("rises as much", "rises far less", "falls"),
        also=dict.fromkeys(("rises a little", "rises less", "hardly changes", "stays the same"), "rises far less")
        | dict.fromkeys(("falls a little", "falls to chance"), "falls"),
    ),
    hints=[
        "It has more than 20,000 weights, and it sees each of these 2,000 images once in every epoch.",
        "To name a training image it can learn what makes a seven, or remember this one image. Which of the two helps "
        "with new images, and does the other one do harm?",
    ],
    fact=(
        "Right: what it still learns is mostly its own training images, and that helps little with new ones. "
        "Large enough networks learn even training images with random labels by heart (Zhang et al. 2017, "
        '"Understanding deep learning requires rethinking generalization").'
    ),
    mistakes={
        "rises_as_much": (
            "rises as much",
            "it would if the network still learned what all sevens have in common. It mostly learns its 2,000 images by heart.",
        ),
        "it_falls": (
            "falls",
            "the network does not forget: what it learned about digits in the first half still helps with new images.",
        ),
    },
)
def more_epochs():
    return "rises far less"


@sheet.exercise(
    title="Predict: which difference is it?",
    task=(
        "A CNN with two convolutions and a global maximum is right for about nine of ten validation images. Two controls differ from "
        "it in one thing each. One has a flatten in place of the global maximum. In the other one, without sharing, the filters have "
        "weights of their own at every place. Both are trained like the CNN, for 16 epochs. Which of them falls to the level of the FFNN, "
        'about a half or below? Choose "without sharing", "with flatten", "both" or "neither".'
    ),
    kind=Choice(
        ("without sharing", "with flatten", "both", "neither"),
        also=dict.fromkeys(("sharing", "weight sharing", "no sharing"), "without sharing")
        | dict.fromkeys(("global max", "global maximum", "maximum", "flatten"), "with flatten"),
    ),
    hints=[
        "Which of the two has to learn what a stroke looks like at each place anew?",
        "A flatten has weights of its own for each place, but the filters before it are trained by the digits at all places.",
    ],
    fact=(
        "Right: without sharing, each place has to learn its filters from the few digits that stood there. With a flatten "
        "the filters are still shared, and only the last layer has weights for each place. The number of weights is not "
        "the reason: as many weights do no harm if they are shared, or if all digits stand in the middle."
    ),
    mistakes={
        "the_flatten_alone": (
            "with flatten",
            "with a flatten the network is less often right, but it stays far above the FFNN: its filters are still shared.",
        ),
        "both_fall": (
            "both",
            "one of them stays far above the FFNN. Which one still has filters that are trained by the digits at all places?",
        ),
        "none_falls": (
            "neither",
            "one of them does fall that far. Which one learns each place by itself, from the first layer on?",
        ),
    },
)
def which_difference():
    return "without sharing"


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
        "Imagine the network without each of the three in turn. Does anything else in it do the same?",
        "A ReLU is needed where nothing else bends. Look at the five other kinds of layers: is one of them not linear?",
    ],
    fact=(
        "Right: the maxima of the poolings bend, too, so without its ReLUs this network is still more than one linear "
        "layer. Maxout networks have no ReLU: each unit is the largest "
        "of several linear functions (Goodfellow et al. 2013)."
    ),
    mistakes={
        "pooling_goes": (
            "global pooling",
            "then the linear layer has weights of its own for each place, and after equally many epochs the network is clearly worse.",
        ),
        "filters_go": (
            "filters",
            "with one filter, the second layer gets a single map, and the network becomes much worse (lesson 03).",
        ),
    },
)
def least_needed():
    return "ReLU"


@sheet.exercise(
    title="Predict: the average",
    task=(
        "The global maximum at the end of the small CNN becomes a global average. It is trained for equally many epochs. "
        'How good is it on validation images, compared with the maximum? Choose "better", "as good" or "much worse".'
    ),
    kind=Choice(("better", "as good", "much worse"), also={"worse": "much worse", "the same": "as good"}),
    hints=[
        "The last maps have 10 x 10 numbers each, and a digit of 8 x 8 pixels covers a small part of the image.",
        "The linear layer gets one number for each map. How much can the digit change the mean of 100 numbers?",
    ],
    fact=(
        "Right: the means of a map are nearly the same for all images. Taking away what all images have in common "
        "makes up for more than half of the loss. With a batch normalisation right after the average the network is at least as good as with the maximum."
    ),
    mistakes={
        "average_better": (
            "better",
            "an average takes all 100 numbers of a map, and most of them come from places without a digit.",
        ),
        "average_as_good": (
            "as good",
            "modern networks do end in an average. This small one, in as many epochs as with the maximum, does not learn enough from it.",
        ),
    },
)
def global_average():
    return "much worse"


@sheet.exercise(
    title="Repair the fall under shifts",
    task=(
        "All digits of the training set stand in the middle. Which change makes the network name digits that stand "
        'further right? Choose "more padding", "more filters", "more epochs", "global pooling" or "shifted training '
        'images". Two of them help; name one of them, or both.'
    ),
    kind=Choice(("more padding", "more filters", "more epochs", *REPAIRS), any_of=True),
    hints=[
        "Which weights of the last layer belong to places where no digit ever stood?",
        "Either no weight belongs to a place any more, or digits stand at every place.",
    ],
    fact=(
        "Right: with global pooling no weight belongs to a place, and with shifted images digits stand at all places in "
        "training. LeNet-5's errors on MNIST fell from 0.95% to 0.8% when distorted copies of the digits, shifted, scaled and "
        "sheared, joined its training images (LeCun et al. 1998, section III)."
    ),
    mistakes={
        "repaired_by_padding": (
            "more padding",
            "padding keeps the maps large, but the last layer still has weights of its own for each place.",
        ),
        "repaired_by_filters": (
            "more filters",
            "more filters give the last layer more weights for each place. But no digit ever stood at the new places to train them.",
        ),
        "repaired_by_epochs": (
            "more epochs",
            "with more epochs it trains longer, but it sees no digit at the new places, and the weights for them never learn what one looks like.",
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
    fact=(
        "Right: each weight of a convolution is used at every place of its map, 784 or 100 times, and each weight of a linear "
        "layer once. In VGG-16 the convolutions hold 11% of the parameters and do 99% of the multiply-adds."
    ),
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
        "Right: it fits the budget and names 90% or more. The solution needs 5,130 parameters. SqueezeNet (Iandola et al. 2016) reached AlexNet's accuracy with about 50 "
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
            "end with the largest response of each map, or with the mean, which learns slowly here?",
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


@sheet.drill(
    title="What the flatten lists",
    task=(
        "Images of 1 x {side} x {side} run through two blocks, each a convolution of 3 x 3 with padding 1, a ReLU and a max "
        "pooling of 2 x 2. The convolutions have {filters[0]} and {filters[1]} filters. Then come `nn.Flatten()` and a linear layer with 10 "
        "outputs. Which number is its `in_features`?"
    ),
    given={"side": 20, "filters": [8, 16]},
    draw=lambda choose: {"side": 4 * choose.randint(4, 16), "filters": choose.sample(range(6, 64), 2)},
    easy=lambda choose: {"side": 4 * choose.randint(2, 3), "filters": choose.sample([4, 5, 8], 2)},
    hints=[
        "Which layers change the side? And how many maps are there at the end?",
        "{filters[1]} maps of {side // 4} x {side // 4}.",
    ],
    fact="Right: the two poolings leave {side // 4} of {side} rows, and the second convolution gives {filters[1]} maps: {filters[1]} * {side // 4} * {side // 4} numbers.",
    mistakes={
        "flatten_of_one_map": (
            lambda side, filters: (side // 4) ** 2,
            "these are the numbers of one map. There are {filters[1]}.",
        ),
        "flatten_pooled_once": (
            lambda side, filters: filters[1] * (side // 2) ** 2,
            "you halved the side once. Two poolings halve it twice.",
        ),
        "flatten_not_pooled": (
            lambda side, filters: filters[1] * side**2,
            "you kept the side. Each of the two poolings halves it.",
        ),
        "flatten_of_the_first_maps": (
            lambda side, filters: filters[0] * (side // 4) ** 2,
            "you took the {filters[0]} maps of the first convolution. The last one decides how many there are.",
        ),
        "flatten_of_all_filters": (
            lambda side, filters: filters[0] * filters[1] * (side // 4) ** 2,
            "you multiplied the filters. A filter sums over all maps that it sees: {filters[1]} filters, {filters[1]} maps.",
        ),
        "flatten_with_parameters": (
            lambda side, filters: 10 * (filters[1] * (side // 4) ** 2 + 1),
            "these are the parameters of the linear layer. How many numbers go in?",
        ),
    },
)
def flattened(side, filters):
    return filters[1] * (side // 4) ** 2


def _three_shapes(side, filters, stride=2, pool=2, shrinks=2):
    """What a convolution with padding 1, a pooling and a convolution without padding give."""
    first = (side - 1) // stride + 1
    second = first // pool
    return ((filters[0], first, first), (filters[0], second, second), (filters[1], second - shrinks, second - shrinks))


@sheet.drill(
    title="Shapes with a stride",
    task=(
        "An image of 3 x {side} x {side} runs through `nn.Conv2d(3, {filters[0]}, 3, stride=2, padding=1)`, `nn.MaxPool2d(2)` and "
        "`nn.Conv2d({filters[0]}, {filters[1]}, 3)`. Give the shape after each of the three: three tuples (channels, height, width)."
    ),
    given={"side": 32, "filters": [8, 12]},
    draw=lambda choose: {"side": 4 * choose.randint(5, 24), "filters": choose.sample(range(4, 40), 2)},
    hints=[
        "With padding 1, stride 2 halves the side. A pooling keeps the number of maps.",
        "The first is ({filters[0]}, {side // 2}, {side // 2}). The last convolution has no padding, and takes 2 from each side.",
    ],
    fact="Right: the stride and the pooling halve the side, and the convolution without padding takes 2 off: {side // 2}, {side // 4}, {side // 4 - 2}.",
    mistakes={
        "shapes_without_the_stride": (
            lambda side, filters: _three_shapes(side, filters, stride=1),
            "you left out the stride: the first convolution stands at every second place only.",
        ),
        "shapes_without_the_pooling": (
            lambda side, filters: _three_shapes(side, filters, pool=1),
            "you left out the pooling, which halves height and width.",
        ),
        "shapes_with_padding_everywhere": (
            lambda side, filters: _three_shapes(side, filters, shrinks=0),
            "you gave the last convolution a padding. It has none: a window of 3 takes 2 from each side.",
        ),
        "shapes_pooled_to_one_map": (
            lambda side, filters: (
                _three_shapes(side, filters)[0],
                (1, side // 4, side // 4),
                _three_shapes(side, filters)[2],
            ),
            "a pooling keeps the number of maps: it works on each of the {filters[0]} alone.",
        ),
        "shapes_with_channels_last": (
            lambda side, filters: tuple((*sides, maps) for maps, *sides in _three_shapes(side, filters)),
            "you put the channels last. PyTorch has them first: (channels, height, width).",
        ),
    },
)
def shapes_with_a_stride(side, filters):
    return (
        (filters[0], side // 2, side // 2),
        (filters[0], side // 4, side // 4),
        (filters[1], side // 4 - 2, side // 4 - 2),
    )


def _two_maps_and_weights(choose):
    """Two maps of 2 x 2 with whole means, and two weights for each of two classes."""
    maps = []
    for mean in (choose.randint(1, 3), choose.randint(2, 5)):
        a, b, c = (choose.randint(0, mean) for _ in range(3))
        maps.append([[a, b], [c, 4 * mean - a - b - c]])
    return {"maps": maps, "weights": [choose.sample([-3, -2, -1, 1, 2, 3, 4], 2) for _ in range(2)]}


def _weighed(numbers, weights):
    return [sum(number * weight for number, weight in zip(numbers, row, strict=True)) for row in weights]


@sheet.drill(
    title="Global average pooling, then the scores",
    task=(
        "Two maps, {maps[0]} and {maps[1]}, go through global average pooling and a linear layer without bias. Its weights are {weights[0]} for "
        "class 0 and {weights[1]} for class 1. Give the two scores."
    ),
    given={"maps": [[[1, 3], [0, 4]], [[5, 2], [2, 3]]], "weights": [[2, 1], [-1, 2]]},
    draw=_two_maps_and_weights,
    hints=[
        "Each map becomes one number, its mean. What does the linear layer make of two numbers?",
        "The means are {sum(maps[0], [])} and {sum(maps[1], [])}, summed and divided by 4.",
    ],
    fact="Right: each map gives its mean, and each class sums the two means with its own weights.",
    mistakes={
        "scores_of_maxima": (
            lambda maps, weights: _weighed([max(sum(rows, [])) for rows in maps], weights),
            "you took the largest number of each map. Average pooling takes the mean.",
        ),
        "scores_of_sums": (
            lambda maps, weights: _weighed([sum(sum(rows, [])) for rows in maps], weights),
            "you took the sum of each map. Divide by its four numbers.",
        ),
        "scores_of_means_alone": (
            lambda maps, weights: [sum(sum(rows, [])) / 4 for rows in maps],
            "these are the two means. The linear layer weighs them, once for each class.",
        ),
        "scores_by_columns": (
            lambda maps, weights: _weighed([sum(sum(rows, [])) / 4 for rows in maps], zip(*weights, strict=True)),
            "you took one weight of each class. A score sums both means with the weights of its own class.",
        ),
        "scores_by_the_first_map": (
            lambda maps, weights: [row[0] * sum(sum(maps[0], [])) / 4 for row in weights],
            "you used the first map alone. A class weighs both means, and adds.",
        ),
    },
)
def average_and_scores(maps, weights):
    means = [sum(sum(rows, [])) / 4 for rows in maps]
    return [row[0] * means[0] + row[1] * means[1] for row in weights]
