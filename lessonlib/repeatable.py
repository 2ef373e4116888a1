"""The same numbers on every run: seeds, threads and how arrays are printed."""

import random

import numpy as np
import torch

from lessonlib.arguments import SEEDS, whole_number


def start(seed=0):
    """Prepare a notebook: seed every generator, use two threads, or one where that is set, print arrays briefly."""
    # Sums are split over threads: where all use as many, all get the same last digits.
    torch.set_num_threads(min(2, torch.get_num_threads()))
    torch.set_printoptions(precision=3, sci_mode=False, linewidth=100)
    np.set_printoptions(precision=3, suppress=True, linewidth=100)
    set_seed(seed)


def set_seed(seed):
    """Seed the generators of Python, NumPy and PyTorch with one whole number."""
    seed = whole_number("seed", seed, most=SEEDS)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # the most that NumPy takes
    torch.manual_seed(seed)
