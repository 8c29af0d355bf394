#!/usr/bin/env python3
"""Unit tests of count_cases.py."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import count_cases  # noqa: E402

GTEST = """<testsuites><testsuite>
<testcase classname="A" name="passes" status="run" time="0.5"/>
<testcase classname="A" name="fails" status="run" time="2"><failure message="x"/></testcase>
<testcase classname="A" name="skips" status="run" result="skipped"><skipped message="needs root"/></testcase>
</testsuite></testsuites>"""
CRASHED = '<testsuites><testsuite><testcase name="t"><error message="exited"/></testcase></testsuite></testsuites>'


class CountTest(unittest.TestCase):
    def count(self, not_built=(), **xml_by_target):
        with tempfile.TemporaryDirectory() as logs:
            for target, text in xml_by_target.items():
                if text is None:
                    continue
                os.makedirs(os.path.join(logs, "p", target))
                with open(os.path.join(logs, "p", target, "test.xml"), "w") as file:
                    file.write(text)
            labels = ["//p:" + target for target in xml_by_target]
            return count_cases.count(logs, set(labels) - {"//p:" + target for target in not_built}, labels)

    def test_counts_cases_by_outcome(self):
        totals, lines, _ = self.count(a=GTEST)
        self.assertEqual(totals, {"passed": 1, "failed": 1, "skipped": 1})
        self.assertIn("skipped: //p:a A.skips: needs root", lines)

    def test_names_the_slowest_first(self):
        slowest = self.count(a=GTEST)[2]
        self.assertEqual(slowest[:2], [(2.0, "//p:a A.fails"), (0.5, "//p:a A.passes")])

    def test_a_crash_is_a_failure(self):
        self.assertEqual(self.count(a=CRASHED)[0]["failed"], 1)

    def test_a_missing_result_is_a_failure(self):
        totals, lines, _ = self.count(a=None)
        self.assertEqual(totals["failed"], 1)
        self.assertIn("left no result", lines[0])

    def test_each_shard_counts(self):
        with tempfile.TemporaryDirectory() as logs:
            for shard in ("1", "3"):
                folder = os.path.join(logs, "p", "a", f"shard_{shard}_of_3")
                os.makedirs(folder)
                with open(os.path.join(folder, "test.xml"), "w") as file:
                    file.write(GTEST)
            totals, lines, _ = count_cases.count(logs, {"//p:a"}, ["//p:a"])
        self.assertEqual(totals, {"passed": 2, "failed": 3, "skipped": 2})
        self.assertIn("failed: //p:a : left no result: it crashed", lines)

    def test_what_an_earlier_run_left_does_not_count(self):
        totals, lines, _ = self.count(not_built=["a"], a=GTEST)
        self.assertEqual(totals, {"passed": 0, "failed": 1, "skipped": 0})
        self.assertEqual(lines, ["failed: //p:a did not build, or was not run"])

    def test_finds_the_results_of_a_run_among_its_events(self):
        events = [
            '{"id":{"started":{}},"started":{"command":"test"}}',
            '{"id":{"testResult":{"label":"//p:a","run":1}},"testResult":{"status":"PASSED","cachedLocally":true}}',
            '{"id":{"testResult":{"label":"//p:b","run":1}},"aborted":{"reason":"INCOMPLETE"}}',
            '{"id":{"testSummary":{"label":"//p:c"}},"testSummary":{"overallStatus":"FAILED_TO_BUILD"}}',
        ]
        self.assertEqual(count_cases.labels_with_results(events), {"//p:a"})

    def test_a_damaged_result_is_a_failure(self):
        self.assertEqual(self.count(a="<testsuites>")[0]["failed"], 1)


if __name__ == "__main__":
    unittest.main()
