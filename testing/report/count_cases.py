#!/usr/bin/env python3
"""Counts the test cases of a Bazel run and names those that failed or were skipped.

usage: count_cases.py TESTLOGS EVENTS LABEL...

TESTLOGS is bazel-testlogs; EVENTS what the run wrote for --build_event_json_file. Every LABEL must have a result among these
events and a test.xml below TESTLOGS, or it counts as one failed case: it did not build (what an earlier run left in TESTLOGS
says nothing then), or crashed before it could say anything. Names the slowest cases with their seconds. The last line is
`N passed, N failed`, with `, N skipped` if there are any.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


SLOWEST = 15


def cases_of(xml_path):
    """Yields (name, outcome, text, seconds) of each test case in a test.xml of GoogleTest or of Bazel itself."""
    for case in ElementTree.parse(xml_path).getroot().iter("testcase"):
        name = "%s.%s" % (case.get("classname") or "", case.get("name"))
        failures = case.findall("failure") + case.findall("error")
        skipped = case.find("skipped")
        seconds = float(case.get("time") or 0)
        if failures:
            yield name, "failed", "", seconds
        elif skipped is not None or case.get("status") == "notrun" or case.get("result") == "skipped":
            reason = "" if skipped is None else skipped.get("message") or ""
            yield name, "skipped", " ".join(reason.split()), seconds
        else:
            yield name, "passed", "", seconds


def results_of(folder):
    """The test.xml of a test, or of each of its shards, whether they are there or not."""
    shards = [path.name for path in folder.glob("shard_*_of_*")]
    if not shards:
        return [folder / "test.xml"]
    count = int(shards[0].rsplit("_", 1)[1])
    return [folder / f"shard_{number}_of_{count}" / "test.xml" for number in range(1, count + 1)]


def labels_with_results(events):
    """The labels that this run tested, or whose cached result is that of what it built; `events` are lines of JSON."""
    found = set()
    for line in events:
        event = json.loads(line)
        # An event that says only that no result will come has the id, and `aborted` in place of the result.
        if "testResult" in event:
            found.add(event["id"]["testResult"]["label"])
    return found


def count(testlogs, tested, labels):
    """Returns ({outcome: number}, [lines about what did not pass], [(seconds, label and name) of the slowest])."""
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    lines = []
    times = []
    for label in labels:
        if label not in tested:
            totals["failed"] += 1
            lines.append("failed: %s did not build, or was not run" % label)
            continue
        cases = []
        for xml_path in results_of(pathlib.Path(testlogs) / label[2:].replace(":", "/")):
            try:
                cases += cases_of(xml_path)
            except (OSError, ElementTree.ParseError):
                cases.append(("", "failed", "left no result: it crashed", 0.0))
        for name, outcome, text, seconds in cases:
            totals[outcome] += 1
            times.append((seconds, "%s %s" % (label, name)))
            if outcome != "passed":
                lines.append("%s: %s %s%s" % (outcome, label, name, ": " + text if text else ""))
    return totals, lines, sorted(times, reverse=True)[:SLOWEST]


def main():
    testlogs, events, *labels = sys.argv[1:]
    with open(events, encoding="utf-8") as file:
        tested = labels_with_results(file)
    totals, lines, slowest = count(testlogs, tested, labels)
    for seconds, case in slowest:
        print("%6.1f s %s" % (seconds, case))
    for line in lines:
        print(line)
    summary = "%(passed)d passed, %(failed)d failed" % totals
    if totals["skipped"]:
        summary += ", %(skipped)d skipped" % totals
    print(summary)
    sys.exit(1 if totals["failed"] else 0)


if __name__ == "__main__":
    main()
