// Digests for people.
#ifndef DROVER_CLI_RENDER_DIGEST_H_
#define DROVER_CLI_RENDER_DIGEST_H_

#include <string>

#include "absl/strings/string_view.h"

namespace drover::cli {

// `text` with the first 12 digits of each of its digests, as engines show them: "sha256:1f3c…".
std::string WithShortDigests(absl::string_view text);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_DIGEST_H_
