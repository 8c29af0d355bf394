"""What must be true when the machines are well again: the journal, the nodes and the machines say the same, and nothing is left
over."""
from suite.application import NAME, NODES
from suite.violation import Violation
from suite.waiting import until

# I5: from when all can talk again until a migration has ended, without its bulk copy.
END_SECONDS = 30
# Clean-up goes on behind the end of a move.
TIDY_SECONDS = 20


def await_end(application):
    """No migration is under way, all nodes are READY, and the application runs."""
    def ended():
        status = application.drover("status")
        return (not status["migrations"] and all(node["state"] == "READY" for node in status["nodes"])
                and all(app["state"] == "RUNNING" for app in status["applications"] if app["name"] == NAME))
    until("the end of the migration", ended, END_SECONDS)


def check_tidy(application, backend):
    """On both nodes there is what the owner needs and the base of the next move, and nothing else."""
    owner = application.owner()
    for node in NODES:
        until(f"{node} tidied up", lambda node=node: not leftovers(application.lab, backend, node, node == owner),
              TIDY_SECONDS)


def leftovers(lab, backend, node, is_owner):
    """What should not be on that node. Raises it as a Violation, so that who waits in vain can say what it was."""
    wrong = []

    def expect(what, found, wanted):
        if found not in wanted:
            wrong.append(f"{what} on {node}: {found}")

    containers = lab.run(node, "docker", "ps", "-a", "--format", "{{.Names}} {{.State}}").split("\n")[:-1]
    expect("containers", containers, [[f"drover--{NAME} running"]] if is_owner else [[]])
    count = int(lab.run(node, "bash", "-c", "grep -c ^drover-slot /proc/self/mounts || true"))
    expect("slots", count, [1] if is_owner else [0])
    expect("held ports", "elements" in lab.run(node, "nft", "list", "set", "inet", "drover", "holds"), [False])
    senders = lab.run(node, "bash", "-c", "pgrep -af 'btrfs (send|receive)|zfs (send|receive)' | grep -v pgrep || true")
    expect("children", senders, [""])
    POOLS[backend](lab, node, is_owner, expect)
    if wrong:
        raise Violation("; ".join(wrong))
    return wrong


def _btrfs(lab, node, is_owner, expect):
    folder = f"/flocker/drover/apps/{NAME}"
    # Fails if this is not where the pool is.
    lab.run(node, "test", "-e", f"{folder}/record.json")
    expect("arriving", lab.run(node, "bash", "-c", f"ls {folder}/incoming 2>/dev/null || true"), [""])
    snapshots = lab.run(node, "bash", "-c", f"ls {folder}/volumes/volume/snapshots 2>/dev/null || true").split()
    expect("snapshots", len(snapshots), [1])
    live = lab.run(node, "bash", "-c", f"test -e {folder}/volumes/volume/live && echo live || true").strip()
    expect("live volume", live, ["live"] if is_owner else [""])


def _zfs(lab, node, is_owner, expect):
    del is_owner
    names = lab.run(node, "zfs", "list", "-H", "-r", "-t", "all", "-o", "name").split()
    expect("snapshots", sum(NAME in name and "@" in name for name in names), [1])
    expect("arriving", [name for name in names if "%" in name], [[]])


POOLS = {"btrfs": _btrfs, "zfs": _zfs}
