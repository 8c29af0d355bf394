"""How long clients get no answer while an application is moved, against `docker restart` and against a script over ssh."""
import collections
import dataclasses
import tempfile
import time

from lib import figures, redis_app
from lib.cluster import App, Cluster
from lib.kernel_trace import KernelTrace, OwnTime
from lib.lab import Lab
from lib.plain_container import PlainContainer
from lib.probe import OUTCOMES, Probe, sum_of
from lib.script_peer import ScriptPeer
from lib.setup import say
from lib.ssh import Ssh
from lib.tables import table
from lib.turns import in_turn

MEBIBYTE = redis_app.MEBIBYTE
NODES = ("node1", "node2")
# Volume sizes, by application; all are on the lab at once, so that sizes can alternate.
SIZES = {"redis-small": 100 * MEBIBYTE, "redis-middle": 1024 * MEBIBYTE, "redis-large": 4096 * MEBIBYTE}
# What is moved to and fro to see the engine's own share. It has so few keys that Redis accepts only when all are loaded.
BARE, BARE_BYTES, BARE_KEYS = "redis-bare", 10 * MEBIBYTE, 1_000
PORTS = {"redis-small": 6379, "redis-middle": 6380, "redis-large": 6381, BARE: 6382}
PLAIN_PORT, SCRIPT_PORT = 6400, 6401
# Per node: all volumes, the two peers' copies, and room for what arrives.
POOL_SIZE = "20G"
PAIRS, SIZE_ROUNDS, SCRIPT_PAIRS, OVERHEAD_MOVES = 9, 5, 3, 50
# What one interruption leaves to be written to the disk must not be in the next one.
PAUSE_SECONDS = 0.7
# From one connection of a client to the next: 500 a second leave the machine to what is measured.
INTERVAL_US = 2000
# In the storm: two clients, 2,000 a second each.
STORM_INTERVAL_US, STORM_MOVES = 500, 4
# Of connections that failed, so many are described in the JSON.
MOST_FAILURES = 100


@dataclasses.dataclass(frozen=True)
class Interruption:
    """One interruption: what the worst client saw, and what the application itself needed of it."""
    gap_ms: float
    own: OwnTime
    by_client: dict
    migration: dict = dataclasses.field(default_factory=dict)

    @property
    def overhead_ms(self):
        return self.gap_ms - self.own.stop_ms - self.own.start_ms


class Meter:
    """Interrupts applications and says what their clients saw."""

    def __init__(self, cluster, trace):
        self.cluster = cluster
        self._trace = trace
        self._at = {name: "node1" for name in PORTS}
        # What became of all connections to moved applications, and of those to the peers'.
        self.counts = collections.Counter()
        self.peer_counts = collections.Counter()
        self.failures = []

    def watch(self, addresses, interval_us=INTERVAL_US):
        """A probe of these clients, {name: HOST:PORT}."""
        return Probe(self.cluster.lab, addresses, interval_us=interval_us)

    def interrupt(self, probe, clients, action):
        """Carries out `action`, and returns the Interruption that these clients saw."""
        time.sleep(PAUSE_SECONDS)
        begin = time.monotonic_ns()
        result = action()
        end = time.monotonic_ns()
        by_client = {client: probe.gap_ms(client, begin, end) for client in clients}
        own = self._trace.own_time(begin, time.monotonic_ns())
        return Interruption(max(by_client.values()), own, by_client, result or {})

    def move(self, probe, name):
        """Moves that application to the other node."""
        destination = "node2" if self._at[name] == "node1" else "node1"
        done = self.interrupt(probe, clients_of(name), lambda: self.cluster.move(name, destination))
        self._at[name] = destination
        return done

    def finish(self, probe):
        """Ends the probe, and keeps what became of the connections. Returns those of moved applications."""
        totals = probe.finish()
        moved = {target: counts for target, counts in totals.items() if target.split("@")[0] in PORTS}
        self.failures += [failure for failure in probe.failures() if failure["target"] in moved]
        counts = sum_of(moved)
        self.counts.update(counts)
        self.peer_counts.update(sum_of({target: totals[target] for target in totals if target not in moved}))
        return counts


def clients_of(name):
    """One client per node."""
    return [f"{name}@{node}" for node in NODES]


def addresses_of(*names):
    return {f"{name}@{node}": f"{node}:{PORTS[name]}" for name in names for node in NODES}


def prepare(cluster, image):
    """All applications on node1, with their data."""
    apps = [App(name, image, {port: 6379}) for name, port in PORTS.items()]
    cluster.deploy(apps, {"node1": list(PORTS), "node2": []})
    for app in apps:
        size = SIZES.get(app.name, BARE_BYTES)
        say(f"filling the volume of {app.name} with {size // MEBIBYTE} MiB")
        redis_app.load_keys(cluster, "node1", PORTS[app.name], BARE_KEYS if app.name == BARE else redis_app.KEYS)
        redis_app.fill_volume(cluster.lab, "node1", app.container, size)
    return {app.name: app for app in apps}


def measure_pairs(meter, plain):
    """Pairs of a restart and a move, volume of 1 GiB. Returns ([(restart, move)], the first move: all data goes)."""
    addresses = addresses_of("redis-middle") | {"plain": f"node1:{PLAIN_PORT}"}
    with meter.watch(addresses) as probe:
        first = meter.move(probe, "redis-middle")
        pairs = [in_turn(number, lambda: meter.interrupt(probe, ["plain"], plain.restart),
                         lambda: meter.move(probe, "redis-middle")) for number in range(PAIRS)]
        meter.finish(probe)
    return pairs, first


def measure_sizes(meter):
    """Moves of the smallest and the largest volume in turn. Returns ([(small, large)], {name: first move})."""
    with meter.watch(addresses_of("redis-small", "redis-large")) as probe:
        firsts = {name: meter.move(probe, name) for name in ("redis-small", "redis-large")}
        pairs = [in_turn(number, lambda: meter.move(probe, "redis-small"),
                         lambda: meter.move(probe, "redis-large")) for number in range(SIZE_ROUNDS)]
        meter.finish(probe)
    return pairs, firsts


def measure_overhead(meter):
    """Many moves of a small volume, there and back."""
    with meter.watch(addresses_of(BARE)) as probe:
        # The first time all data goes.
        meter.move(probe, BARE)
        moves = [meter.move(probe, BARE) for _ in range(OVERHEAD_MOVES)]
        meter.finish(probe)
    return moves


def measure_storm(meter):
    """Moves under thousands of connections a second: how many a second it was, and what became of them."""
    with meter.watch(addresses_of(BARE), STORM_INTERVAL_US) as probe:
        begin = time.monotonic()
        moves = [meter.move(probe, BARE) for _ in range(STORM_MOVES)]
        seconds = time.monotonic() - begin
        counts = meter.finish(probe)
    return {"connections_per_second": round(counts["attempts"] / seconds), "move_gap_ms": gaps(moves), **counts}


def measure_script(meter, script):
    """Pairs of the script and a move, volume of 1 GiB."""
    clients = {f"script@{node}": f"{node}:{SCRIPT_PORT}" for node in NODES}
    with meter.watch(addresses_of("redis-middle") | clients) as probe:
        # As at ours, the first time all data goes; this one does not count.
        meter.interrupt(probe, clients, script.move)
        pairs = [in_turn(number, lambda: meter.interrupt(probe, clients, script.move),
                         lambda: meter.move(probe, "redis-middle")) for number in range(SCRIPT_PAIRS)]
        meter.finish(probe)
    return pairs


def phases_of(moves):
    """{phase: median ms} of these moves, in the order in which they pass."""
    names = {phase["name"]: None for move in moves for phase in move.migration["phases"]}
    found = {name: [phase["ms"] for move in moves for phase in move.migration["phases"] if phase["name"] == name]
             for name in names}
    return {name: figures.median(values) for name, values in found.items()}


def gaps(interruptions):
    return [round(one.gap_ms, 1) for one in interruptions]


def summarize(pairs, size_pairs, firsts, overhead_moves, script_pairs):
    """The JSON fields of what was measured."""
    overheads = [move.overhead_ms for move in overhead_moves]
    by_name = {"redis-small": [small for small, _ in size_pairs], "redis-middle": [move for _, move in pairs],
               "redis-large": [large for _, large in size_pairs]}
    return {
        "pairs": [{"restart_gap_ms": round(restart.gap_ms, 1), "move_gap_ms": round(move.gap_ms, 1),
                   "restart_own_ms": round(restart.gap_ms - restart.overhead_ms, 1),
                   "move_own_ms": round(move.gap_ms - move.overhead_ms, 1),
                   "move_gap_ms_by_client": {name: round(ms, 1) for name, ms in move.by_client.items()}}
                  for restart, move in pairs],
        "ratio_median": round(figures.median_ratio([(restart.gap_ms, move.gap_ms) for restart, move in pairs]), 3),
        "restart_gap_ms_median": round(figures.median(gaps([restart for restart, _ in pairs])), 1),
        "move_gap_ms_median": round(figures.median(gaps([move for _, move in pairs])), 1),
        "restart_overhead_ms_p50": round(figures.median([restart.overhead_ms for restart, _ in pairs]), 1),
        "engine_overhead_ms_p50": round(figures.percentile(overheads, 50), 1),
        "engine_overhead_ms_p99": round(figures.percentile(overheads, 99), 1),
        "engine_overhead_moves": len(overheads),
        "own_stop_ms_p50": round(figures.median([move.own.stop_ms for move in overhead_moves]), 1),
        "own_start_ms_p50": round(figures.median([move.own.start_ms for move in overhead_moves]), 1),
        "by_size": [{"bytes": SIZES[name], "move_gap_ms": round(figures.median(gaps(by_name[name])), 1),
                     "moves": gaps(by_name[name]), "first_move_gap_ms": round(firsts[name].gap_ms, 1),
                     "first_move_bulk_bytes": firsts[name].migration["bulk_bytes"],
                     "first_move_copy_ms": phases_of([firsts[name]]).get("copy")} for name in SIZES],
        "size_ratio": round(figures.median_ratio([(small.gap_ms, large.gap_ms) for small, large in size_pairs]), 3),
        "script_pairs": [{"script_gap_ms": round(script.gap_ms, 1), "move_gap_ms": round(move.gap_ms, 1)}
                         for script, move in script_pairs],
        "script_ratio": round(figures.median_ratio([(script.gap_ms, move.gap_ms) for script, move in script_pairs]), 3),
        "phases_ms": phases_of(overhead_moves),
        "interruption_ms_p50": figures.median([move.migration["interruption_ms"] for move in overhead_moves]),
        "final_bytes_p50": figures.median([move.migration["final_bytes"] for move in overhead_moves]),
    }


def show(result):
    print("\nPairs of `docker restart` and a move, volume of 1 GiB: milliseconds without an answer, and of them the "
          "application's own stop and start")
    rows = [[f"pair {number}", pair["restart_gap_ms"], pair["restart_own_ms"], pair["move_gap_ms"], pair["move_own_ms"],
             pair["move_gap_ms"] / pair["restart_gap_ms"]] for number, pair in enumerate(result["pairs"], 1)]
    print("\n".join(table(["", "restart", "own", "move", "own", "ratio"], rows)))
    print("\nBy size of the volume")
    rows = [[f"{one['bytes'] // MEBIBYTE} MiB", one["move_gap_ms"], one["first_move_gap_ms"]] for one in result["by_size"]]
    print("\n".join(table(["", "move", "first move"], rows)))
    print(f"\nWhere the time of a move goes: medians of {result['engine_overhead_moves']} moves, milliseconds")
    print("\n".join(table(["phase", "ms"], result["phases_ms"].items())))
    print("\nWhat became of all connections")
    storm = result["storm"]
    kinds = {"to moved applications": result, f"in the storm ({storm['connections_per_second']}/s)": storm,
             "to the peers": result["peers"]}
    rows = [[kind] + [counts[name] for name in OUTCOMES] for kind, counts in kinds.items()]
    print("\n".join(table(["", *OUTCOMES], rows)))
    print()
    names = ["ratio_median", "engine_overhead_ms_p50", "engine_overhead_ms_p99", "restart_overhead_ms_p50", "size_ratio",
             "script_ratio", "refused"]
    print("\n".join(table(["figure", "value"], [[name, result[name]] for name in names])))


def measure(backend, stack):
    """Measures, prints and returns all figures; `stack` takes what is to be cleaned up."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="drover-bench-"))
    lab = stack.enter_context(Lab(backend, pool_size=POOL_SIZE))
    trace = stack.enter_context(KernelTrace("redis-server"))
    cluster = Cluster(lab, folder)
    image = lab.image("redis")
    apps = prepare(cluster, image)
    say("copying data for the peers")
    plain = PlainContainer(lab, image, PLAIN_PORT, apps["redis-middle"].container)
    ssh = stack.enter_context(Ssh(lab, NODES, folder))
    script = ScriptPeer(lab, ssh, image, SCRIPT_PORT, apps["redis-middle"].container)
    meter = Meter(cluster, trace)
    say(f"{PAIRS} pairs of docker restart and a move")
    pairs, first = measure_pairs(meter, plain)
    say(f"{SIZE_ROUNDS} pairs of a small and a large volume")
    size_pairs, firsts = measure_sizes(meter)
    say(f"{SCRIPT_PAIRS} pairs of the script and a move")
    script_pairs = measure_script(meter, script)
    say(f"{OVERHEAD_MOVES} moves there and back")
    overhead_moves = measure_overhead(meter)
    say(f"{STORM_MOVES} moves under thousands of connections a second")
    storm = measure_storm(meter)
    result = summarize(pairs, size_pairs, firsts | {"redis-middle": first}, overhead_moves, script_pairs)
    result |= {**meter.counts, "peers": dict(meter.peer_counts), "storm": storm, "failures": meter.failures[:MOST_FAILURES]}
    show(result)
    return result
