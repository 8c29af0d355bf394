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


def faults(read):
    return failpoints.faults(read, list(failpoints.sources(ROOT)))


class FailpointsTest(unittest.TestCase):
    def test_this_tree_is_complete(self):
        self.assertEqual(list(faults(tree())), [])

    def test_a_step_without(self):
        (fault,) = faults(tree("failpoint_backend.cc", 'Between("MakeServing"', 'At("MakeServing"'))
        self.assertIn("FailpointBackend::MakeServing has no failpoints", fault)

    def test_a_new_method(self):
        new = "  virtual absl::Status Format(const std::string& disk) = 0;\n  virtual bool IsSlot("
        (fault,) = faults(tree("host.h", "  virtual bool IsSlot(", new))
        self.assertIn("LinuxHost::Format has no failpoints", fault)

    def test_a_call_place_that_went(self):
        (fault,) = faults(tree("server_call.h", '"replied"', '"answered"'))
        self.assertIn("no failpoint `replied`", fault)

    def test_a_kind_of_call_without(self):
        read = tree("server_call.h", "void OnDone() override {", "void OnDone() override { delete this; }\n    void Unused() {")
        (fault,) = faults(read)
        self.assertIn("a kind of call has no failpoint at its end", fault)

    def test_a_file_that_is_written_without(self):
        write = 'BetweenFailpoints({"volume.start.write"}, [&] { return WriteFileDurably(file, text); })'
        (fault,) = faults(tree("start_table.cc", write, "WriteFileDurably(file, text)"))
        self.assertIn("WriteFileDurably has no failpoints", fault)

    def test_a_log_that_is_begun_without(self):
        begin = 'BetweenFailpoints({"proxy.routes.start_log"}, '
        (opened, cleared) = faults(tree("file_route_store.cc", begin, "std::invoke("))
        self.assertIn("DurableLog::Open has no failpoints", opened)
        self.assertIn("log.Clear has no failpoints", cleared)


if __name__ == "__main__":
    unittest.main()
