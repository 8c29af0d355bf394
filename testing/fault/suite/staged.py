"""A fault of another kind in each state of a move: a link is cut, a daemon is stopped, an engine dies; then all is well again."""
import dataclasses
import time

from suite.kills import other, settle
from suite.stand import in_state

STATES = ("REQUESTED", "ADMITTED", "COPYING", "COPIED", "QUIESCING", "SEALED", "PREPARED", "COMMITTED", "ACTIVE", "ROUTED",
          "RETIRED")
# How long a fault lasts: longer than calls wait that should be quick.
FAULT_SECONDS = 3


@dataclasses.dataclass(frozen=True)
class Cut:
    """The links of a node are cut; `peer`: only those with that machine."""
    node: str
    direction: str
    peer: str = ""

    def __str__(self):
        return f"{self.node} cut off{' from ' + self.peer if self.peer else ''} ({self.direction})"

    def begin(self, world, machine):
        words = ["--from", machine(self.peer)] if self.peer else []
        world.lab.partition(machine(self.node), "--direction", self.direction, *words)

    def end(self, world, machine):
        del machine
        world.lab.heal()


@dataclasses.dataclass(frozen=True)
class Stop:
    """A daemon gets SIGSTOP, and later SIGCONT."""
    daemon: str
    node: str

    def __str__(self):
        return f"{self.daemon}@{self.node} stopped"

    def begin(self, world, machine):
        world.lab.kill(f"{self.daemon}@{machine(self.node)}", "STOP")

    def end(self, world, machine):
        world.lab.kill(f"{self.daemon}@{machine(self.node)}", "CONT")


@dataclasses.dataclass(frozen=True)
class Death:
    """A program gets SIGKILL, and is started again later."""
    daemon: str
    node: str

    def __str__(self):
        return f"{self.daemon}@{self.node} killed"

    def begin(self, world, machine):
        world.lab.kill(f"{self.daemon}@{machine(self.node)}")

    def end(self, world, machine):
        world.lab.start(f"{self.daemon}@{machine(self.node)}")


BOTH = ("source", "destination")
FAULTS = tuple(
    [Cut(node, direction) for node in BOTH for direction in ("both", "in", "out")]
    + [Cut("source", direction, "destination") for direction in ("both", "in", "out")]
    + [Stop(daemon, node) for node in BOTH for daemon in ("volume", "container", "proxy", "docker")]
    + [Death("docker", node) for node in BOTH])


@dataclasses.dataclass(frozen=True)
class Staged:
    """The fault comes when the migration is in that state, and nothing of what follows was begun."""
    state: str
    fault: object

    @property
    def name(self):
        return f"staged: {self.fault} in {self.state}"

    def is_for(self, backend):
        """On all back ends."""
        del backend
        return True

    def run(self, world):
        """Carries it out, and returns how the move ended. A Violation if a promise was broken."""
        source = world.application.owner()
        before = world.application.last_migration()
        stand = in_state(world, self.state)
        commands = [world.application.begin_move(other(source))]
        strike(world, stand, self.fault, {"source": source, "destination": other(source)})
        settle(world, commands)
        return world.outcome(before)


def strike(world, stand, fault, machines):
    """The fault comes while somebody stands still, and goes after a while."""
    with stand:
        fault.begin(world, machines.get)
    # The fault's length is what the case is about: it waits for nothing.
    time.sleep(FAULT_SECONDS)
    fault.end(world, machines.get)


def plan():
    return [Staged(state, fault) for state in STATES for fault in FAULTS]
