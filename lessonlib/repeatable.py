"""The same numbers on every run: seeds, threads and how arrays are printed."""

import random

import numpy as np
import torch

from lessonlib.arguments import whole_number

THREADS = 2  # sums are split over threads, so their last digits depend on the number of threads


def start(seed=0):
    """Prepare a notebook: seed every generator, use two threads, print arrays briefly."""
    torch.set_num_threads(THREADS)
    torch.set_printoptions(precision=3, sci_mode=False, linewidth=100)
    np.set_printoptions(precision=3, suppress=True, linewidth=100)
    set_seed(seed)


def set_seed(seed):
    """Seed the generators of Python, NumPy and PyTorch with one whole number."""
    seed = whole_number("seed", seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # the most that NumPy takes
    torch.manual_seed(seed)
