// Every command of drover; each is in the file of its name.
#ifndef DROVER_CLI_COMMANDS_COMMANDS_H_
#define DROVER_CLI_COMMANDS_COMMANDS_H_

#include "cli/commands/command.h"

namespace drover::cli {

void AddBackupCommand(CLI::App& parent, SelectedCommand& selected);
void AddDeployCommand(CLI::App& parent, SelectedCommand& selected);
void AddDeploymentsCommand(CLI::App& parent, SelectedCommand& selected);
void AddDoctorCommand(CLI::App& parent, SelectedCommand& selected);
void AddPlanCommand(CLI::App& parent, SelectedCommand& selected);
void AddCordonCommand(CLI::App& parent, SelectedCommand& selected);
void AddDrainCommand(CLI::App& parent, SelectedCommand& selected);
void AddUncordonCommand(CLI::App& parent, SelectedCommand& selected);
void AddMoveCommand(CLI::App& parent, SelectedCommand& selected);
void AddStatusCommand(CLI::App& parent, SelectedCommand& selected);
void AddNodesCommand(CLI::App& parent, SelectedCommand& selected);
void AddCloneCommand(CLI::App& parent, SelectedCommand& selected);
void AddVolumesCommand(CLI::App& parent, SelectedCommand& selected);
void AddMigrationsCommand(CLI::App& parent, SelectedCommand& selected);
void AddRoutesCommand(CLI::App& parent, SelectedCommand& selected);
void AddLogsCommand(CLI::App& parent, SelectedCommand& selected);
void AddConfigCommand(CLI::App& parent, SelectedCommand& selected);
void AddCaCommand(CLI::App& parent, SelectedCommand& selected);
void AddVersionCommand(CLI::App& parent, SelectedCommand& selected);
void AddCompletionCommand(CLI::App& parent, SelectedCommand& selected);

// Below `volumes`.
void AddSnapshotCommands(CLI::App& volumes, SelectedCommand& selected);

// Below `ca`.
void AddRevocationCommands(CLI::App& ca, SelectedCommand& selected);

}  // namespace drover::cli

#endif  // DROVER_CLI_COMMANDS_COMMANDS_H_
