#include "services/config/yaml/flow_list.h"

#include <gtest/gtest.h>

#include <optional>

#include "services/config/yaml/field.h"
#include "services/config/yaml/parser.h"

namespace drover::config {
namespace {

TEST(FlowListTest, QuotesWhatIsNotPlain) {
  EXPECT_EQ(FlowList({}), "[]");
  EXPECT_EQ(FlowList({"redis-server", "--save", "/a/b", "A=b"}),
            "[redis-server, --save, /a/b, A=b]");
  EXPECT_EQ(FlowList({"80:80", "yes", "a b", "a\"\\"}), R"(["80:80", "yes", "a b", "a\"\\"])");
}

TEST(FlowListTest, IsReadAsTheSameStrings) {
  const std::vector<absl::string_view> strings = {
      "",      "a",   "5",  "1e3", "22:22", "no",  "~",  "null", "-",    "--",  "-1",
      "-.inf", "---", "-a", "=",   "a=",    "a:",  ":a", "a: b", "a #b", "#a",  "a,b",
      "[",     "]",   "{}", "'a'", "\"a",   "\\n", "&a", "*a",   "!a",   "|",   ">",
      "%a",    "@a",  "`a", "?",   "? a",   "<<",  ".",  "...",  "a/",   " a ", "\xc3\xa9"};
  Problems problems;
  const std::optional<Node> root = ParseYaml({"a.yml", FlowList(strings)}, problems);
  ASSERT_TRUE(root.has_value()) << problems.ToString();
  const std::optional<std::vector<std::string>> read = Field(*root, "", problems).StringList();
  EXPECT_EQ(problems.ToString(), "");
  EXPECT_EQ(read, std::vector<std::string>(strings.begin(), strings.end()));
}

}  // namespace
}  // namespace drover::config
