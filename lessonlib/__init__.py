"""The library behind the notebooks: one module for each lesson, and the rooms that they share."""

import os

# The threads of PyTorch spin while they wait, and where several kernels share a few cores, all of them stand still.
# OpenMP reads this when PyTorch is loaded, so each lesson imports lessonlib first. The user's own setting stays.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
