// What a fuzz target is: the reader of one format.
#ifndef DROVER_SERVICES_CONFIG_FUZZ_TARGET_H_
#define DROVER_SERVICES_CONFIG_FUZZ_TARGET_H_

#include "services/config/yaml/parser.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// Reads the file and ends the process if checks.h's rules are not kept. What is wrong with the file
// is returned.
Problems CheckFile(const SourceFile& file);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_FUZZ_TARGET_H_
