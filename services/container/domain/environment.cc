#include "services/container/domain/environment.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace drover::container {

std::map<std::string, std::string> LinkVariables(const std::vector<LinkedPort>& links,
                                                 const std::string& host) {
  std::map<std::string, std::string> variables;
  for (const LinkedPort& link : links) {
    const std::string alias = absl::StrReplaceAll(absl::AsciiStrToUpper(link.alias), {{"-", "_"}});
    const std::string name = absl::StrCat(alias, "_PORT_", link.local_port, "_TCP");
    variables[name] = absl::StrCat("tcp://", host, ":", link.remote_port);
    variables[name + "_PROTO"] = "tcp";
    variables[name + "_ADDR"] = host;
    variables[name + "_PORT"] = absl::StrCat(link.remote_port);
  }
  return variables;
}

std::vector<std::string> MergeEnvironment(const std::vector<std::string>& image,
                                          const std::map<std::string, std::string>& links,
                                          const std::map<std::string, std::string>& user) {
  std::map<std::string, std::string> wanted = user;
  wanted.insert(links.begin(), links.end());
  std::vector<std::string> merged;
  for (const std::string& entry : image) {
    const std::string name = entry.substr(0, entry.find('='));
    auto replacement = wanted.find(name);
    if (replacement == wanted.end()) {
      merged.push_back(entry);
      continue;
    }
    merged.push_back(absl::StrCat(name, "=", replacement->second));
    wanted.erase(replacement);
  }
  for (const auto& [name, value] : wanted) merged.push_back(absl::StrCat(name, "=", value));
  return merged;
}

}  // namespace drover::container
