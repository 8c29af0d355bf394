"""Processor time of processes and of the whole machine."""
import os

from lib import machine
from lib.failure import Unmeasured

TICKS = os.sysconf("SC_CLK_TCK")


def parse_process(stat_text):
    """From /proc/PID/stat: seconds of a process and of its children that have ended."""
    # The name in parentheses may hold blanks; utime, stime, cutime and cstime are the fields 14 to 17.
    fields = stat_text.rpartition(")")[2].split()
    return sum(int(value) for value in fields[11:15]) / TICKS


def process_seconds(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            return parse_process(file.read())
    except OSError as error:
        raise Unmeasured(f"process {pid} has ended") from error


def machine_seconds():
    """All that all processors have done, the kernel's own threads included."""
    return machine.busy(machine.cpu_seconds())
