#include "services/container/domain/command.h"

namespace drover::container {

absl::StatusOr<Words> ResolveCommand(const ImageConfig& image,
                                     const std::optional<Words>& entrypoint,
                                     const std::optional<Words>& command) {
  Words words = entrypoint.value_or(image.entrypoint);
  const Words& image_command = entrypoint.has_value() ? Words() : image.command;
  const Words& arguments = command.has_value() ? *command : image_command;
  words.insert(words.end(), arguments.begin(), arguments.end());
  if (words.empty() || words[0].empty()) {
    return absl::InvalidArgumentError(
        "there is nothing to run: neither the image nor the application has a command; add "
        "`command:`");
  }
  return words;
}

}  // namespace drover::container
