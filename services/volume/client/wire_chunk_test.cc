#include "services/volume/client/wire_chunk.h"

#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>

namespace drover::volume {
namespace {

v1::ReceiveRequest Read(grpc::ByteBuffer buffer) {
  v1::ReceiveRequest request;
  EXPECT_TRUE(grpc::SerializationTraits<v1::ReceiveRequest>::Deserialize(&buffer, &request).ok());
  return request;
}

TEST(WireChunkTest, IsReadAsTheMessageThatItStandsFor) {
  for (const size_t size : {1, 1000, 256 << 10}) {
    v1::ReceiveRequest request;
    request.mutable_chunk()->set_offset(int64_t{1} << 40);
    request.mutable_chunk()->set_checksum(0xfedcba9876543210);
    request.mutable_chunk()->set_data(std::string(size, 'x'));
    const v1::ReceiveRequest read = Read(WireChunk(request.chunk()));
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read, request)) << size;
  }
}

TEST(WireChunkTest, MayBeSentAgain) {
  v1::TransferChunk chunk;
  chunk.set_data("data");
  const grpc::ByteBuffer first = WireChunk(chunk);
  EXPECT_EQ(Read(first).chunk().data(), "data");
  EXPECT_EQ(Read(first).chunk().data(), "data");
}

}  // namespace
}  // namespace drover::volume
