"""The one application that the cases move: Redis, which answers a write only when it has synced it."""
import dataclasses
import json
import subprocess
import tempfile

from lib.cluster import App, Cluster
from lib.redis_app import MEBIBYTE, fill_volume
from suite.violation import Violation
from suite.waiting import until
from suite.writer import KEY

NAME, PORT = "numbers", 6379
CONTAINER = f"drover--{NAME}"
NODES = ("node1", "node2")
VOLUME_BYTES = 4 * MEBIBYTE
# A name of its own, so that the census does not count the Redis of anybody else on this computer.
PROGRAM = "numbers-server"
REQUESTS_KEPT = 3000
SETTINGS = f"""
    entrypoint: ["busybox", "sh", "-c", "busybox ln -sf /usr/bin/redis-server /tmp/{PROGRAM} && exec /tmp/{PROGRAM} $*", "sh"]
    command: ["--dir", "/data", "--protected-mode", "no", "--appendonly", "yes", "--appendfsync", "always",
              "--slowlog-log-slower-than", "0", "--slowlog-max-len", "{REQUESTS_KEPT}"]
    restart_policy: {{name: "always"}}"""
# From the command to its record.
KNOWN_SECONDS = 10


class Application:
    """On a lab of two nodes; a context. It begins on node1."""

    def __init__(self, lab):
        self.lab = lab
        self._files = tempfile.TemporaryDirectory(prefix="drover-fault-")
        self._cluster = Cluster(lab, self._files.name)
        self._app = None
        self._begun = []

    def __enter__(self):
        # It is started again when it ended because it could not write.
        self._app = App(NAME, self.lab.image("redis"), {PORT: 6379}, more=SETTINGS.lstrip("\n"))
        self.deploy([], {"node1": [NAME], "node2": []})
        fill_volume(self.lab, "node1", CONTAINER, VOLUME_BYTES)
        return self

    def __exit__(self, *_):
        self._files.cleanup()

    @property
    def targets(self):
        """Its port on every node."""
        return [f"node1:{PORT}", f"node2:{PORT}"]

    @property
    def image(self):
        return self._app.image

    def drover(self, *words):
        return self._cluster.drover(*words)

    def deploy(self, others, placement):
        """With `others` beside it. Returns when all is done."""
        return self._cluster.deploy([self._app, *others], placement)

    def delete_others(self):
        """Of the applications beside it nothing is kept. A Violation if something is left of them."""
        owner = self.owner()
        self.deploy([], {node: [NAME] if node == owner else [] for node in NODES})
        for app in self.drover("status")["applications"]:
            if app["name"] != NAME:
                self.drover("volumes", "delete", app["name"], "--yes")
        left = [volume["name"] for volume in self.drover("status")["volumes"] if volume["name"] != NAME]
        if left:
            raise Violation(f"of what was deleted is left: {left}")

    def try_resize(self, size, node):
        """The answer to a deployment that asks for another size of its volume, on that node."""
        resized = dataclasses.replace(self._app, more=f'      maximum_size: "{size}"\n{self._app.more}')
        placement = {name: [NAME] if name == node else [] for name in NODES}
        words = ["drover", "deploy", "--yes", *self._cluster.write_files([resized], placement)]
        return self.lab.run("client", "bash", "-c", '"$@" 2>&1 || true', "bash", *words)

    def begin_move(self, node, *options):
        return self.begin("move", NAME, node, *options)

    def begin_known_move(self, node):
        """Returns when the coordinator knows of it."""
        before = self.last_migration()
        command = self.begin_move(node)
        until("a new migration", lambda: self.last_migration() != before, KNOWN_SECONDS)
        return command

    def begin(self, *words):
        """Somebody types the command, and may lose sight of the coordinator."""
        words = self.lab.words("client", "drover", *words, "-o", "json")
        # What it says is not asked for.
        command = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self._begun = [other for other in self._begun if other.poll() is None] + [command]
        return command

    def abandon_commands(self):
        """Whoever typed them gives up."""
        for command in self._begun:
            command.kill()
            command.wait()
        self._begun.clear()

    def owner(self):
        """The node that owns its volume."""
        (owner,) = [volume["owner"] for volume in self.drover("status")["volumes"] if volume["name"] == NAME]
        return owner

    def last_migration(self):
        """None if there was none."""
        migrations = self.drover("migrations", "list")["migrations"]
        return migrations[-1] if migrations else None

    def returned_move(self):
        """The move whose way back the last migration is, since the application did not get ready; None if it is none."""
        migrations = self.drover("migrations", "list")["migrations"]
        is_return = len(migrations) > 1 and migrations[-2]["returned_by"] == migrations[-1]["name"]
        return migrations[-2] if is_return else None

    def last_requests(self):
        """What it has carried out, the last first: number, time, duration, words, client."""
        return self._cluster.redis(self.owner(), PORT, "slowlog", "get", REQUESTS_KEPT)

    def read_numbers(self):
        """What it holds, read through one node and then the other. A Violation if the first is not how the second begins: then
        they lead to different copies."""
        first, second = [json.loads("[" + ",".join(self._cluster.redis(node, PORT, "lrange", KEY, 0, -1).split()) + "]")
                 for node in ("node1", "node2")]
        if second[:len(first)] != first:
            raise Violation(f"node1 and node2 lead to different data: {len(first)} and {len(second)} numbers")
        return first
