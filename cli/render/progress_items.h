// Operations under way as lines of progress.
#ifndef DROVER_CLI_RENDER_PROGRESS_ITEMS_H_
#define DROVER_CLI_RENDER_PROGRESS_ITEMS_H_

#include <vector>

#include "cli/render/progress.h"
#include "drover/coordinator/v1/deployment.pb.h"
#include "drover/coordinator/v1/migration.pb.h"

namespace drover::cli {

ProgressItem ItemOf(const coordinator::v1::Migration& migration);

// One for each action that has begun; a move shows what its migration does.
std::vector<ProgressItem> ItemsOf(const coordinator::v1::Deployment& deployment);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_PROGRESS_ITEMS_H_
