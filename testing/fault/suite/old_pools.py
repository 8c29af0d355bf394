"""The pool of a node that does not own the application is put back to an older time."""
import contextlib
import functools
import subprocess

from lib.failure import Unmeasured
from suite.pools import pools
from suite.special import DONE, Special


@contextlib.contextmanager
def still(world, node):
    """Nothing is written to its pool: what is copied meanwhile is what a power cut would leave."""
    if world.lab.backend == "zfs":
        world.lab.kill(f"zfs@{node}", "STOP")
    else:
        world.lab.run(node, "fsfreeze", "--freeze", "/flocker")
    try:
        yield
    finally:
        if world.lab.backend == "zfs":
            world.lab.kill(f"zfs@{node}", "CONT")
        else:
            world.lab.run(node, "fsfreeze", "--unfreeze", "/flocker")


def copy_pool(world, node, pool, copy):
    world.lab.run(node, "sync")
    with still(world, node):
        subprocess.run(["cp", "--sparse=always", pool, copy], check=True)


def put_back(moves, world, source, destination):
    """So many moves have come and gone since the copy was made; their last bases are unknown to it."""
    pool = world.lab.folder / "machines" / destination / "pool.img"
    copy = pool.with_suffix(".old")
    bases = pools(world.lab).snapshots(destination)
    copy_pool(world, destination, pool, copy)
    commands = []
    for node in (destination, source) * moves:
        commands.append(world.application.begin_known_move(node))
        world.await_end()
    # The machine goes on with the file that it has open until its power is cut.
    copy.rename(pool)
    world.lab.reboot(destination)
    world.await_end()
    found = pools(world.lab).snapshots(destination)
    if found != bases:
        raise Unmeasured(f"the pool of {destination} should be the one with {bases}, but has {found}")
    commands.append(world.application.begin_known_move(destination))
    yield commands


CASES = [Special(f"the destination's pool is older than {what}", DONE, functools.partial(put_back, moves))
         for what, moves in (("the last round trip", 1), ("the last two round trips", 2))]
