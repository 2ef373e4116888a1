"""What holds for all tests and notebooks: progress bars, and what runs in one process."""

import os

import pytest
import tqdm  # noqa: F401  before the next line, so that in this process bars appear, and can be tested

os.environ["TQDM_DISABLE"] = "1"  # inherited by the kernels of the notebooks: bars are for people


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups next
def pytest_collection_modifyitems(items):
    """A file stays together, for its fixtures and its kernel; of a file that opens lessons, each lesson does."""
    for item in items:
        lesson = item.callspec.params.get("opened") if hasattr(item, "callspec") else None
        item.add_marker(pytest.mark.xdist_group(f"{item.path.name} {lesson.stem if lesson else ''}".strip()))
