#pragma once

#include <string>
#include <utility>
#include <vector>

#include "plans/steps/catalogue.h"
#include "tests/support/sample_facts.h"

/// Pods, budgets and drains of w1 for tests of the drain.
namespace drover::test {

inline Pod web(const std::string& name, const std::string& node = "w1") {
  Pod pod;
  pod.ns = "default";
  pod.name = name;
  pod.uid = "uid-" + name;
  pod.node = node;
  pod.phase = "Running";
  pod.ready = true;
  pod.labels = {{"app", "web"}};
  pod.controller = Controller{"apps/v1", "ReplicaSet", "web"};
  return pod;
}

inline Pod bare(const std::string& name) {
  Pod pod = web(name);
  pod.labels.clear();
  pod.controller.reset();
  return pod;
}

inline PodDisruptionBudget three_of_four() {
  PodDisruptionBudget budget;
  budget.ns = "default";
  budget.name = "web";
  budget.selector = {.present = true, .match_labels = {{"app", "web"}}};
  budget.min_available = "3";
  budget.desired_healthy = 3;
  budget.expected_pods = 4;
  return budget;
}

inline ClusterFacts cluster_of(std::vector<Pod> pods,
                               std::vector<PodDisruptionBudget> budgets = {}) {
  ClusterFacts facts = sample_facts(2);
  facts.pods = std::move(pods);
  facts.budgets = std::move(budgets);
  return facts;
}

/// The default policy without drain.keep_serving, which asks for more than the pods.
inline DrainPolicy not_keeping() {
  DrainPolicy policy;
  policy.keep_serving = false;
  return policy;
}

inline plans::Step drain_step(const ClusterFacts& facts,
                              const DrainPolicy& policy = not_keeping()) {
  const Inventory inventory = sample_inventory(2);
  UpgradePlan file = sample_upgrade();
  file.drain = policy;
  const plans::Scope scope{inventory, file, facts, {1, 33, 13}, {1, 34, 4}, inventory.hosts[0]};
  return plans::make_drain(scope, *inventory.find("w1"));
}

}  // namespace drover::test
