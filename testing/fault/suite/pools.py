"""The nodes' pools as their administrators see them: past Drover."""
import contextlib

from suite.application import NAME

BTRFS_SNAPSHOTS = f"/flocker/drover/apps/{NAME}/volumes/volume/snapshots"
BTRFS_LIVE = f"/flocker/drover/apps/{NAME}/volumes/volume/live"
ZFS_VOLUME = f"flocker/drover/{NAME}/volume"
# Takes all room for data, by ever smaller files, and then, by files that are so small that they are kept with their names, all
# for names.
FILL_BTRFS = """
import os
os.mkdir("/flocker/filler")
number, size = 0, 1 << 30
while True:
    fd = os.open(f"/flocker/filler/{number}", os.O_CREAT | os.O_WRONLY)
    try:
        os.posix_fallocate(fd, 0, size)
        number += 1
    except OSError:
        size //= 2
        if size < 4096:
            break
    finally:
        os.close(fd)
os.sync()
try:
    while True:
        number += 1
        fd = os.open(f"/flocker/filler/{number}", os.O_CREAT | os.O_WRONLY)
        os.write(fd, bytes(2000))
        os.close(fd)
except OSError:
    os.sync()
"""
# Reserves all room, by ever smaller pieces.
FILL_ZFS = """
zfs create -o mountpoint=none flocker/filler || exit 1
size=$(zfs get -H -p -o value available flocker)
while ((size >= 65536)); do
  zfs create -o mountpoint=none -o reservation=$size flocker/filler/$size 2>/dev/null || size=$((size / 2))
done
"""


class Btrfs:
    def __init__(self, lab):
        self._lab = lab

    def snapshots(self, node):
        """Their names."""
        return self._lab.run(node, "bash", "-c", f"ls {BTRFS_SNAPSHOTS} 2>/dev/null || true").split()

    def delete_snapshot(self, node, name):
        self._lab.run(node, "btrfs", "subvolume", "delete", f"{BTRFS_SNAPSHOTS}/{name}/{name}")
        self._lab.run(node, "rmdir", f"{BTRFS_SNAPSHOTS}/{name}")

    def make_snapshot(self, node, name):
        """A user's, of what is served."""
        self._lab.run(node, "mkdir", f"{BTRFS_SNAPSHOTS}/{name}")
        self._lab.run(node, "btrfs", "subvolume", "snapshot", "-r", BTRFS_LIVE, f"{BTRFS_SNAPSHOTS}/{name}/{name}")

    @contextlib.contextmanager
    def full(self, node):
        try:
            self._lab.run(node, "python3", "-c", FILL_BTRFS)
            yield
        finally:
            self._lab.run(node, "rm", "-rf", "/flocker/filler")
            self._lab.run(node, "sync")


class Zfs:
    def __init__(self, lab):
        self._lab = lab

    def snapshots(self, node):
        """Their names."""
        lines = self._lab.run(node, "zfs", "list", "-H", "-r", "-t", "snapshot", "-o", "name", "flocker/drover").split()
        return [line.split("@")[1] for line in lines if line.startswith(f"{ZFS_VOLUME}@")]

    def delete_snapshot(self, node, name):
        self._lab.run(node, "zfs", "destroy", f"{ZFS_VOLUME}@{name}")

    def make_snapshot(self, node, name):
        """A user's, of what is served."""
        self._lab.run(node, "zfs", "snapshot", f"{ZFS_VOLUME}@{name}")

    @contextlib.contextmanager
    def full(self, node):
        try:
            self._lab.run(node, "bash", "-c", FILL_ZFS)
            yield
        finally:
            self._lab.run(node, "bash", "-c", "zfs destroy -r flocker/filler || ! zfs list flocker/filler")


def pools(lab):
    return {"btrfs": Btrfs, "zfs": Zfs}[lab.backend](lab)
