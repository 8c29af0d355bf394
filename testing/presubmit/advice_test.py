#!/usr/bin/env python3
"""Unit tests of advice.py."""
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import advice  # noqa: E402

TREE = {(): {"deploy", "volumes"}, ("volumes",): {"list"}}


def subcommands(words):
    return TREE.get(tuple(words), set())


class AdviceTest(unittest.TestCase):
    def test_finds_commands_in_sentences_and_documents(self):
        text = 'f("place it with `drover deploy`, or delete it "\n  "(drover volumes delete)");\n$ drover ca init --x\n'
        self.assertEqual(list(advice.named_commands(text)), [["deploy"], ["volumes", "delete"], ["ca", "init"]])

    def test_joins_a_literal_that_goes_on_in_the_next_line(self):
        self.assertEqual(list(advice.named_commands('"see `drover "\n    "volumes list`"')), [["volumes", "list"]])

    def test_leaves_out_what_is_no_command(self):
        self.assertEqual(list(advice.named_commands('"add rule inet drover guard" // as drover does')), [])

    def test_a_command_that_nobody_has_is_missing(self):
        self.assertEqual(advice.missing(["volumes", "delete"], subcommands), "drover volumes delete")
        self.assertEqual(advice.missing(["destroy"], subcommands), "drover destroy")

    def test_words_after_a_command_are_its_arguments(self):
        self.assertIsNone(advice.missing(["deploy", "web"], subcommands))
        self.assertIsNone(advice.missing(["volumes", "list"], subcommands))
        self.assertIsNone(advice.missing(["volumes"], subcommands))


if __name__ == "__main__":
    unittest.main()
