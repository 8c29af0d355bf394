#!/usr/bin/env python3
"""Unit tests of what the benchmarks do with what they have measured."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import downtime  # noqa: E402
import drain  # noqa: E402
import route  # noqa: E402
import transfer  # noqa: E402
from lib import cpu, figures, kernel_trace, machine, own_image, probe, tables, user_space_proxies  # noqa: E402
from lib.cluster import App, application_yaml, deployment_yaml  # noqa: E402
from lib.failure import Unmeasured  # noqa: E402
from lib.turns import in_rotation, in_turn  # noqa: E402

MS = 1_000_000
COUNTS = {name: 0 for name in probe.OUTCOMES}


class FiguresTest(unittest.TestCase):
    def test_median(self):
        self.assertEqual(figures.median([3, 1, 2]), 2)
        self.assertEqual(figures.median([4, 1, 2, 3]), 2.5)

    def test_percentiles_are_values_that_were_measured(self):
        values = list(range(1, 51))
        self.assertEqual(figures.percentile(values, 50), 25)
        self.assertEqual(figures.percentile(values, 99), 50)
        self.assertEqual(figures.percentile([7], 99), 7)

    def test_the_median_of_ratios_is_not_the_ratio_of_medians(self):
        self.assertEqual(figures.median_ratio([(1, 1), (10, 5), (100, 200)]), 1)

    def test_nothing_measured_is_an_error_and_no_figure(self):
        for call in (lambda: figures.median([]), lambda: figures.percentile([], 50), lambda: figures.median_ratio([]),
                     lambda: figures.median_ratio([(0, 1)])):
            self.assertRaises(Unmeasured, call)


class ProbeTest(unittest.TestCase):
    EVENTS = [probe.parse_event(line) for line in (
        "gap a 1000000 11000000", "gap b 1000000 91000000", "gap a 20000000 50000000", "refused a 21000000 22000000",
        "gap a 200000000 290000000")]

    def test_parses_events(self):
        self.assertEqual(self.EVENTS[3], probe.Event("refused", "a", 21 * MS, 22 * MS))
        self.assertEqual(self.EVENTS[2].ms, 30)

    def test_the_gap_of_an_interruption_is_the_targets_longest_in_that_time(self):
        self.assertEqual(probe.largest_gap(self.EVENTS, "a", 5 * MS, 60 * MS), self.EVENTS[2])

    def test_a_gap_may_end_after_the_interruption_is_over(self):
        self.assertEqual(probe.largest_gap(self.EVENTS, "a", 100 * MS, 220 * MS), self.EVENTS[4])

    def test_no_gap_in_that_time(self):
        self.assertIsNone(probe.largest_gap(self.EVENTS, "a", 60 * MS, 190 * MS))

    def test_parses_totals(self):
        self.assertEqual(probe.parse_total("total a@node1 attempts=5 refused=0\n"), ("a@node1", {"attempts": 5, "refused": 0}))

    def test_connections_of_all_clients_are_added(self):
        counts = {"a@node1": COUNTS | {"refused": 1}, "a@node2": COUNTS | {"refused": 2, "answered": 5}}
        self.assertEqual(probe.sum_of(counts), COUNTS | {"refused": 3, "answered": 5})


class KernelTraceTest(unittest.TestCase):
    LINES = [
        "  runc-310  [001] d..1.   100.000000: signal_generate: sig=15 comm=redis-server pid=300 grp=1 res=0",
        "  runc-310  [001] d..1.   100.001000: signal_generate: sig=17 comm=redis-server pid=300 grp=1 res=0",
        " redis-server-305 [000] .....   100.020000: sched_process_exit: comm=redis-server pid=305",
        " redis-server-300 [000] .....   100.050500: sched_process_exit: comm=redis-server pid=300",
        " drover-gate-400 [000] .....   100.200000: sched_process_exec: filename=/usr/bin/redis-server pid=400 old_pid=400",
        " redis-server-400     [000] .....   100.201000: sys_accept4 -> 0xfffffffffffffff5",
        " redis-server-400     [000] .....   100.230000: sys_accept4 -> 0x8",
        "CPU:1 [LOST 3 EVENTS]",
    ]

    def events(self):
        return [event for event in map(kernel_trace.parse, self.LINES) if event is not None]

    def test_an_applications_own_time_is_signal_to_exit_and_exec_to_accept(self):
        own = kernel_trace.own_time(self.events(), 99_000 * MS, 101_000 * MS)
        self.assertEqual(own, kernel_trace.OwnTime(50.5, 30.0))

    def test_what_the_kernel_did_not_tell_is_not_measured(self):
        for kind in ("signal", "exit", "exec", "accept"):
            events = [event for event in self.events() if event.kind != kind]
            with self.assertRaises(Unmeasured, msg=kind):
                kernel_trace.own_time(events, 99_000 * MS, 101_000 * MS)


class MachineTest(unittest.TestCase):
    def test_waiting_is_not_work(self):
        seconds = machine.parse_cpu("cpu  100 0 200 900 50 0 30 20 0 0\ncpu0 1 1 1 1\n")
        self.assertAlmostEqual(machine.busy(seconds) / sum(seconds.values()), 350 / 1300)


class FilesTest(unittest.TestCase):
    def test_application_file(self):
        app = App("one", "flocker.local/redis", {7001: 6379}, more="    restart_policy: {name: \"always\"}\n")
        self.assertEqual(application_yaml([app]), (
            'version: 1\napplications:\n  one:\n    image: "flocker.local/redis"\n    ports:\n'
            '    - {internal: 6379, external: 7001}\n    volume:\n      mountpoint: "/data"\n'
            '    restart_policy: {name: "always"}\n'))
        self.assertEqual(application_yaml([]), "version: 1\napplications: {}\n")

    def test_deployment_file(self):
        self.assertEqual(deployment_yaml({"node2": [], "node1": ["a", "b"]}),
                         'version: 1\nnodes:\n  "node1": [a, b]\n  "node2": []\n')


class TablesTest(unittest.TestCase):
    def test_columns_are_aligned(self):
        self.assertEqual(tables.table(["", "ms"], [["gap", 12.345], ["longer", 1234.5]]),
                         ["          ms", "------  ----", "gap     12.3", "longer  1234"])


class DowntimeTest(unittest.TestCase):
    @staticmethod
    def interruption(gap_ms, stop_ms=30.0, start_ms=20.0):
        migration = {"phases": [{"name": "stop", "ms": 30}, {"name": "ready", "ms": 20}], "interruption_ms": gap_ms,
                     "final_bytes": 1000, "bulk_bytes": 2000}
        return downtime.Interruption(gap_ms, kernel_trace.OwnTime(stop_ms, start_ms), {"x@node1": gap_ms}, migration)

    def test_all_fields_of_the_contract(self):
        one = self.interruption
        result = downtime.summarize(
            [(one(400.0), one(200.0)), (one(500.0), one(300.0)), (one(400.0), one(100.0))], [(one(200.0), one(220.0))],
            {name: one(300.0) for name in downtime.SIZES}, [one(150.0), one(180.0), one(160.0)],
            [(one(1000.0), one(200.0))])
        self.assertEqual(result["ratio_median"], 0.5)
        self.assertEqual(result["engine_overhead_ms_p50"], 110)
        self.assertEqual(result["engine_overhead_ms_p99"], 130)
        self.assertEqual(result["size_ratio"], 1.1)
        self.assertEqual(result["script_ratio"], 0.2)
        self.assertEqual([one["bytes"] >> 20 for one in result["by_size"]], [100, 1024, 4096])
        self.assertEqual(result["phases_ms"], {"stop": 30, "ready": 20})
        self.assertLessEqual({"pairs", "by_size"}, set(result))


class TransferTest(unittest.TestCase):
    def test_a_push_twice_as_slow_as_the_pipe_has_half_its_rate(self):
        rounds = [{"push": transfer.Sent(4.0, 6.0, 2_000_000_000, 3.0), "pipe": transfer.Sent(2.0, 3.0),
                   "ssh": transfer.Sent(6.0, 8.0)}]
        result = transfer.summarize(rounds)
        self.assertEqual(result["ratio_median"], 0.5)
        self.assertEqual(result["ssh_ratio"], 1.5)
        self.assertEqual(result["cpu_seconds_per_gb"], 1.5)
        self.assertEqual(result["push_mb_per_second"], 500)

    def test_a_process_name_may_hold_anything(self):
        fields = " ".join(["S"] + ["0"] * 10 + ["100", "200", "300", "400"] + ["0"] * 30)
        self.assertEqual(cpu.parse_process(f"12 (a) b) {fields}"), 1000 / cpu.TICKS)


class RouteTest(unittest.TestCase):
    def test_parses_redis_benchmark(self):
        text = ('"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms",'
                '"max_latency_ms"\n"GET","50000.00","0.3","0.1","0.247","0.5","0.9","2.0"\n')
        self.assertEqual(route.parse_redis_benchmark(text), (50000.0, 0.247))
        self.assertRaises(Unmeasured, route.parse_redis_benchmark, "Could not connect\n")

    def test_parses_iperf(self):
        self.assertEqual(route.parse_iperf('{"end": {"sum_received": {"bits_per_second": 5e9}}}'), 5e9)
        self.assertRaises(Unmeasured, route.parse_iperf, '{"error": "unable to connect"}')

    def test_all_fields_of_the_contract(self):
        def way(rps, gbit):
            return {"rps_1": rps / 2, "p50_1_ms": 0.1, "rps_20": rps, "p50_20_ms": 0.2, "gbit": gbit}
        ways = [{"direct": way(100.0, 10.0), "drover": way(90.0, 8.0), "haproxy": way(50.0, 4.0), "nginx": way(45.0, 5.0)}]
        counts = [{1: {"p50_us": 100}, 1_000: {"p50_us": 101}, 10_000: {"p50_us": 103}}]
        result = route.summarize(ways, counts, {2: [3, 5], 10_000: [6, 8]}, {"held_rps_vs_not": 0.99})
        self.assertEqual(result["rps_vs_direct"], 0.9)
        self.assertEqual(result["rps_vs_haproxy"], 1.8)
        self.assertEqual(result["throughput_vs_direct"], 0.8)
        self.assertEqual(result["p50_10000_vs_1"], 1.03)
        self.assertEqual(result["apply_one_of_10000_ms"], 7)

    def test_files_of_the_proxies(self):
        self.assertIn("listen port7100\n  bind *:7100\n  server one node2:7000\n",
                      user_space_proxies.haproxy_config({7100: "node2:7000"}))
        self.assertIn("  server { listen 7200; proxy_pass node2:7000; }\n",
                      user_space_proxies.nginx_config({7200: "node2:7000"}, "/tmp/x"))

    def test_libraries_of_a_program(self):
        text = ("\tlinux-vdso.so.1 (0x00007)\n\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007)\n"
                "\t/lib64/ld-linux-x86-64.so.2 (0x00007)\n")
        self.assertEqual(own_image.libraries(text), ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/ld-linux-x86-64.so.2"])


class DrainTest(unittest.TestCase):
    def test_all_fields_of_the_contract(self):
        pairs = [(drain.Emptied(20.0, [400.0, 500.0]), drain.Emptied(10.0, [450.0, 450.0, 900.0]))]
        result = drain.summarize(pairs, COUNTS, [250.0, 260.0, 240.0])
        self.assertEqual(result["wall_ratio"], 0.5)
        self.assertEqual(result["gap_ratio"], 1.0)
        self.assertEqual(result["noop_deploy_50_ms"], 250)
        self.assertEqual(result["refused"], 0)

    def test_parses_what_bash_says_of_the_time(self):
        self.assertEqual(drain.parse_real('{"changed":false}\nreal 0.255\n'), 255)
        self.assertRaises(Unmeasured, drain.parse_real, "no time")


class TurnsTest(unittest.TestCase):
    def test_each_second_pair_begins_with_the_other_one(self):
        calls = []
        for number in range(2):
            result = in_turn(number, lambda: calls.append("a") or "a", lambda: calls.append("b") or "b")
            self.assertEqual(result, ("a", "b"))
        self.assertEqual(calls, ["a", "b", "b", "a"])

    def test_each_round_begins_with_the_next_one(self):
        self.assertEqual([in_rotation(["a", "b", "c"], number)[0] for number in range(4)], ["a", "b", "c", "a"])
        self.assertEqual(in_rotation(["a", "b", "c"], 1), ["b", "c", "a"])


if __name__ == "__main__":
    unittest.main()
