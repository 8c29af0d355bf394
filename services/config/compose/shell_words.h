// A command line as words.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_SHELL_WORDS_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_SHELL_WORDS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::config {

// As a POSIX shell splits it, with its quotes and backslashes, and without anything else that a
// shell does: variables, patterns and `;` are letters. INVALID_ARGUMENT for a quote without its
// end.
absl::StatusOr<std::vector<std::string>> SplitShellWords(absl::string_view line);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_SHELL_WORDS_H_
