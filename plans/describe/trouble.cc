#include "plans/describe/trouble.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

using ContainerKind = ContainerDetail::Kind;
using State = ContainerDetail::State;

constexpr std::size_t kMessage = 300;

/// On one line, whatever the other side wrote.
std::string one_line(const std::string& text) {
  return join(split_words(sanitise(text, kMessage)), " ");
}

std::string with_message(std::string text, const std::string& message) {
  const std::string line = one_line(message);
  return line.empty() ? text : text + ": " + line;
}

std::string name_of(const ContainerDetail& container) {
  return "container " + sanitise(container.name);
}

/// "ended with exit code 1 (Error)", in words where the reason has them.
std::string end_text(const ContainerEnd& end) {
  std::string text = fmt::format("ended with exit code {}", end.exit_code);
  if (end.reason == "OOMKilled") {
    text = fmt::format("was killed for using more memory than it may (OOMKilled, exit code {})",
                       end.exit_code);
  } else if (end.signal != 0) {
    text = fmt::format("was ended by signal {}", end.signal);
  } else if (!end.reason.empty() && end.reason != "Error") {
    text += fmt::format(" ({})", sanitise(end.reason));
  }
  return with_message(std::move(text), end.message);
}

/// The newest event of that reason about this container; nullptr without one.
const ClusterEvent* newest_of(const std::vector<ClusterEvent>& events, std::string_view reason,
                              const std::string& container) {
  const ClusterEvent* newest = nullptr;
  for (const ClusterEvent& event : events) {
    const bool about = event.object.field_path.find('{' + container + '}') != std::string::npos;
    if (event.reason != reason || !about) continue;
    if (newest == nullptr || newest->last <= event.last) newest = &event;
  }
  return newest;
}

void judge_end(const ContainerDetail& container, std::vector<Trouble>& troubles) {
  const auto& end = container.end ? container.end : container.last_end;
  if (!end) return;
  const bool failed = end->exit_code != 0 || end->signal != 0;
  // One that should go on has no good way to end; one that runs before others has.
  if (!failed && (container.kind == ContainerKind::Init || container.restarts == 0)) return;
  std::string text = name_of(container) + ' ' + end_text(*end);
  if (container.restarts == 1) text += "; it was started again once";
  if (container.restarts > 1)
    text += fmt::format("; it was started again {} times", container.restarts);
  troubles.push_back({std::move(text), end->finished});
}

void judge_waiting(const ContainerDetail& container, std::vector<Trouble>& troubles) {
  static const std::set<std::string> kOrdinary = {"", "ContainerCreating", "PodInitializing"};
  if (container.state != State::Waiting) return;
  // These may be of the moment, and say what they wait for only if there is something.
  if (kOrdinary.count(container.reason) > 0 && container.message.empty()) return;
  troubles.push_back(
      {with_message(fmt::format("{} waits: {}", name_of(container), sanitise(container.reason)),
                    container.message),
       ""});
}

void judge_probes(const ContainerDetail& container, const std::vector<ClusterEvent>& events,
                  std::vector<Trouble>& troubles) {
  if (container.state != State::Running || container.kind == ContainerKind::Init) return;
  std::string text;
  if (container.startup_probe && !container.started) {
    text = "its startup probe has not passed yet";
  } else if (container.readiness_probe && !container.ready) {
    text = "its readiness probe fails";
  } else if (!container.ready && container.kind == ContainerKind::App) {
    text = "nothing says why";
  }
  const ClusterEvent* unhealthy = newest_of(events, "Unhealthy", container.name);
  if (!text.empty()) {
    text = fmt::format("{} runs and is not ready: {}", name_of(container), text);
    troubles.push_back({unhealthy == nullptr ? text : with_message(text, unhealthy->message),
                        unhealthy == nullptr ? container.running_since : unhealthy->last});
  } else if (unhealthy != nullptr && unhealthy->last >= container.running_since) {
    troubles.push_back({with_message(name_of(container) + " failed a probe", unhealthy->message),
                        unhealthy->last});
  }
}

void judge_whole(const PodDetail& pod, std::vector<Trouble>& troubles) {
  if (!pod.deleted.empty()) {
    std::string text = fmt::format("it is being deleted, to be gone by {}", sanitise(pod.deleted));
    if (!pod.pod.finalizers.empty())
      text += fmt::format("; finalizers keep it: {}", sanitise(some_of(pod.pod.finalizers)));
    troubles.push_back({std::move(text), ""});
  }
  if (!pod.reason.empty())
    troubles.push_back({with_message(sanitise(pod.reason), pod.message), ""});
  const ObjectCondition* ready = find_condition(pod.conditions, "Ready");
  if (ready != nullptr && ready->status == "False" && ready->reason == "ReadinessGatesNotReady")
    troubles.push_back(
        {with_message("its readiness gates keep it unready", ready->message), ready->since});
  const ObjectCondition* scheduled = find_condition(pod.conditions, "PodScheduled");
  if (scheduled != nullptr && scheduled->status == "False") {
    troubles.push_back(
        {with_message("no node takes it (" + sanitise(scheduled->reason) + ")", scheduled->message),
         scheduled->since});
  }
}

}  // namespace

std::vector<Trouble> pod_troubles(const PodDetail& pod, const std::vector<ClusterEvent>& events,
                                  const Node* node) {
  std::vector<Trouble> troubles;
  judge_whole(pod, troubles);
  if (node != nullptr && !node->ready) {
    troubles.push_back({with_message(fmt::format("its node {} is not ready", sanitise(node->name)),
                                     node->ready_reason),
                        ""});
  }
  for (const ContainerDetail& container : pod.containers) {
    judge_waiting(container, troubles);
    judge_end(container, troubles);
    judge_probes(container, events, troubles);
  }
  return troubles;
}

std::vector<Trouble> node_troubles(const NodeDetail& node) {
  std::vector<Trouble> troubles;
  if (find_condition(node.conditions, "Ready") == nullptr)
    troubles.push_back({"it has no Ready condition: its kubelet has never told how it is", ""});
  for (const ObjectCondition& condition : node.conditions) {
    // Of all but this one the good state is False.
    const bool good = condition.status == (condition.type == "Ready" ? "True" : "False");
    if (good) continue;
    troubles.push_back(
        {with_message(fmt::format("{} is {} ({})", sanitise(condition.type),
                                  sanitise(condition.status), sanitise(condition.reason)),
                      condition.message),
         condition.since});
  }
  return troubles;
}

}  // namespace drover::plans
