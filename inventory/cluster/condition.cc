#include "inventory/cluster/condition.h"

#include <algorithm>

namespace drover {

std::vector<ObjectCondition> read_conditions(const JsonField& conditions) {
  std::vector<ObjectCondition> read;
  for (const JsonField& condition : conditions.items()) {
    read.push_back({condition["type"].text(), condition["status"].text(),
                    condition["reason"].text(), condition["message"].text(),
                    condition["lastTransitionTime"].text()});
  }
  return read;
}

const ObjectCondition* find_condition(const std::vector<ObjectCondition>& conditions,
                                      std::string_view type) {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const ObjectCondition& one) { return one.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

}  // namespace drover
