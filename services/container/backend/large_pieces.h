// Fewer, larger pieces of a stream.
#ifndef DROVER_SERVICES_CONTAINER_BACKEND_LARGE_PIECES_H_
#define DROVER_SERVICES_CONTAINER_BACKEND_LARGE_PIECES_H_

#include <cstddef>

#include "services/container/backend/container_engine.h"

namespace drover::container {

// The same bytes in pieces of `size` bytes or more (less than `size` and one of the source's), but
// for the last one. For what is sent on: a message costs the same whatever is in it. The source is
// not asked again behind its end.
ByteSource InPiecesOf(size_t size, ByteSource source);

}  // namespace drover::container

#endif  // DROVER_SERVICES_CONTAINER_BACKEND_LARGE_PIECES_H_
