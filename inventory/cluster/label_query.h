#pragma once

#include <string_view>

#include "inventory/base/result.h"
#include "inventory/cluster/pod_disruption_budget.h"

namespace drover {

/// Reads a selector as kubectl's `-l` takes it: `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b)`,
/// `a`, `!a`, several of them with commas between. A Usage error says what is wrong and where.
Result<LabelSelector> parse_label_query(std::string_view text);

}  // namespace drover
