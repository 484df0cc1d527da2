#pragma once

#include <string>
#include <vector>

#include "plans/steps/kind.h"
#include "plans/steps/scope.h"

/// Short forms for tests of step kinds.
namespace drover::test {

/// What a hop from 1.33.13 to 1.34.4 knows about cp1, w1 and w2, as they are on the bed.
struct Hop {
  Hop();

  Inventory inventory;
  UpgradePlan upgrade;
  ClusterFacts facts;
  plans::Scope scope() const;
  const Host& host(const std::string& name) const { return *inventory.find(name); }
};

CommandResult finished(int code, std::string out = "", std::string err = "");

/// An attempt that ran commands[0] with that outcome.
plans::Attempt after(CommandResult result);

/// The answers to a look that read one command.
plans::Answers one_answer(Result<CommandResult> answer);

/// "done: ...", "run 0", "send", "wait: ...", "fail: ..." or "fail again: ...".
std::string told(const plans::Decision& decision);

}  // namespace drover::test
