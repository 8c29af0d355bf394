#include "services/common/ids/ids.h"

#include <gtest/gtest.h>

#include <sstream>

#include "services/common/ids/random_id.h"

namespace drover {
namespace {

TEST(StrongIdTest, ComparesByValue) {
  EXPECT_EQ(NodeName("a"), NodeName("a"));
  EXPECT_LT(Generation(3), Generation(4));
  EXPECT_TRUE(NodeName().empty());
  std::ostringstream out;
  out << NodeName("node1");
  EXPECT_EQ(out.str(), "node1");
}

TEST(RandomIdTest, HasTheAskedForm) {
  EXPECT_EQ(RandomHex(16).size(), 32u);
  EXPECT_NE(RandomHex(16), RandomHex(16));
  std::string uuid = RandomUuid();
  EXPECT_EQ(uuid.size(), 36u);
  EXPECT_EQ(uuid[14], '4');
}

}  // namespace
}  // namespace drover
