#include "cli/render/digest.h"

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

TEST(DigestTest, ShortensEachDigest) {
  const std::string digest(64, 'a');
  EXPECT_EQ(WithShortDigests("from a@sha256:" + digest + " to b:2@sha256:" + digest + ", now"),
            "from a@sha256:aaaaaaaaaaaa… to b:2@sha256:aaaaaaaaaaaa…, now");
}

TEST(DigestTest, LeavesEverythingElse) {
  for (const char* text : {"", "redis:7", "redis@sha256:", "redis@sha256:0123456789ab"}) {
    EXPECT_EQ(WithShortDigests(text), text);
  }
}

}  // namespace
}  // namespace drover::cli
