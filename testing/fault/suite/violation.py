"""What a case found."""


class Violation(Exception):
    """A promise was broken: its text says which one, and what was seen."""


class NotReached(Exception):
    """The scenario went another way this time: the case was not carried out."""
