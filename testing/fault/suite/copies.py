"""Clones and rollbacks whose daemons are killed: of an application beside the one that the user writes to."""
import contextlib
import functools

from lib.cluster import App
from suite.application import NAME
from suite.failpoints import COORDINATOR
from suite.special import Special
from suite.violation import NotReached, Violation
from suite.waiting import until

SIDE, SIDE_PORT = "side", 6401
COPY, COPY_PORT = "copy", 6402
# From the daemon's return on.
END_SECONDS = 30
REACH_SECONDS = 10
SETTINGS = '    command: ["redis-server", "--dir", "/data", "--protected-mode", "no", "--appendonly", "yes", "--appendfsync", "always"]'
# Of the daemon on the node where the volumes are; but for the coordinator's.
CLONING = [("volume", place) for place in
           ("drover.volume.v1.CloneGroup.called", "volume.pool.CreateSnapshot.before", "volume.pool.CreateSnapshot.after",
            "volume.pool.CloneVolume.before", "volume.pool.CloneVolume.after", "volume.pool.DeleteSnapshot.after",
            "volume.record.OWNED.before", "volume.record.OWNED.after", "drover.volume.v1.CloneGroup.done",
            "drover.volume.v1.CloneGroup.replied")] + [
           ("coordinator", place) for place in
           ("coordinator.journal.deployment.before", "coordinator.journal.deployment.after", "coordinator.journal.counters.after",
            "coordinator.journal.application.before", "coordinator.journal.application.after")]
GOING_BACK = [("volume", place) for place in
              ("drover.volume.v1.RollBackVolume.called", "volume.record.OWNED.before", "volume.record.OWNED.after",
               "volume.pool.MakeServing.before", "volume.pool.MakeServing.after", "drover.volume.v1.RollBackVolume.done",
               "drover.volume.v1.RollBackVolume.replied")] + [
              ("container", "drover.container.v1.RemoveContainer.called"),
              ("container", "drover.container.v1.RemoveContainer.replied"),
              ("coordinator", "coordinator.journal.deployment.before"), ("coordinator", "coordinator.journal.deployment.after"),
              ("coordinator", "coordinator.journal.application.after")]


@contextlib.contextmanager
def beside(world, source, destination):
    """An application beside the other, which holds x=before; it and its copies are deleted behind it."""
    side = App(SIDE, world.application.image, {SIDE_PORT: 6379}, more=SETTINGS)
    # What a case that broke a promise has left.
    world.application.delete_others()
    world.application.deploy([side], {source: [NAME, SIDE], destination: []})
    write(world, SIDE_PORT, "before")
    yield
    world.application.delete_others()


def write(world, port, value):
    until(f"a write to port {port}", lambda: redis(world, port, "set", "x", value) == "OK", END_SECONDS)


def read(world, port):
    return until(f"an answer of port {port}", lambda: redis(world, port, "get", "x"), END_SECONDS)


def redis(world, port, *words):
    return world.lab.run("client", "redis-cli", "-e", "-h", "node2", "-p", str(port), *words).strip()


def kill_at(world, daemon, place, *words):
    """The command, during which the daemon gets there and dies; it is started again, and the command ends."""
    world.failpoints.arm(daemon, place)
    command = world.application.begin(*words)
    try:
        until(f"{daemon} at {place}", lambda: not world.failpoints.is_armed(daemon, place) or command.poll() is not None,
              REACH_SECONDS)
    finally:
        reached = not world.failpoints.disarm(daemon, place)
    if not reached:
        raise NotReached
    until(f"the end of {daemon}", lambda: not world.is_running(daemon), END_SECONDS)
    world.lab.start(daemon)
    command.wait(2 * END_SECONDS)
    return command


def on(daemon, source):
    return COORDINATOR if daemon == "coordinator" else f"{daemon}@{source}"


def runs(world, name):
    return any(app["name"] == name and app["state"] == "RUNNING" for app in world.application.drover("status")["applications"])


def again(world, name, words):
    """Somebody types it again, if the coordinator died before it knew of it."""
    def is_so():
        return runs(world, name) or not world.application.drover(*words)
    until(f"{name} runs", is_so, END_SECONDS)


def cloned(daemon, place, world, source, destination):
    with beside(world, source, destination):
        words = ("clone", SIDE, COPY, "--port", f"{SIDE_PORT}={COPY_PORT}")
        command = kill_at(world, on(daemon, source), place, *words)
        again(world, COPY, words)
        write(world, SIDE_PORT, "after")
        if read(world, COPY_PORT) != "before":
            raise Violation(f"the copy holds {read(world, COPY_PORT)}")
    yield [command]


def put_back(daemon, place, world, source, destination):
    with beside(world, source, destination):
        world.application.drover("volumes", "snapshot", f"{SIDE}@first")
        write(world, SIDE_PORT, "after")
        words = ("volumes", "rollback", f"{SIDE}@first", "--yes")
        command = kill_at(world, on(daemon, source), place, *words)
        if command.returncode != 0:
            # Somebody types it again; that is refused while the first one goes on.
            until("the repeat, or the end of the first",
                  lambda: read(world, SIDE_PORT) == "before" or world.application.drover(*words), 2 * END_SECONDS)
        if read(world, SIDE_PORT) != "before":
            raise Violation(f"it was put back, and holds {read(world, SIDE_PORT)}")
        # What is acknowledged from now on stays.
        write(world, SIDE_PORT, "kept")
        world.lab.kill(COORDINATOR)
        world.lab.start(COORDINATOR)
        until("the coordinator", lambda: runs(world, SIDE), END_SECONDS)
        if read(world, SIDE_PORT) != "kept":
            raise Violation(f"it was put back once more, and holds {read(world, SIDE_PORT)}")
    yield [command]


CASES = ([Special(f"cloned, {daemon} killed at {place}", (), functools.partial(cloned, daemon, place)) for daemon, place in CLONING]
         + [Special(f"put back, {daemon} killed at {place}", (), functools.partial(put_back, daemon, place))
            for daemon, place in GOING_BACK])
