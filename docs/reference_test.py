#!/usr/bin/env python3
"""The reference is true: commands.md has each command and option of the program and no other, files.md each key.

usage: reference_test.py DROVER

Commands and options are those of `drover … --help`. Which keys a file may have `drover config check` says itself, when it
refuses one that nobody has.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# No key and no name of anything, and nothing that is near one.
NOBODYS = "qqqqqqqq"


def read(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        return file.read()


def sections(text):
    """(heading, what stands below it) for each heading."""
    parts = re.split(r"^#+ (.*)$", text, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


def rows(body):
    """The first cell of each row of the tables in `body`, without their heads."""
    return re.findall(r"^\| (`.*?) \|", body, flags=re.M)


# Commands: {words after `drover`: its long options}, the program's own under ().


def commands_of(drover, words=()):
    help_text = subprocess.run([drover, *words, "--help"], check=True, capture_output=True, text=True).stdout
    options, below = re.search(r"\nOptions:\n(.*?)\n\n(?:Subcommands:\n(.*?)\n\n)?", help_text + "\n\n", re.S).groups()
    found = {words: set(re.findall(r"(?<![\w-])--[a-z-]+", "\n".join(re.findall(r"^  (-\S+)", options, re.M)))) - {"--help"}}
    for name in re.findall(r"^  (\S+)", below or "", re.M):
        found.update(commands_of(drover, words + (name,)))
    return found


def command_faults(text, commands):
    named = {}
    for heading, body in sections(text):
        for words in re.findall(r"`drover((?: [a-z]+)*)", heading):
            named[tuple(words.split())] = set(re.findall(r"--[a-z-]+", " ".join(rows(body))))
    for words in sorted(commands.keys() | named.keys()):
        name = " ".join(("drover",) + words)
        if words not in named:
            yield "commands.md has no heading for `%s`" % name
        elif words not in commands:
            yield "commands.md has a heading for `%s`, which does not exist" % name
        else:
            for option in sorted(commands[words] ^ named[words]):
                lacks = option in commands[words]
                yield "`%s` %s: %s" % (name, "has an option without a row" if lacks else "has no such option", option)
    known = set().union({"--help"}, *commands.values())
    for option in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text)) - known):
        yield "commands.md names %s, which no command has" % option


# Keys: for each table of files.md a file with a place for a value, and how messages call that place.

TABLES = {
    "The native file": (lambda v: {"version": 1, "applications": {}, **v}, "", False),
    "An application": (lambda v: {"version": 1, "applications": {"a": v}}, "applications.a.", True),
    "The Compose file": (lambda v: {"services": {}, **v}, "", False),
    "A service": (lambda v: {"services": {"a": v}}, "services.a.", True),
    "The deployment file": (lambda v: {"version": 1, "nodes": {}, **v}, "", False),
}
# A Fig file has the same, one level higher.
FIG = (lambda v: {"a": v}, "a.", True)


class Reader:
    """What the program's readers say."""

    def __init__(self, drover, folder):
        self.drover = drover
        self.paths = [os.path.join(folder, name) for name in ("one.yml", "other.yml")]

    def problems(self, content):
        other = {"version": 1, "applications": {}} if "nodes" in content else {"version": 1, "nodes": {}}
        for path, one in zip(self.paths, (content, other)):
            with open(path, "w", encoding="utf-8") as file:
                json.dump(one, file)
        said = subprocess.run([self.drover, "-o", "json", "config", "check", *self.paths], check=False, capture_output=True)
        return json.loads(said.stdout)["problems"]

    def keys(self, make, path, deep):
        """The keys at the place that `make` fills, and those below them as KEY.KEY."""
        allowed = []
        for problem in self.problems(make({NOBODYS: 0})):
            listed = re.search(r"^unknown key; allowed are (.*)$", problem["message"])
            if listed and problem["field"] == path + NOBODYS:
                allowed = listed.group(1).split(", ")
        found = set(allowed)
        for key in allowed if deep else []:
            for wrap, between in ((lambda v: v, "."), (lambda v: [v], "[0]."), (lambda v: {NOBODYS: v}, ".%s." % NOBODYS)):
                below = self.keys(lambda v, k=key, w=wrap: make({k: w(v)}), path + key + between, deep)
                found |= {key + "." + one for one in below}
        return found


def key_faults(text, accepted):
    tables = dict(sections(text))
    for heading, keys in accepted.items():
        named = set(re.findall(r"`([\w.]+)`", " ".join(rows(tables.get(heading, "")))))
        for key in sorted(keys ^ named):
            lacks = key in keys
            yield "files.md, %s: %s `%s`" % (heading, "no row for the key" if lacks else "the readers refuse", key)


class ReferenceTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.commands = commands_of(DROVER)
        with tempfile.TemporaryDirectory() as folder:
            reader = Reader(DROVER, folder)
            cls.accepted = {heading: reader.keys(*place) for heading, place in TABLES.items()}
            cls.fig = reader.keys(*FIG)

    def test_commands_and_options_are_the_programs(self):
        self.assertEqual(list(command_faults(read("commands.md"), self.commands)), [])

    def test_keys_are_those_that_the_readers_accept(self):
        self.assertEqual(list(key_faults(read("files.md"), self.accepted)), [])

    def test_an_application_of_fig_has_the_keys_of_a_service(self):
        self.assertEqual(self.fig, self.accepted["A service"])

    def test_nothing_was_overlooked(self):
        self.assertIn("--accept-data-loss", self.commands[("volumes", "claim")])
        self.assertIn("volumes.maximum_size", self.accepted["An application"])
        self.assertIn("depends_on.condition", self.accepted["A service"])

    def test_whatever_is_taken_out_is_missed(self):
        for name, faults, truth in (("commands.md", command_faults, self.commands), ("files.md", key_faults, self.accepted)):
            lines = read(name).splitlines(keepends=True)
            tested = 0
            for i, line in enumerate(lines):
                is_heading = name == "commands.md" and re.match(r"#+ .*`drover", line)
                is_row = line.startswith("| `--" if name == "commands.md" else "| `") and self.is_checked(lines[:i], name)
                if is_heading or is_row:
                    tested += 1
                    self.assertTrue(list(faults("".join(lines[:i] + lines[i + 1:]), truth)), "%s:%d: %s" % (name, i + 1, line))
            self.assertGreater(tested, 20)

    @staticmethod
    def is_checked(before, name):
        """Whether a row behind these lines is in one of the tables that are compared with the program."""
        heading = [line for line in before if re.match(r"#+ ", line)][-1].lstrip("#").strip()
        return name == "commands.md" or heading in TABLES

    def test_what_nobody_has_is_noticed(self):
        text = read("commands.md")
        invented = "\n### `drover destroy`\n\n| option | |\n|---|---|\n| `--now` | |\n"
        self.assertEqual(len(list(command_faults(text + invented, self.commands))), 2)
        for heading in TABLES:
            changed = re.sub(r"(^#+ %s$)" % heading, r"\1\n\n| `color` | |\n", read("files.md"), flags=re.M)
            self.assertEqual(len(list(key_faults(changed, self.accepted))), 1)


if __name__ == "__main__":
    DROVER = os.path.abspath(sys.argv.pop(1))
    unittest.main()
