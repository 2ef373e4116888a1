"""What holds for all tests and notebooks: progress bars are for people, and no output that is compared."""

import os

import tqdm  # noqa: F401  before the next line, so that in this process bars appear, and can be tested

os.environ["TQDM_DISABLE"] = "1"  # inherited by the kernels of the notebooks
