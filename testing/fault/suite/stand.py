"""A daemon stands still at one of its failpoints while something is done."""
import pathlib

from suite.failpoints import COORDINATOR
from suite.violation import NotReached, Violation
from suite.waiting import until

# What a case may take until it gets to its place.
REACH_SECONDS = 20


class Stand:
    """A context. The order is given at once; inside, the daemon stands there; behind, it goes on. NotReached if it does not get
    there."""

    def __init__(self, world, daemon, place):
        self._world, self._daemon, self._place = world, daemon, place
        world.failpoints.arm(daemon, place, "stop")

    def __enter__(self):
        try:
            until(f"{self._daemon} at {self._place}", self._stands, REACH_SECONDS)
        except Violation as error:
            if self._world.failpoints.disarm(self._daemon, self._place):
                raise NotReached from error
            raise
        return self

    def __exit__(self, *_):
        self._world.lab.kill(self._daemon, "CONT")

    def _stands(self):
        """Not only on its way to it: it must not be told to go on before it stands."""
        if self._world.failpoints.is_armed(self._daemon, self._place):
            return False
        name, machine = self._daemon.split("@")
        stat = pathlib.Path(f"/proc/{self._world.lab.daemon_pid(machine, name)}/stat").read_text(encoding="ascii", errors="replace")
        return stat.rpartition(")")[2].split()[0] == "T"


def in_state(world, state):
    """The next migration is in that state, and nothing of what follows was begun."""
    return Stand(world, COORDINATOR, f"coordinator.journal.{state}.after")
