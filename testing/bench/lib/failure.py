"""The one error of a benchmark."""


class Unmeasured(Exception):
    """A figure could not be measured. The benchmark ends with its words and a non-zero exit code, never with a default."""
