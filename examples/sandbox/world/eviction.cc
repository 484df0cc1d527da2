#include "examples/sandbox/world/eviction.h"

#include <fmt/format.h>

#include "examples/sandbox/world/objects.h"
#include "examples/sandbox/world/reconcile.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

constexpr int kAskAgain = 10;  // seconds

std::vector<const Budget*> budgets_of(const World& world, const Pod& pod) {
  std::vector<const Budget*> budgets;
  for (const Budget& budget : world.budgets)
    if (budget.covers(pod)) budgets.push_back(&budget);
  return budgets;
}

Answer too_many(const std::string& message, const std::string& cause, int seconds) {
  json details = {{"causes", {{{"reason", "DisruptionBudget"}, {"message", cause}}}}};
  if (seconds > 0) details["retryAfterSeconds"] = seconds;
  Answer answer = refuse(429, "TooManyRequests", message, std::move(details));
  if (seconds > 0) answer.retry_after = seconds;
  return answer;
}

std::optional<Answer> refusal_of(const World& world, const Pod& pod) {
  const std::vector<const Budget*> budgets = budgets_of(world, pod);
  if (budgets.empty()) return std::nullopt;
  if (budgets.size() > 1) {
    return refuse(500, "",
                  "This pod has more than one PodDisruptionBudget, which the eviction subresource "
                  "does not support.");
  }
  const Budget& budget = *budgets.front();
  const BudgetStatus status = world.status_of(budget);
  constexpr const char* kRefused =
      "Cannot evict pod as it would violate the pod's disruption budget.";
  switch (judge_eviction(budget, status, pod)) {
    case Verdict::Allowed:
      return std::nullopt;
    case Verdict::Processing:
      return too_many(kRefused,
                      fmt::format("The disruption budget {} is still being processed by the "
                                  "server.",
                                  budget.name),
                      kAskAgain);
    case Verdict::Refused:
      break;
  }
  return too_many(kRefused,
                  fmt::format("The disruption budget {} needs {} healthy pods and has {} currently",
                              budget.name, status.desired_healthy, status.current_healthy),
                  0);
}

Answer terminating(const std::string& ns, const std::string& name) {
  return refuse(
      403, "Forbidden",
      fmt::format("pods \"{}\" is forbidden: unable to create new content in namespace {} because "
                  "it is being terminated",
                  name, ns),
      {{"name", name},
       {"kind", "pods"},
       {"causes",
        {{{"reason", "NamespaceTerminating"},
          {"message", fmt::format("namespace {} is being terminated", ns)},
          {"field", "metadata.namespace"}}}}});
}

}  // namespace

Answer evict(World& world, const std::string& ns, const std::string& name, const std::string& uid,
             Moment now) {
  if (world.terminating_namespaces.count(ns) > 0) return terminating(ns, name);
  Pod* pod = world.find_pod(ns, name);
  if (pod == nullptr) return not_found("pods", name);
  const bool serves = !pod->finished && !pod->node.empty() && !pod->deleting;
  if (serves) {
    if (auto refusal = refusal_of(world, *pod)) return *refusal;
  }
  if (!uid.empty() && uid != pod->uid) {
    // The budget has been asked, and counts the pod as gone until it has waited for that in vain.
    if (serves && !budgets_of(world, *pod).empty()) pod->disrupted = now;
    return other_uid("Pod", name, uid, pod->uid);
  }
  if (!pod->deleting) pod->evicted = now;
  begin_deletion(world, *pod, now);
  reconcile(world, now);
  return {201,
          {{"kind", "Status"},
           {"apiVersion", "v1"},
           {"metadata", json::object()},
           {"status", "Success"},
           {"code", 201}}};
}

Answer delete_pod(World& world, const std::string& ns, const std::string& name,
                  const std::string& uid, Moment now) {
  Pod* pod = world.find_pod(ns, name);
  if (pod == nullptr) return not_found("pods", name);
  if (!uid.empty() && uid != pod->uid) return other_uid("Pod", name, uid, pod->uid);
  begin_deletion(world, *pod, now);
  Answer answer{200, pod_json(*pod)};
  answer.body["kind"] = "Pod";
  answer.body["apiVersion"] = "v1";
  reconcile(world, now);
  return answer;
}

}  // namespace drover::sandbox
