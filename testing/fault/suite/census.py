"""Who wrote when: the lifetimes of an application's processes, from the kernel, whatever machine of the lab they run on."""
from lib.kernel_trace import KernelTrace
from suite.violation import Violation


class Census:
    """Of one program that only the application runs."""

    def __init__(self, trace: KernelTrace):
        self._trace = trace
        self._alive = None

    def check(self):
        """No two processes of the program lived at the same time since the last check."""
        for event in self._trace.take():
            if event.kind == "exec":
                if self._alive not in (None, event.pid):
                    raise Violation(f"process {event.pid} of the application began while {self._alive} was alive: two writers")
                self._alive = event.pid
            elif event.kind == "exit" and event.pid == self._alive:
                self._alive = None
