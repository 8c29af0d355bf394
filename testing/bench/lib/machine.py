"""How quiet the machine was: figures taken while others work on it are worth less, and a report must say so."""
import os
import platform
import statistics
import tempfile
import time

FIELDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")


def parse_cpu(stat_text):
    """The first line of /proc/stat as {field: seconds}."""
    ticks = os.sysconf("SC_CLK_TCK")
    values = stat_text.split("\n", 1)[0].split()[1:]
    return {field: int(value) / ticks for field, value in zip(FIELDS, values)}


def cpu_seconds():
    with open("/proc/stat", encoding="ascii") as file:
        return parse_cpu(file.read())


def busy(seconds):
    """What of these seconds was work."""
    return sum(value for field, value in seconds.items() if field not in ("idle", "iowait"))


def spin_ms():
    """A fixed amount of arithmetic: how long it takes says how much of a core there is."""
    begin = time.perf_counter()
    total = 0
    for i in range(400_000):
        total += i
    return (time.perf_counter() - begin) * 1000


def fsync_ms(folder):
    """The median time of making 4 KiB durable there."""
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(30):
            file.write(b"x" * 4096)
            file.flush()
            begin = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


class Noise:
    """Begins with its construction."""

    def __init__(self):
        self._load_before = os.getloadavg()
        self._cpu = cpu_seconds()
        self._begin = time.monotonic()
        self._spins = [spin_ms() for _ in range(10)]
        self._fsync = fsync_ms("/var/lib")

    def report(self):
        """What is known about the machine since then, as JSON."""
        now = cpu_seconds()
        spent = {field: now[field] - self._cpu[field] for field in FIELDS}
        spins = self._spins + [spin_ms() for _ in range(10)]
        total = sum(spent.values())
        return {
            "cpus": os.cpu_count(),
            "kernel": platform.release(),
            "seconds": round(time.monotonic() - self._begin, 1),
            "load_before": [round(value, 2) for value in self._load_before],
            "load_after": [round(value, 2) for value in os.getloadavg()],
            "busy_share": round(busy(spent) / total, 3),
            "steal_share": round(spent["steal"] / total, 4),
            # The same arithmetic, at its fastest and in the middle: 1.0 on a machine where nobody else works.
            "spin_median_to_fastest": round(statistics.median(spins) / min(spins), 2),
            "fdatasync_ms": round(self._fsync, 2),
        }


def describe(noise):
    """One line of it for people."""
    return (f"machine: {noise['cpus']} CPUs, load {noise['load_before'][0]} before and {noise['load_after'][0]} after, "
            f"{noise['busy_share']:.0%} busy, steal {noise['steal_share']:.1%}, spin {noise['spin_median_to_fastest']}, "
            f"fdatasync {noise['fdatasync_ms']} ms, {noise['seconds']} s")
