#include "services/volume/backend/zfs_record.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace drover::volume {
namespace {

constexpr size_t kLongestValue = 1000;

std::string PartName(char set, int part) {
  return absl::StrCat(kRecordProperty, "-", std::string(1, set), part);
}

}  // namespace

std::vector<std::pair<std::string, std::string>> SplitRecord(const std::string& text,
                                                             const std::string& present) {
  if (text.size() <= kLongestValue) return {{kRecordProperty, text}};
  const char set = absl::StartsWith(present, "a") ? 'b' : 'a';
  std::vector<std::pair<std::string, std::string>> properties;
  int parts = 0;
  for (size_t begin = 0; begin < text.size(); begin += kLongestValue) {
    properties.emplace_back(PartName(set, parts++), text.substr(begin, kLongestValue));
  }
  properties.emplace_back(kRecordProperty, absl::StrCat(std::string(1, set), parts));
  return properties;
}

absl::StatusOr<std::string> JoinRecord(const std::map<std::string, std::string>& properties) {
  const auto record = properties.find(kRecordProperty);
  if (record == properties.end()) return absl::DataLossError("there is no drover:record");
  const std::string& value = record->second;
  int parts = 0;
  if (value.empty() || !absl::SimpleAtoi(value.substr(1), &parts)) return value;
  std::string text;
  for (int i = 0; i < parts; ++i) {
    const auto part = properties.find(PartName(value[0], i));
    if (part == properties.end()) {
      return absl::DataLossError(absl::StrCat(PartName(value[0], i), " is missing"));
    }
    text += part->second;
  }
  return text;
}

}  // namespace drover::volume
