// drover ca list, ca revoke: what an authority has issued, and taking it back.

#include "services/common/tls/revocation.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/authority_turn.h"
#include "cli/commands/commands.h"
#include "cli/render/certificate_view.h"
#include "services/common/status/status_macros.h"

namespace drover::cli {
namespace {

struct ListOptions {
  std::string dir = "ca";
};

struct RevokeOptions {
  RevocationRequest request;
  std::string dir = "ca";
};

Task<ExitCode> RunList(Session& session, ListOptions options) {
  auto certificates = ListCertificates(options.dir, session.environment().clock->Now());
  if (!certificates.ok()) co_return session.FailHere(certificates.status());
  session.Print(Document::Object().Set("certificates", CertificatesDocument(*certificates)),
                CertificatesText(*certificates, session.style()));
  co_return ExitCode::kOk;
}

// What was done, and what to do about it.
std::string Outcome(const std::vector<std::string>& newly_revoked) {
  if (newly_revoked.empty()) return "Revoked already; nothing was changed.";
  if (newly_revoked.size() == 1) return "Revoked.";
  return absl::StrCat("Revoked ", newly_revoked.size(),
                      " certificates: ", absl::StrJoin(newly_revoked, ", "),
                      ". If one of them is in use, replace it by a new one of `drover ca issue`; "
                      "--serial SERIAL takes back one alone.");
}

// Where a list does not help.
std::string LimitOf(CertificateKind kind) {
  if (kind != CertificateKind::kServer) return "";
  return " Other programs than Drover, such as Docker, do not read it and go on accepting this "
         "certificate: replace it on the server by a new one of `drover ca issue server`.";
}

Task<ExitCode> RunRevoke(Session& session, RevokeOptions options) {
  Revocation revocation;
  auto revoke = [&]() -> absl::Status {
    DROVER_ASSIGN_OR_RETURN(revocation, RevokeCertificates(options.dir, options.request,
                                                           session.environment().clock->Now()));
    return absl::OkStatus();
  };
  const absl::Status status = co_await TakeTurn(session, revoke);
  if (!status.ok()) co_return session.FailHere(status);
  const std::string list = options.dir + "/ca.crl";
  session.Print(
      Document::Object()
          .Set("changed", Document::Boolean(!revocation.newly_revoked.empty()))
          .Set("crl", Document::String(list))
          .Set("certificates", CertificatesDocument(revocation.certificates)),
      absl::StrCat(CertificatesText(revocation.certificates, session.style()),
                   Outcome(revocation.newly_revoked), " It is in force where ", list,
                   " is: copy it beside ca.crt into the folder of certificates of each machine "
                   "(/etc/drover/tls, and the coordinator's), and of each user of drover "
                   "(--cert-dir). What runs there reads it within ten seconds, without a restart.",
                   LimitOf(options.request.kind), "\n"));
  co_return ExitCode::kOk;
}

void AddDirOption(CLI::App* command, std::string& dir) {
  command->add_option("--dir", dir, "Folder of the authority")
      ->type_name("DIR")
      ->capture_default_str();
}

CLI::App* AddRevokeCommand(CLI::App& parent, SelectedCommand& selected, CertificateKind kind,
                           const std::string& name, const std::string& description) {
  auto options = std::make_shared<RevokeOptions>();
  options->request.kind = kind;
  CLI::App* command = parent.add_subcommand(name, description);
  if (kind != CertificateKind::kCoordinator) {
    command->add_option("NAME", options->request.name, "Whom the certificates name")->required();
  }
  command
      ->add_option("--serial", options->request.serial,
                   "Only the one with that serial number; default: all of that name")
      ->type_name("SERIAL");
  AddDirOption(command, options->dir);
  OnSelected(command, selected, options, &RunRevoke);
  return command;
}

}  // namespace

void AddRevocationCommands(CLI::App& ca, SelectedCommand& selected) {
  auto list_options = std::make_shared<ListOptions>();
  CLI::App* list = ca.add_subcommand("list", "Show the certificates that were made");
  AddDirOption(list, list_options->dir);
  list->footer("Example:\n  drover ca list");
  OnSelected(list, selected, list_options, &RunList);

  CLI::App* revoke = ca.add_subcommand("revoke", "Take certificates back");
  revoke->require_subcommand(1);
  revoke->footer("Example:\n  drover ca revoke user alice");
  AddRevokeCommand(*revoke, selected, CertificateKind::kNode, "node", "Those of a node")
      ->footer(
          "Examples:\n  drover ca revoke node node1\n"
          "  drover ca revoke node node1 --serial 3D0C51B2A97E44F08B6D20C1E5F7A894");
  AddRevokeCommand(*revoke, selected, CertificateKind::kUser, "user",
                   "Those of a person or a program")
      ->footer(
          "Examples:\n  drover ca revoke user alice\n"
          "  drover ca revoke user alice --serial 3D0C51B2A97E44F08B6D20C1E5F7A894");
  AddRevokeCommand(*revoke, selected, CertificateKind::kCoordinator, "coordinator",
                   "Those of the coordinator")
      ->footer("Example:\n  drover ca revoke coordinator");
  AddRevokeCommand(*revoke, selected, CertificateKind::kServer, "server",
                   "Those of a server that is no part of Drover")
      ->footer("Example:\n  drover ca revoke server registry");
}

}  // namespace drover::cli
