#include "plans/steps/drain_serving.h"

#include <algorithm>

#include "inventory/cluster/replicas.h"

namespace drover::plans {

Seconds longest_hold(std::chrono::seconds timeout) {
  return std::min(Seconds{60}, Seconds{timeout} / 3);
}

std::string serving_question(const Pod& pod) {
  const bool may_be_last = pod.ready && !pod.deleting && !pod.finished() && pod.controller &&
                           keeps_replicas(pod.controller->kind);
  return may_be_last ? pod.controller->kind + "/" + pod.ns : "";
}

const Pod* kept_back(const std::string& key, const std::vector<const Pod*>& pods,
                     const ServingSight& serving) {
  const auto wanted = serving.wanted.find(key);
  if (wanted == serving.wanted.end() || wanted->second < 2) return nullptr;
  const auto elsewhere = serving.ready_elsewhere.find(key);
  if (elsewhere != serving.ready_elsewhere.end() && elsewhere->second > 0) return nullptr;
  const auto last = std::max_element(pods.begin(), pods.end(),
                                     [](const Pod* a, const Pod* b) { return a->name < b->name; });
  if (last == pods.end()) return nullptr;
  const auto other = serving.last_leaving.find(key);
  const bool kept_elsewhere = other != serving.last_leaving.end() && other->second > (*last)->name;
  return kept_elsewhere ? nullptr : *last;
}

}  // namespace drover::plans
