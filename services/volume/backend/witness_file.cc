#include "services/volume/backend/witness_file.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "services/common/failpoint/failpoint.h"
#include "services/common/file/durable_file.h"

namespace drover::volume {

namespace json = boost::json;

absl::StatusOr<std::optional<Witness>> WitnessFile::Read() const {
  absl::StatusOr<std::string> text = ReadFile(path_);
  if (absl::IsNotFound(text.status())) return std::nullopt;
  if (!text.ok()) return text.status();
  try {
    const json::value value = json::parse(*text);
    Witness witness;
    witness.pool_identity = json::value_to<std::string>(value.at("pool"));
    for (const auto& [application, group] : value.at("groups").as_object()) {
      witness.groups[ApplicationName(std::string(application))] = {
          .generation = Generation(group.at("generation").as_int64()),
          .revision = group.at("revision").as_int64()};
    }
    return witness;
  } catch (const std::exception& error) {
    return absl::DataLossError(absl::StrCat(
        path_, " is damaged (", error.what(),
        "); remove it: then volumes are served once the coordinator says that they are ours"));
  }
}

absl::Status WitnessFile::Write(const Witness& witness) const {
  json::object groups;
  for (const auto& [application, group] : witness.groups) {
    groups[application.value()] = {{"generation", group.generation.value()},
                                   {"revision", group.revision}};
  }
  const json::object value = {{"pool", witness.pool_identity}, {"groups", std::move(groups)}};
  return BetweenFailpoints({"volume.witness"}, [&] {
    return WriteFileDurably(path_, absl::StrCat(json::serialize(value), "\n"));
  });
}

}  // namespace drover::volume
