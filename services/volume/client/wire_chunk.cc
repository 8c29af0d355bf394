#include "services/volume/client/wire_chunk.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/slice.h>

#include <string>

namespace drover::volume {
namespace {

using google::protobuf::internal::WireFormatLite;

void FreeString(void* string) { delete static_cast<std::string*>(string); }

void PutLength(int field, size_t length, google::protobuf::io::CodedOutputStream& out) {
  out.WriteTag(WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED));
  out.WriteVarint64(length);
}

}  // namespace

grpc::ByteBuffer WireChunk(v1::TransferChunk chunk) {
  auto* data = chunk.release_data();
  // The data comes last, so that all else is one short piece before it. Its tag and length are at
  // most 11 bytes; they are written first to know how long the chunk is.
  std::string data_head;
  {
    google::protobuf::io::StringOutputStream stream(&data_head);
    google::protobuf::io::CodedOutputStream out(&stream);
    PutLength(v1::TransferChunk::kDataFieldNumber, data->size(), out);
  }
  const std::string fields = chunk.SerializeAsString() + data_head;
  std::string head;
  {
    google::protobuf::io::StringOutputStream stream(&head);
    google::protobuf::io::CodedOutputStream out(&stream);
    PutLength(v1::ReceiveRequest::kChunkFieldNumber, fields.size() + data->size(), out);
    out.WriteString(fields);
  }
  const grpc::Slice slices[] = {grpc::Slice(head),
                                grpc::Slice(data->data(), data->size(), FreeString, data)};
  return grpc::ByteBuffer(slices, 2);
}

}  // namespace drover::volume
