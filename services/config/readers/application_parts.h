// The parts of an application, whatever format they are written in: each is added to the
// application together with notes at the given fields of what the rest of the file forbids.
#ifndef DROVER_SERVICES_CONFIG_READERS_APPLICATION_PARTS_H_
#define DROVER_SERVICES_CONFIG_READERS_APPLICATION_PARTS_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "services/config/model/application.h"
#include "services/config/yaml/field.h"

namespace drover::config {

// The external ports of one file: each is one application's.
class ExternalPorts {
 public:
  // `field`: where the external port is.
  void Add(const Field& field, PortMapping port, Application& application);
  // Whether an application could still have it.
  bool IsFree(int external) const;

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

// How variables' names begin for an alias: `db-1` and `DB_1` would have the same ones.
std::string VariablePart(absl::string_view alias);

// The links of one application: each sets variables of its own.
class Links {
 public:
  explicit Links(Application& application) : application_(application) {}

  // `field`: where the alias is. Answers whether there is none like it.
  bool Add(const Field& field, Link link);

 private:
  Application& application_;
  std::set<std::pair<std::string, int>> variables_;
};

// Where a volume's name is, if it has one, and its mountpoint.
struct VolumeFields {
  std::optional<Field> name;
  Field mountpoint;
};

// The volumes of one application: each has its own name, and no folder is in another one's.
class Volumes {
 public:
  explicit Volumes(Application& application) : application_(application) {}

  void Add(const VolumeFields& fields, Volume volume);

 private:
  void ClaimFolder(const Field& field, const Volume& volume);

  Application& application_;
  std::set<std::string> names_;
  // The outermost folders, with a `/` at the end, which orders what is in one right behind it ->
  // the volume's name.
  std::map<std::string, std::string> folders_;
};

// The last of two of one name wins.
void AddVariable(const Field& name_field, const Field& value_field, std::string name,
                 std::string value, Application& application);

// Called once both are read.
void CheckProcess(const std::optional<Field>& entrypoint, const Application& application);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_READERS_APPLICATION_PARTS_H_
