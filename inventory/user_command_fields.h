#pragma once

#include <string_view>
#include <vector>

#include "inventory/user_command.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads a list of commands, if `field` is written; `map` is the place of one command in the table
/// of keys.
std::vector<UserCommand> read_user_commands(const YamlField& field, std::string_view map);

}  // namespace drover
