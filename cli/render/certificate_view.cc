#include "cli/render/certificate_view.h"

#include <utility>

#include "cli/render/table.h"
#include "cli/render/units.h"

namespace drover::cli {
namespace {

struct StateWord {
  const char* word;
  Color color;
};

StateWord WordOf(CertificateState state) {
  switch (state) {
    case CertificateState::kValid:
      return {"VALID", Color::kGood};
    case CertificateState::kExpired:
      return {"EXPIRED", Color::kFaint};
    case CertificateState::kRevoked:
      return {"REVOKED", Color::kBad};
  }
  return {"", Color::kPlain};
}

}  // namespace

Document CertificatesDocument(const std::vector<IssuedCertificate>& certificates) {
  Document list = Document::List();
  for (const IssuedCertificate& one : certificates) {
    list.Add(
        Document::Object()
            .Set("serial", Document::String(one.serial))
            .Set("identity", Document::String(one.identity))
            .Set("expire_time", Document::Time(one.expire_time))
            .Set("state", Document::String(WordOf(one.state).word))
            .Set("revoke_time", one.revoke_time ? Document::Time(*one.revoke_time) : Document()));
  }
  return list;
}

std::string CertificatesText(const std::vector<IssuedCertificate>& certificates,
                             const Style& style) {
  if (certificates.empty()) return "No certificates are recorded.\n";
  Table table({"SERIAL", "IDENTITY", "VALID UNTIL", "STATE"});
  for (const IssuedCertificate& one : certificates) {
    const StateWord state = WordOf(one.state);
    table.AddRow(
        {one.serial, one.identity, TimeText(one.expire_time), Cell(state.word, state.color)});
  }
  return table.ToString(style);
}

}  // namespace drover::cli
