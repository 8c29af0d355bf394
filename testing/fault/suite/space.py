"""No room: in a pool at each of its records, and on the disk of each daemon's own state."""
import contextlib
import functools
import time

from suite.failpoints import COORDINATOR
from suite.kills import on_machines
from suite.pools import pools
from suite.special import DONE, EITHER, Special
from suite.stand import Stand, in_state

# How long there is no room: longer than calls wait that should be quick.
FULL_SECONDS = 3
# (whose record, which): all that a move writes.
RECORDS = {("source", "OWNED.open"): EITHER, ("source", "SEALING.open"): EITHER, ("source", "SEALED"): EITHER,
           ("source", "RETIRED"): DONE, ("destination", "RECEIVING"): EITHER, ("destination", "PREPARED"): EITHER,
           ("destination", "OWNED.open"): DONE}
STATES = ("REQUESTED", "ADMITTED", "COPYING", "SEALED", "PREPARED", "COMMITTED", "ACTIVE", "ROUTED", "RETIRED", "DONE")
COMMITTED = STATES[STATES.index("COMMITTED"):]
# Enough for what a daemon keeps, and soon full.
SMALL_DISK = "16m"


def full_at(role, record, world, source, destination):
    """The pool is full from when that record is to be written."""
    node = {"source": source, "destination": destination}[role]
    stand = Stand(world, f"volume@{node}", f"volume.record.{record}.before")
    commands = [world.application.begin_move(destination)]
    with contextlib.ExitStack() as stack:
        with stand:
            stack.enter_context(pools(world.lab).full(node))
        # The fault's length is what the case is about: it waits for nothing.
        time.sleep(FULL_SECONDS)
    yield commands


@contextlib.contextmanager
def small_disk(world, daemon):
    """Inside, the daemon's state lies on a disk of its own; gives the folder."""
    name, machine = daemon.split("@")
    folder = world.lab.folder / "machines" / machine / "state" / name
    world.lab.kill(daemon)
    world.lab.run(machine, "bash", "-c", f"mkdir -p /run/small && mount -t tmpfs -o size={SMALL_DISK} small /run/small && "
                  f"cp -a {folder}/. /run/small && mount --bind /run/small {folder} && umount /run/small")
    world.lab.start(daemon)
    try:
        yield folder
    finally:
        if world.is_running(daemon):
            world.lab.kill(daemon)
        world.lab.run(machine, "bash", "-c", f"mkdir -p /run/whole && cp -a {folder}/. /run/whole && umount {folder} && "
                      f"rm -rf {folder} && cp -a /run/whole {folder} && rm -r /run/whole")
        world.lab.start(daemon)


@contextlib.contextmanager
def full(world, machine, folder):
    filler = folder / "filler"
    try:
        world.lab.run(machine, "bash", "-c", f"dd if=/dev/zero of={filler} bs=4k status=none 2>/dev/null || true")
        yield
    finally:
        world.lab.run(machine, "rm", "-f", filler)


def full_journal(state, world, source, destination):
    """The coordinator's disk is full from when that state is to be written."""
    del source
    with small_disk(world, COORDINATOR) as folder:
        stand = Stand(world, COORDINATOR, f"coordinator.journal.{state}.before")
        commands = [world.application.begin_move(destination)]
        with contextlib.ExitStack() as stack:
            with stand:
                stack.enter_context(full(world, "client", folder))
            time.sleep(FULL_SECONDS)
    yield commands


def full_disk(daemon, world, source, destination):
    """The disk of a node's daemon is full from COPYING on."""
    daemon = on_machines(daemon, source, destination)
    machine = daemon.split("@")[1]
    with small_disk(world, daemon) as folder:
        stand = in_state(world, "COPYING")
        commands = [world.application.begin_move(destination)]
        with contextlib.ExitStack() as stack:
            with stand:
                stack.enter_context(full(world, machine, folder))
            time.sleep(FULL_SECONDS)
    yield commands


CASES = (
    [Special(f"the {role}'s pool is full at its record {record}", ends, functools.partial(full_at, role, record))
     for (role, record), ends in RECORDS.items()]
    + [Special(f"the journal's disk is full at {state}", DONE if state in COMMITTED else EITHER,
               functools.partial(full_journal, state)) for state in STATES]
    + [Special(f"the disk of {daemon} is full", EITHER, functools.partial(full_disk, daemon))
       for daemon in ("container@source", "container@destination", "volume@source", "volume@destination", "proxy@source",
                      "proxy@destination")])
