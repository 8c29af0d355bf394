#include "services/config/yaml/problem.h"

#include <gtest/gtest.h>

namespace drover::config {
namespace {

TEST(ProblemTest, AreInTheOrderOfTheFiles) {
  Problems problems;
  problems.Add({"b.yml", 2, 1}, "x", "second");
  problems.Add({"a.yml", 1, 1}, "", "third");
  problems.Add({"b.yml", 1, 9}, "", "first");
  EXPECT_EQ(problems.ToString(), "b.yml:1:9: first\nb.yml:2:1: x: second\na.yml:1:1: third\n");
}

TEST(ProblemTest, IsInNoLineOfAFileThatCannotBeRead) {
  const Problem problem = {{"a.yml", 0, 0}, "", "cannot be read"};
  EXPECT_EQ(problem.ToString(), "a.yml: cannot be read");
}

TEST(ProblemTest, IsOneLineThatATerminalDoesNotObey) {
  const Problem problem = {{"a.yml"}, "na\nme", "not \x1b[2J\t\x7f, but größer"};
  const Problem c1 = {{"a.yml"},
                      "",
                      "\xc2\x9b"
                      "2J and \xc2\xa0"};
  EXPECT_EQ(c1.ToString(),
            "a.yml:1:1: \\xc2\\x9b"
            "2J and \xc2\xa0");
  EXPECT_EQ(problem.ToString(), "a.yml:1:1: na\\nme: not \\x1b[2J\\t\\x7f, but größer");
}

}  // namespace
}  // namespace drover::config
