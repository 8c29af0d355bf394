"""What a case found."""


class Violation(Exception):
    """A promise was broken: its text says which one, and what was seen."""
