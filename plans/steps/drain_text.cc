#include "plans/steps/drain_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr size_t kNamedInText = 20;  // pods that an error names

using Names = std::vector<std::string>;

Names names(const LeavingPods& leaving, DrainTurn::Kind kind) {
  Names list;
  for (const Leaving& one : leaving) {
    if (one.turn.kind == kind) list.push_back(one.pod->full_name());
  }
  return list;
}

std::string budget_reason(const Leaving& one) {
  const PodDisruptionBudget* budget = one.budget;
  if (budget == nullptr) return fmt::format("a budget ({})", one.turn.why);
  std::string numbers = fmt::format("{}; {} healthy, {} needed", budget->spec_str(),
                                    budget->current_healthy, budget->desired_healthy);
  if (!budget->observed) numbers += "; just changed, still being worked out";
  if (!budget->sync_failed.empty()) numbers += "; " + sanitise(budget->sync_failed, 120);
  return fmt::format("budget {} ({})", budget->full_name(), numbers);
}

// "; held by the finalizer x": why a pod that was told to stop may never go.
std::string finalizers_of(const Names& going, const LeavingPods& leaving) {
  std::set<std::string> found;
  for (const Leaving& one : leaving) {
    if (one.turn.kind != DrainTurn::Going || !one.pod->deleting) continue;
    for (const std::string& finalizer : one.pod->finalizers) found.insert(sanitise(finalizer, 80));
  }
  if (found.empty() || going.empty()) return "";
  return fmt::format(" (held by {} {})", found.size() == 1 ? "the finalizer" : "finalizers",
                     some_of({found.begin(), found.end()}));
}

void add_budgets(const LeavingPods& leaving, Names& parts) {
  std::map<std::string, Names> by_reason;
  for (const Leaving& one : leaving) {
    if (one.turn.kind == DrainTurn::Budget) {
      by_reason[budget_reason(one)].push_back(one.pod->full_name());
    }
  }
  for (const auto& [reason, pods] : by_reason) {
    parts.push_back(fmt::format("{} to allow {}", reason, some_of(pods)));
  }
}

void add_held(const LeavingPods& leaving, Names& parts) {
  for (const Leaving& one : leaving) {
    if (one.turn.kind != DrainTurn::Held) continue;
    const auto more = names(leaving, DrainTurn::Held).size() - 1;
    parts.push_back(fmt::format("another pod of {} to be Ready elsewhere, before {} goes{}",
                                owner_text(*one.pod), one.pod->full_name(),
                                more > 0 ? fmt::format(" ({} more alike)", more) : ""));
    return;
  }
}

void add_later(const LeavingPods& leaving, Names& parts) {
  const auto first = std::find_if(leaving.begin(), leaving.end(), [](const Leaving& one) {
    return one.turn.kind == DrainTurn::Later;
  });
  if (first == leaving.end()) return;
  const size_t more = names(leaving, DrainTurn::Later).size() - 1;
  parts.push_back(fmt::format("another try at {}{} ({})", first->pod->full_name(),
                              more > 0 ? fmt::format(" and {} more", more) : "", first->turn.why));
}

// Why one pod stays, as the end of a sentence that begins with it.
std::string late_reason(const Leaving& one) {
  switch (one.turn.kind) {
    case DrainTurn::Budget:
      return budget_reason(one) + " does not let it go";
    case DrainTurn::Going:
      return one.pod->finalizers.empty() || !one.pod->deleting
                 ? "was told to stop and has not"
                 : fmt::format("has stopped and is held by {}",
                               sanitise(join(one.pod->finalizers, ", "), 120));
    case DrainTurn::Held:
    case DrainTurn::Unjudged:
      return "is the last one Ready of " + owner_text(*one.pod);
    case DrainTurn::Later:
    case DrainTurn::Evict:
      return one.turn.why.empty() ? "was not asked to go yet" : one.turn.why;
    case DrainTurn::Hopeless:
      return one.turn.error.message;
  }
  return "";
}

}  // namespace

std::string owner_text(const Pod& pod) {
  if (!pod.controller) return "no controller";
  return fmt::format("{} {}/{}", sanitise(pod.controller->kind, 60), pod.ns,
                     sanitise(pod.controller->name, 80));
}

std::string drain_waits_for(const LeavingPods& leaving) {
  Names parts;
  add_budgets(leaving, parts);
  add_held(leaving, parts);
  add_later(leaving, parts);
  if (const Names going = names(leaving, DrainTurn::Going); !going.empty()) {
    parts.push_back(fmt::format("{} pod{} to terminate: {}{}", going.size(),
                                going.size() == 1 ? "" : "s", some_of(going),
                                finalizers_of(going, leaving)));
  }
  if (const Names stuck = names(leaving, DrainTurn::Hopeless); !stuck.empty()) {
    parts.push_back(fmt::format("the others (cannot evict {})", some_of(stuck)));
  }
  return join(parts, "; ");
}

std::string drain_is_late(const std::string& node, const LeavingPods& leaving) {
  std::map<std::string, Names> by_reason;
  for (const Leaving& one : leaving) {
    by_reason[late_reason(one)].push_back(
        fmt::format("{} ({})", one.pod->full_name(), owner_text(*one.pod)));
  }
  Names parts;
  for (const auto& [reason, pods] : by_reason) {
    parts.push_back(fmt::format("{}: {}", some_of(pods, kNamedInText), reason));
  }
  return fmt::format("{} still has {}", node, join(parts, "; "));
}

std::string drain_remedy(const LeavingPods& leaving) {
  std::set<std::string> budgets;
  Names going;
  for (const Leaving& one : leaving) {
    if (one.turn.kind == DrainTurn::Budget) {
      budgets.insert(one.budget == nullptr ? "the budget" : one.budget->full_name());
    }
    if (one.turn.kind == DrainTurn::Going) going.push_back(one.pod->full_name());
  }
  Names parts;
  if (!budgets.empty()) {
    parts.push_back(
        fmt::format("bring more pods of {} to Ready, change the budget, or name the "
                    "node in drain.disable_eviction",
                    some_of({budgets.begin(), budgets.end()})));
  }
  if (!going.empty()) {
    parts.push_back(
        fmt::format("see why {} {} not stop", some_of(going), going.size() == 1 ? "does" : "do"));
  }
  if (parts.empty()) parts.emplace_back("see what keeps the pods");
  return join(parts, "; ") + "; then `drover resume`";
}

}  // namespace drover::plans
