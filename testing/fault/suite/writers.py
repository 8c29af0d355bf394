"""Somebody else has the volume open while the application is moved away: either he ends with the container, or the seal refuses,
and the application goes on where it was."""
import functools
import subprocess

from suite.application import CONTAINER
from suite.special import ABORTED, DONE, Special
from suite.violation import Violation

# Pushes 1, 2, 3, … to a file, and says each when it is on the disk.
EXEC_WRITER = ("i=0; while busybox true; do i=$((i + 1)); "
               "echo $i | busybox dd of=/data/executed oflag=append conv=notrunc,fsync 2>/dev/null; echo $i; done")
MAPPED = "import mmap, os, sys, time; fd = os.open(sys.argv[1], os.O_RDWR); m = mmap.mmap(fd, 4096); os.close(fd); " + \
    "print('holds', flush=True); time.sleep(600)"
HOLD = "echo holds; exec sleep 600"


def in_container(world, source, destination):
    """`docker exec`: in the container's control group, and among its processes, so it ends with them; what it had on the disk is
    at the destination."""
    words = world.lab.words(source, "docker", "exec", CONTAINER, "busybox", "sh", "-c", EXEC_WRITER)
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as writer:
        said = [writer.stdout.readline().strip()]
        commands = [world.application.begin_known_move(destination)]
        said += writer.stdout.read().split()
    yield commands
    held = world.lab.run(destination, "docker", "exec", CONTAINER, "busybox", "cat", "/data/executed").split()
    world.lab.run(destination, "docker", "exec", CONTAINER, "busybox", "rm", "/data/executed")
    if held[:len(said)] != said:
        raise Violation(f"docker exec wrote up to {said[-1]}, but {destination} holds {len(held)} numbers")


def slot_of(world, node):
    """Where the volume is mounted for the application."""
    (slot,) = world.lab.run(node, "bash", "-c", "ls -d /run/drover/volume/slots/*/0").split()
    return slot


def held(words, world, source, destination):
    """`words(slot, pid)`: the command that holds the volume mounted at `slot`, which the process `pid` runs on, and says a line
    when it does."""
    slot = slot_of(world, source)
    pid = world.lab.run(source, "docker", "inspect", "--format", "{{.State.Pid}}", CONTAINER).strip()
    with world.lab.background(source, *words(slot, pid), stdout=subprocess.PIPE) as holder:
        if not holder.process.stdout.readline():
            holder.process.wait()
            holder.check()
        commands = [world.application.begin_known_move(destination)]
        # Also while it is held: the application must not wait for that.
        world.await_end()
    yield commands


def copied_mount(slot, pid):
    del slot, pid
    return ["unshare", "--mount", "--propagation", "private", "bash", "-c", HOLD]


def host_shell(slot, pid):
    del pid
    return ["bash", "-c", f"cd {slot} && {HOLD}"]


def open_file(slot, pid):
    del pid
    return ["bash", "-c", f"exec 9>>{slot}/opened; {HOLD}"]


def mapped_file(slot, pid):
    del pid
    return ["python3", "-c", MAPPED, f"{slot}/filler/1"]


def entered_shell(slot, pid):
    """In the container's mount namespace, but not in its control group nor among its processes."""
    del slot
    return ["nsenter", f"--target={pid}", "--mount", "busybox", "sh", "-c", f"cd /data && {HOLD.replace('sleep', 'busybox sleep')}"]


HOLDERS = {
    "a copy of the mount in another mount namespace": copied_mount,
    "a shell of the host in the volume": host_shell,
    "a file of the volume open on the host": open_file,
    "a file of the volume mapped on the host": mapped_file,
    "a shell that entered the container's mount namespace": entered_shell,
}


def second_mount(world, source, destination):
    """Somewhere else on the machine."""
    world.lab.run(source, "bash", "-c", f"mkdir -p /run/second && mount --bind {slot_of(world, source)} /run/second")
    try:
        commands = [world.application.begin_known_move(destination)]
        world.await_end()
    finally:
        world.lab.run(source, "umount", "/run/second")
    yield commands


def other_container(world, source, destination):
    """A second container that was given the volume."""
    slot = slot_of(world, source)
    world.lab.run(source, "docker", "run", "--detach", "--network", "none", "--name", "second", "--volume", f"{slot}:/other",
                  "--entrypoint", "busybox", world.application.image, "sleep", "600")
    try:
        commands = [world.application.begin_known_move(destination)]
        world.await_end()
    finally:
        world.lab.run(source, "docker", "rm", "--force", "second")
    yield commands


CASES = ([Special("a writer of docker exec ends with its container", DONE, in_container),
          Special("a second mount of the volume", ABORTED, second_mount),
          Special("another container has the volume", ABORTED, other_container)]
         + [Special(f"{what}", ABORTED, functools.partial(held, words)) for what, words in HOLDERS.items()])
