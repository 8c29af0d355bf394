// Text that has to fit into so many columns of a terminal.
#ifndef DROVER_CLI_RENDER_FIT_H_
#define DROVER_CLI_RENDER_FIT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace drover::cli {

// How many columns it takes: UTF-8's continuation bytes take none.
size_t Width(absl::string_view text);

// At most `width` columns of it; an ellipsis stands for what is left out.
std::string Shortened(absl::string_view text, size_t width);

// In lines of at most `width` columns that end where a word does: at a space or behind a comma, and
// where a word is longer than that behind its / : or @. What has none of these sticks out.
std::vector<std::string> Wrapped(absl::string_view text, size_t width);

// The least width at which nothing of Wrapped() sticks out.
size_t LeastWidth(absl::string_view text);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_FIT_H_
