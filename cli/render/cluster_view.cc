#include "cli/render/cluster_view.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/render/migration_view.h"
#include "cli/render/table.h"
#include "cli/render/units.h"
#include "cli/render/words.h"

namespace drover::cli {

using coordinator::v1::Application;
using coordinator::v1::ClusterStatus;
using coordinator::v1::ClusterVolume;
using coordinator::v1::Node;

namespace {

// `APP` for the one volume of `volume:`, `APP:ID` for each of `volumes:`.
std::string VolumeName(const std::string& application, const common::v1::VolumeSpec& volume) {
  return volume.id().empty() ? application : absl::StrCat(application, ":", volume.id());
}

Document ApplicationDocument(const Application& application) {
  const std::string name = ShortName(application.name());
  Document ports = Document::List();
  for (const auto& port : application.spec().ports()) {
    ports.Add(Document::Object()
                  .Set("internal", Document::Number(port.internal_port()))
                  .Set("external", Document::Number(port.external_port())));
  }
  Document volumes = Document::List();
  for (const auto& volume : application.spec().volumes()) {
    volumes.Add(Document::Object()
                    .Set("name", Document::String(VolumeName(name, volume)))
                    .Set("mountpoint", Document::String(volume.mountpoint())));
  }
  return Document::Object()
      .Set("name", Document::String(name))
      .Set("node", Document::StringOrNull(ShortName(application.node())))
      .Set("state", Document::String(Word(application.state())))
      .Set("image", Document::String(application.spec().image()))
      .Set("ports", std::move(ports))
      .Set("volumes", std::move(volumes))
      .Set("problem", Document::StringOrNull(application.problem()));
}

// 0: nobody who answers knows it, or there is none. A volume takes some room from the beginning.
Document BytesOrNull(int64_t bytes) { return bytes == 0 ? Document() : Document::Number(bytes); }
std::string BytesOrNothing(int64_t bytes) { return bytes == 0 ? "" : BytesText(bytes); }

Document VolumeDocument(const ClusterVolume& volume) {
  Document copies = Document::List();
  for (const auto& copy : volume.copies()) {
    copies.Add(Document::Object()
                   .Set("node", Document::String(ShortName(copy.node())))
                   .Set("snapshot", Document::StringOrNull(copy.snapshot()))
                   .Set("state", Document::String(Word(copy.state()))));
  }
  return Document::Object()
      .Set("name", Document::String(volume.name()))
      .Set("owner", Document::StringOrNull(ShortName(volume.owner())))
      .Set("generation", Document::Number(volume.generation()))
      .Set("state", Document::String(Word(volume.state())))
      .Set("application", Document::StringOrNull(ShortName(volume.application())))
      .Set("size_bytes", BytesOrNull(volume.size_bytes()))
      .Set("maximum_size_bytes", BytesOrNull(volume.maximum_size_bytes()))
      .Set("backend", Document::String(volume.backend()))
      .Set("copies", std::move(copies));
}

// `node2` keeps a copy that a move left there; of any other state it is said: `node2 (DIVERGED)`.
std::string CopyText(const coordinator::v1::VolumeCopy& copy) {
  std::string node = ShortName(copy.node());
  if (copy.state() == volume::v1::GROUP_STATE_RETIRED) return node;
  return absl::StrCat(node, " (", Word(copy.state()), ")");
}

std::string ApplicationsTable(const ClusterStatus& status, const Style& style) {
  if (status.applications().empty()) return "No applications.\n";
  Table table({"APPLICATION",
               "NODE",
               "STATE",
               {"IMAGE", Wrap::kAtWords},
               {"PORTS", Wrap::kAtWords},
               {"VOLUMES", Wrap::kAtWords}});
  for (const Application& application : status.applications()) {
    std::vector<std::string> ports;
    for (const auto& port : application.spec().ports()) {
      ports.push_back(absl::StrCat(port.external_port(), "->", port.internal_port()));
    }
    std::vector<std::string> volumes;
    for (const auto& volume : application.spec().volumes()) volumes.push_back(volume.mountpoint());
    table.AddRow({ShortName(application.name()),
                  ShortName(application.node()),
                  {Word(application.state()), ColorOf(application.state())},
                  application.spec().image(),
                  absl::StrJoin(ports, ","),
                  absl::StrJoin(volumes, ",")});
  }
  return table.ToString(style);
}

std::string RecoveryLine(const ClusterStatus& status, const Style& style) {
  if (status.recovery().empty()) return "";
  return absl::StrCat(style.Paint(Color::kBad, "RECOVERY MODE"),
                      ": the coordinator changes nothing, since ", status.recovery(),
                      "; run `drover doctor`.\n\n");
}

// What needs a person's attention, one line each.
std::string ProblemLines(const ClusterStatus& status, const Style& style) {
  std::string text;
  for (const Node& node : status.nodes()) {
    if (node.problem().empty()) continue;
    absl::StrAppend(&text, style.Paint(Color::kBad, ShortName(node.name())), ": ", node.problem(),
                    "\n");
  }
  for (const Application& application : status.applications()) {
    if (application.problem().empty()) continue;
    absl::StrAppend(&text, style.Paint(Color::kBad, ShortName(application.name())), ": ",
                    application.problem(), "\n");
  }
  return text;
}

}  // namespace

Document NodeDocument(const Node& node) {
  return Document::Object()
      .Set("name", Document::String(ShortName(node.name())))
      .Set("address", Document::String(node.address()))
      .Set("state", Document::String(Word(node.state())))
      .Set("cordoned", Document::Boolean(node.cordoned()))
      .Set("problem", Document::StringOrNull(node.problem()));
}

Document NodeListDocument(const NodeList& nodes) {
  Document list = Document::List();
  for (const Node& node : nodes) list.Add(NodeDocument(node));
  return list;
}

Document VolumeListDocument(const VolumeList& volumes) {
  Document list = Document::List();
  for (const ClusterVolume& volume : volumes) list.Add(VolumeDocument(volume));
  return list;
}

Document StatusDocument(const ClusterStatus& status) {
  Document applications = Document::List();
  for (const Application& application : status.applications()) {
    applications.Add(ApplicationDocument(application));
  }
  return Document::Object()
      .Set("nodes", NodeListDocument(status.nodes()))
      .Set("applications", std::move(applications))
      .Set("volumes", VolumeListDocument(status.volumes()))
      .Set("migrations", MigrationListDocument(status.migrations()))
      .Set("recovery", Document::StringOrNull(status.recovery()));
}

Document RoutesDocument(const coordinator::v1::ListRoutesResponse& routes) {
  Document list = Document::List();
  for (const auto& route : routes.routes()) {
    list.Add(Document::Object()
                 .Set("external", Document::Number(route.external_port()))
                 .Set("internal", Document::Number(route.internal_port()))
                 .Set("application", Document::String(ShortName(route.application())))
                 .Set("node", Document::StringOrNull(ShortName(route.node()))));
  }
  return Document::Object()
      .Set("revision", Document::Number(routes.revision()))
      .Set("routes", std::move(list));
}

std::string NodesTable(const NodeList& nodes, const Style& style) {
  if (nodes.empty()) return "No nodes. Register one with: drover nodes add NAME ADDRESS\n";
  Table table({"NODE", "ADDRESS", "STATE", "CORDONED"});
  for (const Node& node : nodes) {
    table.AddRow({ShortName(node.name()),
                  node.address(),
                  {Word(node.state()), ColorOf(node.state())},
                  node.cordoned() ? "yes" : "no"});
  }
  return table.ToString(style);
}

std::string VolumesTable(const VolumeList& volumes, const Style& style) {
  if (volumes.empty()) return "No volumes.\n";
  Table table({"VOLUME",
               "OWNER",
               "STATE",
               "USED BY",
               "SIZE",
               "LIMIT",
               "BACKEND",
               {"COPIES", Wrap::kAtWords}});
  for (const ClusterVolume& volume : volumes) {
    std::vector<std::string> copies;
    for (const auto& copy : volume.copies()) copies.push_back(CopyText(copy));
    table.AddRow({volume.name(),
                  ShortName(volume.owner()),
                  {Word(volume.state()), ColorOf(volume.state())},
                  ShortName(volume.application()),
                  BytesOrNothing(volume.size_bytes()),
                  BytesOrNothing(volume.maximum_size_bytes()),
                  volume.backend(),
                  absl::StrJoin(copies, ",")});
  }
  return table.ToString(style);
}

std::string StatusText(const ClusterStatus& status, const Style& style) {
  std::string text = RecoveryLine(status, style);
  absl::StrAppend(&text, NodesTable(status.nodes(), style), "\n", ApplicationsTable(status, style),
                  "\n", VolumesTable(status.volumes(), style));
  if (!status.migrations().empty()) {
    absl::StrAppend(&text, "\n", MigrationsTable(status.migrations(), style));
  }
  const std::string problems = ProblemLines(status, style);
  if (!problems.empty()) absl::StrAppend(&text, "\n", problems);
  return text;
}

std::string RoutesTable(const coordinator::v1::ListRoutesResponse& routes, const Style& style) {
  if (routes.routes().empty()) return "No routes.\n";
  Table table({"PORT", "APPLICATION", "NODE", "INTERNAL PORT"});
  for (const auto& route : routes.routes()) {
    table.AddRow({absl::StrCat(route.external_port()), ShortName(route.application()),
                  ShortName(route.node()), absl::StrCat(route.internal_port())});
  }
  return table.ToString(style);
}

}  // namespace drover::cli
