#include "services/container/backend/large_pieces.h"

#include <memory>
#include <string>
#include <utility>

#include "services/common/status/status_macros.h"

namespace drover::container {

ByteSource InPiecesOf(size_t size, ByteSource source) {
  struct Rest {
    ByteSource source;
    bool is_over = false;
  };
  auto rest = std::make_shared<Rest>(Rest{std::move(source)});
  return [size, rest]() -> Task<absl::StatusOr<std::string>> {
    std::string piece;
    while (piece.size() < size && !rest->is_over) {
      DROVER_CO_ASSIGN_OR_RETURN(const std::string part, co_await rest->source());
      rest->is_over = part.empty();
      piece += part;
    }
    co_return piece;
  };
}

}  // namespace drover::container
