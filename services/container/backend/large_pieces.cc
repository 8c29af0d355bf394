#include "services/container/backend/large_pieces.h"

#include <memory>
#include <string>
#include <utility>

#include "services/common/status/status_macros.h"

namespace drover::container {

ByteSource InPiecesOf(size_t size, ByteSource source) {
  auto shared = std::make_shared<ByteSource>(std::move(source));
  return [size, shared]() -> Task<absl::StatusOr<std::string>> {
    std::string piece;
    while (piece.size() < size) {
      DROVER_CO_ASSIGN_OR_RETURN(const std::string part, co_await (*shared)());
      if (part.empty()) break;
      piece += part;
    }
    co_return piece;
  };
}

}  // namespace drover::container
