#!/usr/bin/env python3
"""Output that cannot be written is a failure, and a reader that has read enough is none. Argument: the program."""
import os
import signal
import subprocess
import sys
import unittest

PROGRAM = ""
COMMANDS = [["version"], ["version", "-o", "json"], ["completion", "bash"], ["--help"], ["--version"]]
NO_SPACE = "drover: cannot write the output: No space left on device\n"


def run(arguments, output, ignores_sigpipe=False):
    disposition = signal.SIG_IGN if ignores_sigpipe else signal.SIG_DFL
    return subprocess.run([PROGRAM, *arguments], stdout=output, stderr=subprocess.PIPE, text=True,
                          restore_signals=False, preexec_fn=lambda: signal.signal(signal.SIGPIPE, disposition))


class OutputTest(unittest.TestCase):
    def test_a_full_disk(self):
        for arguments in COMMANDS:
            with self.subTest(arguments), open("/dev/full", "w") as full:
                ended = run(arguments, full)
                self.assertEqual((ended.returncode, ended.stderr), (1, NO_SPACE))

    def test_a_full_disk_is_not_what_is_wrong_with_a_command(self):
        with open("/dev/full", "w") as full:
            ended = run(["config", "check", "none.yml", "nor-this.yml", "-o", "json"], full)
        self.assertEqual(ended.returncode, 2)
        self.assertTrue(ended.stderr.endswith(NO_SPACE), ended.stderr)

    def test_a_reader_that_has_gone(self):
        for ignores_sigpipe, code in [(False, -signal.SIGPIPE), (True, 0)]:
            with self.subTest(ignores_sigpipe=ignores_sigpipe):
                reader, writer = os.pipe()
                os.close(reader)
                ended = run(["version"], writer, ignores_sigpipe)
                os.close(writer)
                self.assertEqual((ended.returncode, ended.stderr), (code, ""))


if __name__ == "__main__":
    PROGRAM = os.path.abspath(sys.argv.pop(1))
    unittest.main()
