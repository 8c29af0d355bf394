#include "services/common/tls/identity.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(IdentityTest, RoundTrips) {
  for (const char* uri :
       {"spiffe://lab/coordinator", "spiffe://lab/node/node1", "spiffe://lab/user/ann"}) {
    auto identity = ParseIdentity(uri);
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(identity->Uri(), uri);
  }
  EXPECT_EQ(*ParseIdentity("spiffe://lab/node/node1"), NodeOf("lab", "node1"));
}

TEST(IdentityTest, RefusesEverythingElse) {
  for (const char* uri : {"", "http://lab/coordinator", "spiffe://lab", "spiffe:///coordinator",
                          "spiffe://lab/node/", "spiffe://lab/node", "spiffe://lab/node/a/b",
                          "spiffe://lab/robot/a", "spiffe://lab/coordinator/x"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseIdentity(uri).status())) << uri;
  }
}

}  // namespace
}  // namespace drover
