"""What a run says: planned, executed, violations; as JSON, and for Bazel a test case each."""
import json
import traceback
import xml.etree.ElementTree as ElementTree

from lib.failure import Unmeasured
from suite.violation import NotReached, Violation


NOT_REACHED = "NOT REACHED"


class Report:
    def __init__(self, backend, seed, planned):
        self._about = {"backend": backend, "seed": seed}
        self.planned = planned
        self._cases = []

    def carry_out(self, name, case):
        """Calls `case`, which answers how it ended, or raises a Violation or NotReached. Returns what to print."""
        try:
            outcome, violation = case(), None
        except NotReached:
            outcome, violation = NOT_REACHED, None
        except (Violation, Unmeasured) as error:
            outcome, violation = f"VIOLATION: {error}", str(error)
        except Exception:  # pylint: disable=broad-except
            # A fault of the suite's own must not hide what the others found.
            violation = traceback.format_exc()
            outcome = f"VIOLATION: {violation}"
        self._cases.append({"name": name, "outcome": outcome, "violation": violation})
        return outcome

    @property
    def is_as_planned(self):
        """The last case was carried out, and found nothing."""
        last = self._cases[-1]
        return last["violation"] is None and last["outcome"] != NOT_REACHED

    @property
    def executed(self):
        return sum(case["outcome"] != NOT_REACHED for case in self._cases)

    @property
    def violations(self):
        return [{"case": case["name"], "violation": case["violation"]} for case in self._cases if case["violation"]]

    @property
    def failed(self):
        return self.planned == 0 or self.executed < self.planned or bool(self.violations)

    def write_json(self, path):
        text = {**self._about, "planned": self.planned, "executed": self.executed, "violations": self.violations,
                "cases": [{"name": case["name"], "outcome": case["outcome"]} for case in self._cases]}
        with open(path, "w", encoding="utf-8") as file:
            json.dump(text, file, indent=1)
            file.write("\n")

    def write_xml(self, path):
        suite = ElementTree.Element("testsuite", name="fault")
        for case in self._cases:
            element = ElementTree.SubElement(suite, "testcase", classname="fault", name=case["name"])
            if case["violation"] or case["outcome"] == NOT_REACHED:
                ElementTree.SubElement(element, "failure", message=case["outcome"])
        ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
