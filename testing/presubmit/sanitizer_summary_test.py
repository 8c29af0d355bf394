#!/usr/bin/env python3
"""Shows that sanitizer_summary.py takes no test for a good one that is not."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import sanitizer_summary  # noqa: E402

GOOD = "[==========] 2 tests from 1 test suite ran.\n[  PASSED  ] 1 test.\n"
CASES = '<testsuites><testsuite><testcase result="completed"/><testcase result="skipped"/></testsuite></testsuites>'


class SanitizerSummaryTest(unittest.TestCase):
    def lines(self, logs, since=0):
        with tempfile.TemporaryDirectory() as root:
            for folder, (log, cases) in logs.items():
                os.makedirs(os.path.join(root, folder))
                with open(os.path.join(root, folder, "test.log"), "w", encoding="utf-8") as file:
                    file.write(log)
                with open(os.path.join(root, folder, "test.xml"), "w", encoding="utf-8") as file:
                    file.write(cases)
            return sanitizer_summary.summarize("tsan", root, since, ["//a/b:c"])

    def refused(self, why, logs, since=0):
        lines, good = self.lines(logs, since)
        self.assertFalse(good)
        self.assertEqual(lines[0], f"sanitizers: tsan: //a/b:c {why}")
        self.assertIn("0 of 1 tests passed, 1 failed", lines[-1])

    def test_counts_the_cases_of_all_shards(self):
        lines, good = self.lines({"a/b/c/shard_1_of_2": (GOOD, CASES), "a/b/c/shard_2_of_2": (GOOD, CASES)})
        self.assertTrue(good)
        self.assertEqual(lines, ["sanitizers: tsan: 1 of 1 tests passed, 0 failed; 4 cases, 2 skipped"])

    def test_a_test_that_did_not_run_has_not_passed(self):
        self.refused("did not run", {})
        self.refused("did not run", {"a/b/c": (GOOD, CASES)}, since=2**40)

    def test_a_test_that_did_not_end_has_failed(self):
        self.refused("failed", {"a/b/c": ("[ RUN      ] A.B\n", CASES)})
        self.refused("failed", {"a/b/c": (GOOD + "[  FAILED  ] 1 test.\n", CASES)})
        self.refused("failed", {"a/b/c": (GOOD, "")})

    def test_a_report_counts_in_a_test_that_passed(self):
        for report in ("WARNING: ThreadSanitizer: data race", "==7==ERROR: AddressSanitizer: x",
                       "a.cc:1:2: runtime error: signed integer overflow"):
            self.refused("has a report", {"a/b/c": (report + "\n" + GOOD, CASES)})


if __name__ == "__main__":
    unittest.main()
