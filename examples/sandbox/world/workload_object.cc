#include "examples/sandbox/world/metadata.h"
#include "examples/sandbox/world/objects.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;
using Kind = Workload::Kind;

struct Count {
  int there = 0;
  int updated = 0;
  int ready = 0;
};

Count count(const World& world, const Workload& workload) {
  Count count;
  for (const Pod& pod : world.pods) {
    if (pod.ns != workload.ns || pod.workload != workload.name || pod.deleting || pod.finished)
      continue;
    ++count.there;
    count.updated += pod.spec.image == workload.pods.image ? 1 : 0;
    count.ready += pod.ready ? 1 : 0;
  }
  return count;
}

json pod_template(const Workload& workload) {
  return {
      {"metadata", {{"labels", workload.pods.labels}}},
      {"spec",
       {{"containers", json::array({{{"name", workload.name}, {"image", workload.pods.image}}})}}}};
}

// A field of the API that counts is left out where it is 0.
void add(json& object, const char* key, int number) {
  if (number != 0) object[key] = number;
}

json replicas_status(const Workload& workload, const Count& is) {
  json status = {{"observedGeneration", workload.generation}};
  add(status, "replicas", is.there);
  add(status, "readyReplicas", is.ready);
  add(status, "availableReplicas", is.ready);
  return status;
}

json deployment_status(const Workload& workload, const Count& is) {
  json status = replicas_status(workload, is);
  add(status, "updatedReplicas", is.updated);
  add(status, "unavailableReplicas", std::max(0, workload.replicas - is.ready));
  const bool enough = is.ready >= workload.replicas - std::max(1, workload.replicas / 4);
  status["conditions"] = json::array({condition(
      "Available", enough, enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
      enough ? "Deployment has minimum availability."
             : "Deployment does not have minimum availability.",
      workload.created)});
  return status;
}

json daemon_set_status(const World& world, const Workload& workload, const Count& is) {
  const int wanted = static_cast<int>(world.nodes.size());
  json status = {{"currentNumberScheduled", is.there},
                 {"desiredNumberScheduled", wanted},
                 {"numberMisscheduled", 0},
                 {"numberReady", is.ready},
                 {"observedGeneration", workload.generation}};
  add(status, "numberAvailable", is.ready);
  add(status, "numberUnavailable", std::max(0, wanted - is.ready));
  add(status, "updatedNumberScheduled", is.updated);
  return status;
}

json stateful_set_status(const Workload& workload, const Count& is) {
  json status = replicas_status(workload, is);
  status["replicas"] = is.there;
  status["availableReplicas"] = is.ready;
  add(status, "currentReplicas", is.there);
  add(status, "updatedReplicas", is.updated);
  status["currentRevision"] = workload.name + "-" + workload.template_hash();
  status["updateRevision"] = workload.name + "-" + workload.template_hash();
  status["collisionCount"] = 0;
  return status;
}

json workload_metadata(const Workload& workload, const std::string& name) {
  json meta = metadata(name, workload.ns, workload.uid, workload.revision, workload.created);
  meta["generation"] = workload.generation;
  meta["labels"] = workload.pods.labels;
  return meta;
}

json workload_spec(const Workload& workload) {
  json spec = {{"selector", selector_json(workload.selector())},
               {"template", pod_template(workload)}};
  if (workload.kind != Kind::DaemonSet) spec["replicas"] = workload.replicas;
  return spec;
}

}  // namespace

json workload_json(const World& world, const Workload& workload) {
  const Count is = count(world, workload);
  json status;
  switch (workload.kind) {
    case Kind::Deployment:
      status = deployment_status(workload, is);
      break;
    case Kind::ReplicaSet:
      status = replicas_status(workload, is);
      break;
    case Kind::StatefulSet:
      status = stateful_set_status(workload, is);
      break;
    case Kind::DaemonSet:
      status = daemon_set_status(world, workload, is);
      break;
  }
  return {{"metadata", workload_metadata(workload, workload.name)},
          {"spec", workload_spec(workload)},
          {"status", std::move(status)}};
}

json replica_set_json(const World& world, const Workload& workload) {
  json meta = workload_metadata(workload, workload.replica_set());
  if (workload.kind == Kind::Deployment) {
    meta["labels"]["pod-template-hash"] = workload.template_hash();
    meta["ownerReferences"] = json::array({{{"apiVersion", "apps/v1"},
                                            {"kind", "Deployment"},
                                            {"name", workload.name},
                                            {"uid", workload.uid},
                                            {"controller", true},
                                            {"blockOwnerDeletion", true}}});
  }
  return {{"metadata", std::move(meta)},
          {"spec", workload_spec(workload)},
          {"status", replicas_status(workload, count(world, workload))}};
}

namespace {

// A whole number is printed as one, a percentage as a string.
json int_or_string(const std::string& amount) {
  return amount.ends_with('%') ? json(amount) : json(std::stoi(amount));
}

}  // namespace

json budget_json(const World& world, const Budget& budget) {
  const BudgetStatus is = world.status_of(budget);
  json spec = {{"selector", selector_json(budget.selector)}};
  if (!budget.min_available.empty()) spec["minAvailable"] = int_or_string(budget.min_available);
  if (!budget.max_unavailable.empty())
    spec["maxUnavailable"] = int_or_string(budget.max_unavailable);
  if (budget.policy_named)
    spec["unhealthyPodEvictionPolicy"] =
        budget.always_allow_unhealthy ? "AlwaysAllow" : "IfHealthyBudget";
  json meta = metadata(budget.name, budget.ns, budget.uid, budget.revision, budget.created);
  meta["generation"] = budget.processed ? 1 : 2;
  const bool allowed = is.disruptions_allowed > 0;
  const std::string reason = !is.synced ? "SyncFailed"
                             : allowed  ? "SufficientPods"
                                        : "InsufficientPods";
  return {{"metadata", std::move(meta)},
          {"spec", std::move(spec)},
          {"status",
           {{"conditions",
             json::array({condition("DisruptionAllowed", allowed, reason, "", budget.created)})},
            {"currentHealthy", is.current_healthy},
            {"desiredHealthy", is.desired_healthy},
            {"disruptionsAllowed", is.disruptions_allowed},
            {"expectedPods", is.expected_pods},
            {"observedGeneration", 1}}}};
}

}  // namespace drover::sandbox
