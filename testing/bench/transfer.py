"""How fast a volume gets to another node: Drover's push against a pipe between the back end's own programs, and ssh."""
import dataclasses
import io
import os
import subprocess
import tarfile
import tempfile
import time

from lib import cpu, figures
from lib.command import Background
from lib.failure import Unmeasured
from lib.lab import NAME, ROOT, Lab
from lib.setup import say
from lib.ssh import Ssh
from lib.tables import table
from lib.turns import in_rotation

PROGRAM = str(ROOT / "bazel-bin/testing/bench/push/bench-push")
CERTIFICATE = f"/var/lib/drover-lab/{NAME}/certs/coordinator"
APPLICATION = "bench"
SOURCE, DESTINATION = "node1", "node2"
VOLUME_PORT = 7401
# What a database's folder looks like: some large files and many small ones. Random bytes: nothing compresses them away.
LARGE_FILES, LARGE_BYTES = 15, 64 << 20
SMALL_FILES, SMALL_BYTES = 4000, 16 << 10
POOL_SIZE = "8G"
ROUNDS = 4
GIGABYTE = 1e9


@dataclasses.dataclass(frozen=True)
class Sent:
    """One way of sending the whole volume, once."""
    seconds: float
    # Of all processors, whoever worked.
    machine_cpu: float
    # Drover's push only: its stream's length, and the processor time of both volume services and their children.
    stream_bytes: int = 0
    service_cpu: float = 0.0


def write_tar(stream):
    """The volume's content as a tar archive, `./` first."""
    with tarfile.open(fileobj=stream, mode="w|") as tar:
        root = tarfile.TarInfo("./")
        root.type, root.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(root)
        for count, size, kind in ((LARGE_FILES, LARGE_BYTES, "large"), (SMALL_FILES, SMALL_BYTES, "small")):
            for number in range(count):
                entry = tarfile.TarInfo(f"./{kind}-{number}")
                entry.size = size
                tar.addfile(entry, io.BytesIO(os.urandom(size)))


class Push:
    """Drover's own: the volume services of two nodes, as in a move's first copy round."""

    def __init__(self, lab):
        self._lab = lab
        self._number = 0
        self._pids = [lab.daemon_pid(node, "volume") for node in (SOURCE, DESTINATION)]

    def _words(self, *options):
        return [PROGRAM, "--tls", CERTIFICATE, "--source", f"{SOURCE}={SOURCE}:{VOLUME_PORT}",
                "--destination", f"{DESTINATION}={self._lab.address(DESTINATION)}:{VOLUME_PORT}", *options, APPLICATION]

    def fill(self):
        command = self._lab.words("client", *self._words())
        with Background(command, stdin=subprocess.PIPE, binary=True) as program:
            try:
                write_tar(program.process.stdin)
                program.process.stdin.close()
            except BrokenPipeError:
                pass  # Its own words say why.
            if program.process.wait() != 0:
                raise Unmeasured(f"the volume was not made: {program.words()}")

    def send(self):
        self._number += 1
        before = sum(map(cpu.process_seconds, self._pids))
        machine_before = cpu.machine_seconds()
        output = self._lab.run("client", *self._words("--push", self._number))
        stream_bytes, seconds = output.split()
        return Sent(float(seconds), cpu.machine_seconds() - machine_before, int(stream_bytes),
                    sum(map(cpu.process_seconds, self._pids)) - before)


class BtrfsPeer:
    """btrfs send and receive between the pools of both nodes."""
    receive = "btrfs -q receive /flocker/bench-received && btrfs filesystem sync /flocker"

    def __init__(self, lab):
        self._lab = lab
        lab.run(SOURCE, "btrfs", "subvolume", "snapshot", "-r",
                f"/flocker/drover/apps/{APPLICATION}/volumes/volume/live", "/flocker/bench-peer")
        self.send = "btrfs -q send /flocker/bench-peer"

    def prepare(self):
        self._lab.run(DESTINATION, "mkdir", "-p", "/flocker/bench-received")

    def forget(self):
        self._lab.run(DESTINATION, "btrfs", "subvolume", "delete", "-c", "/flocker/bench-received/bench-peer")
        self._lab.run(DESTINATION, "btrfs", "subvolume", "sync", "/flocker")


class ZfsPeer:
    """zfs send and receive between the pools of both nodes."""
    # What Drover waits for too: zfs-fuse has no `zpool sync`, but a property waits for the pool's transaction.
    receive = "zfs receive -u flocker/bench-received && zfs set bench:sync=$RANDOM flocker/bench-received"

    def __init__(self, lab):
        self._lab = lab
        snapshot = f"flocker/drover/{APPLICATION}/volume@bench-peer"
        lab.run(SOURCE, "zfs", "snapshot", snapshot)
        self.send = f"zfs send {snapshot}"

    def prepare(self):
        pass

    def forget(self):
        self._lab.run(DESTINATION, "zfs", "destroy", "-r", "flocker/bench-received")


def timed(action):
    machine_before = cpu.machine_seconds()
    begin = time.monotonic()
    action()
    return Sent(time.monotonic() - begin, cpu.machine_seconds() - machine_before)


def send_by_pipe(lab, peer):
    """Both programs at the ends of one pipe: no network, no encryption."""
    def action():
        with Background(lab.words(SOURCE, "bash", "-c", peer.send), stdout=subprocess.PIPE, binary=True) as sender, \
             Background(lab.words(DESTINATION, "bash", "-c", peer.receive), stdin=sender.process.stdout) as receiver:
            sender.process.stdout.close()
            for end in (receiver, sender):
                if end.process.wait() != 0:
                    raise Unmeasured(f"the pipe's `{peer.send}` or `{peer.receive}` failed: {end.words()}")
    return send_as_peer(peer, action)


def send_by_ssh(lab, ssh, peer):
    script = f"set -o pipefail; {peer.send} | ssh -F {ssh.config} {DESTINATION} '{peer.receive}'"
    return send_as_peer(peer, lambda: lab.run(SOURCE, "bash", "-c", script))


def send_as_peer(peer, action):
    peer.prepare()
    sent = timed(action)
    peer.forget()
    return sent


def measure_backend(backend, folder):
    """[{way: Sent}] by rounds."""
    with Lab(backend, pool_size=POOL_SIZE) as lab, Ssh(lab, (SOURCE, DESTINATION), folder) as ssh:
        # The client calls in its place.
        lab.kill("coordinator")
        push = Push(lab)
        say(f"{backend}: filling a volume")
        push.fill()
        peer = {"btrfs": BtrfsPeer, "zfs": ZfsPeer}[backend](lab)
        ways = {"push": push.send, "pipe": lambda: send_by_pipe(lab, peer), "ssh": lambda: send_by_ssh(lab, ssh, peer)}
        say(f"{backend}: {ROUNDS} rounds of push, pipe and ssh")
        # The first time, for each, is not like the others: files of the source are read from the disk.
        for send in ways.values():
            send()
        return [{way: ways[way]() for way in in_rotation(list(ways), number)} for number in range(ROUNDS)]


def summarize(rounds):
    """The JSON fields of one back end."""
    def seconds(way):
        return [one[way].seconds for one in rounds]

    gigabytes = rounds[0]["push"].stream_bytes / GIGABYTE
    result = {
        "stream_bytes": rounds[0]["push"].stream_bytes,
        "ratio_median": round(figures.median_ratio(list(zip(seconds("push"), seconds("pipe")))), 3),
        "ssh_ratio": round(figures.median_ratio(list(zip(seconds("push"), seconds("ssh")))), 3),
        "cpu_seconds_per_gb": round(figures.median([one["push"].service_cpu for one in rounds]) / gigabytes, 2),
        "rounds": [{way: round(sent.seconds, 3) for way, sent in one.items()} for one in rounds],
    }
    for way in ("push", "pipe", "ssh"):
        result[f"{way}_mb_per_second"] = round(1000 * gigabytes / figures.median(seconds(way)))
        result[f"{way}_machine_cpu_seconds_per_gb"] = round(
            figures.median([one[way].machine_cpu for one in rounds]) / gigabytes, 2)
    return result


def show(backend, result):
    print(f"\n{backend}: a volume whose stream has {result['stream_bytes'] / GIGABYTE:.2f} GB, from one node's pool into the "
          "other's, verified and synced")
    print("\n".join(table(["", "MB/s", "CPU s/GB (whole machine)"],
                          [[way, result[f"{way}_mb_per_second"], result[f"{way}_machine_cpu_seconds_per_gb"]]
                           for way in ("push", "pipe", "ssh")])))
    print("\n".join(table(["figure", "value"], [[name, result[name]] for name in
                                                ("ratio_median", "ssh_ratio", "cpu_seconds_per_gb")])))


def measure(_, stack):
    """Measures both back ends, one after the other, prints and returns all figures."""
    result = {}
    for backend in ("btrfs", "zfs"):
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="drover-bench-"))
        result[backend] = summarize(measure_backend(backend, folder))
        show(backend, result[backend])
    result["cpu_seconds_per_gb"] = result["btrfs"]["cpu_seconds_per_gb"]
    return result
