// Which of the user's two files is which.
#ifndef DROVER_SERVICES_CONFIG_FILE_KIND_H_
#define DROVER_SERVICES_CONFIG_FILE_KIND_H_

#include "services/config/yaml/node.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

enum class FileKind { kDeployment, kApplications, kUnclear };

// As the keys at the top say. With `applications` and `nodes` it is an application file with a
// wrong key, and an application of Fig may be named `nodes`, but not beside a `version`. What is
// named `x-…` beside other keys makes no file one of Fig.
FileKind KindOf(const Node& root);

// In an unclear file beside one of the kind `other`: reads a key that is nearly the one which would
// tell its kind as that one, and notes it, unless it is rather an application of Fig.
void MendKey(Node& root, FileKind other, Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_FILE_KIND_H_
