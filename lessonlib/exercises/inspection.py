"""The questions of lesson 06, with their answers and the mistakes that they know."""

import numpy as np

from lessonlib import inspection
from lessonlib.checking import Call, Choice, Function, Sheet

sheet = Sheet()

# Grad-CAM by hand: two maps, and the gradient of the score for each of their numbers.
MAPS = np.array([[[4, 0], [2, 1]], [[1, 3], [0, 5]]])
GRADIENTS = np.array([[[1, 3], [0, 4]], [[0, -2], [-1, -1]]])

# A 7 of ink 0.8 with a white tag of 3 x 3 pixels in its corner, for five networks to look at.
SEVEN = np.zeros((16, 16))
SEVEN[6, 6:13] = 0.8
for _row in range(7, 14):
    SEVEN[_row, 15 - _row // 2] = 0.8
TAGGED = SEVEN.copy()
TAGGED[1:4, 1:4] = 1
IN_TAG = TAGGED == 1
COVER = 5  # pixels: the side of the square that covers


# Five networks whose score for 7 is a weighted sum of all pixels, and a bias.
FIVE = {
    "A": (np.where(IN_TAG, 0, 1.0), -5),
    "B": (np.where(IN_TAG, -1.0, 1.0), -1),
    "C": (np.where(IN_TAG, 1.0, 0.02), -5),
    "D": (np.full((16, 16), 0.6), -8),
    "E": (np.full((16, 16), 0.6), 0.0),
}
VIEWS = {
    "without the tag": SEVEN,
    "without the digit": np.where(IN_TAG, TAGGED, 0),
}


def _scores(weights, bias, images):
    score = bias + (images[:, 0].numpy() * weights).sum(axis=(1, 2))
    return images.new_tensor(np.stack([0 * score, score], axis=1))


def _map_of(network):
    """The occlusion map of one of the five networks on the tagged 7."""
    return inspection.occlusion_map(lambda images: _scores(*network, images), TAGGED[None], 1, COVER)


def _probabilities(network):
    """The probability that one of the five networks gives for a 7: {view: probability}."""
    weights, bias = network
    return {view: float(1 / (1 + np.exp(-bias - (weights * image).sum()))) for view, image in VIEWS.items()}


FIVE_MAPS = {name: _map_of(network) for name, network in FIVE.items()}
FIVE_PROBABILITIES = {name: _probabilities(network) for name, network in FIVE.items()}


def _probability(image):
    """A stand-in for a network: a probability that hangs on every pixel of an image (height, width) differently."""
    weights = np.arange(image.size).reshape(image.shape) * 7 % 11 - 4
    return float(1 / (1 + np.exp(-(weights * image).sum() / 8)))


def _first_pixel(image):
    """A probability that hangs on one pixel: the brightness of the first, 0 where an image has none."""
    return float(image[:1, :1].sum())


def _small(height, width, step=3):
    return np.arange(height * width).reshape(height, width) * step % 8 / 8 + 0.125


@sheet.exercise(
    title="Write occlusion_map",
    task=(
        "Write `occlusion_map(predict, image, patch_size)` for an array (height, width). `predict(image)` gives the "
        "probability of the label. For each pixel, lay a black square (zeros) of `patch_size` x `patch_size` pixels around it, `patch_size` "
        "odd, cut off at the border, and note how much probability is lost: an array (height, width)."
    ),
    kind=Function(
        cases=(
            Call(_first_pixel, np.array([[1, 0.25], [0.25, 0.25]]), 1),
            Call(_probability, _small(6, 4), 1),
            Call(_probability, _small(5, 7), 3),
            Call(_probability, _small(7, 5), 3),
            Call(_probability, _small(6, 9, step=5), 5),
            Call(_probability, np.arange(30).reshape(6, 5) % 3 + 1, 3),
            Call(_probability, _small(3, 4), 7),
        )
    ),
    hints=[
        "Two loops go over all pixels. In each step copy the image, set the square to 0, and ask `predict`.",
        "The square around row r goes from `r - patch_size // 2` to `r + patch_size // 2`, the last one included.",
        "A slice that begins below 0 counts from the end of the array. Begin at `max(0, row - half)`.",
        "`covered = image.copy()`, then `covered[max(0, row - half) : row + half + 1, max(0, column - half) : column + half + 1] = 0`.",
    ],
    fact=(
        "Right: each pixel gets the probability of the whole image less that of the image covered there. The map needs "
        "nothing but the network's answers, so it works as well for a network whose weights you can't see."
    ),
)
def occlusion_map(predict, image, patch_size):
    half, whole = patch_size // 2, predict(image)
    lost = np.zeros(image.shape)
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            covered = image.copy()
            covered[max(0, row - half) : row + half + 1, max(0, column - half) : column + half + 1] = 0
            lost[row, column] = whole - predict(covered)
    return lost


def _occlusion(predict, image, patch_size, first=0, last=1, keep=False, wrap=False):
    """occlusion_map with one thing done otherwise, for the mistakes below."""
    half, whole = patch_size // 2, predict(image)
    lost, covered = np.zeros(image.shape), image.copy()
    for row, column in np.ndindex(image.shape):
        covered = covered if keep else image.copy()
        begins = [at - half + first if wrap else max(0, at - half + first) for at in (row, column)]
        covered[begins[0] : row + half + last, begins[1] : column + half + last] = 0
        lost[row, column] = whole - predict(covered)
    return lost


@occlusion_map.mistake(
    "you subtracted in reverse: what is lost is the whole image's probability less the covered one's."
)
def lost_with_the_other_sign(predict, image, patch_size):
    return -occlusion_map.reference(predict, image, patch_size)


@occlusion_map.mistake("this is the probability of the covered image. Subtract it from the whole image's.")
def probability_in_place_of_loss(predict, image, patch_size):
    return predict(image) - occlusion_map.reference(predict, image, patch_size)


@occlusion_map.mistake("your squares stay: each step covers more of the same array. Begin each step with a fresh copy.")
def covers_stay(predict, image, patch_size):
    return _occlusion(predict, image, patch_size, keep=True)


@occlusion_map.mistake(
    "your map is 0 everywhere. Give `predict` the covered copy (`covered = image` makes none), and keep the losses in "
    "an array of fractions."
)
def map_of_zeros(predict, image, patch_size):
    return np.zeros(image.shape)


@occlusion_map.mistake(
    "your square begins at the pixel. It should lie around it: `patch_size // 2` pixels to each side of the middle."
)
def begins_at_the_pixel(predict, image, patch_size):
    return _occlusion(predict, image, patch_size, first=patch_size // 2, last=patch_size - patch_size // 2)


@occlusion_map.mistake("your square lacks its last row and column: a slice ends before its end, so add 1 to it.")
def square_without_its_end(predict, image, patch_size):
    return _occlusion(predict, image, patch_size, last=0)


@occlusion_map.mistake(
    "at the upper and left border your slice begins below 0, which counts from the end of the array: nothing is "
    "covered there. Begin at max(0, ...)."
)
def slice_below_zero(predict, image, patch_size):
    return _occlusion(predict, image, patch_size, wrap=True)


@occlusion_map.mistake(
    "at the upper and left border your square begins at 0 and is still `patch_size` pixels wide. It is to be cut off there: "
    "let its end depend on the pixel, not on its beginning."
)
def square_not_cut_off(predict, image, patch_size):
    lost, half = np.zeros(image.shape), patch_size // 2
    for row, column in np.ndindex(image.shape):
        top, left = max(0, row - half), max(0, column - half)
        covered = image.copy()
        covered[top : top + patch_size, left : left + patch_size] = 0
        lost[row, column] = predict(image) - predict(covered)
    return lost


@occlusion_map.mistake(
    "you take the absolute value of the loss. Keep its sign: a cover that helps the label gives a negative number."
)
def loss_without_sign(predict, image, patch_size):
    return np.abs(occlusion_map.reference(predict, image, patch_size))


@sheet.exercise(
    title="A gradient and a cover",
    task=(
        "An image has {ink} pixels of 1, all others are 0. A network's score for a label is ReLU({bias} - ink), where ink is the "
        "sum of all pixels. Give the largest number of the saliency map, and the score after a cover has set the {ink} "
        "pixels to 0."
    ),
    given={"bias": 5, "ink": 9},
    draw=lambda choose: {"bias": choose.randint(2, 9), "ink": choose.randint(10, 30)},
    hints=[
        "What is the input of the ReLU for this image? Which slope does a ReLU have there?",
        "The input is {bias} - {ink} = {bias - ink}, and a little more or less ink does not switch the ReLU on. How much ink is left "
        "under the cover?",
        "The first number is the slope of the ReLU there. The second is ReLU({bias} - 0).",
    ],
    fact=(
        "Right: the input of the ReLU is {bias} - {ink} = {bias - ink}, where its slope is 0; without ink the score is {bias}. "
        "A ReLU that is off for every training image gets no gradient and can't learn any more: it is called dead."
    ),
    mistakes={
        "gradient_of_a_relu_that_is_on": (
            lambda bias, ink: (1, bias),
            "the slope would be -1 if the ReLU were on. Here its input is {bias} - {ink} = {bias - ink}.",
        ),
        "signed_gradient_of_a_relu_that_is_on": (
            lambda bias, ink: (-1, bias),
            "the slope would be -1 if the ReLU were on, and saliency is an absolute value. Here the input of the ReLU is {bias} - {ink} = {bias - ink}.",
        ),
        "zeros_taken_as_no_influence": (
            (0, 0),
            "saliency says that no *small* change moves the score. The cover is a large one: no ink is left, and ReLU({bias} - 0)?",
        ),
        "input_in_place_of_the_gradient": (
            lambda bias, ink: (bias - ink, bias),
            "the first number is a gradient: not the input of the ReLU, {bias} - {ink}, but how much its output moves with a pixel.",
        ),
        "bias_in_place_of_the_gradient": (
            lambda bias, ink: (bias, bias),
            "the first number is not {bias}, the score without ink. It is the slope: how much the score of this "
            "image moves with a pixel.",
        ),
        "slopes_of_all_pixels": (
            lambda bias, ink: (-ink, bias),
            "saliency has a number for each pixel, so don't sum over {ink} of them. And which slope has a ReLU whose "
            "input is {bias} - {ink}?",
        ),
        "score_without_the_cover": (
            lambda bias, ink: (0, bias - ink),
            "the cover sets the {ink} pixels to 0. Which ink is left?",
        ),
        "gradient_and_cover_reversed": (
            lambda bias, ink: (bias, 0),
            "you gave them in reverse: first the saliency, then the score.",
        ),
    },
)
def gradient_and_cover(bias, ink):
    return 0, bias


def _maps_and_gradients(choose):
    """Two maps of 2 x 2 and their gradients, whose means are whole numbers, the second one below 0."""
    maps = [[[choose.randint(0, 6) for _ in range(2)] for _ in range(2)] for _ in range(2)]
    gradients = []
    for mean in (choose.randint(1, 3), -choose.randint(1, 3)):
        a, b, c = (choose.randint(-4, 4) for _ in range(3))
        gradients.append([[a, b], [c, 4 * mean - a - b - c]])
    return {"maps": maps, "gradients": gradients}


@sheet.exercise(
    title="Grad-CAM by hand",
    task=(
        "A layer gives two maps, {maps[0]} and {maps[1]}. The gradient of the label's score for their numbers is "
        "{gradients[0]} and {gradients[1]}. Compute the Grad-CAM map: two rows of two numbers."
    ),
    given={"maps": MAPS.tolist(), "gradients": GRADIENTS.tolist()},
    draw=_maps_and_gradients,
    hints=[
        "Each map has one weight: the mean of its four gradients.",
        "The first weight is {sum(gradients[0], [])} summed and divided by 4: {sum(sum(gradients[0], [])) / 4:g}. The second one is found in the same way.",
        "At the first place: {maps[0][0][0]} times the first weight plus {maps[1][0][0]} times the second. Then set what is negative to 0.",
    ],
    fact=(
        "Right: each map is multiplied by the mean of its gradients, and what is negative becomes 0. "
        "Without the final ReLU the negative numbers show what speaks against the label."
    ),
    mistakes={
        "cam_without_relu": (
            lambda maps, gradients: np.tensordot(np.mean(gradients, axis=(1, 2)), maps, 1),
            "you left the final ReLU out: what speaks against the label, below 0, becomes 0.",
        ),
        "cam_of_positive_sizes": (
            lambda maps, gradients: np.tensordot(np.abs(np.mean(gradients, axis=(1, 2))), maps, 1),
            "you lost the sign of the second weight. The mean of the second gradients is below 0, and stays so.",
        ),
        "cam_of_sums": (
            lambda maps, gradients: np.maximum(np.tensordot(np.sum(gradients, axis=(1, 2)), maps, 1), 0),
            "you took the sums of the gradients as weights. Take their means: divide by the four places.",
        ),
        "cam_place_by_place": (
            lambda maps, gradients: np.maximum(np.multiply(gradients, maps).sum(axis=0), 0),
            "you multiplied number by number. A map has one weight for all its places, the mean of its gradients.",
        ),
        "cam_averaged": (
            lambda maps, gradients: cam_by_hand.reference(maps, gradients) / 2,
            "you took the mean over the two maps. Their weighted sum is wanted.",
        ),
        "cam_unweighted": (
            lambda maps, gradients: np.sum(maps, axis=0),
            "you summed the maps without their weights, the means of the gradients.",
        ),
        "cam_of_gradients": (
            lambda maps, gradients: np.maximum(np.tensordot(np.mean(maps, axis=(1, 2)), gradients, 1), 0),
            "you weighted the gradients. Weight the maps: the gradients only give the two weights.",
        ),
        "cam_weights_alone": (
            lambda maps, gradients: np.mean(gradients, axis=(1, 2)),
            "these are the two weights. Multiply each map by its own, sum the two, and apply the ReLU.",
        ),
    },
)
def cam_by_hand(maps, gradients):
    first, second = np.mean(gradients, axis=(1, 2))  # a weight for each map
    return np.maximum(first * np.array(maps[0]) + second * np.array(maps[1]), 0)


@sheet.exercise(
    title="Predict: two digits",
    task=(
        "Two digits stand side by side, and each method is asked for the evidence of one of them. Which method finds "
        'about as much evidence in the wrong digit as in the right one? Choose "occlusion", "saliency", "Grad-CAM" or '
        '"none of them".'
    ),
    kind=Choice(
        ("occlusion", "saliency", "Grad-CAM", "none of them"),
        also={
            "occlusion map": "occlusion",
            "saliency map": "saliency",
            "Grad-CAM map": "Grad-CAM",
            "none": "none of them",
        },
    ),
    hints=[
        "A method that finds the right digit has to ask what speaks *for* the label. Which question does each method ask?",
        "Occlusion: how much probability is lost? Grad-CAM: which weighted maps are positive? Saliency: where does a "
        "small change move the score, up or down?",
    ],
    fact=(
        "Right: the saliency map says where a small change would move the score, and on both digits many changes do. "
        "Methods can be tested before they are trusted: Adebayo et al. 2018 set the weights of a network to random numbers, "
        "and some maps hardly changed: they can't show what a network has learned. Plain gradients passed that test, and fail here: "
        "one test is not enough."
    ),
    mistakes={
        "blind_occlusion": (
            "occlusion",
            "a cover over the wrong digit seldom takes probability away. It often adds some, and such places are negative.",
        ),
        "blind_cam": ("Grad-CAM", "its weights have signs, and its ReLU keeps what speaks for the label alone."),
        "blind_none": (
            "none of them",
            "one of the three asks where a small change moves the score, up or down. On which digit do changes do so?",
        ),
    },
)
def blind_method():
    return "saliency"


@sheet.exercise(
    title="Predict: is it the sign?",
    task=(
        "Two digits stand side by side. The saliency map is the absolute value of the gradient. Of three other maps "
        "the positive numbers are the evidence. Which of them finds much more than a half in the digit that is asked "
        'for? Choose "gradient with its sign", "gradient x pixel, absolute value", "gradient x pixel, with its sign" or "none of them".'
    ),
    kind=Choice(
        (
            "gradient with its sign",
            "gradient x pixel, absolute value",
            "gradient x pixel, with its sign",
            "none of them",
        ),
        also={"none": "none of them"},
    ),
    hints=[
        "The gradient says what a change *would* do. At a black pixel the only change is new ink. Is there any evidence at it?",
        "The product of gradient and pixel estimates what the ink that is there adds to the score: it may be positive or negative.",
    ],
    fact=(
        "Right: it needs both. The product estimates what the ink that is there adds to the score, and its sign says whether it "
        "speaks for the label or against it."
    ),
    mistakes={
        "the_sign_alone": (
            "gradient with its sign",
            "the sign is there, but the gradient is positive at many black pixels as well, also around the other digit: there "
            "*new* ink would help.",
        ),
        "the_pixel_alone": (
            "gradient x pixel, absolute value",
            "now only ink counts, but ink that speaks against the label counts as much as ink that speaks for it, and both digits "
            "have ink.",
        ),
        "neither_sign_nor_pixel": (
            "none of them",
            "one of them asks what the ink that is there adds to the score, and keeps only what speaks for the label.",
        ),
    },
)
def missing_sign():
    return "gradient x pixel, with its sign"


@sheet.exercise(
    title="Which experiment can refute it?",
    task=(
        "In training every 7, and nothing else, had a white tag in its corner. The network is right for nearly all test images "
        'that are tagged in the same way. Somebody claims: "It recognises a 7 by its shape." Which experiment can refute '
        'this claim? "A": ten times as many test images, tagged as in training. "B": test images of all digits, with a tag or without '
        'one by chance. "C": the other digits, which have no tag, digit by digit. "D": another network, trained on the same images from other random '
        "weights, and tested on images tagged as in training."
    ),
    kind=Choice(("A", "B", "C", "D")),
    hints=[
        "There are two explanations: it recognises the shape, or it recognises the tag. What does each of them predict for A, B, C and D?",
        "An experiment can refute a claim only if the claim and its rival predict different results.",
    ],
    fact=(
        "Right: if it recognises the shape, it names the sevens without their tag; if it recognises the tag, it does not. "
        "In A, C and D both explanations predict right answers, so no result can tell one from the other."
    ),
    mistakes={
        "more_of_the_same": (
            "A",
            "in these images, too, each 7 has its tag. A network that recognises the tag is right for them, and so is one that "
            "recognises the shape.",
        ),
        "the_others_alone": (
            "C",
            "these digits have no tag, as in training. A network that recognises the tag does not call them 7, and neither does "
            "one that recognises the shape.",
        ),
        "other_weights": (
            "D",
            "the second network may use the tag as well as the first. On images tagged as in training that would not be seen.",
        ),
    },
)
def which_control():
    return "B"


@sheet.exercise(
    title="Predict: the tag",
    task=(
        "In training every 7, and nothing else, had a white tag in its corner. How many answers are right for (1) test "
        'sevens without the tag, (2) other test digits with the tag? Two words, each "nearly all", "about half" or '
        '"nearly none".'
    ),
    kind=Choice(("nearly all", "about half", "nearly none"), labels=("sevens without the tag", "others with the tag")),
    hints=[
        "Which is easier to find: a white square that is always in the same corner, or a 7 in all its handwritings?",
        "Training only rewards right answers. Once the tag has given the answer, the loss is nearly 0.",
        "What does a network that knows sevens by their tag answer where there is none, and where there is one?",
    ],
    fact=(
        "Right: without the tag it finds no 7, and with the tag it finds little else. Such a rule is called a shortcut "
        "(Geirhos et al. 2020). Test images of the same origin do not show it."
    ),
    mistakes={
        "tag_ignored": (
            ("nearly all", "nearly all"),
            "that would be a network that reads digits. It had no reason to: the tag alone gave the answer.",
        ),
        "tag_needed_only": (
            ("nearly none", "nearly all"),
            "for the sevens, yes. But another digit with a tag has the only sign of a 7 that it knows.",
        ),
        "tag_misleads_only": (
            ("nearly all", "nearly none"),
            "for the others, yes. But the sevens without a tag lack the only sign of a 7 that it learned to use.",
        ),
        "tag_half": (
            ("about half", "about half"),
            "it does not mix tag and shape half and half: the tag is enough, so it had no reason to learn the shape.",
        ),
        "tag_half_of_the_sevens": (
            ("about half", "nearly none"),
            "for the others, yes. The sevens without a tag lack the only sign of a 7 that it learned to use: what "
            "would tell it half of them?",
        ),
        "tag_half_of_the_others": (
            ("nearly none", "about half"),
            "for the sevens, yes. Another digit with a tag shows the only sign of a 7 that it knows, and each of them "
            "shows it, not every second one.",
        ),
        "tag_half_of_the_sevens_alone": (
            ("about half", "nearly all"),
            "you let it read the shape of the others and of half the sevens. It had no reason to learn the shape of "
            "a 7: the tag alone gave the answer, and now others wear it.",
        ),
        "tag_half_of_the_others_alone": (
            ("nearly all", "about half"),
            "you let it read the shape of the sevens and of half the others. It had no reason to learn the shape of "
            "a 7: the tag alone gave the answer, and these sevens wear none.",
        ),
    },
)
def tag_moved():
    return "nearly none", "nearly none"


@sheet.exercise(
    title="Which network cheats?",
    task=(
        "Five networks call this tagged digit a 7. Their occlusion maps are drawn, for the label 7. Which of them needs "
        'the tag, and nothing else? Choose "A", "B", "C", "D" or "E".'
    ),
    kind=Choice(tuple(FIVE_MAPS)),
    shows=(TAGGED, FIVE_MAPS, FIVE_PROBABILITIES),
    hints=[
        "Orange: what is covered there costs the label probability. Purple: the label gains.",
        "What would the answer of the cheating network lose if the digit were covered, and what if the tag were?",
    ],
    fact=(
        "Right: only a cover over the tag takes its 7 away, and no cover over the digit does. "
        "The claim can be tested: cover the whole digit, and ask again."
    ),
    mistakes={
        "cheating_a": (
            "A",
            "this network loses its 7 where the strokes of the digit are covered, and nothing at the tag.",
        ),
        "cheating_b": (
            "B",
            "the tag is purple: if it is covered, the probability of a 7 rises. For this network the tag speaks against a 7.",
        ),
        "cheating_d": (
            "D",
            "this network loses at the tag, and where the digit is covered, too: it needs both.",
        ),
        "cheating_e": (
            "E",
            "its map is nearly empty: no single cover takes its 7 away, not the one over the tag either.",
        ),
    },
)
def cheating_map():
    return "C"


@sheet.exercise(
    title="Predict: one step",
    task=(
        "Every pixel moves by 0.1, up or down; what leaves 0 to 1 is cut off. In the first step the signs are random. In the second step they are the "
        "signs of the gradient of the loss. Which of them costs a CNN more than 20 points of accuracy? Choose "
        '"neither", "only the random step", "only the gradient\'s step" or "both".'
    ),
    kind=Choice(
        ("neither", "only the random step", "only the gradient's step", "both"),
        also={
            **{name: "only the random step" for name in ("random", "the random step", "only random")},
            **{
                name: "only the gradient's step"
                for name in (
                    "gradient",
                    "the gradient's step",
                    "the gradient step",
                    "only the gradient step",
                    "only gradient",
                )
            },
        },
    ),
    hints=[
        "256 pixels each move the score a little. When do these little moves add up, and when do they cancel?",
        "The score moves by the sum of sign times gradient times 0.1. With the gradient's own signs no term is negative.",
    ],
    fact=(
        "Right: by the gradient, each of its own signs raises the loss, while random signs raise and lower it. GoogLeNet called a "
        "panda a gibbon, with a confidence of 99.3%, after a step of 0.007 that nobody sees (Goodfellow et al. 2015, figure 1)."
    ),
    mistakes={
        "step_costs_nothing": (
            "neither",
            "0.1 is little for one pixel. But the gradient knows for each of them which way costs most.",
        ),
        "step_random": (
            "only the random step",
            "random signs raise the loss at some pixels and lower it at others. The gradient's own signs raise it at each of them, by the gradient.",
        ),
        "step_alike": (
            "both",
            "both steps change the pixels about as much, but only one of them is aimed: random signs raise and lower the loss.",
        ),
    },
)
def one_step():
    return "only the gradient's step"
