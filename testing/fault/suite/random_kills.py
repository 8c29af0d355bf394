"""A random daemon is ended by SIGKILL at a random moment of a move, and started again."""
import dataclasses
import random
import time

from suite.failpoints import DAEMONS
from suite.kills import other, settle

# About as long as a move takes, clean-up included.
LATEST_SECONDS = 0.9


@dataclasses.dataclass(frozen=True)
class RandomKill:
    """`delay`: seconds from the command on."""
    number: int
    daemon: str
    delay: float

    @property
    def name(self):
        return f"random {self.number}: {self.daemon} killed after {self.delay * 1000:.0f} ms"

    def run(self, world):
        """Carries it out, and returns how the move ended. A Violation if a promise was broken."""
        before = world.application.last_migration()
        commands = [world.application.begin_move(other(world.application.owner()))]
        # The moment is what the case is about: it waits for nothing.
        time.sleep(self.delay)
        world.lab.kill(self.daemon)
        world.lab.start(self.daemon)
        settle(world, commands)
        return world.outcome_of_daemons_death(before)


def plan(count, seed):
    """The same for the same seed."""
    draw = random.Random(seed)
    return [RandomKill(number, draw.choice(DAEMONS), draw.uniform(0, LATEST_SECONDS)) for number in range(1, count + 1)]
