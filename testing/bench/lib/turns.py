"""In which order things are measured, so that none profits from always being the first or the last."""


def in_turn(number, first, second):
    """Calls both, the other one first every second time; returns their results in the order given."""
    if number % 2 == 0:
        one = first()
        return one, second()
    two = second()
    return first(), two


def in_rotation(names, number):
    """The names, each time beginning with the next one."""
    number %= len(names)
    return names[number:] + names[:number]
