#include "cli/render/snapshot_view.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/render/table.h"
#include "cli/render/units.h"
#include "services/common/time/proto_time.h"

namespace drover::cli {

Document SnapshotListDocument(const SnapshotList& snapshots) {
  Document list = Document::List();
  for (const auto& one : snapshots) {
    list.Add(Document::Object()
                 .Set("volume", Document::String(one.volume()))
                 .Set("name", Document::String(one.name()))
                 .Set("node", Document::String(one.node()))
                 .Set("create_time", Document::Time(TimeOf(one.create_time()))));
  }
  return list;
}

Document SnapshotsDocument(const coordinator::v1::ListSnapshotsResponse& response) {
  Document silent = Document::List();
  for (const std::string& node : response.unreachable_nodes()) silent.Add(Document::String(node));
  return Document::Object()
      .Set("snapshots", SnapshotListDocument(response.snapshots()))
      .Set("unreachable_nodes", std::move(silent));
}

std::string SnapshotsText(const coordinator::v1::ListSnapshotsResponse& response,
                          const Style& style) {
  std::string text = "No snapshots.\n";
  if (!response.snapshots().empty()) {
    Table table({"VOLUME", "SNAPSHOT", "NODE", "TAKEN"});
    for (const auto& one : response.snapshots()) {
      table.AddRow({one.volume(), one.name(), one.node(), TimeText(TimeOf(one.create_time()))});
    }
    text = table.ToString(style);
  }
  if (response.unreachable_nodes().empty()) return text;
  return absl::StrCat(text,
                      style.Paint(Color::kBad, absl::StrJoin(response.unreachable_nodes(), ", ")),
                      response.unreachable_nodes_size() == 1 ? " does" : " do",
                      " not answer and may keep others.\n");
}

}  // namespace drover::cli
