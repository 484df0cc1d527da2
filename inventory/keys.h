#pragma once

#include <string_view>
#include <vector>

namespace drover {

/// The keys of one map of a file the user writes.
struct KeySet {
  std::string_view map;  ///< path of the map, `*` for any name; "" is the whole file
  std::vector<std::string_view> supported;
  std::vector<std::string_view> later;  ///< refused as "not supported yet"
};

/// Every key there is: the readers accept these and no others.
const std::vector<KeySet>& inventory_keys();
const std::vector<KeySet>& upgrade_plan_keys();

}  // namespace drover
