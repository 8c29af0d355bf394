#!/usr/bin/env python3
"""Counts the test cases of a Bazel run and names those that failed or were skipped.

usage: count_cases.py TESTLOGS LABEL...

TESTLOGS is bazel-testlogs; every LABEL must have left a test.xml there, or it counts as one failed case (it did not build,
or crashed before it could say anything). The last line is `N passed, N failed`, with `, N skipped` if there are any.
"""
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def cases_of(xml_path):
    """Yields (name, outcome, text) of each test case in a test.xml of GoogleTest or of Bazel itself."""
    for case in ElementTree.parse(xml_path).getroot().iter("testcase"):
        name = "%s.%s" % (case.get("classname") or "", case.get("name"))
        failures = case.findall("failure") + case.findall("error")
        skipped = case.find("skipped")
        if failures:
            yield name, "failed", ""
        elif skipped is not None or case.get("status") == "notrun" or case.get("result") == "skipped":
            reason = "" if skipped is None else skipped.get("message") or ""
            yield name, "skipped", " ".join(reason.split())
        else:
            yield name, "passed", ""


def count(testlogs, labels):
    """Returns ({outcome: number}, [lines about what did not pass])."""
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    lines = []
    for label in labels:
        xml_path = pathlib.Path(testlogs) / label[2:].replace(":", "/") / "test.xml"
        try:
            cases = list(cases_of(xml_path))
        except (OSError, ElementTree.ParseError):
            cases = [("", "failed", "left no result: it did not build, or crashed")]
        for name, outcome, text in cases:
            totals[outcome] += 1
            if outcome != "passed":
                lines.append("%s: %s %s%s" % (outcome, label, name, ": " + text if text else ""))
    return totals, lines


def main():
    totals, lines = count(sys.argv[1], sys.argv[2:])
    for line in lines:
        print(line)
    summary = "%(passed)d passed, %(failed)d failed" % totals
    if totals["skipped"]:
        summary += ", %(skipped)d skipped" % totals
    print(summary)
    sys.exit(1 if totals["failed"] else 0)


if __name__ == "__main__":
    main()
