"""Snapshots that are gone, or that somebody made; streams that are cut, changed, repeated, or another volume's."""
import contextlib
import functools
import os
import tempfile

from lib.failure import Unmeasured
from suite.application import CONTAINER
from suite.pools import BTRFS_SNAPSHOTS, pools
from suite.special import DONE, EITHER, Special
from suite.stand import in_state
from suite.violation import Violation
from suite.waiting import until

# From the command on.
COPYING_SECONDS = 10
PROGRAMS = {"btrfs": "/usr/bin/btrfs", "zfs": "/sbin/zfs"}
# Stands in for the program that makes streams. The next stream of all is changed as the file ORDER says, which it removes first.
CHANGER = """#!/bin/bash
[[ $1 == send && -e {order} ]] || exec {program} "$@"
how=$(cat {order}) && rm -f {order}
case $how in
  "is cut") {program} "$@" | head -c 2000 ;;
  "ends early with an error") {program} "$@" | head -c 2000; exit 1 ;;
  "has a flipped bit") {program} "$@" | python3 -c '
import sys
data = bytearray(sys.stdin.buffer.read())
data[len(data) // 2] ^= 1
sys.stdout.buffer.write(data)' ;;
  "comes twice") {program} "$@" > /run/stream && cat /run/stream /run/stream; rm -f /run/stream ;;
  "is empty") ;;
  "is of another volume") cat /run/foreign ;;
esac
exit 0
"""
FOREIGN = {
    "btrfs": "btrfs subvolume create /flocker/foreign && date > /flocker/foreign/data && "
             "btrfs subvolume snapshot -r /flocker/foreign /flocker/foreign-snapshot && "
             "btrfs send -q /flocker/foreign-snapshot > /run/foreign && "
             "btrfs subvolume delete /flocker/foreign-snapshot /flocker/foreign",
    "zfs": "zfs create -o mountpoint=none flocker/foreign && zfs snapshot flocker/foreign@one && "
           "zfs send flocker/foreign@one > /run/foreign && zfs destroy -r flocker/foreign",
}
# Gives the second subvolume the identity by which `btrfs receive` looks for the first (BTRFS_IOC_SET_RECEIVED_SUBVOL): what it was
# received as, or else its own.
RECEIVED = """
import fcntl, os, re, struct, subprocess, sys, uuid
shown = subprocess.run(["btrfs", "subvolume", "show", sys.argv[1]], check=True, capture_output=True, text=True).stdout
words = {name: re.search(f"\\t{name}:\\s*(\\S+)", shown)[1] for name in ("Received UUID", "UUID", "Send transid", "Generation")}
received, transid = ((words["Received UUID"], words["Send transid"]) if words["Received UUID"] != "-" else
                     (words["UUID"], words["Generation"]))
fd = os.open(sys.argv[2], os.O_RDONLY)
fcntl.ioctl(fd, 0xc0c89425, bytearray(struct.pack("=16sQQ", uuid.UUID(received).bytes, int(transid), 0).ljust(200, b"\\0")))
"""
HOWS = ("is cut", "ends early with an error", "has a flipped bit", "comes twice", "is empty", "is of another volume")


def base_gone(roles, world, source, destination):
    """Somebody deletes the snapshot that the next move would have built on."""
    pool = pools(world.lab)
    for role in roles:
        node = {"source": source, "destination": destination}[role]
        for name in pool.snapshots(node):
            pool.delete_snapshot(node, name)
    yield [world.application.begin_known_move(destination)]


def rounds_gone(state, world, source, destination):
    """Somebody deletes all that has arrived at the destination so far."""
    del source
    pool = pools(world.lab)
    stand = in_state(world, state)
    commands = [world.application.begin_move(destination)]
    with stand:
        for name in pool.snapshots(destination):
            pool.delete_snapshot(destination, name)
    yield commands


def own_snapshot(world, source, destination):
    """A user's snapshot is in nobody's way, and is left alone."""
    pool = pools(world.lab)
    pool.make_snapshot(source, "holiday")
    commands = [world.application.begin_known_move(destination)]
    world.await_end()
    pool.delete_snapshot(source, "holiday")
    if "holiday" in pool.snapshots(destination):
        pool.delete_snapshot(destination, "holiday")
    yield commands


def duplicate(world, source, destination):
    """A second snapshot at the destination bears the identity of the one that the move builds on, but is not where it was
    received."""
    del source
    (name,) = pools(world.lab).snapshots(destination)
    world.lab.run(destination, "btrfs", "subvolume", "snapshot", "-r", f"{BTRFS_SNAPSHOTS}/{name}/{name}", "/flocker/duplicate")
    commands = [world.application.begin_known_move(destination)]
    world.await_end()
    world.lab.run(destination, "btrfs", "subvolume", "delete", "/flocker/duplicate")
    yield commands


def impostor(world, source, destination):
    """The same, but it holds something else."""
    before, whole = digest(world, source), times_sent_whole(world, source)
    (name,) = pools(world.lab).snapshots(destination)
    world.lab.run(destination, "bash", "-c", f"btrfs subvolume snapshot {BTRFS_SNAPSHOTS}/{name}/{name} /flocker/impostor && "
                  "date > /flocker/impostor/filler/1 && sync")
    world.lab.run(destination, "python3", "-c", RECEIVED, f"{BTRFS_SNAPSHOTS}/{name}/{name}", "/flocker/impostor")
    world.lab.run(destination, "btrfs", "property", "set", "/flocker/impostor", "ro", "true")
    commands = [world.application.begin_known_move(destination)]
    world.await_end()
    world.lab.run(destination, "btrfs", "subvolume", "delete", "/flocker/impostor")
    if digest(world, world.application.owner()) != before:
        raise Violation("what was moved was built on something else than what was sent before")
    if times_sent_whole(world, source) == whole:
        raise Unmeasured("btrfs receive did not take the impostor, so nothing was shown")
    yield commands


def times_sent_whole(world, node):
    """How often its volume service had to."""
    return (world.lab.folder / "machines" / node / "log" / "volume.log").read_text(encoding="utf-8").count("it is sent whole")


def digest(world, node):
    """Of what nobody writes to."""
    return world.lab.run(node, "docker", "exec", CONTAINER, "busybox", "sh", "-c", "busybox cat /data/filler/* | busybox md5sum")


def resized(world, source, destination):
    """Somebody asks for another size while rounds are sent."""
    world.lab.run(source, "docker", "exec", CONTAINER, "busybox", "dd", "if=/dev/urandom", "of=/data/more", "bs=1M", "count=8")
    commands = [world.application.begin_move(destination, "--bandwidth", "2MB")]
    until("the copy", lambda: world.application.last_migration()["state"] == "COPYING", COPYING_SECONDS)
    answer = world.application.try_resize("400M", destination)
    if "under way" not in answer:
        raise Violation(f"another size was asked for during a move, and the answer was: {answer}")
    world.await_end()
    world.lab.run(world.application.owner(), "docker", "exec", CONTAINER, "busybox", "rm", "/data/more")
    yield commands


@contextlib.contextmanager
def changed_streams(world, node, how):
    """Inside, `next_stream()` has the next stream from that node changed."""
    program = PROGRAMS[world.lab.backend]
    original = f"/run/original-{world.lab.backend}"
    with tempfile.NamedTemporaryFile("w", prefix="drover-fault-", suffix=f"-{world.lab.backend}", dir=world.lab.folder) as file:
        file.write(CHANGER.format(order="/run/change", program=original))
        file.flush()
        os.chmod(file.name, 0o755)
        # A program that is being written cannot be executed.
        copy = f"/run/changer-{world.lab.backend}"
        world.lab.run(node, "bash", "-c", f"{FOREIGN[world.lab.backend]} && cp {file.name} {copy} && cp {program} {original} && "
                      f"mount --bind {copy} {program}")
    try:
        yield lambda: world.lab.run(node, "bash", "-c", f"echo '{how}' > /run/change")
    finally:
        # Lazily: it may run at this moment.
        world.lab.run(node, "bash", "-c", f"umount --lazy {program} && rm -f /run/change {original} {copy} /run/foreign")


def changed(how, state, world, source, destination):
    """The first stream that is sent after that state."""
    with changed_streams(world, source, how) as change_next:
        stand = in_state(world, state)
        commands = [world.application.begin_move(destination)]
        with stand:
            change_next()
        world.await_end()
    yield commands


CASES = (
    [Special(f"the base was deleted at the {' and the '.join(roles)}", DONE, functools.partial(base_gone, roles))
     for roles in (("source",), ("destination",), ("source", "destination"))]
    + [Special(f"what arrived was deleted in {state}", DONE, functools.partial(rounds_gone, state))
       for state in ("COPIED", "SEALED")]
    + [Special("a user's own snapshot", DONE, own_snapshot),
       Special("another size is asked for between rounds", DONE, resized),
       Special("a duplicate of the base's identity", DONE, duplicate, "btrfs"),
       Special("something else under the base's identity", DONE, impostor, "btrfs")]
    + [Special(f"the stream after {state} {how}", EITHER, functools.partial(changed, how, state))
       for state in ("COPYING", "SEALED") for how in HOWS])
