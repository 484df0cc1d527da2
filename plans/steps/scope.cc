#include "plans/steps/scope.h"

#include <fmt/format.h>

#include "inventory/base/version.h"
#include "plans/steps/kind.h"

namespace drover::plans {

std::string Scope::revision(const Host& host, const std::string& package) const {
  const NodeFacts& node = node_facts(host);
  const auto offered = node.offered.find(package);
  if (node.installed.count(package) == 0 || offered == node.offered.end()) return "";
  for (const std::string& revision : offered->second) {  // newest first
    const auto version = version_of_revision(revision);
    if (version && *version == target) return revision;
  }
  return "";
}

Step Scope::step(StepKind kind, const Host* node, std::string title, std::string why) const {
  Step step;
  step.kind = kind;
  step.node = node != nullptr ? node->name : "";
  step.host = step.node;
  const std::string part = node_command.empty() ? "v" + target.minor_str() : "node";
  step.id =
      fmt::format("{}/{}/{}", part, node != nullptr ? node->name : "cluster", kind_of(kind).name);
  step.title = std::move(title);
  step.why = std::move(why);
  return step;
}

}  // namespace drover::plans
