#!/usr/bin/env python3
"""Unit tests of count_cases.py."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import count_cases  # noqa: E402

GTEST = """<testsuites><testsuite>
<testcase classname="A" name="passes" status="run"/>
<testcase classname="A" name="fails" status="run"><failure message="x"/></testcase>
<testcase classname="A" name="skips" status="run" result="skipped"><skipped message="needs root"/></testcase>
</testsuite></testsuites>"""
CRASHED = '<testsuites><testsuite><testcase name="t"><error message="exited"/></testcase></testsuite></testsuites>'


class CountTest(unittest.TestCase):
    def count(self, **xml_by_target):
        with tempfile.TemporaryDirectory() as logs:
            for target, text in xml_by_target.items():
                if text is None:
                    continue
                os.makedirs(os.path.join(logs, "p", target))
                with open(os.path.join(logs, "p", target, "test.xml"), "w") as file:
                    file.write(text)
            return count_cases.count(logs, ["//p:" + target for target in xml_by_target])

    def test_counts_cases_by_outcome(self):
        totals, lines = self.count(a=GTEST)
        self.assertEqual(totals, {"passed": 1, "failed": 1, "skipped": 1})
        self.assertIn("skipped: //p:a A.skips: needs root", lines)

    def test_a_crash_is_a_failure(self):
        self.assertEqual(self.count(a=CRASHED)[0]["failed"], 1)

    def test_a_missing_result_is_a_failure(self):
        totals, lines = self.count(a=None)
        self.assertEqual(totals["failed"], 1)
        self.assertIn("did not build", lines[0])

    def test_a_damaged_result_is_a_failure(self):
        self.assertEqual(self.count(a="<testsuites>")[0]["failed"], 1)


if __name__ == "__main__":
    unittest.main()
