"""How safe is each claim? Every lesson is run with other data, weights and threads, and its claims are measured.

The table shows what lessonlib.claims.claim was given, and how far the worst of the runs stays from the bound.

make margins                                                    every lesson, 8 seeds, 1 and 2 threads
python tests/benchmarks/margins.py 03 --seeds 8 --threads 1     one lesson
"""

import argparse
import multiprocessing
import os
from contextlib import redirect_stdout
from pathlib import Path
from statistics import median

LINE = "{:<66}{:>3}{:>10}{:>10}{:>10}{:>10}{:>9}  {}"


def other_seed(seed):
    """Every random choice of a lesson made anew: the split of the digits, their places, weights, order of images."""
    import torch

    from lessonlib import data, repeatable, training

    digits, scattered, fit, set_seed = data.digits, data.scattered_digits, training.fit, repeatable.set_seed
    everything = [torch.cat(parts) for parts in zip(*digits(), strict=True)]
    order = torch.randperm(len(everything[1]), generator=torch.Generator().manual_seed(seed))
    counts = [len(part.labels) for part in digits()]

    def split_anew():
        return data.Splits(*(data.Images(*(part[chosen] for part in everything)) for chosen in order.split(counts)))

    data.digits = split_anew
    data.scattered_digits = lambda *args, **kwargs: scattered(
        *args, **{"seed": 0} | kwargs | {"seed": 1000 * seed + kwargs.get("seed", 0)}
    )
    training.fit = lambda *args, **kwargs: fit(*args, **kwargs | {"seed": 1000 * seed + kwargs.get("seed", 0)})
    repeatable.set_seed = lambda number=0: set_seed(1000 * seed + number)


def run(path, seed):
    """[(lesson, claim, sign, measured, bound)] of one run of a lesson, in this process."""
    import nbformat
    from IPython.display import display

    from lessonlib import claims, figures

    measured = []

    def record(what, value, *, above=None, below=None, unit="%"):
        bounds = [(sign, bound) for sign, bound in ((">", above), ("<", below)) if bound is not None]
        measured.extend((path.stem[:2], what, sign, float(value), float(bound)) for sign, bound in bounds)

    claims.claim = record
    if seed:
        other_seed(seed)
    for name in figures.__all__:
        if callable(getattr(figures, name)) and name != "CaptionedFigure":
            setattr(figures, name, lambda *_, **__: None)  # drawings take time, and claim nothing
    namespace = {"display": display}
    os.chdir(path.parent)
    for cell in nbformat.read(path.name, as_version=4).cells:
        if cell.cell_type == "code" and cell.id != "colab" and "exercise" not in cell.metadata.get("tags", []):
            exec(compile(cell.source, cell.id, "exec"), namespace)
    return measured


def in_a_process(job):
    with open(os.devnull, "w") as nothing, redirect_stdout(nothing):
        try:
            return run(*job)
        except Exception as error:
            path, seed = job
            return [(path.stem[:2], f"seed {seed}: {error!r}", ">", float("nan"), 0.0)]


def table(measured):
    """Lines: for each claim its bound, what was measured, and by how much the worst run clears the bound."""
    yield LINE.format("claim", "", "bound", "smallest", "median", "largest", "margin", "holds")
    gathered = {}
    for lesson, claim, sign, value, bound in measured:
        gathered.setdefault((lesson, claim, sign, bound), []).append(value)
    for (lesson, claim, sign, bound), values in sorted(gathered.items()):
        margins = [value - bound if sign == ">" else bound - value for value in values]
        numbers = (f"{number:.3f}" for number in (min(values), median(values), max(values), min(margins)))
        holds = f"{sum(margin > 0 for margin in margins)}/{len(margins)}"
        yield LINE.format(f"{lesson} {claim}"[:65], sign, f"{bound:.3g}", *numbers, holds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="their numbers, by default all")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    options = parser.parse_args()
    paths = sorted(Path("notebooks").absolute().glob("*.ipynb"))
    paths = [path for path in paths if not options.lessons or path.stem[:2] in options.lessons]
    os.environ["TQDM_DISABLE"] = "1"
    measured = []
    for threads in options.threads:
        os.environ["OMP_NUM_THREADS"] = str(threads)
        jobs = [(path, seed) for path in paths for seed in range(options.seeds)]
        processes = max(1, (os.cpu_count() or 1) // threads)
        with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
            for claims in pool.imap_unordered(in_a_process, jobs):
                measured += claims
    print(*table(measured), sep="\n")


if __name__ == "__main__":
    main()
