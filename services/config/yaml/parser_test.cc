#include "services/config/yaml/parser.h"

#include <gtest/gtest.h>

namespace drover::config {
namespace {

std::string ProblemsOf(const std::string& content) {
  Problems problems;
  ParseYaml({"a.yml", content}, problems);
  return problems.ToString();
}

std::string Repeat(const std::string& text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

TEST(ParserTest, KeepsPlacesAndOrder) {
  Problems problems;
  std::optional<Node> root = ParseYaml({"a.yml", "b: 1\na:\n  - 'x'\n  - ~\n"}, problems);
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(root->members.size(), 2);
  EXPECT_EQ(root->members[0].key.text, "b");
  EXPECT_EQ(root->members[0].value.location.ToString(), "a.yml:1:4");
  const Node& list = root->members[1].value;
  ASSERT_EQ(list.items.size(), 2);
  EXPECT_TRUE(list.items[0].quoted);
  EXPECT_EQ(list.items[0].location.ToString(), "a.yml:3:5");
  EXPECT_EQ(list.items[1].kind, Node::Kind::kNull);
}

TEST(ParserTest, ExpandsAliases) {
  Problems problems;
  std::optional<Node> root = ParseYaml({"a.yml", "x: &e {K: v}\ny: *e\n"}, problems);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(root->members[1].value.members[0].value.text, "v");
}

struct Refused {
  const char* name;
  std::string content;
  std::string problem;
};

class ParserRefusalTest : public testing::TestWithParam<Refused> {};

TEST_P(ParserRefusalTest, SaysWhereAndWhy) {
  EXPECT_EQ(ProblemsOf(GetParam().content), GetParam().problem + "\n");
}

INSTANTIATE_TEST_SUITE_P(
    All, ParserRefusalTest,
    testing::Values(
        Refused{"Empty", "", "a.yml:1:1: the file is empty"},
        Refused{"OnlyComments", "# nothing\n", "a.yml:1:1: the file is empty"},
        Refused{"Tab", "a:\n\tb:\n\t\tc: d\n",
                "a.yml:2:1: not valid YAML: illegal map value; this line is indented with a tab, "
                "and YAML needs spaces there"},
        Refused{"TabBehindSpaces", "a:\n  b: c\n  \td: e\n",
                "a.yml:3:3: not valid YAML: illegal tab when looking for indentation; this line is "
                "indented with a tab, and YAML needs spaces there"},
        Refused{"TabInTheLineBefore", "a:\n  b:\n\tc\n  d: e\n",
                "a.yml:3:1: not valid YAML: end of map not found; this line is indented with a "
                "tab, and YAML needs spaces there"},
        Refused{"TabInBrackets", "a: [\n\tb\n",
                "a.yml:3:1: not valid YAML: end of sequence flow not found"},
        Refused{"TabElsewhere", "a:\tb: c\n", "a.yml:1:5: not valid YAML: illegal map value"},
        Refused{"OpenQuote", "a: \"b\nc: d\n",
                "a.yml:1:4: not valid YAML: a quote is opened and not closed again"},
        Refused{"OpenSingleQuote", "a: b\nc: 'it''s\n\n",
                "a.yml:2:4: not valid YAML: a quote is opened and not closed again"},
        Refused{"OpenQuoteInTheLastLine", "a: \"b",
                "a.yml:1:6: not valid YAML: a quote is opened and not closed again"},
        Refused{"OpenQuoteBehindAnother", "a: 'b'\nc: \"d",
                "a.yml:2:6: not valid YAML: a quote is opened and not closed again"},
        Refused{"Malformed", "a: [1,\nb: 2\n",
                "a.yml:3:1: not valid YAML: end of sequence flow not found"},
        Refused{"TooLarge", Repeat("#23456789012345\n", 65536) + "#",
                "a.yml:1:1: larger than 1 MiB, which no configuration is"},
        Refused{"DuplicateKey", "a:\n  b: 1\n  c: 2\n  b: 3\n",
                "a.yml:4:3: a.b: this key was given in line 2 already; keep one"},
        Refused{"DuplicateQuotedKey", "[{b: 1, 'b': 2}]",
                "a.yml:1:9: [0].b: this key was given in line 1 already; keep one"},
        Refused{"TwoDocuments", "a: 1\n---\nb: 2\n",
                "a.yml:2:1: a second document starts here; a file holds one"},
        Refused{"TooDeep", Repeat("[", 33) + Repeat("]", 33), "a.yml:1:33: deeper than 32 levels"},
        Refused{"HopelesslyDeep", Repeat("[", 100000) + Repeat("]", 100000),
                "a.yml:1:33: deeper than 32 levels"},
        Refused{"TooDeepByAlias",
                "a: &a " + Repeat("[", 20) + Repeat("]", 20) + "\nb: " + Repeat("[", 20) + "*a" +
                    Repeat("]", 20) + "\n",
                "a.yml:2:24: deeper than 32 levels"},
        Refused{"TooDeepByOneWithAlias",
                "a: &a [x]\nb: " + Repeat("[", 31) + "*a" + Repeat("]", 31) + "\n",
                "a.yml:2:35: deeper than 32 levels"},
        Refused{"OneValueTooManyWithAliases", "[&a 1" + Repeat(",*a", 9999) + "]",
                "a.yml:1:1: the aliases expand the file to more than 10000 values"},
        Refused{"AliasBomb",
                "a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n",
                "a.yml:4:29: the aliases expand the file to more than 10000 values"},
        Refused{"AliasesOfALongText",
                "a: &a \"" + std::string(1 << 19, 'x') + "\"\nb: [" + Repeat("*a,", 40) + "]\n",
                "a.yml:2:101: the aliases expand the file to more than 16 MiB of text"},
        Refused{"AliasesOfALongTextWithItsKey",
                "a: &a {" + std::string(1000, 'k') + ": " + std::string(1 << 19, 'x') + "}\nb: [" +
                    Repeat("*a,", 40) + "]\n",
                "a.yml:2:98: the aliases expand the file to more than 16 MiB of text"},
        Refused{"AliasInItself", "a: &a [*a]\n",
                "a.yml:1:8: an alias cannot stand inside what it repeats"},
        Refused{"UnknownAlias", "a: *b\n",
                "a.yml:1:4: not valid YAML: the referenced anchor is not defined"},
        Refused{"KeyIsAList", "? [a]\n: b\n", "a.yml:1:3: a key must be a single word or string"},
        Refused{"KeyIsNull", "~: b\n", "a.yml:1:1: a key must be a single word or string"},
        Refused{"LongKey", "? " + std::string(1025, 'k') + "\n: v\n",
                "a.yml:1:3: this key, with those above it, is longer than 1024 bytes"},
        Refused{
            "LongKeyBelowAnother",
            "a:\n  ? " + std::string(600, 'k') + "\n  : ? " + std::string(424, 'l') + "\n    : v\n",
            "a.yml:3:7: this key, with those above it, is longer than 1024 bytes"},
        Refused{"LongKeyByAlias", "[&k \"" + std::string(1025, 'k') + "\", {*k : v}]\n",
                "a.yml:1:2: this key, with those above it, is longer than 1024 bytes"},
        // Each of the notes would have the key in its path.
        Refused{
            "HugeKeyOfAList",
            "nodes:\n  ? " + std::string(500000, 'k') + "\n  : [" + Repeat("!t a,", 200) + "]\n",
            "a.yml:2:5: this key, with those above it, is longer than 1024 bytes"},
        Refused{"PathWithALongKey", "? " + std::string(1024, 'k') + "\n: !mine a\n",
                "a.yml:2:3: " + std::string(100, 'k') +
                    "…: the tag !mine is not supported; write a plain value"},
        Refused{"DuplicateBelowAKeyThatIsAList", "a: {b: {? [c] : {d: 1, d: 2}}}\n",
                "a.yml:1:11: a.b: a key must be a single word or string\n"
                "a.yml:1:24: a.b.d: this key was given in line 1 already; keep one"},
        Refused{"Tag", "a: !!binary aGVsbG8=\n",
                "a.yml:1:4: a: the tag tag:yaml.org,2002:binary is not supported; write a plain "
                "value"},
        Refused{"LongTag", "!" + std::string(100, 't') + " a",
                "a.yml:1:1: the tag !" + std::string(99, 't') +
                    "… is not supported; write a plain value"},
        Refused{"TagOfAList", "a: [!mine [b]]\n",
                "a.yml:1:5: a[0]: the tag !mine is not supported; write a plain value"},
        Refused{"TagOfAMapping", "a: !!set {b: c}\n",
                "a.yml:1:4: a: the tag tag:yaml.org,2002:set is not supported; write a plain "
                "value"}),
    [](const auto& info) { return info.param.name; });

TEST(ParserTest, AcceptsWhatJustFits) {
  EXPECT_EQ(ProblemsOf(Repeat("[", 32) + "x" + Repeat("]", 32)), "");
  EXPECT_EQ(ProblemsOf("a: &a x\nb: " + Repeat("[", 31) + "*a" + Repeat("]", 31) + "\n"), "");
  EXPECT_EQ(ProblemsOf("a: &a [x]\nb: " + Repeat("[", 30) + "*a" + Repeat("]", 30) + "\n"), "");
  EXPECT_EQ(ProblemsOf("[&a 1" + Repeat(",*a", 9998) + "]"), "");
  EXPECT_EQ(ProblemsOf(Repeat("#23456789012345\n", 65535) + "0123: [5, 7, 9]\n"), "");
  EXPECT_EQ(ProblemsOf("a: &a " + std::string(1 << 19, 'x') + "\nb: [" + Repeat("*a,", 32) + "]\n"),
            "");
  EXPECT_EQ(ProblemsOf("? " + std::string(1024, 'k') + "\n: v\n"), "");
  EXPECT_EQ(ProblemsOf("? " + std::string(1023, 'k') + "\n: {l: v, m: w}\n"), "");
}

TEST(ParserTest, AcceptsAQuoteThatIsClosed) {
  EXPECT_EQ(ProblemsOf("a: \"b\n  c\"\n\n"), "");
  EXPECT_EQ(ProblemsOf("a: 'it''s' # \"\n"), "");
  EXPECT_EQ(ProblemsOf("a: !!str b\n"), "");
  EXPECT_EQ(ProblemsOf("'a': |+\n  b\n\n"), "");
}

TEST(ParserTest, AllowsManyNodesWithoutAliases) {
  EXPECT_EQ(ProblemsOf("[" + Repeat("1,", 50000) + "1]"), "");
}

TEST(ParserTest, ReadsOnBehindWhatItNotes) {
  Problems problems;
  std::optional<Node> root = ParseYaml(
      {"a.yml", "a: !mine {? [b] : c, d: !mine e, d: f}\n? {g: h}\n: i\n---\nj: k\n"}, problems);
  EXPECT_EQ(problems.ToString(),
            "a.yml:1:4: a: the tag !mine is not supported; write a plain value\n"
            "a.yml:1:13: a: a key must be a single word or string\n"
            "a.yml:1:25: a.d: the tag !mine is not supported; write a plain value\n"
            "a.yml:1:34: a.d: this key was given in line 1 already; keep one\n"
            "a.yml:2:3: a key must be a single word or string\n"
            "a.yml:4:1: a second document starts here; a file holds one\n");
  ASSERT_TRUE(root.has_value());
  ASSERT_EQ(root->members.size(), 1);
  ASSERT_EQ(root->members[0].value.members.size(), 1);
  EXPECT_EQ(root->members[0].value.members[0].value.text, "e");
}

TEST(ParserTest, TakesTheStringTagForQuotes) {
  Problems problems;
  std::optional<Node> root = ParseYaml({"a.yml", "!!str 5"}, problems);
  ASSERT_TRUE(root.has_value());
  EXPECT_TRUE(root->quoted);
}

}  // namespace
}  // namespace drover::config
