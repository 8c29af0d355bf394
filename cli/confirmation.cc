#include "cli/confirmation.h"

#include <optional>
#include <ostream>

namespace drover::cli {

Task<bool> IsConfirmed(Session& session, std::string name) {
  *session.environment().err << "Type " << name << " to go on: " << std::flush;
  session.set_detach_message(kNothingWasChanged);
  const std::optional<std::string> answer = co_await session.environment().read_line();
  session.set_detach_message("");
  co_return answer == name;
}

}  // namespace drover::cli
