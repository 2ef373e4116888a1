"""repeatable: the same seed gives the same numbers, from every generator and on every machine."""

import random

import numpy as np
import pytest
import torch

from lessonlib import repeatable


@pytest.fixture(autouse=True)
def nothing_stays_changed():
    threads, state = torch.get_num_threads(), random.getstate()
    with np.printoptions():
        yield
    torch.set_num_threads(threads)
    torch.set_printoptions(profile="default")
    random.setstate(state)


def drawn():
    return random.random(), np.random.rand(), torch.rand(()).item()


@pytest.mark.parametrize("seed", [0, 3, 2**64 - 1, np.int64(5)])
def test_the_same_seed_gives_the_same_numbers_from_every_generator(seed):
    repeatable.set_seed(seed)
    first = drawn()
    repeatable.set_seed(seed)
    assert drawn() == first
    repeatable.set_seed(1)
    assert all(one != other for one, other in zip(first, drawn(), strict=True))


@pytest.mark.parametrize("of_the_machine, used", [(1, 1), (2, 2), (8, 2)])
def test_a_notebook_starts_with_two_threads_at_most(of_the_machine, used):
    torch.set_num_threads(of_the_machine)
    repeatable.start()
    assert torch.get_num_threads() == used


def test_a_notebook_starts_with_seed_0_and_prints_arrays_briefly():
    repeatable.start()
    first = drawn()
    repeatable.set_seed(0)
    assert drawn() == first
    assert repr(np.array([1e-7, 1 / 3])) == "array([0.   , 0.333])"
    printed = repr(torch.tensor([1e-7, 1 / 3]))
    assert printed.replace(" ", "") == "tensor([0.000,0.333])"  # older releases pad with blanks
