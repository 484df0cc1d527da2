#include "orchestrator/node_report.h"

#include <algorithm>

namespace drover::orchestrator {
namespace {

std::string word_of(const StepFinished& event) {
  const bool changed = event.status == StepStatus::Succeeded;
  const std::string& kind = event.step.kind;
  if (kind == "cordon") return changed ? "cordoned" : "already-cordoned";
  if (kind == "drain") return "drained";
  if (kind == "reboot") return "rebooted";
  if (kind != "uncordon") return "";
  if (event.message.starts_with("left cordoned")) return "left-cordoned";
  return changed ? "uncordoned" : "already-uncordoned";
}

}  // namespace

void NodeReport::on(const Event& event) {
  std::visit([this](const auto& what) { take(what); }, event.what);
}

void NodeReport::take(const PlanMade& event) {
  const auto is_done = [&](const std::string& id) {
    return std::find(event.done.begin(), event.done.end(), id) != event.done.end();
  };
  for (const plans::Step& step : event.plan.steps) {
    if (seen_.find(step.node) == seen_.end()) hosts_.push_back(step.node);
    Seen& seen = seen_[step.node];
    seen.node = step.param("node").empty() ? seen.node : step.param("node");
    ++seen.steps;
    if (is_done(step.id)) seen.done.insert(step.id);
  }
}

void NodeReport::take(const StepStarted& event) { seen_[event.step.node].begun = true; }

void NodeReport::take(const StepFinished& event) {
  Seen& seen = seen_[event.step.node];
  if (event.status == StepStatus::Succeeded || event.status == StepStatus::Skipped) {
    seen.done.insert(event.step.id);
    // After a reboot the node was rebooted, whatever is done to give it back.
    const std::string word = word_of(event);
    const bool keeps = seen.word == "rebooted" && word != "left-cordoned";
    if (!word.empty() && !keeps) seen.word = word;
  } else if (event.status != StepStatus::Cancelled) {
    seen.errors.push_back(event.error);
  }
}

// It is given back, and cordoned again when its turn comes once more.
void NodeReport::take(const StepDeferred& event) {
  Seen& seen = seen_[event.step.node];
  std::erase_if(seen.done, [](const std::string& id) { return id.ends_with("/cordon"); });
  if (event.comes_again) seen.errors.clear();
}

void NodeReport::gone(const std::string& node, const std::string& pod, bool) {
  const std::lock_guard lock(mutex_);
  gone_[node].push_back(pod);
}

bool NodeReport::only_refused() const {
  bool any = false;
  for (const auto& [host, seen] : seen_) {
    for (const Error& error : seen.errors) {
      if (error.kind != ErrorKind::Refused) return false;
      any = true;
    }
  }
  return any;
}

std::vector<NodeResult> NodeReport::results() const {
  const std::lock_guard lock(mutex_);
  std::vector<NodeResult> results;
  for (const std::string& host : hosts_) {
    const Seen& seen = seen_.at(host);
    NodeResult result{.host = host, .node = seen.node};
    if (!seen.errors.empty()) {
      result.status = "failed";
      result.error = seen.errors.front();
    } else if (seen.done.size() >= seen.steps) {
      result.status = seen.word;
    } else {
      result.status = seen.begun ? "unfinished" : "not-begun";
    }
    const auto gone = gone_.find(host);
    if (gone != gone_.end()) result.evicted = gone->second;
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace drover::orchestrator
