"""What holds for all tests, and for the kernels of the notebooks, which inherit it."""

import os
from pathlib import Path

import tqdm  # noqa: F401  before the next line, so that in this process bars appear, and can be tested

os.environ["TQDM_DISABLE"] = "1"  # progress bars are for people, and no output that is compared
os.environ["OMP_NUM_THREADS"] = "1"  # two run side by side: each is much faster if it does not split its work as well
os.chdir(Path(__file__).parent)  # tests name files from here, whatever folder they are called from
