// drover ca init, ca issue: the certificates by which machines and people of a cluster know each
// other.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/authority_turn.h"
#include "cli/commands/commands.h"
#include "services/common/tls/authority.h"

namespace drover::cli {
namespace {

constexpr char kDefaultFolder[] = "ca";

struct InitOptions {
  std::string cluster;
  std::string dir = kDefaultFolder;
};

struct IssueOptions {
  CertificateRequest request;
  std::string dir = kDefaultFolder;
  std::string out;
};

Task<ExitCode> RunInit(Session& session, InitOptions options) {
  absl::Status status =
      InitAuthority(options.dir, options.cluster, session.environment().clock->Now());
  if (!status.ok()) co_return session.FailHere(status);
  session.Print(Document::Object()
                    .Set("cluster", Document::String(options.cluster))
                    .Set("dir", Document::String(options.dir)),
                absl::StrCat("The authority of cluster ", options.cluster, " is in ", options.dir,
                             ". Keep ca.key secret: who has it can join.\n"));
  co_return ExitCode::kOk;
}

// Kinds apart: a node and a user may have the same name.
std::string DefaultOut(const CertificateRequest& request) {
  switch (request.kind) {
    case CertificateKind::kCoordinator:
      return "coordinator";
    case CertificateKind::kNode:
      return absl::StrCat("node-", request.name);
    case CertificateKind::kUser:
      return absl::StrCat("user-", request.name);
    case CertificateKind::kServer:
      return absl::StrCat("server-", request.name);
  }
  return "";
}

Task<ExitCode> RunIssue(Session& session, IssueOptions options) {
  if (options.out.empty()) options.out = DefaultOut(options.request);
  auto issue = [&] {
    return IssueCertificate(options.dir, options.request, options.out,
                            session.environment().clock->Now());
  };
  const absl::Status status = co_await TakeTurn(session, issue);
  if (!status.ok()) co_return session.FailHere(status);
  session.Print(Document::Object().Set("dir", Document::String(options.out)),
                absl::StrCat("Wrote ca.crt, ca.crl, tls.crt and tls.key to ", options.out,
                             ". Bring them to where they are used; tls.key is secret.\n"));
  co_return ExitCode::kOk;
}

CLI::App* AddIssueCommand(CLI::App& parent, SelectedCommand& selected, CertificateKind kind,
                          const std::string& name, const std::string& description) {
  auto options = std::make_shared<IssueOptions>();
  options->request.kind = kind;
  CLI::App* command = parent.add_subcommand(name, description);
  if (kind != CertificateKind::kCoordinator) {
    command->add_option("NAME", options->request.name, "Whom the certificate names")->required();
  }
  if (kind == CertificateKind::kServer) {
    command->add_option("--san", options->request.sans, "DNS name or IP address; repeat for more")
        ->required()
        ->allow_extra_args(false)
        ->type_name("NAME");
  }
  command->add_option("--dir", options->dir, "Folder of the authority")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_option("--out", options->out, "Folder for the files; default: KIND-NAME")
      ->type_name("DIR");
  OnSelected(command, selected, options, &RunIssue);
  return command;
}

}  // namespace

void AddCaCommand(CLI::App& parent, SelectedCommand& selected) {
  CLI::App* ca = parent.add_subcommand("ca", "Make the certificates of a cluster");
  ca->require_subcommand(1);
  ca->footer(
      "Done where the authority's folder is, without a cluster.\n"
      "\n"
      "Examples:\n"
      "  drover ca init --cluster home\n"
      "  drover ca issue coordinator\n"
      "  drover ca issue node node1\n"
      "  drover ca issue user alice\n"
      "  drover ca list\n"
      "  drover ca revoke user alice");

  auto init_options = std::make_shared<InitOptions>();
  CLI::App* init = ca->add_subcommand("init", "Make the authority of a new cluster");
  init->add_option("--cluster", init_options->cluster, "The cluster's name")
      ->required()
      ->type_name("CLUSTER");
  init->add_option("--dir", init_options->dir, "Folder for ca.crt and ca.key")
      ->type_name("DIR")
      ->capture_default_str();
  init->footer("Example:\n  drover ca init --cluster home");
  OnSelected(init, selected, init_options, &RunInit);

  CLI::App* issue = ca->add_subcommand("issue", "Make a certificate and its key");
  issue->require_subcommand(1);
  issue->footer("Example:\n  drover ca issue node node1");
  AddIssueCommand(*issue, selected, CertificateKind::kNode, "node", "For a node's three services")
      ->footer("Example:\n  drover ca issue node node1 --out /etc/drover/tls");
  AddIssueCommand(*issue, selected, CertificateKind::kUser, "user", "For a person or a program")
      ->footer("Example:\n  drover ca issue user alice");
  AddIssueCommand(*issue, selected, CertificateKind::kCoordinator, "coordinator",
                  "For the coordinator")
      ->footer("Example:\n  drover ca issue coordinator");
  AddIssueCommand(*issue, selected, CertificateKind::kServer, "server",
                  "For a server that is no part of Drover, such as an image registry")
      ->footer("Example:\n  drover ca issue server registry --san registry.home --san 192.0.2.9");

  AddRevocationCommands(*ca, selected);
}

}  // namespace drover::cli
