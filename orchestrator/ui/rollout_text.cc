#include "orchestrator/ui/rollout_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/words.h"
#include "plans/rollout/opening.h"
#include "plans/rollout/schedule.h"
#include "plans/rollout/turns.h"

namespace drover::orchestrator {
namespace {

using plans::Plan;
using plans::Rollout;

constexpr size_t kMostNodes = 12;

std::string some_names(const std::vector<std::string>& all) {
  std::vector<std::string> names;
  for (const std::string& name : all) {
    if (names.size() < kMostNodes) names.push_back(sanitise(name));
  }
  if (names.size() < all.size())
    names.push_back(fmt::format("and {} more", all.size() - names.size()));
  return join(names, ", ");
}

std::string limits(const Rollout& rollout) {
  // Beside "one at a time" this would be said twice.
  if (rollout.budget == 1 && rollout.groups.empty() && rollout.per_domain == 0) return "";
  const size_t workers = rollout.workers.size();
  std::string text = fmt::format("at most {} of {} down at once",
                                 std::min(static_cast<size_t>(rollout.budget), workers),
                                 plural(workers, "worker"));
  for (const plans::GroupBudget& group : rollout.groups) {
    text +=
        fmt::format("; of group {} {} of {}", sanitise(group.name), group.most, group.hosts.size());
  }
  if (rollout.per_domain == 0) return text;
  std::map<std::string, int> domains;
  for (const plans::CountedWorker& worker : rollout.workers) {
    if (!worker.domain.empty()) ++domains[worker.domain];
  }
  std::vector<std::string> names;
  for (const auto& [domain, count] : domains)
    names.push_back(fmt::format("{} ({})", domain, count));
  return text + fmt::format("; in a failure domain {}: {}", rollout.per_domain,
                            names.empty() ? "no worker has one" : some_names(names));
}

std::string steps_of_width(const Rollout& rollout, const std::vector<std::string>& order) {
  std::vector<std::string> parts;
  if (rollout.canary > 0) {
    const auto count = std::min(static_cast<size_t>(rollout.canary), order.size());
    const std::vector<std::string> first(order.begin(),
                                         order.begin() + static_cast<std::ptrdiff_t>(count));
    parts.push_back(fmt::format("first {} alone (canary)", some_names(first)));
  }
  for (const int width : rollout.ramp) parts.push_back(fmt::format("{} at once", width));
  if (parts.empty()) return "";
  return fmt::format("{}, then {} at once", join(parts, ", then "), rollout.budget);
}

std::string pauses(const Rollout& rollout) {
  std::vector<std::string> parts;
  if (rollout.pause.after_control_plane) parts.emplace_back("asks after the control plane");
  if (rollout.pause.after_canary) parts.emplace_back("asks after the canaries");
  if (rollout.pause.between_nodes.count() > 0) {
    parts.push_back(fmt::format("{} between nodes", format_duration(rollout.pause.between_nodes)));
  }
  return join(parts, "; ");
}

std::string window(const Plan& plan) {
  const auto& open = plan.rollout.window;
  if (!open) return "";
  std::string text = "nodes are taken only " + open->str();
  const auto longest = plans::longest_opening(*open);
  const auto total = plans::foresee(plan).total;
  if (total > longest) {
    text +=
        fmt::format("; it takes more than one window of {}, `drover resume` goes on in the next",
                    format_duration(longest));
  }
  return text;
}

std::string trouble(const Rollout& rollout) {
  std::string text = rollout.on_blocked == OnBlocked::Defer
                         ? "a drain that does not end in time is put off to the end"
                     : rollout.on_blocked == OnBlocked::Wait
                         ? "a drain that does not end in time is waited for"
                         : "a drain that does not end in time fails";
  if (rollout.max_failed > 0) {
    text += fmt::format("; up to {} may fail before nothing more is begun",
                        plural(static_cast<size_t>(rollout.max_failed), "worker"));
  }
  return text;
}

}  // namespace

std::string width_text(const Plan& plan) {
  return plan.rollout.budget == 1 ? "one at a time"
                                  : fmt::format("{} at once", plan.rollout.budget);
}

std::vector<std::string> rollout_lines(const Plan& plan) {
  const std::vector<std::string> order = plans::worker_order(plan);
  std::vector<std::string> lines;
  if (!order.empty()) {
    lines = {limits(plan.rollout), steps_of_width(plan.rollout, order)};
    if (order.size() > 1) {
      lines.push_back(fmt::format(
          "order: {} ({})", some_names(order),
          plan.rollout.order == WorkerOrder::Auto ? "longest expected first" : "as listed"));
    }
    lines.push_back(trouble(plan.rollout));
  }
  lines.push_back(pauses(plan.rollout));
  lines.push_back(window(plan));
  std::erase(lines, "");
  return lines;
}

}  // namespace drover::orchestrator
