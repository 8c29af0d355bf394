#include "services/config/yaml/excerpt.h"

#include <gtest/gtest.h>

namespace drover::config {
namespace {

TEST(ExcerptTest, RepeatsWhatIsShort) {
  EXPECT_EQ(Excerpt(""), "");
  EXPECT_EQ(Excerpt(std::string(100, 'a')), std::string(100, 'a'));
}

TEST(ExcerptTest, ShortensWhatIsLong) {
  EXPECT_EQ(Excerpt(std::string(101, 'a')), std::string(100, 'a') + "…");
}

TEST(ExcerptTest, EndsBetweenCharacters) {
  EXPECT_EQ(Excerpt(std::string(98, 'a') + "€€"), std::string(98, 'a') + "…");
  EXPECT_EQ(Excerpt(std::string(97, 'a') + "€€"), std::string(97, 'a') + "€…");
  EXPECT_EQ(Excerpt(std::string(200, '\x80')), "…");
}

}  // namespace
}  // namespace drover::config
