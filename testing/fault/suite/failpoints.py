"""Orders for the failpoints of a lab's daemons (services/common/failpoint/armed.cc)."""
import pathlib

COORDINATOR = "coordinator@client"
DAEMONS = (COORDINATOR, "volume@node1", "volume@node2", "container@node1", "container@node2", "proxy@node1",
           "proxy@node2")


class Failpoints:
    """Of all daemons of one lab."""

    def __init__(self, lab):
        self._lab = lab

    def _folder(self, daemon) -> pathlib.Path:
        name, machine = daemon.split("@")
        return self._lab.folder / "machines" / machine / "failpoints" / name

    def arm(self, daemon, place, order="kill"):
        """Lets the daemon do that to itself the next time it gets there."""
        path = self._folder(daemon) / "armed" / place
        # Whole, or not there: it may be looked for at this moment.
        draft = self._folder(daemon) / "draft"
        draft.write_text(order + "\n", encoding="ascii")
        draft.rename(path)

    def is_armed(self, daemon, place):
        return (self._folder(daemon) / "armed" / place).exists()

    def disarm(self, daemon, place):
        """Takes the order back. False if it is too late."""
        try:
            (self._folder(daemon) / "armed" / place).unlink()
            return True
        except FileNotFoundError:
            return False

    def disarm_all(self):
        for daemon in DAEMONS:
            for order in (self._folder(daemon) / "armed").iterdir():
                order.unlink(missing_ok=True)

    def forget_hits(self):
        for daemon in DAEMONS:
            (self._folder(daemon) / "hits").unlink(missing_ok=True)

    def hits(self):
        """{daemon: the places that it got to, each once, in the order of the first time}."""
        found = {}
        for daemon in DAEMONS:
            path = self._folder(daemon) / "hits"
            lines = path.read_text(encoding="ascii").split() if path.exists() else []
            found[daemon] = list(dict.fromkeys(lines))
        return found
