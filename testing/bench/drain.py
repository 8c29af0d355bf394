"""A node emptied by one deploy that moves all its applications, against moving them one after the other; and a deploy that
changes nothing."""
import dataclasses
import re
import tempfile
import time

from lib import figures
from lib.cluster import App, Cluster
from lib.failure import Unmeasured
from lib.lab import Lab
from lib.probe import OUTCOMES, Probe, sum_of
from lib.setup import say
from lib.tables import table

NODES = ("node1", "node2")
MOVED, ALL = 20, 50
FIRST_PORT = 7001
ROUNDS = 3
NOOP_DEPLOYS = 9
# 40 clients at once: together they open 1,600 connections a second.
INTERVAL_US = 25_000


@dataclasses.dataclass(frozen=True)
class Emptied:
    """One way of emptying a node, once: seconds, and the gap of each application in milliseconds."""
    seconds: float
    gaps_ms: list


def names_of(count):
    return [f"app{number:02}" for number in range(1, count + 1)]


def apps_of(count, image):
    return [App(name, image, {FIRST_PORT + number: 6379}) for number, name in enumerate(names_of(count))]


def clients_of(name):
    return [f"{name}@{node}" for node in NODES]


def worst_gap(probe, name, begin, end):
    return max(probe.gap_ms(client, begin, end) for client in clients_of(name))


def by_one_deploy(cluster, probe, apps, destination):
    """All applications to that node, by one deploy."""
    others = [node for node in NODES if node != destination]
    files = cluster.write_files(apps, {destination: [app.name for app in apps]} | {node: [] for node in others})
    begin = time.monotonic_ns()
    result = cluster.drover("deploy", "--yes", *files)
    end = time.monotonic_ns()
    if len(result["migrations"]) != len(apps) or result["error"]:
        raise Unmeasured(f"the deploy made {len(result['migrations'])} moves of {len(apps)}: {result['error']}")
    return Emptied((end - begin) / 1e9, [worst_gap(probe, app.name, begin, end) for app in apps])


def one_after_the_other(cluster, probe, apps, destination):
    """All applications to that node, by a move each."""
    seconds = 0.0
    gaps = []
    for app in apps:
        begin = time.monotonic_ns()
        cluster.move(app.name, destination)
        end = time.monotonic_ns()
        seconds += (end - begin) / 1e9
        gaps.append(worst_gap(probe, app.name, begin, end))
    return Emptied(seconds, gaps)


def measure_drains(cluster, apps):
    """([(one after the other, by one deploy)], what became of all connections). Begins and ends on node1."""
    addresses = {client: f"{client.split('@')[1]}:{port}"
                 for app in apps for port in app.ports for client in clients_of(app.name)}
    pairs = []
    with Probe(cluster.lab, addresses, interval_us=INTERVAL_US) as probe:
        for number in range(ROUNDS):
            say(f"round {number + 1} of {ROUNDS}: {len(apps)} applications there and back")
            if number % 2 == 0:
                together = by_one_deploy(cluster, probe, apps, "node2")
                pairs.append((one_after_the_other(cluster, probe, apps, "node1"), together))
            else:
                single = one_after_the_other(cluster, probe, apps, "node2")
                pairs.append((single, by_one_deploy(cluster, probe, apps, "node1")))
        totals = probe.finish()
    return pairs, sum_of(totals)


def containers(lab):
    """All containers of both nodes: their ids, process numbers and start times."""
    return [lab.run(node, "bash", "-c", "docker inspect -f '{{.Id}} {{.State.Pid}} {{.State.StartedAt}}' $(docker ps -aq)")
            for node in NODES]


def parse_real(text):
    """Milliseconds from what bash's `time` says."""
    match = re.search(r"^real ([0-9.]+)$", text, re.MULTILINE)
    if match is None:
        raise Unmeasured(f"no time in: {text}")
    return float(match.group(1)) * 1000


def measure_noop(cluster, apps):
    """Milliseconds of each deploy that changes nothing, as who types it waits."""
    half = len(apps) // 2
    names = [app.name for app in apps]
    placement = {"node1": names[:half], "node2": names[half:]}
    say(f"deploying {len(apps)} applications")
    files = cluster.write_files(apps, placement)
    cluster.drover("deploy", "--yes", *files)
    before = containers(cluster.lab)
    times = []
    for _ in range(NOOP_DEPLOYS):
        output = cluster.lab.run("client", "bash", "-c",
                                 'TIMEFORMAT="real %R"; time drover deploy --yes "$@" -o json 2>&1', "bash", *files,
                                 merge_errors=True)
        if '"changed":false' not in output.replace(" ", ""):
            raise Unmeasured(f"a deploy of what runs already changed something: {output}")
        times.append(parse_real(output))
    if containers(cluster.lab) != before:
        raise Unmeasured("a deploy that changes nothing touched a container")
    return times


def summarize(pairs, counts, noop_ms):
    """The JSON fields of what was measured."""
    single_gaps = [gap for single, _ in pairs for gap in single.gaps_ms]
    drain_gaps = [gap for _, together in pairs for gap in together.gaps_ms]
    return {
        "wall_ratio": round(figures.median_ratio([(single.seconds, together.seconds) for single, together in pairs]), 3),
        "gap_ratio": round(figures.median(drain_gaps) / figures.median(single_gaps), 3),
        **counts,
        "noop_deploy_50_ms": round(figures.median(noop_ms)),
        "noop_deploys_ms": [round(ms) for ms in noop_ms],
        "rounds": [{"single_seconds": round(single.seconds, 2), "drain_seconds": round(together.seconds, 2),
                    "single_gap_ms_median": round(figures.median(single.gaps_ms), 1),
                    "drain_gap_ms_median": round(figures.median(together.gaps_ms), 1),
                    "drain_gap_ms_max": round(max(together.gaps_ms), 1)} for single, together in pairs],
        "drain_gap_ms_p95": round(figures.percentile(drain_gaps, 95), 1),
        "single_gap_ms_p95": round(figures.percentile(single_gaps, 95), 1),
    }


def show(result):
    print(f"\n{MOVED} applications off one node: by one deploy, and one after the other")
    rows = [[f"round {number}", one["single_seconds"], one["drain_seconds"], one["single_gap_ms_median"],
             one["drain_gap_ms_median"], one["drain_gap_ms_max"]] for number, one in enumerate(result["rounds"], 1)]
    print("\n".join(table(["", "one by one s", "deploy s", "gap ms (one by one)", "gap ms (deploy)", "longest"], rows)))
    names = ["wall_ratio", "gap_ratio", "noop_deploy_50_ms", *OUTCOMES]
    print()
    print("\n".join(table(["figure", "value"], [[name, result[name]] for name in names])))


def measure(backend, stack):
    """Measures, prints and returns all figures; `stack` takes what is to be cleaned up."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="drover-bench-"))
    lab = stack.enter_context(Lab(backend))
    cluster = Cluster(lab, folder)
    image = lab.image("redis")
    apps = apps_of(MOVED, image)
    say(f"deploying {MOVED} applications")
    cluster.deploy(apps, {"node1": names_of(MOVED), "node2": []})
    # The first moves send everything, and take the image along; they are not what is compared.
    cluster.deploy(apps, {"node1": [], "node2": names_of(MOVED)})
    cluster.deploy(apps, {"node1": names_of(MOVED), "node2": []})
    pairs, counts = measure_drains(cluster, apps)
    result = summarize(pairs, counts, measure_noop(cluster, apps_of(ALL, image)))
    show(result)
    return result
