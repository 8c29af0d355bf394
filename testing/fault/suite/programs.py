"""The programs whose failpoints obey, in a folder of their own."""
from lib.command import run
from lib.lab import ROOT

FOLDER = ROOT / "out" / "fault"
DAEMONS = ("coordinator", "volume", "container", "proxy")
# Building takes long if nothing is there yet.
LIMIT_SECONDS = 3600


def prepare():
    """Builds them, and returns their folder."""
    run([str(ROOT / "build")], limit=LIMIT_SECONDS)
    targets = [f"//services/{daemon}:failpoints/drover-{daemon}" for daemon in DAEMONS]
    run(["bash", "-c", 'cd "$1" && shift && bazel build "$@"', "bash", str(ROOT), *targets], limit=LIMIT_SECONDS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for program in ("drover", "drover-gate", "drover-lab"):
        _link(program, (ROOT / "out" / "bin" / program).resolve())
    for daemon in DAEMONS:
        _link(f"drover-{daemon}", (ROOT / f"bazel-bin/services/{daemon}/failpoints/drover-{daemon}").resolve())
    return str(FOLDER)


def _link(program, target):
    link = FOLDER / program
    link.unlink(missing_ok=True)
    link.symlink_to(target)
