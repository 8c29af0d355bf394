"""What clients see: drives bench-probe and keeps what it reports."""
import dataclasses
import subprocess
import threading
import time

from lib.failure import Unmeasured
from lib.lab import ROOT

PROGRAM = str(ROOT / "bazel-bin/testing/bench/probe/bench-probe")
# What may become of a connection, and how many there were.
OUTCOMES = ("refused", "reset", "stale", "loading", "error", "timeout", "attempts", "answered")
# How long answers may stay away after whatever interrupted them says that it is over.
PATIENCE_SECONDS = 20


@dataclasses.dataclass(frozen=True)
class Event:
    """A line of the probe: times in nanoseconds of the monotonic clock."""
    kind: str
    target: str
    begin: int
    end: int

    @property
    def ms(self):
        return (self.end - self.begin) / 1e6


def parse_event(line):
    kind, target, begin, end = line.split()
    return Event(kind, target, int(begin), int(end))


def parse_total(line):
    """`total NAME a=1 b=2` as (NAME, {a: 1, b: 2})."""
    _, target, *counts = line.split()
    return target, {name: int(value) for name, value in (count.split("=") for count in counts)}


def largest_gap(events, target, begin, end):
    """The longest of the target's gaps that reach into [begin, end]; None if there is none."""
    gaps = [event for event in events if event.kind == "gap" and event.target == target
            and event.end >= begin and event.begin <= end]
    return max(gaps, key=lambda gap: gap.ms, default=None)


def sum_of(totals):
    """What became of the connections of all these clients together."""
    return {name: sum(counts[name] for counts in totals.values()) for name in OUTCOMES}


class Probe:
    """A context: clients on the lab's client machine, one per target, from its beginning to its end."""

    def __init__(self, lab, targets, interval_us=1000, write_every=20):
        """`targets` maps names to HOST:PORT."""
        self._targets = targets
        self._begin = time.monotonic_ns()
        words = [f"{name}={address}" for name, address in targets.items()]
        self._background = lab.background(
            "client", PROGRAM, "--interval-us", interval_us, "--write-every", write_every, *words,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self._lines = threading.Condition()
        self._events = []
        self._answered_at = {}
        self._totals = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        # Until each target has answered for a while, an interruption would not be seen from its beginning.
        time.sleep(0.5)
        self._background.check()
        return self

    def __exit__(self, *_):
        self._background.end()

    def _read(self):
        for line in self._background.process.stdout:
            with self._lines:
                if line.startswith("total "):
                    target, counts = parse_total(line)
                    self._totals[target] = counts
                else:
                    self._keep(parse_event(line))
                self._lines.notify_all()

    def _keep(self, event):
        if event.kind == "alive":
            self._answered_at[event.target] = event.end
        else:
            self._events.append(event)

    def events(self):
        with self._lines:
            return list(self._events)

    def gap_ms(self, target, begin, end):
        """The longest time without an answer of what was interrupted between these two moments (time.monotonic_ns())."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        with self._lines:
            # An answer later than all that: no gap is still open.
            while self._answered_at.get(target, 0) <= end:
                self._background.check()
                if not self._lines.wait(deadline - time.monotonic()):
                    raise Unmeasured(f"{target} did not answer any more within {PATIENCE_SECONDS} s")
            found = largest_gap(self._events, target, begin, end)
        if found is None:
            raise Unmeasured(f"the client of {target} saw no interruption")
        return found.ms

    def failures(self):
        """All connections that were not answered as they should, as JSON; that Redis still loads is its own answer."""
        return [{"kind": event.kind, "target": event.target, "at_s": round((event.begin - self._begin) / 1e9, 3),
                 "lasted_ms": round(event.ms, 1)} for event in self.events() if event.kind not in ("gap", "loading")]

    def finish(self):
        """Ends the clients and returns {target: {attempts, answered, refused, reset, …}}."""
        self._background.process.stdin.close()
        self._reader.join(PATIENCE_SECONDS)
        missing = set(self._targets) - set(self._totals)
        if missing:
            raise Unmeasured(f"the probe did not say what became of {sorted(missing)}")
        return self._totals
