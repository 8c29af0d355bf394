"""What happens to containers and their gates beside Drover: removed, restarted, copied, paused; machines that are rebooted; an
application that does not obey."""
import contextlib
import functools
import json

from suite.application import CONTAINER, PORT
from suite.special import ABORTED, DONE, Special
from suite.stand import in_state
from suite.violation import Violation
from suite.waiting import until

# Of these states the gate of the move waits at the destination; with those up to PREPARED it is looked at once more.
LOST_IN = {"COPYING": ABORTED, "SEALED": ABORTED, "PREPARED": DONE, "COMMITTED": DONE}
REBOOTED_IN = ("COPYING", "SEALED", "PREPARED", "COMMITTED", "ACTIVE")


def lost(words, state, world, source, destination):
    """Somebody does that to the container that waits for the move."""
    del source
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        world.lab.run(destination, "docker", *words, CONTAINER)
    yield commands


def unreachable(state, world, source, destination):
    """What is mounted on the node from now on does not reach the container that waits for the move."""
    del source
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        pid = world.lab.run(destination, "docker", "inspect", "--format", "{{.State.Pid}}", CONTAINER).strip()
        world.lab.run(destination, "nsenter", f"--target={pid}", "--mount", "busybox", "mount", "--make-private", "/data")
        first = container_id(world, destination)
    yield commands
    if container_id(world, destination) == first:
        raise Violation(f"the container whose gate must refuse was opened on {destination}")


def container_id(world, node):
    return world.lab.run(node, "docker", "inspect", "--format", "{{.Id}}", CONTAINER).strip()


def restarted_at_source(state, world, source, destination):
    """Somebody restarts the application's container by hand."""
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        world.lab.run(source, "docker", "restart", "--time", "0", CONTAINER)
    yield commands


def rebooted(role, state, world, source, destination):
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        world.lab.reboot({"source": source, "destination": destination}[role])
    yield commands


def paused(world, source, destination):
    """By the engine: its processes take no signal."""
    world.lab.run(source, "docker", "pause", CONTAINER)
    yield [world.application.begin_known_move(destination)]


def stopped(world, source, destination):
    pid = world.lab.run(source, "docker", "inspect", "--format", "{{.State.Pid}}", CONTAINER).strip()
    world.lab.run(source, "kill", "-STOP", pid)
    yield [world.application.begin_known_move(destination)]


def deaf(world, source, destination):
    """Redis looks at the wish to end only between commands."""
    words = ("redis-cli", "-h", source, "-p", PORT)
    with world.lab.background("client", *words, "eval", "while true do end", 0):
        def is_busy():
            return world.lab.run("client", "bash", "-c", 'timeout 0.3 "$@" || echo busy', "bash", *words, "ping") == "busy\n"
        until("a command that does not end", is_busy, 10)
        commands = [world.application.begin_known_move(destination)]
        world.await_end()
    yield commands


@contextlib.contextmanager
def copies_of_gate(world, node, count):
    """Further containers, made of the same things as the application's: what an attempt would have left that could not be
    cleaned up."""
    (container,) = json.loads(world.lab.run(node, "docker", "inspect", CONTAINER))
    words = ["docker", "run", "--detach", "--network", "none", "--user", container["Config"]["User"], "--entrypoint",
             container["Path"]]
    for mount in container["Mounts"]:
        options = [mount["Propagation"]] + ([] if mount["RW"] else ["ro"])
        words += ["--volume", f"{mount['Source']}:{mount['Destination']}:{','.join(options)}"]
    names = [f"copy-{number}" for number in range(count)]
    try:
        for name in names:
            world.lab.run(node, *words, "--name", name, container["Config"]["Image"], *container["Args"])
        yield
    finally:
        world.lab.run(node, "docker", "rm", "--force", *names)


def stale_gates(world, source, destination):
    """They live through this move and the next, back, and never become the application."""
    stand = in_state(world, "COPYING")
    first = world.application.begin_move(destination)
    with contextlib.ExitStack() as stack:
        with stand:
            stack.enter_context(copies_of_gate(world, destination, 2))
        world.await_end()
        world.census.check()
        second = world.application.begin_known_move(source)
        world.await_end()
    yield [first, second]


CASES = (
    [Special(f"the gate's container {' '.join(words)} in {state}", DONE if words[0] == "restart" else ends,
             functools.partial(lost, words, state))
     for words in (("rm", "--force"), ("kill",), ("restart", "--time", "0")) for state, ends in LOST_IN.items()]
    + [Special(f"mounts do not reach the destination's container from {state} on", DONE, functools.partial(unreachable, state))
       for state in ("COPYING", "PREPARED")]
    + [Special("the source's container restarted by hand in COPYING", DONE, functools.partial(restarted_at_source, "COPYING"))]
    + [Special(f"{role} rebooted in {state}",
               ABORTED if role == "destination" and LOST_IN.get(state) == ABORTED else DONE,
               functools.partial(rebooted, role, state))
       for role in ("source", "destination") for state in REBOOTED_IN]
    + [Special("the source's container is paused", DONE, paused),
       Special("the application's process is stopped", DONE, stopped),
       Special("the application ignores SIGTERM", DONE, deaf),
       Special("two stale gates of the application", DONE, stale_gates)])
