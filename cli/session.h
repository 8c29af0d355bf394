// One run of the command: its global options, its output, its connection.
#ifndef DROVER_CLI_SESSION_H_
#define DROVER_CLI_SESSION_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "cli/environment.h"
#include "cli/exit_code.h"
#include "cli/render/document.h"
#include "cli/render/style.h"

namespace drover::cli {

enum class OutputFormat { kTable, kJson, kYaml };

struct GlobalOptions {
  std::string coordinator;
  std::string cert_dir;
  OutputFormat format = OutputFormat::kTable;
  bool no_color = false;
};

// What Ctrl-C says while nothing has been begun.
inline constexpr char kNothingWasChanged[] = "Nothing was changed.";

// Commands get it by reference; not thread-safe.
class Session {
 public:
  Session(const Environment& environment, GlobalOptions options);

  const Environment& environment() const { return environment_; }
  // The result is for a program: standard output carries one document and nothing else.
  bool is_structured() const { return options_.format != OutputFormat::kTable; }

  // Where people follow what is going on: standard output, or standard error if that carries a
  // document.
  std::ostream& progress_stream() const;
  bool progress_is_terminal() const;
  Style progress_style() const;
  // For tables on standard output.
  Style style() const;

  // The result: the document for a program, the text for a person. Of several, YAML's documents
  // have `---` between them.
  void Print(const Document& document, const std::string& text);

  // The connection that all calls of this command share; INVALID_ARGUMENT if an option is missing
  // or the certificates are unusable.
  absl::StatusOr<coordinator::CoordinatorClient*> Connect();

  // Says on standard error why the command ends, and answers its exit code.
  ExitCode Fail(const absl::Status& status) const;
  ExitCode Fail(ExitCode code, const std::string& message) const;
  // The same for what failed on this machine, without the coordinator.
  ExitCode FailHere(const absl::Status& status) const;

  // What Ctrl-C says: what becomes, without us, of what was asked for. Empty: nothing.
  void set_detach_message(std::string message) { detach_message_ = std::move(message); }
  // Ctrl-C: says so. What the cancelled command still has to say is dropped.
  void Interrupt();

 private:
  Style StyleOn(bool is_terminal) const;

  const Environment& environment_;
  const GlobalOptions options_;
  std::string address_;
  std::optional<Connection> connection_;
  bool has_printed_ = false;
  std::string detach_message_;
  bool is_interrupted_ = false;
};

}  // namespace drover::cli

#endif  // DROVER_CLI_SESSION_H_
