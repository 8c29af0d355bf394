#include "testing/lab/certificates.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/common/file/durable_file.h"
#include "services/common/status/status_macros.h"
#include "services/common/tls/authority.h"
#include "testing/lab/daemon_config.h"
#include "testing/lab/folders.h"
#include "testing/lab/lab_paths.h"

namespace drover::lab {
namespace {

absl::Status TrustRegistry(const LabPaths& paths, const std::string& machine) {
  const std::string folder =
      absl::StrCat(paths.machine(machine), "/etc-docker/certs.d/", kRegistryHost);
  DROVER_RETURN_IF_ERROR(MakeFolders(folder));
  DROVER_ASSIGN_OR_RETURN(std::string ca, ReadFile(paths.authority() + "/ca.crt"));
  return WriteFileDurably(folder + "/ca.crt", ca);
}

}  // namespace

absl::Status MakeCertificates(const LabRecord& lab) {
  const LabPaths paths(lab.name);
  const absl::Time now = absl::Now();
  auto issue = [&](const std::string& holder, const CertificateRequest& request) {
    return IssueCertificate(paths.authority(), request, paths.certificate(holder), now);
  };
  DROVER_RETURN_IF_ERROR(InitAuthority(paths.authority(), lab.name, now));
  DROVER_RETURN_IF_ERROR(issue("coordinator", {.kind = CertificateKind::kCoordinator}));
  DROVER_RETURN_IF_ERROR(issue("user", {.kind = CertificateKind::kUser, .name = "admin"}));
  DROVER_RETURN_IF_ERROR(issue("registry", {.kind = CertificateKind::kServer,
                                            .name = "registry",
                                            .sans = {kRegistryHost, ClientOf(lab).address}}));
  for (const MachineRecord* node : NodesOf(lab)) {
    DROVER_RETURN_IF_ERROR(issue(node->name, {.kind = CertificateKind::kNode, .name = node->name}));
    DROVER_RETURN_IF_ERROR(TrustRegistry(paths, node->name));
  }
  return absl::OkStatus();
}

}  // namespace drover::lab
