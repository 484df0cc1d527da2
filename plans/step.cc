#include "plans/step.h"

namespace drover::plans {

const std::string& Step::param(std::string_view name) const {
  static const std::string kAbsent;
  const auto found = params.find(std::string(name));
  return found == params.end() ? kAbsent : found->second;
}

}  // namespace drover::plans
