"""Requests and throughput through another node, against HAProxy, nginx stream and no proxy at all; with many routes; while
ports are held."""
import contextlib
import csv
import io
import json
import subprocess
import tempfile
import time

from lib import figures
from lib.cluster import App, Cluster
from lib.failure import Unmeasured
from lib.lab import Lab
from lib.own_image import push_image
from lib.probe import Probe
from lib.setup import say
from lib.tables import table
from lib.turns import in_rotation
from lib.user_space_proxies import haproxy, nginx

OWNER, OTHER = "node2", "node1"
REDIS_PORT, IPERF_PORT, SLOW_PORT, MOVER_PORT = 6379, 5201, 6390, 6391
# The same programs on the owner, without any container or address translation.
DIRECT_REDIS, DIRECT_IPERF = 7000, 7001
# On the other node: what the two proxies listen on, for Redis and for iperf3.
HAPROXY_PORTS, NGINX_PORTS = (7100, 7101), (7200, 7201)
FIRST_EXTRA_PORT = 10_000
ROUTE_COUNTS = (1, 1_000, 10_000)
ROUNDS, ROUTE_ROUNDS, CHANGE_ROUNDS = 4, 3, 4
PROBE_SECONDS = 3
REQUESTS = {1: 15_000, 20: 100_000}
IPERF_SECONDS = 3
# How long the application whose ports are held takes to stop.
HOLD_SECONDS = 8


def parse_redis_benchmark(text):
    """(requests per second, median latency in ms) from what `redis-benchmark --csv` prints."""
    rows = list(csv.DictReader(io.StringIO(text)))
    if len(rows) != 1:
        raise Unmeasured(f"redis-benchmark answered otherwise than expected: {text}")
    return float(rows[0]["rps"]), float(rows[0]["p50_latency_ms"])


def parse_iperf(text):
    """Bits per second that arrived."""
    answer = json.loads(text)
    if "error" in answer:
        raise Unmeasured(f"iperf3: {answer['error']}")
    return answer["end"]["sum_received"]["bits_per_second"]


class Clients:
    """On the lab's client machine."""

    def __init__(self, lab):
        self._lab = lab

    def redis(self, node, port, connections, requests=None):
        requests = requests or REQUESTS[connections]
        return parse_redis_benchmark(self._lab.run(
            "client", "redis-benchmark", "-h", node, "-p", port, "-c", connections, "-n", requests, "-t", "get", "--csv"))

    def iperf(self, node, port):
        return parse_iperf(self._lab.run("client", "iperf3", "-c", node, "-p", port, "-t", IPERF_SECONDS, "-J"))


def measure_ways(clients):
    """By rounds: {way: {redis_1, redis_20, iperf}}."""
    ways = {"direct": (OWNER, DIRECT_REDIS, DIRECT_IPERF), "drover": (OTHER, REDIS_PORT, IPERF_PORT),
            "drover on the owner": (OWNER, REDIS_PORT, IPERF_PORT),
            "haproxy": (OTHER, *HAPROXY_PORTS), "nginx": (OTHER, *NGINX_PORTS)}
    rounds = []
    for number in range(ROUNDS):
        say(f"round {number + 1} of {ROUNDS}: {', '.join(ways)}")
        order = in_rotation(list(ways), number)
        found = {way: {} for way in ways}
        for connections in REQUESTS:
            for way in order:
                node, port, _ = ways[way]
                rps, p50 = clients.redis(node, port, connections)
                found[way] |= {f"rps_{connections}": rps, f"p50_{connections}_ms": p50}
        for way in order:
            node, _, port = ways[way]
            found[way]["gbit"] = clients.iperf(node, port) / 1e9
        rounds.append(found)
    return rounds


class Routes:
    """Redis on the owner, with any number of external ports: each is a route on each node, and changing them touches no
    container. Beside it other applications, whose ports are routes too."""

    def __init__(self, cluster, image):
        self._cluster = cluster
        self._image = image

    def deploy(self, count, others=()):
        """Redis with that many ports in all, less those of `others`."""
        extra = count - 1 - sum(len(app.ports) for app in others)
        redis = App("bench-redis", self._image, {REDIS_PORT: 6379} | {FIRST_EXTRA_PORT + n: 6379 for n in range(extra)})
        apps = [redis, *others]
        result = self._cluster.deploy(apps, {OWNER: [app.name for app in apps], OTHER: []})
        if result["error"]:
            raise Unmeasured(f"the deploy of {count} routes failed: {result['error']}")
        found = self._elements()
        if found != count:
            raise Unmeasured(f"{OTHER} has {found} routes instead of {count}")

    def _elements(self):
        """How many routes the other node's kernel has."""
        listed = json.loads(self._cluster.lab.run(OTHER, "nft", "-j", "list", "map", "inet", "drover", "routes"))
        return sum(len(entry["map"].get("elem", [])) for entry in listed["nftables"] if "map" in entry)


def measure_counts(lab, clients, routes):
    """By rounds: {number of routes: {p50_us of short connections, rps of 20 lasting ones}}."""
    rounds = []
    for number in range(ROUTE_ROUNDS):
        found = {}
        for count in in_rotation(list(ROUTE_COUNTS), number):
            say(f"round {number + 1} of {ROUTE_ROUNDS}: {count} routes")
            routes.deploy(count)
            with Probe(lab, {"redis": f"{OTHER}:{REDIS_PORT}"}, write_every=0) as probe:
                time.sleep(PROBE_SECONDS)
                latency = probe.finish()["redis"]["p50_us"]
            rps, p50 = clients.redis(OTHER, REDIS_PORT, 20)
            found[count] = {"p50_us": latency, "rps": rps, "lasting_p50_ms": p50}
        rounds.append(found)
    return rounds


def measure_changes(cluster, routes, mover):
    """{number of routes: [ms in which a move switches the routes of all nodes]}: the `route` phase of moves."""
    found = {}
    for count in (ROUTE_COUNTS[0] + 1, ROUTE_COUNTS[-1]):
        say(f"one change among {count} routes")
        routes.deploy(count, [mover])
        moves = [cluster.move(mover.name, node) for node in (OTHER, OWNER) * CHANGE_ROUNDS]
        found[count] = [phase["ms"] for move in moves for phase in move["phases"] if phase["name"] == "route"]
    return found


@contextlib.contextmanager
def held(cluster, name):
    """While an application that does not obey the signal to stop is moved, new connections to its port wait."""
    with cluster.lab.background("client", "drover", "move", name, OTHER) as move:
        deadline = time.monotonic() + 30
        while not any(one["state"] == "QUIESCING" for one in cluster.drover("migrations", "list")["migrations"]):
            move.check()
            if time.monotonic() > deadline:
                raise Unmeasured(f"the move of {name} did not get to its hold")
            time.sleep(0.05)
        yield
        if move.process.wait() != 0:
            raise Unmeasured(f"the move of {name} failed: {move.words()}")


def measure_held(cluster, clients, slow):
    """Redis' requests a second while the ports of another application are held, against before; and the latency of connections
    that were caught by a hold, which stay on the relay until they end."""
    before = clients.redis(OTHER, REDIS_PORT, 20)[0]
    direct = clients.redis(OTHER, SLOW_PORT, 20)[1]
    say(f"holding the ports of {slow.name}")
    with held(cluster, slow.name):
        with cluster.lab.background("client", "redis-benchmark", "-h", OTHER, "-p", SLOW_PORT, "-c", 20, "-n",
                                    REQUESTS[20], "-t", "get", "--csv", stdout=subprocess.PIPE) as caught:
            during = clients.redis(OTHER, REDIS_PORT, 20)[0]
            output, _ = caught.process.communicate()
    return {"held_rps_vs_not": during / before, "relay_p50_vs_routed": parse_redis_benchmark(output)[1] / direct}


def applications(image, iperf_image):
    """What runs beside Redis: (iperf3, an application that is moved, one that does not obey the signal to stop)."""
    # It wants a folder for temporary files, and its image has nothing but the program.
    iperf = App("bench-iperf", iperf_image, {IPERF_PORT: IPERF_PORT}, mountpoint="",
                more='    command: ["/usr/bin/iperf3", "-s"]\n    environment: {TMPDIR: "/dev/shm"}')
    mover = App("bench-mover", image, {MOVER_PORT: 6379})
    script = "trap '' TERM; redis-server --dir /data --protected-mode no & while true; do busybox sleep 1; done"
    slow = App("bench-slow", image, {SLOW_PORT: 6379},
               more=f'    command: ["busybox", "sh", "-c", "{script}"]\n    stop_timeout: "{HOLD_SECONDS}s"')
    return iperf, mover, slow


def medians_of(way):
    """The JSON field of that way's medians."""
    return way.replace(" ", "_") + "_medians"


def summarize(ways, counts, changes, holds):
    """The JSON fields of what was measured."""
    def ratio(field, way, base):
        return round(figures.median_ratio([(one[base][field], one[way][field]) for one in ways]), 3)

    def p50_ratio(count):
        return round(figures.median_ratio([(one[1]["p50_us"], one[count]["p50_us"]) for one in counts]), 3)

    most = ROUTE_COUNTS[-1]
    result = {
        "rps_vs_direct": ratio("rps_20", "drover", "direct"),
        "rps_vs_haproxy": ratio("rps_20", "drover", "haproxy"),
        "rps_vs_nginx": ratio("rps_20", "drover", "nginx"),
        "rps_1_vs_direct": ratio("rps_1", "drover", "direct"),
        "rps_1_vs_haproxy": ratio("rps_1", "drover", "haproxy"),
        "throughput_vs_direct": ratio("gbit", "drover", "direct"),
        "throughput_vs_haproxy": ratio("gbit", "drover", "haproxy"),
        "throughput_vs_nginx": ratio("gbit", "drover", "nginx"),
        "p50_10000_vs_1": p50_ratio(most),
        "p50_1000_vs_1": p50_ratio(1_000),
        "p50_us_by_routes": {str(count): figures.median([one[count]["p50_us"] for one in counts]) for count in ROUTE_COUNTS},
        "apply_one_of_10000_ms": figures.median(changes[most]),
        "apply_one_of_few_ms": figures.median(changes[min(changes)]),
        "apply_one_ms": {str(count): values for count, values in changes.items()},
        **{name: round(value, 3) for name, value in holds.items()},
    }
    for way, fields in ways[0].items():
        result[medians_of(way)] = {field: round(figures.median([one[way][field] for one in ways]), 3) for field in fields}
    return result


def show(result, ways):
    print(f"\nFrom the client to {OWNER}; all but `direct` and `drover on the owner` through {OTHER}. Redis GET a second with "
          "1 and 20 connections; iperf3, Gbit/s")
    rows = [[way] + [result[medians_of(way)][field] for field in ("rps_1", "rps_20", "gbit")] for way in ways]
    print("\n".join(table(["", "GET/s, 1", "GET/s, 20", "Gbit/s"], rows)))
    print("\nConnect, GET, answer, close: median microseconds by the number of routes")
    print("\n".join(table(["routes", "us"], result["p50_us_by_routes"].items())))
    names = ["rps_vs_direct", "rps_vs_haproxy", "rps_vs_nginx", "throughput_vs_direct", "p50_10000_vs_1", "p50_1000_vs_1",
             "apply_one_of_10000_ms", "apply_one_of_few_ms", "held_rps_vs_not", "relay_p50_vs_routed"]
    print()
    print("\n".join(table(["figure", "value"], [[name, result[name]] for name in names])))


def measure(backend, stack):
    """Measures, prints and returns all figures; `stack` takes what is to be cleaned up."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="drover-bench-"))
    lab = stack.enter_context(Lab(backend))
    cluster = Cluster(lab, folder)
    image = lab.image("redis")
    iperf_image = image.rpartition("/")[0] + "/iperf3"
    push_image(lab, OWNER, "/usr/bin/iperf3", iperf_image, folder)
    iperf, mover, slow = applications(image, iperf_image)
    clients = Clients(lab)
    routes = Routes(cluster, image)
    stack.enter_context(lab.background(OWNER, "redis-server", "--port", DIRECT_REDIS, "--protected-mode", "no", "--save", ""))
    stack.enter_context(lab.background(OWNER, "iperf3", "-s", "-p", DIRECT_IPERF))
    targets = [f"{OWNER}:{port}" for port in (DIRECT_REDIS, DIRECT_IPERF)]
    stack.enter_context(haproxy(lab, OTHER, dict(zip(HAPROXY_PORTS, targets)), folder))
    stack.enter_context(nginx(lab, OTHER, dict(zip(NGINX_PORTS, targets)), folder))
    routes.deploy(2, [iperf])
    ways = measure_ways(clients)
    counts = measure_counts(lab, clients, routes)
    changes = measure_changes(cluster, routes, mover)
    routes.deploy(2, [slow])
    result = summarize(ways, counts, changes, measure_held(cluster, clients, slow))
    show(result, list(ways[0]))
    return result
