"""What a lesson claims: a measured number, and the bound that it keeps on every machine."""

import math


def claim(what, value, *, above=None, below=None, unit="%"):
    """Print a measured number beside its bound, and whether the bound holds.

    Another processor measures another number. The comparison of stored outputs therefore leaves out what stands between
    ≈ and the next comma; a claim that is False fails everywhere. What is exact needs no claim: print it.

    Parameters
    ----------
    what : str
        What is measured, in a few words.
    value : float
        With "%" or "points" a share, 0.63 for 63.
    above, below : float, optional
        At least one of them, in the same measure as value.
    unit : str
        "%" for a share, "points" for the difference of two shares, else a word that stands after the number, or "".

    Examples
    --------
    >>> claim("CNN ahead of the FFNN", 0.631, above=0.4, unit="points")
    CNN ahead of the FFNN: ≈ 63 points, above 40: True
    >>> claim("right on the right half", 0.094, below=0.2)
    right on the right half: ≈ 9.4%, below 20%: True
    """
    bounds = {"above": above, "below": below}
    told = [f"{name} {_written(bound, unit, '')}" for name, bound in bounds.items() if bound is not None]
    if not told:
        raise ValueError("a claim has a bound: give above or below")
    holds = (above is None or value > above) and (below is None or value < below)
    print(f"{what}: ≈ {_written(value, unit, unit)}, {' and '.join(told)}: {holds}")


def interval(share, count):
    """Between which shares the truth lies in 95 of 100 cases, if a share of so many independent examples was right.

    Parameters
    ----------
    share : float
        From 0 to 1.
    count : int
        Of independent examples: behind every 1,500 scattered test digits stand 360.

    Returns
    -------
    (float, float)

    References
    ----------
    Wilson 1927, "Probable inference, the law of succession, and statistical inference".

    Examples
    --------
    >>> [round(end, 3) for end in interval(0.95, 360)]
    [0.922, 0.968]
    """
    z = 1.96
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return middle - half, middle + half


def _written(value, unit, after):
    """Whole from 10 on, else two digits; after a share's number the sign, after another the word."""
    number = 100 * value if unit in ("%", "points") else value
    text = f"{number:.0f}" if abs(number) >= 10 or number == 0 else f"{number:.2g}"
    return f"{text}%" if unit == "%" else f"{text} {after}".strip()
