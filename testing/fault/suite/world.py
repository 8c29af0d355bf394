"""What all cases of a run share: one lab, one application, one writer."""
import contextlib

from lib.kernel_trace import KernelTrace
from suite.application import NODES, PROGRAM, Application
from suite.census import Census
from suite.checks import await_end
from suite.failpoints import DAEMONS, Failpoints
from suite.violation import Violation
from suite.writer import Writer


class World:
    """`stack` takes what is to be cleaned up."""

    def __init__(self, lab, stack: contextlib.ExitStack):
        self.lab = stack.enter_context(lab)
        trace = stack.enter_context(KernelTrace(PROGRAM))
        self.application = stack.enter_context(Application(lab))
        self.failpoints = Failpoints(lab)
        self.writer = stack.enter_context(Writer(lab, self.application.targets))
        self.census = Census(trace)

    def outcome(self, before):
        """How the move ended that was begun after migration `before`."""
        migration = self.application.last_migration()
        state = "no migration" if migration == before else migration["state"]
        if self.application.returned_move():
            state = "CAME BACK"
        return f"{state}, {self.application.owner()}"

    def outcome_of_daemons_death(self, before):
        """The same where only Drover's own daemons died. A Violation if the application was taken back: it was ready."""
        returned = self.application.returned_move()
        if returned:
            raise Violation(f"the move came back: {returned['error']}")
        return self.outcome(before)

    def await_end(self):
        await_end(self.application)

    def mend(self):
        """After a case that did not go as planned: all daemons run again, all links are whole, nobody waits for a command."""
        self.failpoints.disarm_all()
        self.lab.heal()
        engines = [f"docker@{node}" for node in NODES]
        for daemon in (*engines, *DAEMONS):
            self.lab.start(daemon)
            self.lab.kill(daemon, "CONT")
        self.application.abandon_commands()
        with contextlib.suppress(Violation):
            self.await_end()

    def is_running(self, daemon):
        name, machine = daemon.split("@")
        return any(process["running"] for one in self.lab.status()["machines"] if one["name"] == machine
                   for process in one["daemons"] if process["name"] == name)
