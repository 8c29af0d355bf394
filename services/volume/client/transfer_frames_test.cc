#include "services/volume/client/transfer_frames.h"

#include <gtest/gtest.h>

namespace drover::volume {
namespace {

TEST(TransferFramesTest, WhatIsWrittenIsAccepted) {
  FrameWriter writer;
  FrameReader reader;
  EXPECT_TRUE(reader.Check(writer.Chunk("one")).ok());
  EXPECT_TRUE(reader.Check(writer.Chunk("three")).ok());
  EXPECT_TRUE(reader.Check(writer.Commit()).ok());
  EXPECT_EQ(reader.bytes(), 8);
  EXPECT_EQ(writer.Commit().digest().size(), 32u);
}

TEST(TransferFramesTest, ADamagedChunkIsNoticed) {
  FrameWriter writer;
  v1::TransferChunk chunk = writer.Chunk("one");
  chunk.set_data("onf");
  EXPECT_TRUE(absl::IsDataLoss(FrameReader().Check(chunk)));
}

TEST(TransferFramesTest, AMissingChunkIsNoticed) {
  FrameWriter writer;
  FrameReader reader;
  writer.Chunk("one");
  EXPECT_TRUE(absl::IsDataLoss(reader.Check(writer.Chunk("two"))));
  EXPECT_TRUE(absl::IsDataLoss(reader.Check(writer.Commit())));
}

TEST(TransferFramesTest, AnEmptyOrHugeChunkIsRefused) {
  EXPECT_TRUE(absl::IsDataLoss(FrameReader().Check(FrameWriter().Chunk(""))));
  EXPECT_TRUE(
      absl::IsDataLoss(FrameReader().Check(FrameWriter().Chunk(std::string((1 << 20) + 1, 'x')))));
}

}  // namespace
}  // namespace drover::volume
