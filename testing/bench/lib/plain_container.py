"""A container as people run it without Drover: what `docker restart` is measured on."""
from lib import plain_volume

CONTAINER = "bench-plain"


class PlainContainer:
    """On node1, with a published port, and a copy of another container's data on the same pool."""

    def __init__(self, lab, image, port, data_of):
        self._lab = lab
        folder = plain_volume.create(lab, "node1", CONTAINER)
        plain_volume.copy_from_container(lab, "node1", data_of, folder)
        lab.run("node1", "docker", "run", "-d", "--name", CONTAINER, "-p", f"{port}:6379", "-v", f"{folder}:/data", image)

    def restart(self):
        self._lab.run("node1", "docker", "restart", CONTAINER)
