// The gate's command line:
//
//   /.drover-gate CONTROL_SOCKET START_ID WORKING_DIRECTORY [MOUNTPOINT...] -- PROGRAM
//   [ARGUMENT...]
#ifndef DROVER_SERVICES_CONTAINER_GATE_COMMAND_LINE_H_
#define DROVER_SERVICES_CONTAINER_GATE_COMMAND_LINE_H_

namespace drover::gate {

// Points into main's argv.
struct CommandLine {
  const char* control_socket;
  const char* start_id;
  const char* working_directory;
  char** mountpoints;
  int mountpoint_count;
  // The application's own command, ended by a null pointer; never empty.
  char** command;
};

// False if `argv` is not a gate's command line.
bool ParseCommandLine(int argc, char** argv, CommandLine* result);

// Whether absolute `path` is the mountpoint of a slot or lies below one: what is there now is not
// what will be there after the release.
bool IsBelowSlot(const CommandLine& line, const char* path);

}  // namespace drover::gate

#endif  // DROVER_SERVICES_CONTAINER_GATE_COMMAND_LINE_H_
