"""What an engine does late, forgets, or keeps while it is dead."""
import contextlib
import functools
import json
import os
import signal
import subprocess

from suite.application import CONTAINER, PROGRAM
from suite.special import ABORTED, DONE, EITHER, Special
from suite.stand import in_state
from suite.violation import Violation
from suite.waiting import until

ORDERS = ("start", "restart?t=0")
# Sends one to the engine, says so, and waits for the answer.
SEND = """
import socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect("/run/docker.sock")
connection.sendall(f"POST /containers/{sys.argv[1]}/{sys.argv[2]} HTTP/1.0\\r\\nContent-Length: 0\\r\\n\\r\\n".encode())
print("sent", flush=True)
connection.recv(1)
"""
# Of the engine and what it started: none of it outlives the disk.
PROCESSES = f"^(dockerd|docker-proxy|containerd.*|drover-gate|{PROGRAM})$"


def late_order(order, state, world, source, destination):
    """Somebody's order waits in the source's engine, which stands still, and is carried out in that state."""
    first, second = in_state(world, "QUIESCING"), in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with contextlib.ExitStack() as stack:
        with first:
            world.lab.kill(f"docker@{source}", "STOP")
            request = stack.enter_context(world.lab.background(source, "python3", "-c", SEND, CONTAINER, order,
                                                               stdout=subprocess.PIPE))
            request.process.stdout.readline()
        with second:
            world.lab.kill(f"docker@{source}", "CONT")
            until("the order's end", lambda: request.process.poll() is not None, 20)
    yield commands


def wiped(state, world, source, destination):
    """The destination's engine loses its disk, with all containers and images, and comes back empty."""
    del source
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        world.lab.kill(f"docker@{destination}")
        world.lab.run(destination, "bash", "-c", f"for pid in $(pgrep '{PROCESSES}'); do kill -KILL $pid; done; "
                      f"while pgrep '{PROCESSES}' > /run/left; do sleep 0.01; done")
        remove_networks(world, destination)
        remove_data(world, destination)
        world.lab.start(f"docker@{destination}")
    yield commands


def remove_data(world, node):
    data = world.lab.folder / "machines" / node / "docker"
    world.lab.run(node, "bash", "-c", f"grep -o ' {data}/[^ ]*' /proc/self/mounts | while read -r mount; do umount -l $mount; done; "
                  f"rm -rf {data}/*")


def remove_networks(world, node):
    """Those of containers that ended unseen by the engine: it would keep them for good, and they would answer for their addresses,
    which it gives to its next containers."""
    world.lab.run(node, "bash", "-c", "keep=$(docker inspect --format '{{.NetworkSettings.SandboxKey}}' $(docker ps -q) || true); "
                  "for file in /run/docker/netns/*; do [[ $keep == *${file##*/}* ]] || ! umount $file || rm -f $file; done")


def serving(world, node):
    """The application's processes there."""
    return world.lab.run(node, "bash", "-c", f"pgrep -x '{PROGRAM}' || true").split()


def lose_disk(world, node):
    """The engine is killed and loses its disk, but the application goes on: unknown to the engine that comes back."""
    before = serving(world, node)
    world.lab.kill(f"docker@{node}")
    remove_data(world, node)
    world.lab.start(f"docker@{node}")
    if not before or serving(world, node) != before:
        raise Violation(f"{before} served on {node}, and {serving(world, node)} do when its engine is back")


def forgotten(is_kept, state, world, source, destination):
    """`is_kept`: with live-restore."""
    with live_restore(world, source) if is_kept else contextlib.nullcontext():
        stand = in_state(world, state)
        commands = [world.application.begin_move(destination)]
        with stand:
            lose_disk(world, source)
        world.await_end()
        remove_networks(world, source)
    yield commands


def forgotten_at_rest(world, source, destination):
    """Nobody moves it. It goes on until the engine has its image, and can start it again."""
    del destination
    lose_disk(world, source)
    before = serving(world, source)
    world.writer.await_progress(4)
    if serving(world, source) != before:
        raise Violation(f"{before} were ended on {source} before they could be started again")
    world.lab.run(source, "docker", "pull", world.application.image)
    until("the application's next start", lambda: serving(world, source) not in ([], before), 30)
    remove_networks(world, source)
    yield []


@contextlib.contextmanager
def live_restore(world, node):
    """Inside, the node's containers outlive its engine."""
    folder = world.lab.folder / "machines" / node / "etc-docker"
    file = folder / "daemon.json"
    before = file.read_text(encoding="utf-8") if file.exists() else None
    options = json.loads(before) if before else {}
    file.write_text(json.dumps({**options, "live-restore": True}), encoding="utf-8")
    _reload(world, node, "true")
    try:
        yield
    finally:
        file.write_text(json.dumps({**options, "live-restore": False}), encoding="utf-8")
        _reload(world, node, "false")
        if before is None:
            file.unlink()
        else:
            file.write_text(before, encoding="utf-8")


def _reload(world, node, expected):
    os.kill(world.lab.daemon_pid(node, "docker"), signal.SIGHUP)
    until("the engine's new configuration", lambda: world.lab.run(
        node, "docker", "info", "--format", "{{.LiveRestoreEnabled}}").strip() == expected, 10)


def outlived(role, state, world, source, destination):
    """The engine dies, and comes back to containers that went on. While it is away nothing ends: Docker Engine 20.10 keeps the
    network of a container that ended meanwhile, and gives its address to the next one."""
    node = {"source": source, "destination": destination}[role]
    with live_restore(world, node):
        stand = in_state(world, state)
        commands = [world.application.begin_move(destination)]
        with stand:
            world.lab.kill(f"docker@{node}")
            world.lab.start(f"docker@{node}")
        world.await_end()
    yield commands


CASES = (
    [Special(f"an order to the source's engine that is late, {order.partition('?')[0]}, in {state}", DONE,
             functools.partial(late_order, order, state))
     for state in ("SEALED", "PREPARED", "COMMITTED") for order in ORDERS]
    + [Special(f"the destination's engine loses its disk in {state}", ends, functools.partial(wiped, state))
       for state, ends in (("COPYING", ABORTED), ("SEALED", ABORTED), ("PREPARED", DONE), ("COMMITTED", DONE))]
    + [Special(f"the source's engine loses its disk in {state} under a container that goes on"
               f"{', with live-restore' if is_kept else ''}", EITHER, functools.partial(forgotten, is_kept, state))
       for state in ("COPYING", "QUIESCING") for is_kept in (False, True)]
    + [Special("an engine loses its disk under a container that goes on, and gets the image back", (), forgotten_at_rest)]
    + [Special(f"the {role}'s engine with live-restore killed in {state}", DONE, functools.partial(outlived, role, state))
       for role in ("source", "destination") for state in ("COPYING", "SEALED", "COMMITTED")])
