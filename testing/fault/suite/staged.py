"""A fault of another kind in each state of a move: a link is cut, a daemon is stopped, an engine dies; then all is well again."""
import dataclasses
import time

from suite.kills import COORDINATOR, REACH_SECONDS, NotReached, finish, other, settle
from suite.violation import Violation
from suite.waiting import until

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

    def run(self, world):
        """Carries it out, and returns how the move ended. A Violation if a promise was broken."""
        source = world.application.owner()
        machines = {"source": source, "destination": other(source)}
        place = f"coordinator.journal.{self.state}.after"
        # The coordinator stands still meanwhile, so that the state lasts.
        world.failpoints.arm(COORDINATOR, place, "stop")
        before = world.application.last_migration()
        commands = [world.application.begin_move(machines["destination"])]
        try:
            until(f"the state {self.state}", lambda: not world.failpoints.is_armed(COORDINATOR, place), REACH_SECONDS)
        except Violation as error:
            world.failpoints.disarm(COORDINATOR, place)
            finish(commands)
            raise NotReached from error
        try:
            self.fault.begin(world, machines.get)
        finally:
            world.lab.kill(COORDINATOR, "CONT")
        # The fault's length is what the case is about: it waits for nothing.
        time.sleep(FAULT_SECONDS)
        self.fault.end(world, machines.get)
        settle(world, commands)
        return world.outcome(before)


def plan():
    return [Staged(state, fault) for state in STATES for fault in FAULTS]
