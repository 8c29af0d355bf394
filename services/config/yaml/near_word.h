// What somebody most likely meant.
#ifndef DROVER_SERVICES_CONFIG_YAML_NEAR_WORD_H_
#define DROVER_SERVICES_CONFIG_YAML_NEAR_WORD_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace drover::config {

// The candidate that differs from `word` by the fewest letters that are left out, too many or
// others, at most two and less than half of them; the case does not count, nor whether words are
// joined by `-` or `_`. The first of several. Nothing if none is near.
std::optional<absl::string_view> NearWord(absl::string_view word,
                                          absl::Span<const absl::string_view> candidates);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_NEAR_WORD_H_
