#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/steps/reading.h"

/// Whether the nodes can be emptied, and what it costs.
namespace drover::plans {
namespace {

using Names = std::vector<std::string>;

/// One reason against drains, however many pods and nodes it concerns.
struct Obstacle {
  std::string reason;
  Names nodes;
  Names pods;

  std::string subject() const { return nodes.size() == 1 ? nodes[0] : "cluster"; }
  std::string text(const std::string& fate) const {
    return fmt::format("{} {}: {}: {}", some_of(nodes), fate, some_of(pods), reason);
  }
};

std::vector<Obstacle> obstacles(const std::vector<ForeseenDrain>& drains,
                                Names ForeseenDrain::*which) {
  std::vector<Obstacle> found;
  std::unordered_map<std::string, size_t> known;
  for (const ForeseenDrain& drain : drains) {
    for (const std::string& line : drain.*which) {  // "namespace/pod: reason"
      const size_t colon = std::min(line.find(": "), line.size());
      std::string reason = line.substr(std::min(colon + 2, line.size()));
      const auto [at, added] = known.emplace(reason, found.size());
      if (added) found.push_back({std::move(reason), {}, {}});
      Obstacle& one = found[at->second];
      one.pods.push_back(line.substr(0, colon));
      if (one.nodes.empty() || one.nodes.back() != drain.node) one.nodes.push_back(drain.node);
    }
  }
  return found;
}

// "... (drain.force overrides)": the key; "" when a budget is the reason.
std::string key_of(const Obstacle& obstacle) {
  constexpr std::string_view kEnd = " overrides)";
  const std::string& reason = obstacle.reason;
  if (!reason.ends_with(kEnd)) return "";
  const size_t open = reason.rfind('(');
  return reason.substr(open + 1, reason.size() - open - 1 - kEnd.size());
}

Verdict blocker(const Obstacle& obstacle) {
  Verdict verdict{.severity = Severity::Blocker,
                  .subject = obstacle.subject(),
                  .message = obstacle.text("can never be drained")};
  verdict.override_ = key_of(obstacle);
  if (!verdict.override_.empty()) {
    verdict.remedy = "move or delete what is named, or set the key in the plan file";
    return verdict;
  }
  verdict.remedy =
      "change the budget or the workload for the upgrade, name the node in "
      "drain.disable_eviction, or go on without it: preflight.ignore: [drain]";
  verdict.override_ = "preflight.ignore";
  return verdict;
}

Names all_of(const std::vector<ForeseenDrain>& drains, Names ForeseenDrain::*which) {
  std::set<std::string> all;
  for (const ForeseenDrain& drain : drains)
    all.insert((drain.*which).begin(), (drain.*which).end());
  return {all.begin(), all.end()};
}

void add_bypasses(const CheckInput& input, std::vector<Verdict>& verdicts) {
  for (const ForeseenDrain& drain : input.drains) {
    if (drain.bypasses.empty()) continue;
    verdicts.push_back(
        {.severity = Severity::Warning,
         .subject = drain.node,
         .message = fmt::format("draining {} passes by {}, as drain.disable_eviction says: {}",
                                drain.node, drain.bypasses.size() == 1 ? "a budget" : "budgets",
                                some_of(drain.bypasses)),
         .remedy = "what the budget protects may be without enough pods for a while"});
  }
}

void add_single_replicas(const CheckInput& input, std::vector<Verdict>& verdicts) {
  const Names pods = all_of(input.drains, &ForeseenDrain::single_replicas);
  if (pods.empty()) return;
  verdicts.push_back(
      {.severity = Severity::Info,
       .subject = "cluster",
       .message = fmt::format("the only pod of its controller is away from its eviction until "
                              "another one runs elsewhere: {}",
                              some_of(pods, 5)),
       .remedy = "run two of what must not be away"});
}

void add_skip(const CheckInput& input, std::vector<Verdict>& verdicts) {
  if (!input.file.drain.skip || input.drains.empty()) return;
  verdicts.push_back(
      {.severity = Severity::Warning,
       .subject = "cluster",
       .message = "drain.skip: no node is emptied before its kubelet changes; Kubernetes asks for "
                  "it when the minor changes",
       .remedy = "leave drain.skip out unless pods may be restarted where they are"});
}

void add_losses(const CheckInput& input, std::vector<Verdict>& verdicts) {
  if (const Names pods = all_of(input.drains, &ForeseenDrain::gone_for_good); !pods.empty()) {
    verdicts.push_back(
        {.severity = Severity::Warning,
         .subject = "cluster",
         .message = "drains delete pods that no controller starts again: " + some_of(pods, 5),
         .remedy = "without drain.force the drain refuses them"});
  }
  if (const Names pods = all_of(input.drains, &ForeseenDrain::loses_data); !pods.empty()) {
    verdicts.push_back(
        {.severity = Severity::Info,
         .subject = "cluster",
         .message = "the content of emptyDir volumes is lost with their pods: " + some_of(pods, 5),
         .remedy = "without drain.delete_emptydir_data the drain refuses them"});
  }
}

}  // namespace

std::vector<Verdict> check_drain(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Obstacle& obstacle : obstacles(input.drains, &ForeseenDrain::blocked_by)) {
    verdicts.push_back(blocker(obstacle));
  }
  for (const Obstacle& obstacle : obstacles(input.drains, &ForeseenDrain::pending)) {
    verdicts.push_back({.severity = Severity::Warning,
                        .subject = obstacle.subject(),
                        .message = "draining " + obstacle.text("would wait now"),
                        .remedy = "it is waited for up to drain.timeout"});
  }
  add_bypasses(input, verdicts);
  add_losses(input, verdicts);
  add_skip(input, verdicts);
  add_single_replicas(input, verdicts);
  return verdicts;
}

}  // namespace drover::plans
