// Which words make a list that would be accepted in the place of a line of them, so that nothing is
// advised that would be refused.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_WORD_LISTS_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_WORD_LISTS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "services/config/compose/application_names.h"
#include "services/config/compose/volume_names.h"
#include "services/config/readers/application_parts.h"

namespace drover::config {

using Words = absl::Span<const absl::string_view>;

// `taken`: what other applications have.
bool ArePortMappings(Words words, const ExternalPorts& taken);
// `publishes`: whether there is such an application, with ports.
bool AreLinks(Words words, absl::FunctionRef<bool(const std::string&)> publishes);
// Each once, and not `own_name`.
bool AreOtherApplications(Words words, const ApplicationNames& names, const std::string& own_name);
bool AreVolumeMappings(Words words, const VolumeNames& names);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_WORD_LISTS_H_
