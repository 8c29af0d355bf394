"""A drover-lab of a benchmark's own."""
import json
import pathlib

from lib.command import Background, run
from lib.failure import Unmeasured

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = ROOT / "out" / "bin"
PROGRAM = str(BIN / "drover-lab")
NAME = "bench"


class Lab:
    """A context: the lab is up inside, and gone behind it. Only one benchmark runs at a time, since all use one name."""

    def __init__(self, backend, nodes=2, pool_size="4G"):
        self.backend = backend
        self._options = ["--nodes", str(nodes), "--backend", backend, "--pool-size", pool_size]

    def __enter__(self):
        if pathlib.Path(f"/var/lib/drover-lab/{NAME}").exists():
            raise Unmeasured(f"a lab '{NAME}' is up: another benchmark runs, or one was killed; "
                             f"`{PROGRAM} down --name {NAME}` removes it")
        try:
            run([PROGRAM, "up", "--name", NAME, *self._options])
        except BaseException:
            self._down()
            raise
        return self

    def __exit__(self, *_):
        self._down()

    @staticmethod
    def _down():
        run([PROGRAM, "down", "--name", NAME])

    @staticmethod
    def words(machine, *command):
        """The command that runs `command` in that machine."""
        return [PROGRAM, "exec", machine, "--name", NAME, "--", *map(str, command)]

    def run(self, machine, *command, merge_errors=False):
        """Runs it in the machine and returns its output."""
        return run(self.words(machine, *command), merge_errors=merge_errors)

    def background(self, machine, *command, **streams):
        """Starts it in the machine; a context."""
        return Background(self.words(machine, *command), **streams)

    @staticmethod
    def kill(daemon):
        """Ends one of Drover's daemons."""
        run([PROGRAM, "kill", daemon, "--name", NAME])

    @staticmethod
    def image(name):
        """Makes one of the lab's images and returns its reference."""
        return run([PROGRAM, "image", name, "--name", NAME]).strip()

    @staticmethod
    def status():
        return json.loads(run([PROGRAM, "status", "--name", NAME, "-o", "json"]))

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
