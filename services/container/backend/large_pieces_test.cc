#include "services/container/backend/large_pieces.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

namespace drover::container {
namespace {

using ::testing::ElementsAre;

// A source of these pieces, which fails behind them if `end` is an error.
ByteSource SourceOf(std::vector<std::string> pieces, absl::Status end = absl::OkStatus()) {
  auto next = std::make_shared<size_t>(0);
  return [pieces, end, next]() -> Task<absl::StatusOr<std::string>> {
    const size_t index = (*next)++;
    EXPECT_LE(index, pieces.size()) << "asked behind its end";
    if (index < pieces.size()) co_return pieces[index];
    if (!end.ok()) co_return end;
    co_return std::string();
  };
}

// The pieces up to the end, and "!" if it fails.
std::vector<std::string> Read(ByteSource source) {
  std::vector<std::string> pieces;
  auto read = [&]() -> Task<void> {
    while (true) {
      const absl::StatusOr<std::string> piece = co_await source();
      pieces.push_back(piece.ok() ? *piece : "!");
      if (!piece.ok() || piece->empty()) co_return;
    }
  };
  boost::asio::io_context io;
  boost::asio::co_spawn(io, read, boost::asio::detached);
  io.run();
  return pieces;
}

TEST(LargePiecesTest, HoldsTheSameBytesInFewerPieces) {
  EXPECT_THAT(Read(InPiecesOf(4, SourceOf({"ab", "c", "de", "f", "gh"}))),
              ElementsAre("abcde", "fgh", ""));
  EXPECT_THAT(Read(InPiecesOf(4, SourceOf({"abcd"}))), ElementsAre("abcd", ""));
  EXPECT_THAT(Read(InPiecesOf(4, SourceOf({"abcdefgh", "ij"}))), ElementsAre("abcdefgh", "ij", ""));
  EXPECT_THAT(Read(InPiecesOf(4, SourceOf({}))), ElementsAre(""));
}

TEST(LargePiecesTest, APieceWhoseRestIsMissingIsNone) {
  EXPECT_THAT(Read(InPiecesOf(4, SourceOf({"abcd", "e"}, absl::DataLossError("cut off")))),
              ElementsAre("abcd", "!"));
}

}  // namespace
}  // namespace drover::container
