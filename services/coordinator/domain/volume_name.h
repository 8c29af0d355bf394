// How people name volumes.
#ifndef DROVER_SERVICES_COORDINATOR_DOMAIN_VOLUME_NAME_H_
#define DROVER_SERVICES_COORDINATOR_DOMAIN_VOLUME_NAME_H_

#include <string>

#include "services/common/ids/ids.h"

namespace drover::coordinator {

// `APP`: all volumes of an application, or its only one; `APP:ID`: one of several.
struct VolumeName {
  ApplicationName application;
  std::string id;

  // Whether it names the volume `id` of its application.
  bool Covers(const std::string& volume_id) const { return id.empty() || id == volume_id; }
};

VolumeName ParseVolumeName(const std::string& text);
std::string VolumeDisplayName(const ApplicationName& application, const std::string& id);

}  // namespace drover::coordinator

#endif  // DROVER_SERVICES_COORDINATOR_DOMAIN_VOLUME_NAME_H_
