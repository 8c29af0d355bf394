"""Who wrote when: the lifetimes of an application's processes, from the kernel, whatever machine of the lab they run on.

Of what the program executes itself; a child that it forks (Redis, when it rewrites its log) writes no data that is served.
"""
from lib.kernel_trace import KernelTrace
from suite.violation import Violation


class Census:
    """Of one program that only the application runs. `check` is called while it runs."""

    def __init__(self, trace: KernelTrace):
        self._trace = trace
        self._alive = set()

    def check(self):
        """No two processes of the program lived at the same time since the last check."""
        together = None
        for event in self._trace.take():
            if event.kind == "exec":
                if self._alive - {event.pid}:
                    together = f"process {event.pid} of the application began while {self._alive} was alive: two writers"
                self._alive.add(event.pid)
            elif event.kind == "exit":
                self._alive.discard(event.pid)
        if together:
            raise Violation(together)
        if not self._alive:
            raise Violation("the kernel told of no process of the application, which runs: the census sees nothing")
