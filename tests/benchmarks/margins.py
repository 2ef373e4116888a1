"""How safe is each claim? Every lesson is run with other data, weights and threads, and its claims are measured.

A claim is what a compared cell prints as True: print("CNN above 90%:", cnn > 0.9). Here both sides of each comparison
are kept, so that the table shows how far the measured side stays from its threshold in the worst of the runs.

make margins                                                    every lesson, 8 seeds, 1 and 2 threads
python tests/benchmarks/margins.py 03 --seeds 8 --threads 1     one lesson
"""

import argparse
import ast
import json
import multiprocessing
import operator
import os
from pathlib import Path
from statistics import median

LINE = "{:<66}{:>3}{:>10}{:>10}{:>10}{:>10}{:>9}  {}"
OPERATORS = {ast.Gt: operator.gt, ast.Lt: operator.lt, ast.GtE: operator.ge, ast.LtE: operator.le}
SIGNS = {ast.Gt: ">", ast.Lt: "<", ast.GtE: ">=", ast.LtE: "<="}


def claims_of(cell):
    """{text of a claim: (source of its left side, operator, source of its right side)} of a cell's print calls."""
    found = {}
    for node in ast.walk(ast.parse(cell.source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            text = "".join(str(part.value) for part in node.args if isinstance(part, ast.Constant))
            comparisons = [
                part
                for argument in node.args
                for part in ast.walk(argument)
                if isinstance(part, ast.Compare) and len(part.ops) == 1 and type(part.ops[0]) in OPERATORS
            ]
            for i, part in enumerate(comparisons):
                name = f"{text or cell.id}{f' ({i + 1})' if i else ''}"
                sides = (ast.unparse(part.left), ast.unparse(part.comparators[0]))
                found[name] = (sides[0], type(part.ops[0]), sides[1])
    return found


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


def run(path, seed, threads):
    """[(claim, left, sign, right)] of one run of a lesson, in this process."""
    import nbformat
    import torch
    from IPython.display import display

    from lessonlib import figures, repeatable

    repeatable.MOST_THREADS = threads
    torch.set_num_threads(threads)
    if seed:
        other_seed(seed)
    for name in figures.__all__:
        if callable(getattr(figures, name)) and name != "CaptionedFigure":
            setattr(figures, name, lambda *_, **__: None)  # drawings take time, and claim nothing
    namespace, measured = {"display": display}, []
    os.chdir(path.parent)
    for cell in nbformat.read(path.name, as_version=4).cells:
        if cell.cell_type != "code" or cell.id == "colab" or "exercise" in cell.metadata.get("tags", []):
            continue
        exec(compile(cell.source, cell.id, "exec"), namespace)
        for claim, (left, kind, right) in claims_of(cell).items():
            try:
                sides = [float(eval(side, namespace)) for side in (left, right)]
            except (NameError, TypeError, ValueError, RuntimeError):
                continue  # a comparison inside a loop, or of what is no number
            measured.append((claim, sides[0], SIGNS[kind], sides[1]))
    return measured


def in_a_process(job):
    path, seed, threads = job
    with open(os.devnull, "w") as nothing:
        os.dup2(nothing.fileno(), 1)
        try:
            return path.stem, seed, threads, run(path, seed, threads)
        except Exception as error:
            return path.stem, seed, threads, [(f"seed {seed}, {threads} threads: {error!r}", float("nan"), ">", 0.0)]


def table(results):
    """Lines: for each claim the measured sides, and by how much the worst run clears the threshold."""
    yield LINE.format("claim", "", "threshold", "smallest", "median", "largest", "margin", "holds")
    gathered = {}
    for lesson, _, _, measured in results:
        for claim, left, sign, right in measured:
            gathered.setdefault((lesson, claim, sign), []).append((left, right))
    for (lesson, claim, sign), sides in sorted(gathered.items()):
        lefts, rights = zip(*sides, strict=True)
        margins = [left - right if sign[0] == ">" else right - left for left, right in sides]
        holds = sum(margin > 0 or (margin == 0 and "=" in sign) for margin in margins)
        threshold = f"{rights[0]:.3g}" if len(set(rights)) == 1 else "varies"
        numbers = (f"{each:.3f}" for each in (min(lefts), median(lefts), max(lefts), min(margins)))
        yield LINE.format(f"{lesson[:2]} {claim.strip(' :')}"[:65], sign, threshold, *numbers, f"{holds}/{len(sides)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lessons", nargs="*", help="their numbers, by default all")
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--json", type=Path, help="where to keep what every run measured")
    options = parser.parse_args()
    paths = sorted(Path("notebooks").absolute().glob("*.ipynb"))
    paths = [path for path in paths if not options.lessons or path.stem[:2] in options.lessons]
    os.environ["TQDM_DISABLE"] = "1"
    results = []
    for threads in options.threads:
        os.environ["OMP_NUM_THREADS"] = str(threads)
        jobs = [(path, seed, threads) for path in paths for seed in range(options.seeds)]
        processes = max(1, (os.cpu_count() or 1) // threads)
        with multiprocessing.get_context("spawn").Pool(processes, maxtasksperchild=1) as pool:
            results += pool.imap_unordered(in_a_process, jobs)
    print("\n".join(table(results)))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
