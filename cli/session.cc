#include "cli/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/failure.h"

namespace drover::cli {
namespace {

constexpr char kDefaultPort[] = ":7400";
// A table in fewer columns would be read by nobody.
constexpr int kLeastColumns = 60;
constexpr int kMostPort = 65535;

// With the port if `coordinator` has none: lab, lab:7400, [::1], [::1]:7400. gRPC would take
// another port for one that is too large.
absl::StatusOr<std::string> AddressOf(const std::string& coordinator) {
  const size_t colon = coordinator.rfind(':');
  const bool has_port = colon != std::string::npos && !absl::EndsWith(coordinator, "]");
  if (!has_port) return absl::StrCat(coordinator, kDefaultPort);
  int port = 0;
  if (absl::SimpleAtoi(coordinator.substr(colon + 1), &port) && port >= 1 && port <= kMostPort) {
    return coordinator;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", coordinator,
                   "\" is no address of a coordinator: behind the colon belongs a "
                   "port from 1 to ",
                   kMostPort, ", such as ", coordinator.substr(0, colon), kDefaultPort));
}

}  // namespace

Session::Session(const Environment& environment, GlobalOptions options)
    : environment_(environment), options_(std::move(options)) {}

std::ostream& Session::progress_stream() const {
  return is_structured() ? *environment_.err : *environment_.out;
}

bool Session::progress_is_terminal() const {
  return is_structured() ? environment_.err_is_terminal : environment_.out_is_terminal;
}

Style Session::StyleOn(bool is_terminal) const {
  if (!is_terminal) return Style(/*has_colors=*/false);
  return Style(!options_.no_color, std::max(environment_.terminal_columns(), kLeastColumns));
}

Style Session::progress_style() const { return StyleOn(progress_is_terminal()); }

Style Session::style() const { return StyleOn(environment_.out_is_terminal); }

void Session::Print(const Document& document, const std::string& text) {
  switch (options_.format) {
    case OutputFormat::kTable:
      *environment_.out << text;
      break;
    case OutputFormat::kJson:
      *environment_.out << document.ToJson();
      break;
    case OutputFormat::kYaml:
      *environment_.out << (has_printed_ ? "---\n" : "") << document.ToYaml();
      break;
  }
  has_printed_ = true;
  environment_.out->flush();
}

absl::StatusOr<coordinator::CoordinatorClient*> Session::Connect() {
  if (connection_.has_value()) return connection_->client.get();
  if (options_.coordinator.empty()) {
    return absl::InvalidArgumentError(
        "no coordinator given; use --coordinator HOST:PORT or set DROVER_COORDINATOR");
  }
  if (options_.cert_dir.empty()) {
    return absl::InvalidArgumentError(
        "no certificates given; use --cert-dir DIR or set DROVER_CERT_DIR to a folder with "
        "ca.crt, tls.crt and tls.key, as `drover ca issue user NAME` makes it");
  }
  absl::StatusOr<std::string> address = AddressOf(options_.coordinator);
  if (!address.ok()) return address.status();
  address_ = *std::move(address);
  absl::StatusOr<Connection> connection = environment_.connect(address_, options_.cert_dir);
  if (!connection.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the certificates in ", options_.cert_dir,
                     " are not usable: ", connection.status().message()));
  }
  connection_ = *std::move(connection);
  return connection_->client.get();
}

ExitCode Session::Fail(const absl::Status& status) const {
  const bool is_connected = !connection_.has_value() || connection_->is_connected();
  Failure failure = ExplainFailure(status, address_, is_connected);
  return Fail(failure.code, failure.message);
}

ExitCode Session::FailHere(const absl::Status& status) const {
  const bool is_usage = absl::IsInvalidArgument(status);
  return Fail(is_usage ? ExitCode::kUsage : ExitCode::kFailed, std::string(status.message()));
}

ExitCode Session::Fail(ExitCode code, const std::string& message) const {
  if (is_interrupted_) return ExitCode::kDetached;
  *environment_.err << "drover: " << message << (absl::EndsWith(message, "\n") ? "" : "\n");
  environment_.err->flush();
  return code;
}

void Session::Interrupt() {
  is_interrupted_ = true;
  *environment_.err << "\n" << detach_message_ << (detach_message_.empty() ? "" : "\n");
  environment_.err->flush();
}

}  // namespace drover::cli
