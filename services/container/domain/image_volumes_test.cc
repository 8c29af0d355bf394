#include "services/container/domain/image_volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/common/status/reason.h"

namespace drover::container {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ImageVolumesTest, TheApplicationsVolumesKeepWhatTheImageDeclares) {
  EXPECT_THAT(UnkeptPaths({"/data", "/log/"}, {"/data", "/log"}), IsEmpty());
  EXPECT_THAT(UnkeptPaths({}, {"/data"}), IsEmpty());
  EXPECT_THAT(UnkeptPaths({"/tmp/x", "/cache/", "/data"}, {"/data"}),
              ElementsAre("/cache", "/tmp/x"));
}

TEST(ImageVolumesTest, OneAboveAVolumeIsNotKeptByIt) {
  EXPECT_TRUE(CheckImageVolumes({"/var"}, {"/var/lib"}).ok());
  EXPECT_THAT(UnkeptPaths({"/var"}, {"/var/lib"}), ElementsAre("/var"));
}

TEST(ImageVolumesTest, OneBelowAVolumeIsRefused) {
  EXPECT_TRUE(CheckImageVolumes({"/data", "/database"}, {"/data"}).ok());
  const absl::Status status = CheckImageVolumes({"/data/cache/"}, {"/data"});
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(status), "NESTED_VOLUME");
  EXPECT_EQ(
      status.message(),
      "the image declares /data/cache/ as a VOLUME, which lies below the volume at /data: what "
      "is written there would not be kept in it; build an image without that VOLUME, or choose "
      "another mountpoint");
}

}  // namespace
}  // namespace drover::container
