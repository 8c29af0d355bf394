"""The one application that the cases move: Redis, which answers a write only when it has synced it."""
import json
import subprocess
import tempfile

from lib.cluster import App, Cluster
from lib.redis_app import MEBIBYTE, fill_volume
from suite.violation import Violation
from suite.writer import KEY

NAME, PORT = "numbers", 6379
VOLUME_BYTES = 4 * MEBIBYTE
PROGRAM = "redis-server"


class Application:
    """On a lab of two nodes; a context. It begins on node1."""

    def __init__(self, lab):
        self.lab = lab
        self._files = tempfile.TemporaryDirectory(prefix="drover-fault-")
        self._cluster = Cluster(lab, self._files.name)

    def __enter__(self):
        app = App(NAME, self.lab.image("redis"), {PORT: 6379})
        self._cluster.deploy([app], {"node1": [NAME], "node2": []})
        fill_volume(self.lab, "node1", app.container, VOLUME_BYTES)
        return self

    def __exit__(self, *_):
        self._files.cleanup()

    @property
    def targets(self):
        """Its port on every node."""
        return [f"node1:{PORT}", f"node2:{PORT}"]

    def drover(self, *words):
        return self._cluster.drover(*words)

    def begin_move(self, node, *options):
        return self.begin("move", NAME, node, *options)

    def begin(self, *words):
        """Somebody types the command, and may lose sight of the coordinator."""
        words = self.lab.words("client", "drover", *words, "-o", "json")
        return subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def owner(self):
        """The node that owns its volume."""
        (volume,) = self.drover("status")["volumes"]
        return volume["owner"]

    def last_migration(self):
        """None if there was none."""
        migrations = self.drover("migrations", "list")["migrations"]
        return migrations[-1] if migrations else None

    def read_numbers(self):
        """What it holds, read through one node and then the other. A Violation if the first is not how the second begins: then
        they lead to different copies."""
        first, second = [json.loads("[" + ",".join(self._cluster.redis(node, PORT, "lrange", KEY, 0, -1).split()) + "]")
                 for node in ("node1", "node2")]
        if second[:len(first)] != first:
            raise Violation(f"node1 and node2 lead to different data: {len(first)} and {len(second)} numbers")
        return first
