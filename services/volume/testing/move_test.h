// Moves between two nodes' volume services, for every backend.
//
//   INSTANTIATE_TEST_SUITE_P(Btrfs, MoveTest, testing::Values(&MakeBtrfsNodes));
#ifndef DROVER_SERVICES_VOLUME_TESTING_MOVE_TEST_H_
#define DROVER_SERVICES_VOLUME_TESTING_MOVE_TEST_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "services/common/async/grpc_status.h"
#include "services/volume/testing/cuttable_link.h"
#include "services/volume/testing/test_gate.h"
#include "services/volume/testing/volume_node.h"

#define ASSERT_CALL(expression)                         \
  do {                                                  \
    const grpc::Status status = (expression);           \
    ASSERT_TRUE(status.ok()) << FromGrpcStatus(status); \
  } while (false)
#define EXPECT_CALL_OK(expression)                      \
  do {                                                  \
    const grpc::Status status = (expression);           \
    EXPECT_TRUE(status.ok()) << FromGrpcStatus(status); \
  } while (false)

namespace drover::volume {

// Of the only coordinator that these tests know.
void SetFence(common::v1::Fence* fence);

// Two pools and the hosts beside them.
class NodePair {
 public:
  virtual ~NodePair() = default;
  // Index 0 or 1.
  virtual StorageBackend& backend(int index) = 0;
  virtual Host& host(int index) = 0;
  virtual std::string folder(int index) = 0;
  // Where the live volume's files are while its gate is open, with this slot.
  virtual std::string Files(int index, const std::string& slot) = 0;
  // Something uses the open volume, or no longer.
  virtual void Use(int index, const std::string& slot, bool use) = 0;
  // How long a stream may stand still.
  virtual absl::Duration stall_limit() { return kStallLimit; }
};

// nullptr if it cannot run here (no root): the test is skipped.
using MakeNodePair = std::unique_ptr<NodePair> (*)();

class MoveTest : public testing::TestWithParam<MakeNodePair> {
 protected:
  void SetUp() override;

  // Makes the node's service anew, as a restart of its daemon does.
  void Restart(int index);
  v1::VolumeService::Stub& volumes(int index) { return nodes_[index]->volumes(); }
  v1::MigrationKey Key(int generation) const;
  // The group as the node tells; absent if it has none.
  std::optional<v1::VolumeGroup> Group(int index);

  // A new application on node 0 that was never started.
  void CreateGroup();
  // A new application on node 0 whose gate is open.
  void Create();
  // Slots and a waiting gate for a new start.
  void Stage(int index);
  void Open(int index);
  // Ends the start: its gate's process is gone.
  void EndStart(int index);

  // Each a call of the API that is expected to succeed.
  v1::VolumeGroup Lock(int index, int generation);
  void Reserve(int index, int generation, const v1::VolumeGroup& source);
  v1::PushResult Push(int from, int generation, int round);
  // What TryPush asks of `from`.
  v1::PushRoundRequest RoundOf(int from, int generation, int round) const;
  grpc::Status TryPush(int from, const v1::PushRoundRequest& request, v1::PushResult* result);
  grpc::Status TryPush(int from, int generation, int round, v1::PushResult* result);
  grpc::Status TrySeal(int index, int generation, v1::SealResponse* response);
  v1::SealResponse Seal(int index, int generation);
  void Prepare(int index, int generation, const v1::SealResponse& sealed);
  // Of the last start.
  grpc::Status TryActivate(int index, int generation);
  grpc::Status TryAbort(int index, int generation);
  // From Lock to Finish.
  void Move(int from, int to, int generation);
  // From Reserve to Prepare.
  void MoveUntilPrepared(int from, int to, int generation, const v1::VolumeGroup& source);
  // From Reserve on.
  void MoveLocked(int from, int to, int generation, const v1::VolumeGroup& source);

  // Pushes to node 1 go over link_ from now on.
  void UseLink();

  void Write(int index, const std::string& file, const std::string& text);
  std::string Read(int index, const std::string& file);

  std::unique_ptr<NodePair> pair_;
  std::unique_ptr<VolumeNode> nodes_[2];
  std::unique_ptr<CuttableLink> link_;
  // Of the last start on each node.
  std::string start_[2];
  std::string slot_[2];
  std::unique_ptr<TestGate> gate_[2];
};

}  // namespace drover::volume

#endif  // DROVER_SERVICES_VOLUME_TESTING_MOVE_TEST_H_
