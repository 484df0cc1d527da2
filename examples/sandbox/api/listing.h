#pragma once

#include <vector>

#include "examples/sandbox/api/route.h"

namespace drover::sandbox {

/// The answer to a list: what labelSelector and fieldSelector of the query leave of these items, in
/// the order of their keys, as a page if the query says limit or continue. `kind`: of an item.
Answer list_of(const Call& call, const std::string& kind, const std::string& api_version,
               std::vector<nlohmann::json> items);

}  // namespace drover::sandbox
