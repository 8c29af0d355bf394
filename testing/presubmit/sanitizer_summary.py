#!/usr/bin/env python3
"""Prints one line on a run of tests under a sanitizer, and the tests that were not good.

  sanitizer_summary.py NAME LOGS SINCE //a:test...

LOGS is Bazel's folder of test logs. Only what was written after the file SINCE counts. A report makes
a test a failed one even if its process ended well: a child's report does not change that.
"""
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

REPORT = re.compile(r"WARNING: ThreadSanitizer|ERROR: (Address|Thread|Leak)Sanitizer|: runtime error: ")


def attempts(folder, since):
    """The folders of a test's shards that have run after `since`."""
    return [
        where
        for where, _, files in os.walk(folder)
        if "test.log" in files and os.path.getmtime(os.path.join(where, "test.log")) >= since
    ]


def judge(folder, since):
    """Answers (why it is not good or '', cases, skipped cases)."""
    shards = attempts(folder, since)
    if not shards:
        return "did not run", 0, 0
    why, cases, skipped = "", 0, 0
    for shard in shards:
        with open(os.path.join(shard, "test.log"), errors="replace") as log:
            text = log.read()
        if REPORT.search(text):
            why = "has a report"
        elif not re.search(r"^\[  PASSED  \] ", text, re.MULTILINE) or "[  FAILED  ]" in text:
            why = why or "failed"
        try:
            ran = ElementTree.parse(os.path.join(shard, "test.xml")).getroot().iter("testcase")
        except (OSError, ElementTree.ParseError):
            why = why or "failed"
            continue
        for case in ran:
            cases += 1
            skipped += case.get("result") == "skipped"
    return why, cases, skipped


def summarize(name, logs, since, tests):
    bad, cases, skipped = [], 0, 0
    for test in tests:
        why, its_cases, its_skipped = judge(os.path.join(logs, test[2:].replace(":", "/")), since)
        cases += its_cases
        skipped += its_skipped
        if why:
            bad.append(f"{test} {why}")
    line = f"sanitizers: {name}: {len(tests) - len(bad)} of {len(tests)} tests passed, {len(bad)} failed"
    return [f"sanitizers: {name}: {one}" for one in bad] + [f"{line}; {cases} cases, {skipped} skipped"], not bad


def main(name, logs, since, *tests):
    lines, good = summarize(name, logs, os.path.getmtime(since), tests)
    print("\n".join(lines))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
