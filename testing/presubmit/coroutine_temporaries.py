#!/usr/bin/env python3
"""Finds the temporaries that g++ 12 destroys twice: those made in an expression with a co_await.

Each of these was seen to corrupt memory there when its class has a destructor that does something:
  co_await f([x] { ... })              a lambda with captures
  co_await f(Foo{a}), co_await f({})   an aggregate in braces, also an empty one
  Foo foo{a, co_await f()}             an aggregate in braces, around the co_await
  co_await f(c ? a : b)                a conditional that makes an object
The remedy is always to give it a name before. Text does not tell an aggregate from a class with
constructors, nor a number from an object, so all braces and conditionals count, but for the empty
request of an RPC, `Foo({}, deadline)`: protobuf's messages are no aggregates. Aggregates made with
parentheses, `Foo(a, b)`, are as bad and look like any call: they are left to the reader.
"""

import re
import subprocess
import sys

OPEN = {"(": ")", "[": "]", "{": "}"}
CLOSE = set(OPEN.values())
NOT_CODE = re.compile(
    r'"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*.*?\*/|^[ \t]*#[^\n]*',
    re.S | re.M)
TRAILING_RETURN = re.compile(r"\)\s*(?:mutable|const|noexcept)?\s*->[\w\s:<>,*&]+$")
BLOCK_HEAD = re.compile(r"(?:^|[);{}:\]])\s*$"
                        r"|\b(?:else|do|try|const|mutable|noexcept|override)\s*$"
                        r"|\b(?:namespace|struct|class|enum|union)\b[^;{}()]*$")
CAPTURES = re.compile(r"\[[^\[\]]+\]\s*(?:\(|\{|mutable\b)")
EMPTY_REQUEST = re.compile(r"\w\(\{\},")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


class Source:
    def __init__(self, text):
        self.text = NOT_CODE.sub(blank, text)
        self.partner = {}
        pending = []
        for at, char in enumerate(self.text):
            if char in OPEN:
                pending.append(at)
            elif char in CLOSE and pending:
                begin = pending.pop()
                self.partner[begin], self.partner[at] = at, begin

    def is_block(self, brace):
        """Whether the brace opens statements, and not an initializer."""
        before = self.text[max(0, brace - 400):brace]
        return bool(BLOCK_HEAD.search(before) or TRAILING_RETURN.search(before))

    def is_in_parentheses(self, at, begin):
        depth = 0
        for char in self.text[begin:at]:
            depth += (char in "([") - (char in ")]")
        return depth > 0

    def begin_of_statement(self, at):
        while at > 0:
            char = self.text[at - 1]
            if char == ";" or (char == "{" and self.is_block(at - 1)):
                break
            if char == "}":
                brace = self.partner.get(at - 1, 0)
                follower = self.text[at:].lstrip()[:1]
                if self.is_block(brace) and follower not in tuple(",)"):
                    break
                at = brace
            elif char in ")]":
                at = self.partner.get(at - 1, at - 1)
            else:
                at -= 1
        return at

    def mistakes(self, at):
        """What is wrong in the statement around the co_await at `at`."""
        begin = position = self.begin_of_statement(at)
        while position < len(self.text):
            char = self.text[position]
            if char == ";" and position > at:
                break
            if char in CLOSE and self.partner.get(position, begin) < begin:
                break
            if char == "?":
                yield "a conditional"
            elif char == "[" and CAPTURES.match(self.text, position):
                yield "a lambda with captures"
            elif char == "{" and self.is_block(position):
                if not self.is_in_parentheses(position, begin):
                    break  # The block of an if or a loop.
                position = self.partner.get(position, position)  # The body of a lambda.
            elif char == "{" and not EMPTY_REQUEST.match(self.text, position - 2):
                yield "an object made in braces"
            position += 1


def violations(path, text):
    source = Source(text)
    for match in re.finditer(r"\bco_await\b", source.text):
        line = source.text.count("\n", 0, match.start()) + 1
        for mistake in dict.fromkeys(source.mistakes(match.start())):
            yield "%s:%d: %s in an expression with co_await: give it a name first (g++ 12)" % (
                path, line, mistake)


def main():
    listed = subprocess.run(["git", "ls-files", "-z", "*.h", "*.cc"], check=True,
                            capture_output=True, text=True).stdout
    found = []
    for path in filter(None, listed.split("\0")):
        with open(path, encoding="utf-8") as file:
            found += violations(path, file.read())
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
