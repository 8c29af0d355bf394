// Whether the machine's packet rules are those of before.
#ifndef DROVER_SERVICES_PROXY_BACKEND_RULESET_GENERATION_H_
#define DROVER_SERVICES_PROXY_BACKEND_RULESET_GENERATION_H_

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "services/common/file/unique_fd.h"

namespace drover::proxy {

// nf_tables counts the transactions of a network namespace, whoever makes them. So one small
// question replaces reading all rules. Calls block and must not overlap.
class RulesetGeneration {
 public:
  // Of the calling thread's network namespace.
  static absl::StatusOr<RulesetGeneration> Open();

  // Each transaction adds one.
  absl::StatusOr<uint32_t> Read();

 private:
  explicit RulesetGeneration(UniqueFd socket) : socket_(std::move(socket)) {}

  UniqueFd socket_;
};

}  // namespace drover::proxy

#endif  // DROVER_SERVICES_PROXY_BACKEND_RULESET_GENERATION_H_
