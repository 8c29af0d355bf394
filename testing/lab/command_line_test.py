#!/usr/bin/env python3
"""What drover-lab says, and its exit code, where there is no lab: 1 if something failed, 2 for wrong
usage. What it does with one is in lab_e2e_test and, command by command, in the fault suite.
Argument: the program."""
import subprocess
import sys
import unittest

PROGRAM = sys.argv.pop(1)
COMMANDS = ["up", "status", "exec", "kill", "start", "partition", "heal", "image", "reboot", "down"]

WRONG = [
    ([], "A subcommand is required"),
    (["fly"], "drover-lab: there is no command 'fly'; `drover-lab --help` shows them"),
    (["--name", "../x", "status"], "drover-lab: '../x' cannot name a lab: use up to 20 lower-case letters, digits and -"),
    (["up", "--nodes", "0"], "drover-lab: a lab has 1 to 20 nodes, not 0"),
    (["up", "--nodes", "many"], "--nodes"),
    (["up", "--backend", "ext4"], "drover-lab: 'ext4' is no backend: choose btrfs or zfs"),
    (["up", "--engine", "lxc"], "drover-lab: 'lxc' is no container engine: choose docker or podman"),
    (["up", "--pool-size", "many"], "drover-lab: 'many' is no size of a pool"),
    (["status", "-o", "xml"], "--output: xml not in {table,json}"),
    (["exec"], "machine is required"),
    (["exec", "node1"], "drover-lab: say what to run: exec MACHINE -- COMMAND"),
    (["kill"], "daemon is required"),
    (["kill", "--bogus"], "daemon is required"),
    (["kill", "volume@node1", "--signal", "HUP"],
     "drover-lab: 'HUP' is none of the signals KILL, STOP, CONT and TERM"),
    (["partition", "node1", "--direction", "up"],
     "drover-lab: 'up' is none of the directions both, in and out"),
    (["image"], "image is required"),
    (["reboot"], "node is required"),
    (["down", "more"], "The following argument was not expected: more"),
]
NEEDS_A_LAB = [["status"], ["status", "-o", "json"], ["exec", "node1", "--", "true"], ["kill", "volume@node1"],
               ["start", "coordinator"], ["partition", "node1"], ["heal"], ["image", "redis"], ["reboot", "node1"]]


def run(arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=60)


class CommandLineTest(unittest.TestCase):
    def test_help_names_every_command(self):
        help_text = run(["--help"])
        self.assertEqual(help_text.returncode, 0)
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", help_text.stdout)
            self.assertEqual(run([command, "--help"]).returncode, 0, command)

    def test_wrong_usage_is_said(self):
        for arguments, said in WRONG:
            with self.subTest(arguments):
                outcome = run(arguments)
                self.assertEqual(outcome.returncode, 2)
                self.assertIn(said, outcome.stdout + outcome.stderr)

    def test_a_lab_that_is_not_there_is_said(self):
        for arguments in NEEDS_A_LAB:
            with self.subTest(arguments):
                outcome = run(["--name", "none"] + arguments)
                self.assertEqual(outcome.returncode, 1)
                self.assertEqual(outcome.stderr,
                                 "drover-lab: there is no lab none; make one with: drover-lab up --name none\n")

    def test_down_of_none_is_done(self):
        self.assertEqual(run(["--name", "none", "down"]).returncode, 0)


if __name__ == "__main__":
    unittest.main()
