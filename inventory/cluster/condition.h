#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/cluster/json.h"

namespace drover {

/// An entry of status.conditions.
struct ObjectCondition {
  std::string type;
  std::string status;  ///< True, False, Unknown
  std::string reason;
  std::string message;
  std::string since;  ///< RFC 3339
};

std::vector<ObjectCondition> read_conditions(const JsonField& conditions);

/// nullptr: there is none of that type.
const ObjectCondition* find_condition(const std::vector<ObjectCondition>& conditions,
                                      std::string_view type);

}  // namespace drover
