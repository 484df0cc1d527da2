#pragma once

#include <vector>

#include "inventory/user_command.h"
#include "plans/step.h"

/// The user's commands in the parameters of a step: there PLAN.json shows them, and from there they
/// are run.
namespace drover::plans {

/// Replaces the commands of a step.
void put_commands(Step& step, const std::vector<UserCommand>& commands);

/// The commands of a step, each as a text for sh, arguments quoted: `script` is set and `run` is
/// empty.
std::vector<UserCommand> commands_of(const Step& step);

}  // namespace drover::plans
