#!/usr/bin/env python3
"""Shows that coroutine_temporaries.py catches what corrupts memory, and lets the rest pass."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import coroutine_temporaries  # noqa: E402


def found(statements):
    text = "Task<> Run() {\n%s\n}\n" % statements
    return list(coroutine_temporaries.violations("a.cc", text))


class CoroutineTemporariesTest(unittest.TestCase):
    def refused(self, statements, part):
        self.assertEqual(len(found(statements)), 1, found(statements))
        self.assertIn(part, found(statements)[0])

    def accepted(self, statements):
        self.assertEqual(found(statements), [])

    def test_names_file_and_line(self):
        self.assertEqual(found("int a;\nco_await f(Foo{1});"),
                         ["a.cc:3: an object made in braces in an expression with co_await: "
                          "give it a name first (g++ 12)"])

    def test_lambdas_with_captures(self):
        for statement in ("co_await f([x] {});",
                          "co_await f(a,\n  [&](int i) { return i; });",
                          "auto r = co_await f({}, t, [this]() mutable -> int { return 1; });",
                          "co_await f([y = std::move(x)](Foo foo) { foo.Bar(); }, b);"):
            self.refused(statement, "a lambda with captures")

    def test_aggregates(self):
        for statement in ("co_await f(Foo{});",
                          "co_await f(a, {});",
                          "co_await f({.a = 1});",
                          "(void)co_await f(std::move(Foo{a}.b));",
                          "f(Foo{a}, co_await g());",
                          "Foo foo{a, co_await g()};",
                          "Foo foo = {.a = co_await g()};",
                          "co_return Foo{.a = co_await g()};",
                          "foos.push_back({a, co_await g()});",
                          "if (co_await f(Foo{a})) { b(); }",
                          "DROVER_CO_ASSIGN_OR_RETURN(auto x, co_await f(Foo{a}, b));"):
            self.refused(statement, "an object made in braces")

    def test_conditionals(self):
        for statement in ("co_await f(c ? a : b);",
                          "x = c ? co_await f() : y;",
                          "co_return c ? y : co_await f();"):
            self.refused(statement, "a conditional")

    def test_finds_it_inside_the_body_of_a_lambda(self):
        self.refused("auto run = [&]() -> Task<bool> { co_await f(Foo{1}); co_return true; };",
                     "an object made in braces")

    def test_objects_with_names(self):
        for statement in ("Foo foo{a};\nco_await f(std::move(foo));",
                          "auto g = [x] { return x ? 1 : 2; };\nco_await f(g);",
                          "const int n = c ? 1 : 2;\nauto [a, b] = co_await f(n);",
                          "co_await f([](int x) -> Foo { return Foo{x}; });",
                          "co_await f(held[i], std::move(x), absl::Seconds(2));"):
            self.accepted(statement)

    def test_the_empty_request_of_an_rpc(self):
        self.accepted("auto pool = co_await node->volume->GetPool({}, kDeadline);")

    def test_neighbours_do_not_count(self):
        for statement in ("if (co_await f()) { Foo foo{c ? a : b}; }",
                          "while (auto part = co_await r.Read()) {\n  g(Foo{a});\n}\nco_await h();",
                          "switch (a) {\n  case A: {\n    co_await f();\n  }\n}",
                          "auto run = [x]() -> Task<std::vector<int>> { co_await f(); };",
                          "co_await f(\"a ? {b} : [c]{}\");  // Foo{}, really?",
                          "Foo foo{a};\nif (c) {\n  g();\n}\nco_await f();"):
            self.accepted(statement)


if __name__ == "__main__":
    unittest.main()
