// Certificates that an authority has issued, for programs and for people.
#ifndef DROVER_CLI_RENDER_CERTIFICATE_VIEW_H_
#define DROVER_CLI_RENDER_CERTIFICATE_VIEW_H_

#include <string>
#include <vector>

#include "cli/render/document.h"
#include "cli/render/style.h"
#include "services/common/tls/revocation.h"

namespace drover::cli {

Document CertificatesDocument(const std::vector<IssuedCertificate>& certificates);  // A list.

// A table, or a sentence where there is none.
std::string CertificatesText(const std::vector<IssuedCertificate>& certificates,
                             const Style& style);

}  // namespace drover::cli

#endif  // DROVER_CLI_RENDER_CERTIFICATE_VIEW_H_
