"""The original Flocker's way of moving, as a script between two nodes (two_phase_move.sh)."""
import pathlib

from lib import plain_volume

CONTAINER = "bench-script"
SCRIPT = pathlib.Path(__file__).with_name("two_phase_move.sh")
# What a node needs to lead a port to the other one, beside the rule itself.
RULES = [
    ("-t", "nat", "-N", "BENCH"),
    ("-t", "nat", "-I", "PREROUTING", "-m", "addrtype", "--dst-type", "LOCAL", "-j", "BENCH"),
    ("-t", "nat", "-A", "POSTROUTING", "-m", "conntrack", "--ctstate", "DNAT", "-p", "tcp", "--dport", "{port}",
     "-j", "MASQUERADE"),
    ("-I", "DOCKER-USER", "-p", "tcp", "--dport", "{port}", "-j", "ACCEPT"),
    ("-I", "DOCKER-USER", "-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT"),
]


class ScriptPeer:
    """A plain container on node1 that the script moves to and fro."""

    def __init__(self, lab, ssh, image, port, data_of):
        """Its data is a copy of what the container `data_of` on node1 has."""
        self._lab, self._ssh, self._image, self._port = lab, ssh, image, port
        self._at, self._other = "node1", "node2"
        self._moves = 0
        for node in (self._at, self._other):
            lab.run(node, "docker", "pull", "-q", image)
            for rule in RULES:
                lab.run(node, "iptables", *(word.format(port=port) for word in rule))
        if lab.backend == "btrfs":
            lab.run(self._at, "mkdir", "/flocker/" + CONTAINER)
            folder = plain_volume.create(lab, self._at, CONTAINER + "/data")
        else:
            folder = plain_volume.create(lab, self._at, CONTAINER)
        plain_volume.copy_from_container(lab, self._at, data_of, folder)
        lab.run(self._at, "docker", "run", "-d", "--name", CONTAINER, "-p", f"{port}:6379", "-v", f"{folder}:/data", image)
        lab.run(self._other, "iptables", "-t", "nat", "-A", "BENCH", "-p", "tcp", "--dport", port,
                "-j", "DNAT", "--to-destination", f"{lab.address(self._at)}:{port}")

    def move(self):
        """To the other node."""
        self._moves += 1
        base = f"move{self._moves - 1}-stopped" if self._moves > 1 else "-"
        self._lab.run(self._at, "bash", SCRIPT, self._lab.backend, self._other, self._moves, base, self._image,
                      self._port, self._ssh.config)
        self._at, self._other = self._other, self._at
