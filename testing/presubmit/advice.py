#!/usr/bin/env python3
"""Finds `drover …` commands that sentences and documents name and that the command line does not have.

usage: advice.py DROVER

DROVER is the program. Looks at the string literals of the sources and at the documents of the workspace this file lies in,
and prints a line "file: what is wrong" for each; exit code 1 if there is any.
"""
import os
import re
import subprocess
import sys

# Where a command begins: `drover …`, (drover …), a line of a help text, of a document or of a shell.
COMMAND = re.compile(r"(?:[`(\"]|^ *|\\n *|\$ |-- )drover((?: [a-z][a-z-]*)+)", re.M)
# A literal that goes on in the next line.
CONTINUED = re.compile(r'"\s*\n\s*"')


def named_commands(text):
    """The words after `drover` of each command that `text` names."""
    for match in COMMAND.finditer(CONTINUED.sub("", text)):
        yield match.group(1).split()


def missing(words, subcommands):
    """The command that `words` name and nobody has; None if all is well. `subcommands` lists those below a command."""
    known = []
    while True:
        below = subcommands(known)
        if not below or len(known) == len(words):
            return None
        if words[len(known)] not in below:
            return " ".join(["drover"] + words[: len(known) + 1])
        known = words[: len(known) + 1]


def subcommands_of(drover):
    """Asks the program itself, as a shell's completion does."""
    answers = {}

    def subcommands(words):
        key = tuple(words)
        if key not in answers:
            listed = subprocess.run([drover, "__complete", "--", *words, ""], check=True, capture_output=True, text=True)
            answers[key] = {line for line in listed.stdout.split() if not line.startswith("-")}
        return answers[key]

    return subcommands


def main():
    drover = os.path.realpath(sys.argv[1])
    os.chdir(os.path.join(os.path.dirname(os.path.realpath(__file__)), "../.."))
    listed = subprocess.run(["git", "ls-files", "*.cc", "*.h", "*.md", "*.proto", "*.yml", "quickstart"],
                            check=True, capture_output=True, text=True)
    subcommands = subcommands_of(drover)
    found = 0
    for path in listed.stdout.split():
        with open(path, encoding="utf-8") as file:
            for words in named_commands(file.read()):
                command = missing(words, subcommands)
                if command is not None:
                    print("%s: there is no `%s`" % (path, command))
                    found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
