#include "services/config/values/uuid.h"

#include <gtest/gtest.h>

namespace drover::config {
namespace {

TEST(UuidTest, IsInLowerCase) {
  EXPECT_EQ(NormalizeUuid("123E4567-e89b-12d3-A456-426614174000").value(),
            "123e4567-e89b-12d3-a456-426614174000");
}

TEST(UuidTest, SaysWhatIsAllowed) {
  for (const char* text : {"", "123e4567", "123e4567-e89b-12d3-a456-42661417400g",
                           "123e4567-e89b-12d3-a4564-26614174000"}) {
    EXPECT_FALSE(NormalizeUuid(text).ok()) << text;
  }
  EXPECT_EQ(NormalizeUuid(std::string(101, 'x')).status().message(),
            "\"" + std::string(100, 'x') +
                "…\" is not a UUID such as 123e4567-e89b-12d3-a456-426614174000");
  EXPECT_EQ(NormalizeUuid("x").status().message(),
            "\"x\" is not a UUID such as 123e4567-e89b-12d3-a456-426614174000");
}

}  // namespace
}  // namespace drover::config
