#include "plans/steps/cordon_mark.h"

#include "inventory/cluster/json.h"

namespace drover::plans {

std::string cordoned_by_run(const Node& node) {
  const auto found = node.annotations.find(std::string(kCordonAnnotation));
  if (found == node.annotations.end()) return "";
  std::string problem;
  std::string run;
  const auto mark = parse_json(found->second, "cordon annotation");
  if (mark) run = JsonField(&*mark, "", &problem)["run"].text();
  return run.empty() ? "?" : run;
}

}  // namespace drover::plans
