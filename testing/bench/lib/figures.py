"""What benchmarks do with the numbers they have taken."""
import math

from lib.failure import Unmeasured


def median(values):
    """The middle value; of an even number of values, the mean of both in the middle."""
    return percentile(values, 50) if len(values) % 2 else sum(_middle_pair(values)) / 2


def percentile(values, percent):
    """The smallest value that `percent` of all are not above (nearest rank), so always one that was measured."""
    ordered = sorted(_present(values))
    return ordered[max(math.ceil(percent / 100 * len(ordered)), 1) - 1]


def median_ratio(pairs):
    """The median of b / a over pairs (a, b): both of a pair were measured right after each other."""
    for first, _ in _present(pairs):
        if first <= 0:
            raise Unmeasured(f"a ratio to {first} means nothing")
    return median([second / first for first, second in pairs])


def _middle_pair(values):
    ordered = sorted(_present(values))
    half = len(ordered) // 2
    return ordered[half - 1], ordered[half]


def _present(values):
    if not values:
        raise Unmeasured("there is no value to take a figure from")
    return values
