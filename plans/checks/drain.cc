#include <fmt/format.h>

#include <algorithm>

#include "plans/checks/check.h"
#include "plans/steps/reading.h"

/// Whether the nodes can be emptied.
namespace drover::plans {
namespace {

/// One reason against drains, however many pods and nodes it concerns.
struct Obstacle {
  std::string reason;
  std::vector<std::string> nodes;
  std::vector<std::string> pods;

  std::string subject() const { return nodes.size() == 1 ? nodes[0] : "cluster"; }
  std::string text(const std::string& fate) const {
    return fmt::format("{} {}: {}: {}", some_of(nodes), fate, some_of(pods), reason);
  }
};

std::vector<Obstacle> obstacles(const std::vector<ForeseenDrain>& drains,
                                std::vector<std::string> ForeseenDrain::*which) {
  std::vector<Obstacle> found;
  for (const ForeseenDrain& drain : drains) {
    for (const std::string& line : drain.*which) {  // "namespace/pod: reason"
      const size_t colon = std::min(line.find(": "), line.size());
      const std::string reason = line.substr(std::min(colon + 2, line.size()));
      auto known = std::find_if(found.begin(), found.end(),
                                [&](const Obstacle& one) { return one.reason == reason; });
      if (known == found.end()) known = found.insert(found.end(), {reason, {}, {}});
      known->pods.push_back(line.substr(0, colon));
      if (known->nodes.empty() || known->nodes.back() != drain.node)
        known->nodes.push_back(drain.node);
    }
  }
  return found;
}

std::string remedy_of(const Obstacle& obstacle) {
  if (obstacle.reason.ends_with(" overrides)")) {
    return "move or delete what is named, or set the key in the plan file";
  }
  return "change the budget or the workload for the upgrade";
}

}  // namespace

std::vector<Verdict> check_drain(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Obstacle& obstacle : obstacles(input.drains, &ForeseenDrain::blocked_by)) {
    verdicts.push_back({.severity = Severity::Blocker,
                        .subject = obstacle.subject(),
                        .message = obstacle.text("can never be drained"),
                        .remedy = remedy_of(obstacle)});
  }
  for (const Obstacle& obstacle : obstacles(input.drains, &ForeseenDrain::pending)) {
    verdicts.push_back({.severity = Severity::Warning,
                        .subject = obstacle.subject(),
                        .message = "draining " + obstacle.text("would wait now"),
                        .remedy = "it is waited for up to drain.timeout"});
  }
  return verdicts;
}

}  // namespace drover::plans
