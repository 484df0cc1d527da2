#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/upgrade_plan.h"
#include "plans/gates/seen.h"
#include "plans/steps/kind.h"

/// What gates ask. Each condition is a row: what it looks at, and a pure judgement over the answers
/// that names what is still missing. Which rows a step asks stands in its parameter `conditions`.
namespace drover::plans {

/// How things stood before a node was touched: subject -> a number that the condition understands.
using Marks = std::map<std::string, int>;

struct GateInput {
  const Step& step;
  const Attempt& attempt;
  const Seen& seen;
  const Marks* before;  ///< nullptr: not known
};

/// One thing that is missing.
struct Unwell {
  std::string subject;  ///< the same thing has the same one at all times; without blanks
  std::string words;    ///< completes "waiting for ...", before Findings::to
  int amount = 1;       ///< how much of it is missing
};

struct Findings {
  std::vector<Unwell> unwell;
  std::string to = {};     ///< what is awaited of all of them: "to be Ready"
  std::string lacks = {};  ///< what the next look must ask first, by `remember`; "": nothing
  Notes remember = {};
  std::vector<Notice> notices = {};
  bool beside = false;  ///< awaited as well, but what must hold for a time may hold meanwhile
};

/// How things stand now.
struct Marking {
  Marks marks;
  std::string lacks = {};  ///< as in Findings
  Notes remember = {};
};

struct Condition {
  std::string_view id;
  std::string_view about;  ///< one line
  std::vector<StepKind> at;
  bool (*wanted)(const HealthPolicy&);  ///< nullptr: always
  /// Whose marks say what was missing before (baseline.h): that is not waited for. "": everything
  /// is.
  std::string_view baseline;
  bool last;  ///< asked only when nothing else is missing
  Queries (*look)(const Step&, const Attempt&);
  Result<Findings> (*judge)(const GateInput&);
  /// How things stand now, where that is more than the amounts that are missing, and `judge` uses
  /// it.
  Result<Marking> (*mark)(const GateInput&) = nullptr;
};

/// All conditions, in the order in which they are told.
const std::vector<Condition>& all_conditions();

/// The row, or nullptr.
const Condition* find_condition(std::string_view id);

/// The halves of each row, referred to by the table in registry.cc.
#define DROVER_CONDITION(name)                                      \
  Queries look_at_##name(const Step& step, const Attempt& attempt); \
  Result<Findings> judge_##name(const GateInput& input)

DROVER_CONDITION(node_ready);
DROVER_CONDITION(kubelet_version);
DROVER_CONDITION(kubelet_lease);
DROVER_CONDITION(network);
DROVER_CONDITION(kube_proxy);
DROVER_CONDITION(daemonsets);
DROVER_CONDITION(addons);
DROVER_CONDITION(budgets);
DROVER_CONDITION(workloads);
DROVER_CONDITION(webhooks);
DROVER_CONDITION(api_services);
DROVER_CONDITION(service_watches);
DROVER_CONDITION(alerts);
DROVER_CONDITION(commands);
#undef DROVER_CONDITION

Result<Marking> mark_daemonsets(const GateInput& input);
Result<Marking> mark_workloads(const GateInput& input);
Result<Marking> mark_service_watches(const GateInput& input);

}  // namespace drover::plans
