#include <fmt/format.h>

#include <algorithm>

#include "plans/describe/trouble.h"

namespace drover::plans {
namespace {

using ContainerKind = ContainerDetail::Kind;
using State = ContainerDetail::State;

std::string end_word(const ContainerEnd& end) {
  if (!end.reason.empty()) return end.reason;
  return end.signal != 0 ? fmt::format("Signal:{}", end.signal)
                         : fmt::format("ExitCode:{}", end.exit_code);
}

bool is_over(const ContainerDetail& container) {
  if (container.kind == ContainerKind::Sidecar) return container.started;
  return container.end && container.end->exit_code == 0;
}

/// "": all that runs before the containers is over.
std::string start_word(const PodDetail& pod) {
  std::size_t number = 0;
  std::string word;
  for (const ContainerDetail& one : pod.containers) {
    if (one.kind != ContainerKind::Init && one.kind != ContainerKind::Sidecar) continue;
    const std::size_t index = number++;
    if (!word.empty() || is_over(one)) continue;
    const bool waits =
        one.state == State::Waiting && !one.reason.empty() && one.reason != "PodInitializing";
    word = one.end ? end_word(*one.end) : waits ? one.reason : fmt::format("{}/", index);
  }
  if (word.empty()) return "";
  return word.back() == '/' ? fmt::format("Init:{}{}", word, number) : "Init:" + word;
}

bool is_ready(const PodDetail& pod) {
  const ObjectCondition* ready = find_condition(pod.conditions, "Ready");
  return ready != nullptr && ready->status == "True";
}

std::string running_word(const PodDetail& pod, std::string word) {
  bool running = false;
  for (auto one = pod.containers.rbegin(); one != pod.containers.rend(); ++one) {
    if (one->kind != ContainerKind::App) continue;
    if (one->state == State::Waiting && !one->reason.empty()) word = one->reason;
    if (one->end) word = end_word(*one->end);
    running = running || (one->state == State::Running && one->ready);
  }
  if (word == "Completed" && running) return is_ready(pod) ? "Running" : "NotReady";
  return word;
}

}  // namespace

std::string pod_status(const PodDetail& pod) {
  if (!pod.deleted.empty()) return pod.reason == "NodeLost" ? "Unknown" : "Terminating";
  const std::string start = start_word(pod);
  if (!start.empty()) return start;
  return running_word(pod, pod.reason.empty() ? pod.pod.phase : pod.reason);
}

}  // namespace drover::plans
