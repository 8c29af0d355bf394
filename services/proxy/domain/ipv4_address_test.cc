#include "services/proxy/domain/ipv4_address.h"

#include <gtest/gtest.h>

namespace drover::proxy {
namespace {

TEST(Ipv4AddressTest, ReadsAndWritesDottedDecimal) {
  absl::StatusOr<Ipv4Address> address = Ipv4Address::Parse("192.0.2.17");
  ASSERT_TRUE(address.ok());
  EXPECT_EQ(address->bits(), 0xc0000211u);
  EXPECT_EQ(address->ToString(), "192.0.2.17");
}

TEST(Ipv4AddressTest, RefusesEverythingElse) {
  for (const char* text : {"", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.-4",
                           "1.2.3. 4", "1.2.3.", "::1", "node1"}) {
    EXPECT_EQ(Ipv4Address::Parse(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

}  // namespace
}  // namespace drover::proxy
