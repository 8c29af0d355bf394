#include "services/volume/domain/names.h"

#include <gtest/gtest.h>

namespace drover::volume {
namespace {

TEST(NamesTest, RefusesWhatCouldLeaveItsFolder) {
  EXPECT_TRUE(CheckPlainName("application", "redis-example_2.x").ok());
  for (const char* bad : {"", ".", "..", "a/b", "-a", "a b", "a@b", "a\n"}) {
    EXPECT_FALSE(CheckPlainName("application", bad).ok()) << bad;
  }
  EXPECT_TRUE(CheckPlainName("application", std::string(63, 'a')).ok());
  EXPECT_FALSE(CheckPlainName("application", std::string(64, 'a')).ok());
}

TEST(NamesTest, TheOnlyVolumeHasNoId) {
  EXPECT_TRUE(CheckVolumeId("").ok());
  EXPECT_TRUE(CheckVolumeId("data").ok());
  EXPECT_FALSE(CheckVolumeId("../x").ok());
}

TEST(NamesTest, StartAndContainerIdsAreHexadecimal) {
  EXPECT_TRUE(CheckStartId("0123456789abcdef").ok());
  EXPECT_FALSE(CheckStartId("0123456789abcde").ok());
  EXPECT_FALSE(CheckStartId("0123456789abcdeF").ok());
  EXPECT_TRUE(CheckContainerId(std::string(64, 'a')).ok());
  EXPECT_FALSE(CheckContainerId(std::string(63, 'a')).ok());
}

TEST(NamesTest, SnapshotNamesTellTheirMigration) {
  const MigrationId migration("m-7-a");
  EXPECT_EQ(MigrationSnapshotName(migration, 2), "drover-m-7-a-2");
  EXPECT_EQ(MigrationOfSnapshot("drover-m-7-a-2"), migration);
  EXPECT_TRUE(MigrationOfSnapshot("before-upgrade").empty());
  EXPECT_TRUE(MigrationOfSnapshot("drover-").empty());
  EXPECT_FALSE(CheckUserSnapshotName("drover-mine").ok());
  EXPECT_TRUE(CheckUserSnapshotName("before-upgrade").ok());
}

TEST(NamesTest, DisplayName) {
  EXPECT_EQ(VolumeDisplayName(ApplicationName("db"), ""), "db");
  EXPECT_EQ(VolumeDisplayName(ApplicationName("db"), "logs"), "db:logs");
}

}  // namespace
}  // namespace drover::volume
