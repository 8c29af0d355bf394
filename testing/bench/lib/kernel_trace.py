"""When an application was told to stop, ended, was executed and first accepted, by the kernel's own clock.

The kernel's trace events are read through an instance of our own, so that nobody else's tracing is disturbed. All times
are nanoseconds of the monotonic clock, as time.monotonic_ns() tells them.
"""
import dataclasses
import os
import pathlib
import re
import tempfile

from lib.command import run
from lib.failure import Unmeasured

# "   redis-server-1234  [001] d..1. 5678.901234: signal_generate: sig=15 …", and of a system call "…: sys_accept4 -> 0x7"
LINE = re.compile(r"^\s*.{1,16}-(\d+)\s+\[\d+\]\s+\S+\s+(\d+)\.(\d{6}): (\w+)(?::| ->) (.*)$")
FIELD = re.compile(r"(\w+)=(\S+)")
SIGTERM = 15


@dataclasses.dataclass(frozen=True)
class Event:
    """`kind`: signal, exit, exec, accept. `pid` is the process that it happened to."""
    kind: str
    pid: int
    at: int


def parse(line):
    """The event of a line of trace_pipe; None if it is none of those looked for."""
    match = LINE.match(line)
    if match is None:
        return None
    current, seconds, micros, name, rest = match.groups()
    at = int(seconds) * 1_000_000_000 + int(micros) * 1000
    fields = dict(FIELD.findall(rest))
    if name == "signal_generate" and int(fields["sig"]) == SIGTERM:
        return Event("signal", int(fields["pid"]), at)
    if name == "sched_process_exit":
        return Event("exit", int(fields["pid"]), at)
    if name == "sched_process_exec":
        return Event("exec", int(fields["pid"]), at)
    # An error is a negative number, so a huge one as the kernel prints it.
    if name == "sys_accept4" and int(rest, 16) < 1 << 31:
        return Event("accept", int(current), at)
    return None


@dataclasses.dataclass(frozen=True)
class OwnTime:
    """What an application itself took, in milliseconds."""
    stop_ms: float
    start_ms: float


def own_time(events, begin, end):
    """Of the one application that was stopped and started again in [begin, end]: signal to exit, and exec to first accept."""
    window = sorted((event for event in events if begin <= event.at <= end), key=lambda event: event.at)
    signal = _first(window, "signal", None, begin)
    exit_ = _first(window, "exit", signal.pid, signal.at)
    exec_ = _first(window, "exec", None, signal.at)
    accept = _first(window, "accept", exec_.pid, exec_.at)
    return OwnTime((exit_.at - signal.at) / 1e6, (accept.at - exec_.at) / 1e6)


def _first(events, kind, pid, after):
    for event in events:
        if event.kind == kind and event.at >= after and pid in (None, event.pid):
            return event
    raise Unmeasured(f"the kernel told no {kind} of the application")


class KernelTrace:
    """A context: traces every process of that name from its beginning to its end."""

    def __init__(self, command):
        self._events = []
        self._accepting = set()
        self._rest = ""
        self._pipe = None
        self._instance = None
        self._folder = tempfile.mkdtemp(prefix="drover-bench-trace-")
        self._filters = {
            "signal/signal_generate": f'comm == "{command}" && sig == {SIGTERM}',
            "sched/sched_process_exit": f'comm == "{command}"',
            "sched/sched_process_exec": f'filename ~ "*{command}"',
            "syscalls/sys_exit_accept4": f'comm == "{command}"',
        }

    def __enter__(self):
        try:
            run(["mount", "-t", "tracefs", "tracefs", self._folder])
            self._instance = pathlib.Path(self._folder) / "instances" / f"drover-bench-{os.getpid()}"
            self._instance.mkdir()
            self._write("trace_clock", "mono")
            # Read only after each interruption: thousands of connections are accepted meanwhile.
            self._write("buffer_size_kb", "16384")
            for event, condition in self._filters.items():
                self._write(f"events/{event}/filter", condition)
                self._write(f"events/{event}/enable", "1")
        except BaseException as error:
            self.__exit__()
            if isinstance(error, OSError):
                raise Unmeasured(f"the kernel's trace events cannot be read: {error}") from error
            raise
        self._pipe = os.open(self._instance / "trace_pipe", os.O_RDONLY | os.O_NONBLOCK)
        return self

    def __exit__(self, *_):
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None
        if self._instance is not None and self._instance.exists():
            self._instance.rmdir()
        if os.path.ismount(self._folder):
            run(["umount", self._folder])
        if os.path.isdir(self._folder):
            os.rmdir(self._folder)

    def _write(self, path, text):
        (self._instance / path).write_text(text, encoding="ascii")

    def _drain(self):
        """Takes what the kernel has written so far."""
        while True:
            try:
                chunk = os.read(self._pipe, 1 << 16)
            except BlockingIOError:
                return
            if not chunk:
                return
            *lines, self._rest = (self._rest + chunk.decode("ascii", "replace")).split("\n")
            for line in lines:
                if " LOST " in line:
                    raise Unmeasured(f"the kernel's trace is not complete: {line.strip()}")
                self._keep(parse(line))

    def _keep(self, event):
        """Of a process's accepts only the first one matters."""
        if event is None or (event.kind == "accept" and event.pid in self._accepting):
            return
        if event.kind == "accept":
            self._accepting.add(event.pid)
        elif event.kind == "exec":
            self._accepting.discard(event.pid)
        self._events.append(event)

    def take(self):
        """The events since the last call, oldest first. Whoever uses this cannot ask for own_time()."""
        self._drain()
        events, self._events = self._events, []
        return events

    def own_time(self, begin, end):
        """As own_time(), of what the kernel has told up to now."""
        self._drain()
        return own_time(self._events, begin, end)
