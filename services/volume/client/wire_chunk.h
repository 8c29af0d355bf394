// A chunk in the form in which gRPC sends it, without copying its data.
#ifndef DROVER_SERVICES_VOLUME_CLIENT_WIRE_CHUNK_H_
#define DROVER_SERVICES_VOLUME_CLIENT_WIRE_CHUNK_H_

#include <grpcpp/support/byte_buffer.h>

#include "drover/volume/v1/transfer_service.pb.h"

namespace drover::volume {

// The ReceiveRequest that holds `chunk`. Its data is used where it lies: copies of the buffer share
// it, and the last one frees it. (Letting gRPC serialise the message would copy every byte.)
grpc::ByteBuffer WireChunk(v1::TransferChunk chunk);

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_CLIENT_WIRE_CHUNK_H_
