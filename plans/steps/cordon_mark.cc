#include "plans/steps/cordon_mark.h"

#include "inventory/cluster/json.h"

namespace drover::plans {

std::optional<CordonMark> cordon_mark(const Node& node) {
  const auto found = node.annotations.find(std::string(kCordonAnnotation));
  if (found == node.annotations.end()) return std::nullopt;
  CordonMark mark{"?"};
  const auto object = parse_json(found->second, "cordon annotation");
  if (!object) return mark;
  std::string problem;
  const JsonField field(&*object, "", &problem);
  const std::string run = field["run"].text();
  if (run.empty()) return mark;
  mark.run = run;
  mark.purpose = field["for"].text();
  return mark;
}

std::string cordoned_by_run(const Node& node) {
  const auto mark = cordon_mark(node);
  return mark ? mark->run : "";
}

}  // namespace drover::plans
