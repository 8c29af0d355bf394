"""An application's user: numbered writes, each acknowledged only when Redis has synced it."""
import json
import pathlib
import subprocess

from suite.violation import Violation
from suite.waiting import until

PROGRAM = str(pathlib.Path(__file__).resolve().parent.parent / "writer_client.py")
KEY = "numbers"


def first_fault(acknowledged, held, known=0):
    """What is wrong with a list that holds at least 1…`acknowledged`; None if nothing is. The order of the first `known` was
    looked at before."""
    missing = set(range(1, acknowledged + 1)) - set(held)
    if missing:
        return f"{len(missing)} acknowledged writes are lost, the first is number {min(missing)} of {acknowledged}"
    seen = set(held[:known])
    for before, after in zip(held[known:], held[known + 1:]):
        seen.add(before)
        if after < before:
            why = "it was there already, and was carried out once more" if after in seen else "two copies were written to"
            return f"number {after} stands behind {before}: {why}"
    return None


class Writer:
    """A context: a client on the lab's client machine that writes through each node in turn, and never gives up a number."""

    def __init__(self, lab, targets):
        self._known = 0
        self._background = lab.background("client", "python3", PROGRAM, KEY, *targets, stdin=subprocess.PIPE,
                                          stdout=subprocess.PIPE)

    def __enter__(self):
        self.await_progress(1)
        return self

    def __exit__(self, *_):
        self._background.end()

    def _ask(self):
        """How many were acknowledged by now, and how many of them through each target."""
        self._background.check()
        self._background.process.stdin.write("count\n")
        self._background.process.stdin.flush()
        answer = json.loads(self._background.process.stdout.readline())
        return answer["acknowledged"], answer["through"]

    def await_progress(self, more, seconds=30):
        """Until so many more were acknowledged through each target."""
        goal = {target: count + more for target, count in self._ask()[1].items()}

        def reached():
            through = self._ask()[1]
            return all(through[target] >= count for target, count in goal.items())
        until(f"{more} more writes acknowledged through each of {', '.join(goal)}", reached, seconds)

    def complaints(self):
        """What was not answered, and when."""
        return self._background.words(limit=None)

    def check_nothing_lost(self, read):
        """`read()`: the numbers that the application holds, in its order. Every acknowledged one must be there, and none may
        stand before a smaller one: a copy that misses the end of another would take up the count at its own."""
        acknowledged, held = self._ask()[0], read()
        fault = first_fault(acknowledged, held, self._known)
        # What one case has done wrong is not the next one's.
        self._known = len(held) - 1
        if fault:
            raise Violation(fault)
