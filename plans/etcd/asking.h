#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inventory/base/command.h"

/// How members of etcd are asked through their control planes: the frame of each look at them.
namespace drover::plans {

/// etcd_shell() and `ask NAME WORDS...`, which prints a line "NAME CODE ANSWER" of etcdctl's JSON;
/// what it complains of comes on stderr behind a line "@NAME".
std::string asking_shell();

/// Names and answers; the exit codes say nothing that the answers do not.
std::vector<std::pair<std::string, std::string>> answers_in(const CommandResult& result);

/// What was complained of for `name`, etcd's own log left out; "" when nothing was.
std::string complaint(const CommandResult& result, std::string_view name);

/// Why a script that knows `give_up` ended: "no etcd container is running".
std::string reason_of(const CommandResult& result);

}  // namespace drover::plans
