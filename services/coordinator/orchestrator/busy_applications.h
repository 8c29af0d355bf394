// Which applications somebody works on right now.
#ifndef DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_BUSY_APPLICATIONS_H_
#define DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_BUSY_APPLICATIONS_H_

#include <memory>
#include <set>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/common/ids/ids.h"

namespace drover::coordinator {

// One operation or migration per application at a time; a second one is refused, not queued, since
// what it was planned on no longer holds. Not thread-safe.
class BusyApplications {
 public:
  // The application is busy for as long as somebody keeps this.
  using Token = std::shared_ptr<void>;

  // ABORTED if it is busy.
  absl::StatusOr<Token> Acquire(const ApplicationName& name) {
    if (!names_->insert(name).second) {
      return absl::AbortedError(
          absl::StrCat("another operation on ", name.value(), " is under way; wait for its end"));
    }
    return Token(nullptr, [names = names_, name](void*) { names->erase(name); });
  }

  const std::set<ApplicationName>& names() const { return *names_; }

 private:
  // Shared with the tokens, which may outlive us in a coroutine that is dropped.
  const std::shared_ptr<std::set<ApplicationName>> names_ =
      std::make_shared<std::set<ApplicationName>>();
};

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_ORCHESTRATOR_BUSY_APPLICATIONS_H_
