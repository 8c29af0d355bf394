"""The coordinator's disk is put back to an older time: it decides nothing until a person has it adopt what the nodes say."""
import functools

from suite.application import NAME
from suite.failpoints import COORDINATOR
from suite.special import Special
from suite.stand import in_state
from suite.violation import Violation
from suite.waiting import until

COPY = "/run/old-store"
# Not RETIRED: no node hears of what is written behind it, so nobody can notice, and what remains to be done is done again.
STATES = ("REQUESTED", "SEALED", "PREPARED", "COMMITTED", "ROUTED")
# From its start on: it asks all nodes first.
NOTICED_SECONDS = 10


def folder(world):
    return world.lab.folder / "machines" / "client" / "state" / "coordinator"


def copy_store(world):
    world.lab.run("client", "bash", "-c", f"rm -rf {COPY} && cp -a {folder(world)} {COPY}")


def put_back(world):
    world.lab.kill(COORDINATOR)
    world.lab.run("client", "bash", "-c", f"rm -rf {folder(world)} && mv {COPY} {folder(world)}")
    world.lab.start(COORDINATOR)


def adopt(world, owner):
    """A Violation if it does not find the application there."""
    def refuses():
        return "recovery" in world.lab.run("client", "bash", "-c", f"! drover move {NAME} node1 2>&1 || echo moved")
    until("the coordinator's refusal", refuses, NOTICED_SECONDS)
    world.application.drover("doctor", "--adopt")
    found = world.application.owner()
    if found != owner:
        raise Violation(f"{NAME} is on {owner}, and was adopted on {found}")


def moved_since(state, world, source, destination):
    """A move has come to its end since the copy was made."""
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        copy_store(world)
    world.await_end()
    put_back(world)
    adopt(world, destination)
    world.await_end()
    # Where the other cases expect it.
    commands.append(world.application.begin_known_move(source))
    world.await_end()
    yield commands


def moved_back_since(world, source, destination):
    copy_store(world)
    commands = []
    for node in (destination, source):
        commands.append(world.application.begin_known_move(node))
        world.await_end()
    put_back(world)
    adopt(world, source)
    yield commands


CASES = ([Special(f"the coordinator's store is put back to {state}", (), functools.partial(moved_since, state))
          for state in STATES]
         + [Special("the coordinator's store is put back to before a move there and back", (), moved_back_since)])
