#include "services/common/tls/certificate_kind.h"

#include "absl/strings/str_cat.h"

namespace drover {

std::string HolderPath(CertificateKind kind, const std::string& name) {
  switch (kind) {
    case CertificateKind::kCoordinator:
      return "coordinator";
    case CertificateKind::kNode:
      return absl::StrCat("node/", name);
    case CertificateKind::kUser:
      return absl::StrCat("user/", name);
    case CertificateKind::kServer:
      return absl::StrCat("server/", name);
  }
  return "";
}

}  // namespace drover
