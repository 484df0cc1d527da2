#pragma once

#include <memory>
#include <string>

/// Fault rules: the file `faults` of the node's state, lines `ID ACTION NTH TEXT`.
namespace drover::sandbox {

struct Fault {
  enum class Action { Fail, Hang, Kill, Reset };
  std::string id;
  Action action = Action::Fail;
  int code = 1;  ///< of Fail
};

/// Counts this call for each rule whose TEXT is part of it, and gives the one that strikes it: the
/// NTH call that matches, or the next one if another rule was before it there. Each rule strikes
/// once, in whatever order calls run at the same time; it is written down in `faults.hits`. A call
/// that carries another in its words (sudo, systemd-run, crictl exec) matches only a text with
/// which it begins.
std::unique_ptr<Fault> claim_fault(const std::string& call);

/// Does what the rule says to this process: hangs until `release-ID` exists or the node goes down,
/// kills, or asks for a reset of the machine and waits for it. Only a hang that was released comes
/// back.
void strike(const Fault& fault);

}  // namespace drover::sandbox
