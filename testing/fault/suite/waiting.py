"""Waiting for what others do, with a deadline."""
import time

from suite.violation import Violation

# What is asked most, the status, costs processes on every node.
POLL_SECONDS = 0.2


def until(what, condition, seconds):
    """Calls `condition` until it answers something true, and answers that. A Violation after so many seconds; the last error
    counts as "not yet"."""
    deadline = time.monotonic() + seconds
    last = None
    while True:
        try:
            answer = condition()
            if answer:
                return answer
        except Exception as error:  # pylint: disable=broad-except
            last = error
        if time.monotonic() > deadline:
            raise Violation(f"{what}: not within {seconds} s{'' if last is None else f'; at last: {last}'}")
        time.sleep(POLL_SECONDS)
