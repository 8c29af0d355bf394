#include "services/volume/client/resend_window.h"

#include <gtest/gtest.h>

#include <string>

namespace drover::volume {
namespace {

constexpr int64_t kMiB = 1 << 20;

grpc::ByteBuffer Frame(const std::string& text) {
  const grpc::Slice slice(text);
  return grpc::ByteBuffer(&slice, 1);
}

std::string Text(std::optional<grpc::ByteBuffer> frame) {
  if (!frame.has_value()) return "none";
  grpc::Slice slice;
  EXPECT_TRUE(frame->DumpToSingleSlice(&slice).ok());
  return std::string(reinterpret_cast<const char*>(slice.begin()), slice.size());
}

TEST(ResendWindowTest, AFrameIsSentOnceUnlessTheConnectionBreaks) {
  ResendWindow window;
  window.Add(Frame("a"), 10);
  window.Add(Frame("b"), 10);
  EXPECT_EQ(Text(window.Next()), "a");
  EXPECT_EQ(Text(window.Next()), "b");
  EXPECT_EQ(Text(window.Next()), "none");
  window.Add(Frame("c"), 10);
  window.Acknowledge(10);
  window.Restart();
  EXPECT_EQ(window.resent_bytes(), 10) << "c was never sent";
  EXPECT_EQ(Text(window.Next()), "b");
  EXPECT_EQ(Text(window.Next()), "c");
  EXPECT_EQ(Text(window.Next()), "none");
}

TEST(ResendWindowTest, WhatWasNotSentCannotBeAcknowledged) {
  ResendWindow window;
  window.Add(Frame("a"), 10);
  window.Acknowledge(1000);
  EXPECT_EQ(Text(window.Next()), "a");
}

TEST(ResendWindowTest, GrowsWithTheStream) {
  ResendWindow window;
  const auto fill = [&window] {
    int64_t filled = 0;
    while (window.HasRoom()) {
      window.Add(Frame("x"), kMiB / 4);
      filled += kMiB / 4;
      window.Next();
    }
    return filled;
  };
  EXPECT_EQ(fill(), kMiB);
  EXPECT_FALSE(window.HasRoom());
  window.Acknowledge(kMiB);
  EXPECT_EQ(fill(), kMiB);
  int64_t total = 2 * kMiB;
  while (total < 1024 * kMiB) {
    window.Acknowledge(total);
    total += fill();
  }
  window.Acknowledge(total);
  EXPECT_GE(fill(), 8 * kMiB);
  window.Restart();
  EXPECT_LE(window.resent_bytes(), total / 100);
}

TEST(ResendWindowTest, IsBounded) {
  ResendWindow window;
  window.Add(Frame("x"), int64_t{1} << 40);
  window.Next();
  window.Acknowledge(int64_t{1} << 40);
  window.Add(Frame("x"), 16 * kMiB);
  EXPECT_FALSE(window.HasRoom());
}

}  // namespace
}  // namespace drover::volume
