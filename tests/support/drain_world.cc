#include "tests/support/drain_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/kube_json.h"

namespace drover::test {

DrainWorld::DrainWorld(ClusterFacts facts, std::string node, double terminate, double start)
    : facts_(std::move(facts)), node_(std::move(node)), terminate_(terminate), start_(start) {
  for (Pod& pod : facts_.pods) {
    const bool going = pod.deleting;
    const bool starting = pod.phase == "Running" && !pod.ready;
    pods_.push_back({std::move(pod), going ? terminate_ : -1, starting ? start_ : -1});
  }
  count_healthy();
}

void DrainWorld::count_healthy() {
  for (PodDisruptionBudget& budget : facts_.budgets) {
    budget.current_healthy =
        static_cast<int>(std::count_if(pods_.begin(), pods_.end(), [&](const Living& living) {
          return budget.covers(living.pod) && living.pod.ready && !living.pod.deleting;
        }));
    budget.disruptions_allowed =
        budget.never_allows() ? 0 : std::max(0, budget.current_healthy - budget.desired_healthy);
  }
}

void DrainWorld::pass(std::chrono::milliseconds time) {
  now_ += std::chrono::duration<double>(time).count();
  std::vector<Living> living;
  for (Living& one : pods_) {
    const bool gone = one.gone_at >= 0 && now_ >= one.gone_at;
    if (!gone) {
      if (one.ready_at >= 0 && now_ >= one.ready_at) one.pod.ready = true;
      living.push_back(one);
      continue;
    }
    if (!one.pod.controller || one.pod.finished()) continue;
    Pod again = one.pod;
    again.node = "elsewhere";
    again.name += fmt::format("-{}", ++born_);
    again.uid = again.name;
    again.deleting = again.ready = false;
    again.phase = "Running";
    living.push_back({again, -1, now_ + start_});
  }
  pods_ = std::move(living);
  count_healthy();
}

std::vector<Pod> DrainWorld::pods_on(const std::string& node) const {
  std::vector<Pod> found;
  for (const Living& living : pods_) {
    if (living.pod.node == node) found.push_back(living.pod);
  }
  return found;
}

Result<ApiResponse> DrainWorld::get(const ApiRequest& request) {
  if (fault) {
    if (auto other = fault(requests_++, request)) return other->answer;
  }
  if (request.path == "/api/v1/pods?fieldSelector=spec.nodeName%3D" + node_) {
    evicted_since_look_.clear();
    return ok(list_of("Pod", pods_on(node_)));
  }
  if (request.path == "/apis/apps/v1/daemonsets") {
    std::vector<Workload> daemonsets;
    for (const Workload& workload : facts_.workloads) {
      if (workload.kind == "DaemonSet") daemonsets.push_back(workload);
    }
    return ok(list_of("DaemonSet", daemonsets));
  }
  if (request.path == "/apis/policy/v1/poddisruptionbudgets") {
    return ok(list_of("PodDisruptionBudget", facts_.budgets));
  }
  return refusal(501, "NotImplemented", request.path);
}

Result<ApiResponse> DrainWorld::send(const ApiRequest& request) {
  const auto body = nlohmann::json::parse(request.body);
  const std::string name = body["metadata"]["name"];
  const std::string ns = body["metadata"]["namespace"];
  const std::string uid = body["deleteOptions"]["preconditions"]["uid"];
  if (!evicted_since_look_.insert(uid).second) ++blind_repeats_;
  const std::string path = fmt::format("/api/v1/namespaces/{}/pods/{}/eviction", ns, name);
  if (request.verb != Verb::Post || request.path != path) return refusal(400, "BadRequest", path);
  if (fault) {
    if (auto other = fault(requests_++, request)) {
      if (other->acts) static_cast<void>(evict(ns, name, uid));
      return other->answer;
    }
  }
  return evict(ns, name, uid);
}

Result<ApiResponse> DrainWorld::evict(const std::string& ns, const std::string& name,
                                      const std::string& uid) {
  const auto found = std::find_if(pods_.begin(), pods_.end(), [&](const Living& living) {
    return living.pod.ns == ns && living.pod.name == name;
  });
  if (found == pods_.end()) return refusal(404, "NotFound", "pods \"" + name + "\" not found");
  if (found->pod.uid != uid) return refusal(409, "Conflict", "the UID in the precondition differs");
  std::vector<PodDisruptionBudget*> budgets;
  for (PodDisruptionBudget& budget : facts_.budgets) {
    if (budget.covers(found->pod)) budgets.push_back(&budget);
  }
  const bool free = found->pod.finished() || found->pod.phase == "Pending" || found->pod.deleting;
  if (!free && !budgets.empty()) return evict_within(budgets, *found);
  if (!found->pod.deleting) found->gone_at = now_ + terminate_;
  found->pod.deleting = true;
  count_healthy();
  return ok("{}");
}

Result<ApiResponse> DrainWorld::evict_within(const std::vector<PodDisruptionBudget*>& budgets,
                                             Living& living) {
  if (budgets.size() > 1) {
    return refusal(500, "InternalError",
                   "This pod has more than one PodDisruptionBudget, which the eviction subresource "
                   "does not support.");
  }
  PodDisruptionBudget& budget = *budgets[0];
  const bool healthy_enough = budget.current_healthy >= budget.desired_healthy &&
                              budget.desired_healthy > 0 && !living.pod.ready;
  if (budget.disruptions_allowed <= 0 && !healthy_enough) {
    return refusal(
        429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.",
        "DisruptionBudget",
        fmt::format("The disruption budget {} needs {} healthy pods and has {} currently",
                    budget.name, budget.desired_healthy, budget.current_healthy));
  }
  living.gone_at = now_ + terminate_;
  living.pod.deleting = true;
  const bool was_ready = living.pod.ready;
  count_healthy();
  if (was_ready && budget.current_healthy < budget.desired_healthy) broken_.push_back(budget.name);
  return ok("{}");
}

}  // namespace drover::test
