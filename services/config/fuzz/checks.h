// What must be true of every file, whatever is in it.
#ifndef DROVER_SERVICES_CONFIG_FUZZ_CHECKS_H_
#define DROVER_SERVICES_CONFIG_FUZZ_CHECKS_H_

#include "services/config/model/application_file.h"
#include "services/config/model/deployment.h"
#include "services/config/yaml/problem.h"

namespace drover::config {

// Each ends the process if it is not so: problems are lines of their own at a place of the file;
// what is read without a problem keeps the rules that the rest of Drover relies on.
void CheckProblems(const Problems& problems);
void CheckApplications(const ApplicationFile& file, const Problems& problems);
void CheckDeployment(const Deployment& deployment, const Problems& problems);

}  // namespace drover::config

#endif  // DROVER_SERVICES_CONFIG_FUZZ_CHECKS_H_
