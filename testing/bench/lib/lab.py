"""A drover-lab of one's own."""
import json
import pathlib

from lib.command import Background, run
from lib.failure import Unmeasured

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = ROOT / "out" / "bin"
PROGRAM = str(BIN / "drover-lab")
NAME = "bench"


class Lab:
    """A context: the lab is up inside, and gone behind it. Only one of a name can be up: one benchmark runs at a time."""

    def __init__(self, backend, nodes=2, pool_size="4G", name=NAME, program=PROGRAM):
        self.backend = backend
        self.name = name
        self._program = program
        self._options = ["--nodes", str(nodes), "--backend", backend, "--pool-size", pool_size]

    def __enter__(self):
        if self.folder.exists():
            raise Unmeasured(f"a lab '{self.name}' is up: this runs already, or was killed; "
                             f"`{self._program} down --name {self.name}` removes it")
        try:
            self._lab("up", *self._options)
        except BaseException:
            self._down()
            raise
        return self

    def __exit__(self, *_):
        self._down()

    def _lab(self, *words):
        return run([self._program, words[0], "--name", self.name, *words[1:]])

    def _down(self):
        self._lab("down")

    @property
    def folder(self):
        """Its disks, records and logs."""
        return pathlib.Path("/var/lib/drover-lab") / self.name

    def words(self, machine, *command):
        """The command that runs `command` in that machine."""
        return [self._program, "exec", machine, "--name", self.name, "--", *map(str, command)]

    def run(self, machine, *command, merge_errors=False):
        """Runs it in the machine and returns its output."""
        return run(self.words(machine, *command), merge_errors=merge_errors)

    def background(self, machine, *command, **streams):
        """Starts it in the machine; a context."""
        return Background(self.words(machine, *command), **streams)

    def kill(self, daemon, signal="KILL"):
        """Signals one of the daemons; by default ends it."""
        self._lab("kill", daemon, "--signal", signal)

    def start(self, daemon):
        """Starts one that ended."""
        self._lab("start", daemon)

    def reboot(self, node):
        """Cuts its power, and switches it on again."""
        self._lab("reboot", node)

    def partition(self, node, *options):
        """Cuts links of a node."""
        self._lab("partition", node, *options)

    def heal(self):
        """Undoes all cuts."""
        self._lab("heal")

    def image(self, name):
        """Makes one of the lab's images and returns its reference."""
        return self._lab("image", name).strip()

    def status(self):
        return json.loads(self._lab("status", "-o", "json"))

    def address(self, machine):
        for one in self.status()["machines"]:
            if one["name"] == machine:
                return one["address"]
        raise Unmeasured(f"the lab has no machine {machine}")

    def daemon_pid(self, machine, daemon):
        """The number of that daemon's process as this computer counts."""
        for one in self.status()["machines"]:
            for process in one["daemons"] if one["name"] == machine else []:
                if process["name"] == daemon and process["running"]:
                    return process["pid"]
        raise Unmeasured(f"{daemon} does not run on {machine}")
