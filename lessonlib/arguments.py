"""Clear errors for bad arguments: each names the argument, what came and what would be right."""

import operator


def whole_number(name, value, least=0):
    """The value as an int, or ValueError unless it is a whole number (of Python or NumPy), least or larger."""
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if isinstance(value, bool) or number is None or number < least:
        raise ValueError(f"{name} is {value!r}: give a whole number, {least} or larger")
    return number


def pair(name, value, least=0):
    """The value as (rows, columns), from one whole number for both or from a pair of them, as in torch.nn."""
    if isinstance(value, (tuple, list)):
        if len(value) != 2:
            raise ValueError(f"{name} is {value!r}: give one whole number or a pair (rows, columns)")
        return tuple(whole_number(name, each, least) for each in value)
    return (whole_number(name, value, least),) * 2
