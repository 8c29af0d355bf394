// Where an application's image comes from.
#ifndef DROVER_SERVICES_CONFIG_READERS_IMAGE_H_
#define DROVER_SERVICES_CONFIG_READERS_IMAGE_H_

#include <string>

#include "services/config/yaml/field.h"

namespace drover::config {

inline constexpr KeyNote kBuildNote = {
    "build",
    "not supported: images come from a registry, so that every node has the same one; build it, "
    "push it, and give its name under `image`"};

// The normalised `image`; empty if it is unusable, which is noted. It is missing only where
// `build`, whose note says what to do, does not stand in its place.
std::string ReadImage(const Mapping& application);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_READERS_IMAGE_H_
