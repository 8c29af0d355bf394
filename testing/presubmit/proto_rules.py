#!/usr/bin/env python3
"""The rules of the protos that a reader of single lines can check.

Every RPC has its own Request and Response named after it; an enum's values start with the enum's
name, and the zero is _UNSPECIFIED; the package is the folder.
"""

import os
import re
import subprocess
import sys

RPC = re.compile(r"^\s*rpc (\w+)\((?:stream )?([\w.]+)\) returns \((?:stream )?([\w.]+)\)")
ENUM = re.compile(r"^\s*enum (\w+) \{")
VALUE = re.compile(r"^\s*(\w+) = (\d+);")
PACKAGE = re.compile(r"^package ([\w.]+);")


def upper_snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).upper()


def violations(path, text):
    enum = None
    for number, line in enumerate(text.splitlines(), 1):
        where = "%s:%d: " % (path, number)
        if match := PACKAGE.match(line):
            folder = os.path.dirname(path).removeprefix("proto/").replace("/", ".")
            if match.group(1) != folder:
                yield where + "the package must be the folder, %s" % folder
        elif match := RPC.match(line):
            name, request, response = match.groups()
            if (request, response) != (name + "Request", name + "Response"):
                yield where + "%s must take %sRequest and return %sResponse" % (name, name, name)
        elif match := ENUM.match(line):
            enum = match.group(1)
        elif enum and (match := VALUE.match(line)):
            value, number_text = match.groups()
            prefix = upper_snake(enum) + "_"
            if not value.startswith(prefix):
                yield where + "%s must start with %s" % (value, prefix)
            if number_text == "0" and value != prefix + "UNSPECIFIED":
                yield where + "the zero of %s must be %sUNSPECIFIED" % (enum, prefix)
        elif line.strip() == "}":
            enum = None


def main():
    listed = subprocess.run(["git", "ls-files", "*.proto"], check=True, capture_output=True,
                            text=True)
    found = 0
    for path in listed.stdout.split():
        with open(path, encoding="utf-8") as file:
            for violation in violations(path, file.read()):
                print(violation)
                found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
