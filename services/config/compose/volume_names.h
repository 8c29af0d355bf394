// The names of a file's volumes, by which its services use them.
#ifndef DROVER_SERVICES_CONFIG_COMPOSE_VOLUME_NAMES_H_
#define DROVER_SERVICES_CONFIG_COMPOSE_VOLUME_NAMES_H_

#include <map>
#include <optional>
#include <set>
#include <string>

#include "services/config/model/application.h"
#include "services/config/yaml/field.h"

namespace drover::config {

// Each is one application's.
class VolumeNames {
 public:
  // `declared`: those that there are; nothing if any name will do.
  explicit VolumeNames(std::optional<std::set<std::string>> declared);

  // `field`: where the application names it.
  void Claim(const Field& field, const std::string& name, const Application& application);
  // Whether an application could still have it.
  bool IsFree(const std::string& name) const;

 private:
  bool IsDeclared(const std::string& name) const;

  const std::optional<std::set<std::string>> declared_;
  // Volume -> the application that claims it.
  std::map<std::string, std::string> claims_;
};

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_COMPOSE_VOLUME_NAMES_H_
