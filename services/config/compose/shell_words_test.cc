#include "services/config/compose/shell_words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Words(absl::string_view line) { return SplitShellWords(line).value(); }

TEST(ShellWordsTest, SplitsAtBlanks) {
  EXPECT_THAT(Words("redis-server --save  60\t1\n"),
              ElementsAre("redis-server", "--save", "60", "1"));
  EXPECT_THAT(Words(" \n"), IsEmpty());
}

TEST(ShellWordsTest, QuotesKeepBlanksTogether) {
  EXPECT_THAT(Words("sh -c 'echo \"$A\" \\n'"), ElementsAre("sh", "-c", "echo \"$A\" \\n"));
  EXPECT_THAT(Words(R"(a"b c"d "" '')"), ElementsAre("ab cd", "", ""));
}

TEST(ShellWordsTest, ABackslashKeepsWhatFollows) {
  EXPECT_THAT(Words(R"(a\ b \" \\)"), ElementsAre("a b", "\"", "\\"));
  EXPECT_THAT(Words(R"("a\"b" "a\nb" "\$")"), ElementsAre("a\"b", "a\\nb", "$"));
  EXPECT_THAT(Words("a\\"), ElementsAre("a\\"));
}

TEST(ShellWordsTest, RefusesAQuoteWithoutEnd) {
  EXPECT_EQ(SplitShellWords("sh -c 'echo").status().message(), "the quote ' has no end");
  EXPECT_EQ(SplitShellWords("\"").status().message(), "the quote \" has no end");
}

}  // namespace
}  // namespace drover::config
