#include "cli/render/fit.h"

#include <gmock/gmock.h>

namespace drover::cli {
namespace {

using ::testing::ElementsAre;

TEST(FitTest, WidthCountsCharacters) {
  EXPECT_EQ(Width("node"), 4u);
  EXPECT_EQ(Width("né…"), 3u);
}

TEST(FitTest, ShortensWhatIsTooLong) {
  EXPECT_EQ(Shortened("node", 4), "node");
  EXPECT_EQ(Shortened("nöde1", 4), "nöd…");
  EXPECT_EQ(Shortened("node", 1), "…");
  EXPECT_EQ(Shortened("node", 0), "");
}

TEST(FitTest, WrapsAtTheEndsOfWords) {
  EXPECT_THAT(Wrapped("image changed from a to b", 13),
              ElementsAre("image changed", "from a to b"));
  EXPECT_THAT(Wrapped("image changed from a to b", 12),
              ElementsAre("image", "changed from", "a to b"));
  EXPECT_THAT(Wrapped("80->8080,443->8443", 12), ElementsAre("80->8080,", "443->8443"));
  EXPECT_THAT(Wrapped("é é é", 3), ElementsAre("é é", "é"));
  EXPECT_THAT(Wrapped("", 3), ElementsAre(""));
}

TEST(FitTest, WrapsInsideOfAWordOnlyIfItIsTooLong) {
  EXPECT_THAT(Wrapped("/var/lib,/var/log", 10), ElementsAre("/var/lib,", "/var/log"));
  EXPECT_THAT(Wrapped("registry.home:5000/shop/db@sha256:0123", 20),
              ElementsAre("registry.home:5000/", "shop/db@sha256:0123"));
  EXPECT_THAT(Wrapped("of redis-example now", 5), ElementsAre("of", "redis-example", "now"));
}

TEST(FitTest, NothingSticksOutAtTheLeastWidth) {
  EXPECT_EQ(LeastWidth("of redis-example now"), 13u);
  EXPECT_EQ(LeastWidth("home:5000/shop"), 5u);
  EXPECT_EQ(LeastWidth(""), 0u);
}

}  // namespace
}  // namespace drover::cli
