#include "services/volume/backend/zfs_record.h"

#include <gtest/gtest.h>

namespace drover::volume {
namespace {

void Apply(const std::string& text, std::map<std::string, std::string>& properties) {
  for (auto& [name, value] : SplitRecord(text, properties[kRecordProperty])) {
    EXPECT_LT(value.size(), 1023u);
    properties[name] = value;
  }
}

TEST(ZfsRecordTest, ShortOnesAreOneProperty) {
  std::map<std::string, std::string> properties;
  Apply("{}", properties);
  EXPECT_EQ(properties.size(), 1u);
  EXPECT_EQ(*JoinRecord(properties), "{}");
}

TEST(ZfsRecordTest, LongOnesAlternateBetweenTwoSets) {
  std::map<std::string, std::string> properties;
  const std::string one = "{" + std::string(2500, '1') + "}";
  const std::string two = "{" + std::string(1500, '2') + "}";
  Apply(one, properties);
  const std::map<std::string, std::string> before = properties;
  EXPECT_EQ(*JoinRecord(properties), one);
  Apply(two, properties);
  EXPECT_EQ(*JoinRecord(properties), two);
  // Cut short before its last property, the write has changed nothing.
  properties[kRecordProperty] = before.at(kRecordProperty);
  EXPECT_EQ(*JoinRecord(properties), one);
}

TEST(ZfsRecordTest, AMissingPartIsDataLoss) {
  std::map<std::string, std::string> properties;
  EXPECT_TRUE(absl::IsDataLoss(JoinRecord(properties).status()));
  Apply("{" + std::string(2500, '1') + "}", properties);
  properties.erase("drover:record-a1");
  EXPECT_TRUE(absl::IsDataLoss(JoinRecord(properties).status()));
}

}  // namespace
}  // namespace drover::volume
