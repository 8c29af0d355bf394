#include "services/container/driver/image_spool.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "services/container/driver/stream_digest.h"

namespace drover::container {
namespace {

std::string DigestOf(const std::string& text) {
  StreamDigest digest;
  digest.Update(text);
  return digest.Finish();
}

Task<std::string> ReadAll(ByteSource source) {
  std::string all;
  while (true) {
    const absl::StatusOr<std::string> piece = co_await source();
    EXPECT_TRUE(piece.ok()) << piece.status();
    if (!piece.ok() || piece->empty()) co_return all;
    all += *piece;
  }
}

std::string ContentOf(std::shared_ptr<ImageSpool> spool) {
  boost::asio::io_context io;
  std::string result;
  boost::asio::co_spawn(io, ReadAll(ImageSpool::Content(std::move(spool))),
                        [&](std::exception_ptr, std::string all) { result = std::move(all); });
  io.run();
  return result;
}

TEST(ImageSpoolTest, GivesBackWhatCameAsOftenAsItIsAskedFor) {
  auto spool = ImageSpool::Create(testing::TempDir());
  ASSERT_TRUE(spool.ok()) << spool.status();
  const std::string large(600 << 10, 'x');  // More than one piece.
  (*spool)->Append("begin");
  (*spool)->Append(large);
  EXPECT_EQ((*spool)->size(), 5 + static_cast<int64_t>(large.size()));
  EXPECT_TRUE((*spool)->Verify(DigestOf("begin" + large)).ok());
  EXPECT_EQ(ContentOf(*spool), "begin" + large);
  EXPECT_EQ(ContentOf(*spool), "begin" + large);
}

TEST(ImageSpoolTest, RefusesWhatIsNotWhole) {
  auto spool = ImageSpool::Create(testing::TempDir());
  ASSERT_TRUE(spool.ok()) << spool.status();
  (*spool)->Append("begi");
  EXPECT_TRUE(absl::IsDataLoss((*spool)->Verify(DigestOf("begin"))));
  EXPECT_TRUE(absl::IsDataLoss((*spool)->Verify("")));
}

TEST(ImageSpoolTest, NeedsItsFolder) {
  EXPECT_TRUE(absl::IsNotFound(ImageSpool::Create("/nowhere/at/all").status()));
}

}  // namespace
}  // namespace drover::container
