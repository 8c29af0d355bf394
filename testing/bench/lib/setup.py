"""What must be there before a benchmark: packages and programs."""
import sys

from lib.command import run
from lib.lab import ROOT

# The first build takes that long.
BUILD_LIMIT_SECONDS = 3600
CLIENTS = ["//testing/bench/probe:bench-probe", "//testing/bench/push:bench-push"]


def prepare():
    """Installs what is missing and builds all programs."""
    print("installing what is missing, and building", file=sys.stderr)
    run([str(ROOT / "build")], limit=BUILD_LIMIT_SECONDS)
    run([str(ROOT / "packaging/install-packages"), "bench-packages.txt"], limit=BUILD_LIMIT_SECONDS)
    run(["sh", "-c", 'cd "$1" && shift && exec bazel build --noshow_progress "$@"', "sh", str(ROOT), *CLIENTS],
        limit=BUILD_LIMIT_SECONDS)


def say(text):
    """How far a benchmark is."""
    print(text, file=sys.stderr, flush=True)
