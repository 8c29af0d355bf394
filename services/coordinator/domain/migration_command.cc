#include "services/coordinator/domain/migration_command.h"

namespace drover::coordinator {
namespace {

struct Namer {
  const char* operator()(const command::CheckAdmission&) const { return "CheckAdmission"; }
  const char* operator()(const command::LockSource&) const { return "LockSource"; }
  const char* operator()(const command::ReserveDestination&) const { return "ReserveDestination"; }
  const char* operator()(const command::EnsureImage&) const { return "EnsureImage"; }
  const char* operator()(const command::StageContainer&) const { return "StageContainer"; }
  const char* operator()(const command::WaitForCalm&) const { return "WaitForCalm"; }
  const char* operator()(const command::AwaitTurn&) const { return "AwaitTurn"; }
  const char* operator()(const command::PushRound&) const { return "PushRound"; }
  const char* operator()(const command::SetHold&) const { return "SetHold"; }
  const char* operator()(const command::Seal&) const { return "Seal"; }
  const char* operator()(const command::PushFinal&) const { return "PushFinal"; }
  const char* operator()(const command::Prepare&) const { return "Prepare"; }
  const char* operator()(const command::Activate&) const { return "Activate"; }
  const char* operator()(const command::AwaitReady&) const { return "AwaitReady"; }
  const char* operator()(const command::ApplyRoutes&) const { return "ApplyRoutes"; }
  const char* operator()(const command::ReleaseHold&) const { return "ReleaseHold"; }
  const char* operator()(const command::RetireSource&) const { return "RetireSource"; }
  const char* operator()(const command::RemoveSourceContainer&) const {
    return "RemoveSourceContainer";
  }
  const char* operator()(const command::FinishDestination&) const { return "FinishDestination"; }
  const char* operator()(const command::AbortSource&) const { return "AbortSource"; }
  const char* operator()(const command::StartAtSource&) const { return "StartAtSource"; }
  const char* operator()(const command::AbortDestination&) const { return "AbortDestination"; }
};

}  // namespace

const char* CommandName(const Command& command) { return std::visit(Namer{}, command); }

}  // namespace drover::coordinator
