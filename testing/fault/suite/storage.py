"""The program that serves the pools dies under the application. What was mounted answers nobody then, and only a restart of the
machine brings it back."""
import functools

from suite.special import EITHER, Special
from suite.stand import in_state


def died(role, state, world, source, destination):
    node = {"source": source, "destination": destination}[role]
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        world.lab.kill(f"zfs@{node}")
        world.lab.reboot(node)
    yield commands


CASES = [Special(f"zfs-fuse dies at the {role} in {state}", EITHER, functools.partial(died, role, state), "zfs")
         for role in ("source", "destination") for state in ("COPYING", "SEALED", "PREPARED", "COMMITTED")]
