#include "services/volume/backend/start_json.h"

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"

namespace drover::volume {

namespace json = boost::json;

std::string StartToJson(const StartFile& start) {
  json::array volumes;
  for (const auto& [id, mountpoint] : start.volumes) {
    volumes.push_back(json::object{{"id", id}, {"mountpoint", mountpoint}});
  }
  return json::serialize(json::object{{"application", start.application},
                                      {"container", start.container_id},
                                      {"executed", start.executed},
                                      {"released", start.released},
                                      {"volumes", std::move(volumes)}});
}

absl::StatusOr<StartFile> StartFromJson(absl::string_view text) {
  try {
    const json::value value = json::parse({text.data(), text.size()});
    StartFile start;
    start.application = json::value_to<std::string>(value.at("application"));
    start.container_id = json::value_to<std::string>(value.at("container"));
    start.executed = value.at("executed").as_bool();
    // Absent in those of earlier versions, whose containers may still run.
    const json::value* released = value.as_object().if_contains("released");
    start.released = released != nullptr && released->as_bool();
    for (const json::value& volume : value.at("volumes").as_array()) {
      start.volumes.emplace_back(json::value_to<std::string>(volume.at("id")),
                                 json::value_to<std::string>(volume.at("mountpoint")));
    }
    return start;
  } catch (const std::exception& error) {
    return absl::DataLossError(absl::StrCat("a start's file is damaged: ", error.what()));
  }
}

}  // namespace drover::volume
