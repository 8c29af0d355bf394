#include "services/config/yaml/name_hints.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace drover::config {
namespace {

TEST(NameHintsTest, NamesWhatWasMeant) {
  EXPECT_EQ(NameHints({"mysql", "redis"}).For("reds"), "; did you mean \"redis\"?");
}

TEST(NameHintsTest, ListsWhatThereIs) {
  EXPECT_EQ(NameHints({"mysql", "redis"}).For("web"), "; it has mysql, redis");
  EXPECT_EQ(NameHints({}).For("web"), "; it has none");
}

TEST(NameHintsTest, ListsTheFirstOfMany) {
  std::vector<std::string> names;
  for (int i = 0; i < 22; ++i) names.push_back(absl::StrCat("a", i));
  std::vector<absl::string_view> listed(names.begin(), names.end());
  EXPECT_EQ(NameHints(listed).For("web"),
            "; it has a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, "
            "a17, a18, a19 and 2 more");
  listed.resize(20);
  EXPECT_EQ(NameHints(listed).For("web"),
            "; it has a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, "
            "a17, a18, a19");
}

TEST(NameHintsTest, GivesTwentyHints) {
  NameHints hints({"redis"});
  for (int i = 0; i < 20; ++i) EXPECT_NE(hints.For("reds"), "") << i;
  EXPECT_EQ(hints.For("reds"), "");
}

}  // namespace
}  // namespace drover::config
