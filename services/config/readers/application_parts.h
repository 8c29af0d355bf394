// The parts of an application, whatever format they are written in: each function adds one to the
// application, and notes at the given fields what the rest of the file forbids.
#ifndef DROVER_SERVICES_CONFIG_READERS_APPLICATION_PARTS_H_
#define DROVER_SERVICES_CONFIG_READERS_APPLICATION_PARTS_H_

#include <map>
#include <optional>
#include <string>

#include "services/config/model/application.h"
#include "services/config/yaml/field.h"

namespace drover::config {

// The external ports of one file: each is one application's.
class ExternalPorts {
 public:
  // `field`: where the external port is.
  void Add(const Field& field, PortMapping port, Application& application);

 private:
  // External port -> the application and line that claim it.
  std::map<int, std::string> claims_;
};

// The dataset ids of one file: each is one volume's.
class DatasetIds {
 public:
  // `field`: where the id is.
  void Claim(const Field& field, const std::string& id, const Application& application);

 private:
  // Dataset id -> the application and line that claim it.
  std::map<std::string, std::string> claims_;
};

// `field`: where the alias is.
void AddLink(const Field& field, Link link, Application& application);

// Where a volume's name is, if it has one, and its mountpoint.
struct VolumeFields {
  std::optional<Field> name;
  Field mountpoint;
};
void AddVolume(const VolumeFields& fields, Volume volume, Application& application);

// The last of two of one name wins.
void AddVariable(const Field& name_field, const Field& value_field, std::string name,
                 std::string value, Application& application);

// Called once both are read.
void CheckProcess(const std::optional<Field>& entrypoint, const Application& application);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_READERS_APPLICATION_PARTS_H_
