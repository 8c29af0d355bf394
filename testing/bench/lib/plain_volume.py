"""Folders on a node's pool that do not belong to Drover: what the peers use."""

BTRFS_POOL = "/flocker"
ZFS_POOL = "flocker"


def create(lab, node, name):
    """Makes an empty subvolume or dataset in the pool and returns its folder."""
    if lab.backend == "btrfs":
        folder = f"{BTRFS_POOL}/{name}"
        lab.run(node, "btrfs", "subvolume", "create", folder)
        return folder
    folder = f"/run/bench/{name}"
    lab.run(node, "zfs", "create", "-o", f"mountpoint={folder}", f"{ZFS_POOL}/{name}")
    return folder


def copy_from_container(lab, node, container, folder):
    """Copies what a container has in /data, ownership and modes included."""
    script = (f"set -o pipefail; docker exec {container} busybox tar -c -C /data . | "
              f"tar -x --same-owner --numeric-owner -C {folder} && sync")
    lab.run(node, "bash", "-c", script)
