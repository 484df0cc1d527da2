#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// What the first container of each pod is started with: its command and its arguments.
Result<std::vector<std::vector<std::string>>> parse_pod_commands(std::string_view pod_list);

}  // namespace drover
