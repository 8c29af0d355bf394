// Text to tree: the one place that knows the YAML library.
#ifndef DROVER_SERVICES_CONFIG_YAML_PARSER_H_
#define DROVER_SERVICES_CONFIG_YAML_PARSER_H_

#include <optional>
#include <string>

#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// A file's name, as errors show it, and what is in it.
struct SourceFile {
  std::string name;
  std::string content;
};

// Parses one YAML document. Refused, because the library would let it pass: duplicate keys, keys
// that are not scalars, keys longer than 1,024 bytes together with those above them, more than
// 1 MiB, more than 32 levels, a second document, tags other than `!!str`, and aliases that expand
// the whole to more than 10,000 nodes or repeat more than 16 MiB of text. `problems` then holds
// why. What was noted so that the rest can be read all the same: of duplicate keys the first one is
// kept, a member whose key is no scalar is left out, a tag is passed over, and so is a second
// document. Returns nothing if there is nothing to read.
std::optional<Node> ParseYaml(const SourceFile& file, Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_YAML_PARSER_H_
