#!/usr/bin/env python3
"""Tests of failpoints.py: each kind of step without failpoints is found in this tree, with that step changed."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
import failpoints  # noqa: E402

ROOT = os.path.join(HERE, "../..")


def tree(changed=None, old="", new=""):
    """Reads this tree's files, the one of that name with another text for `old`."""
    def read(path):
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            text = file.read()
        if os.path.basename(path) != changed:
            return text
        assert old in text, (path, old)
        return text.replace(old, new)
    return read


class FailpointsTest(unittest.TestCase):
    def test_this_tree_is_complete(self):
        self.assertEqual(list(failpoints.faults(tree())), [])

    def test_a_step_without(self):
        (fault,) = failpoints.faults(tree("failpoint_backend.cc", 'Between("MakeServing"', 'At("MakeServing"'))
        self.assertIn("FailpointBackend::MakeServing has no failpoints", fault)

    def test_a_new_method(self):
        new = "  virtual absl::Status Format(const std::string& disk) = 0;\n  virtual bool IsSlot("
        (fault,) = failpoints.faults(tree("host.h", "  virtual bool IsSlot(", new))
        self.assertIn("LinuxHost::Format has no failpoints", fault)

    def test_a_call_place_that_went(self):
        (fault,) = failpoints.faults(tree("server_call.h", '"replied"', '"answered"'))
        self.assertIn("no failpoint `replied`", fault)


if __name__ == "__main__":
    unittest.main()
