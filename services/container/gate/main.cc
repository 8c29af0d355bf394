// drover-gate: the entry point of every application container.
//
//   look for the program --> "gated" --> wait in `/` --> release --> check the slots --> enter the
//   working directory --> become the application
//
// It is linked statically, because it runs in any image, and as the image's user.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "services/container/gate/command_line.h"
#include "services/container/gate/control.h"
#include "services/container/gate/program.h"
#include "services/container/gate/release.h"

namespace drover::gate {
namespace {

// Exit codes as shells and Docker use them.
constexpr int kUsage = 125;
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;
// The volume service identifies a gate by its process: it must still live when the line is read.
constexpr int kFarewellMilliseconds = 5000;
constexpr unsigned kCloseRangeCloexec = 1u << 2;  // CLOSE_RANGE_CLOEXEC, missing in older headers.

int Fail(const CommandLine& line, Control* control, const char* problem, int exit_code) {
  fprintf(stderr, "drover-gate: %s\n", problem);
  if (control->Say(kError, line.start_id, problem)) control->AwaitClose(kFarewellMilliseconds);
  return exit_code;
}

// 0 if the program was found or may still appear in a slot; else the exit code, with `problem` set.
int CheckProgram(const CommandLine& line, bool slots_are_mounted, char* path, char* problem,
                 size_t size) {
  switch (FindProgram(line, slots_are_mounted, path)) {
    case Lookup::kFound:
    case Lookup::kDeferred:
      return 0;
    case Lookup::kNotExecutable:
      snprintf(problem, size, "the program %.200s is not executable", line.command[0]);
      return kNotExecutable;
    case Lookup::kNotFound:
      break;
  }
  snprintf(problem, size, "the image has no program %.200s", line.command[0]);
  return kNotFound;
}

// Enters the working directory by its path, so that it is the one in the volume if it lies in one.
// Makes it if it is missing, as Docker does.
bool EnterWorkingDirectory(const char* path) {
  if (chdir(path) == 0) return true;
  if (errno != ENOENT) return false;
  char prefix[PATH_MAX];
  for (const char* end = path; end != nullptr && *end != '\0';) {
    end = strchr(end + 1, '/');
    const int length = end == nullptr ? static_cast<int>(strlen(path)) : end - path;
    snprintf(prefix, sizeof(prefix), "%.*s", length, path);
    if (mkdir(prefix, 0755) != 0 && errno != EEXIST) return false;
  }
  return chdir(path) == 0;
}

// Returns only if the application could not be executed.
int BecomeApplication(const CommandLine& line, Control* control, Signals* signals) {
  char path[PATH_MAX];
  char problem[kMaxLine / 2];
  if (int code = CheckProgram(line, /*slots_are_mounted=*/true, path, problem, sizeof(problem))) {
    return Fail(line, control, problem, code);
  }
  if (!EnterWorkingDirectory(line.working_directory)) {
    snprintf(problem, sizeof(problem), "cannot enter the working directory %.200s: %s",
             line.working_directory, strerror(errno));
    return Fail(line, control, problem, kNotExecutable);
  }
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0u, kCloseRangeCloexec);
  if (!signals->Restore()) return Fail(line, control, "stopped before it began", kNotExecutable);
  execv(path, line.command);
  snprintf(problem, sizeof(problem), "cannot execute %.200s: %s", path, strerror(errno));
  return Fail(line, control, problem, kNotExecutable);
}

int Run(const CommandLine& line) {
  Signals signals;
  Control control(line.control_socket, &signals);
  if (chdir("/") != 0) return kUsage;
  char path[PATH_MAX];
  char problem[kMaxLine / 2];
  if (int code = CheckProgram(line, /*slots_are_mounted=*/false, path, problem, sizeof(problem))) {
    control.Connect();
    return Fail(line, &control, problem, code);
  }
  while (true) {
    control.Connect();
    control.Say(kGated, line.start_id);
    switch (AwaitRelease(line, &control, problem, sizeof(problem))) {
      case Release::kGranted:
        return BecomeApplication(line, &control, &signals);
      case Release::kRefused:
        return Fail(line, &control, problem, kNotExecutable);
      case Release::kLost:
        control.Disconnect();
        break;
    }
  }
}

}  // namespace
}  // namespace drover::gate

int main(int argc, char** argv) {
  drover::gate::CommandLine line;
  if (!drover::gate::ParseCommandLine(argc, argv, &line)) {
    fprintf(stderr,
            "drover-gate is started by Drover inside containers, not by hand.\n"
            "usage: drover-gate SOCKET START_ID WORKING_DIRECTORY [MOUNTPOINT...] -- PROGRAM "
            "[ARGUMENT...]\n");
    return drover::gate::kUsage;
  }
  return drover::gate::Run(line);
}
