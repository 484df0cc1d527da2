#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "plans/steps/catalogue.h"
#include "remote/kube_api.h"
#include "remote/node.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/sample_facts.h"

namespace drover::test {

/// What outlives a crash: capsules by id, and the nodes as the API knows them. Any thread.
class WorkerWorld final : public remote::ApiReader, public remote::ApiWriter {
 public:
  /// `stuck`: a node with a pod that no budget ever lets go; "": there is none.
  explicit WorkerWorld(std::string stuck = "") : stuck_(std::move(stuck)) {}

  Result<ApiResponse> get(const ApiRequest& request, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    constexpr std::string_view kNodes = "/api/v1/nodes/";
    if (request.path.starts_with(kNodes)) {
      return test::ok(test::json_of(node(request.path.substr(kNodes.size()))));
    }
    const bool of_stuck = !stuck_.empty() && request.path.ends_with("spec.nodeName%3D" + stuck_);
    if (of_stuck) return test::ok(test::list_of<Pod>("Pod", {stuck_pod()}));
    return test::none_at(request.path);
  }

  Result<ApiResponse> send(const ApiRequest& request, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    if (request.path.ends_with("/eviction")) {
      return test::refusal(429, "TooManyRequests", "it would violate the budget",
                           "DisruptionBudget", "The disruption budget web needs 1 healthy pods");
    }
    Node& changed = node(request.path.substr(request.path.rfind('/') + 1));
    const auto patch = nlohmann::json::parse(request.body);
    if (patch["metadata"]["resourceVersion"] != changed.resource_version) {
      return test::refusal(409, "Conflict", "the object has been modified");
    }
    const auto& cordon = patch["metadata"]["annotations"]["drover.local/cordon"];
    changed.annotations.erase("drover.local/cordon");
    if (cordon.is_string()) changed.annotations["drover.local/cordon"] = cordon;
    changed.unschedulable = patch["spec"]["unschedulable"].is_boolean();
    changed.resource_version = std::to_string(std::stoi(changed.resource_version) + 1);
    const auto cordoned = std::count_if(nodes_.begin(), nodes_.end(),
                                        [](const auto& one) { return one.second.unschedulable; });
    most_cordoned_ = std::max(most_cordoned_, static_cast<int>(cordoned));
    return test::ok(test::json_of(changed));
  }

  CommandResult run(const std::string& capsule, const Command& command) {
    const std::lock_guard lock(mutex_);
    if (capsules_.insert(capsule).second) ++starts_[capsule.substr(0, capsule.size() - 4)];
    const bool restart = command.script.find("systemctl restart") != std::string::npos;
    return {0, restart ? "restarted_at 1790000000\n" : "", ""};
  }
  bool knows(const std::string& capsule) {
    const std::lock_guard lock(mutex_);
    return capsules_.contains(capsule);
  }

  /// Nodes that were cordoned at the same time, at the most.
  int most_cordoned() {
    const std::lock_guard lock(mutex_);
    return most_cordoned_;
  }

  /// What went wrong, by now.
  std::vector<std::string> faults(size_t commands) {
    std::vector<std::string> found;
    for (const auto& [step, starts] : starts_) {
      if (starts != 1) found.push_back(step + " was started " + std::to_string(starts) + " times");
    }
    if (starts_.size() != commands) found.push_back("not every command was started");
    for (const auto& [name, one] : nodes_) {
      if (one.unschedulable) found.push_back(name + " is left cordoned");
    }
    return found;
  }

 private:
  Node& node(const std::string& name) {
    auto [at, made] = nodes_.try_emplace(name);
    if (made) {
      at->second.name = name;
      at->second.resource_version = "1";
      at->second.ready = true;
      at->second.kubelet_version = "v1.34.4";
    }
    return at->second;
  }

  Pod stuck_pod() const {
    Pod pod;
    pod.ns = "default";
    pod.name = "web-0";
    pod.uid = "uid-web-0";
    pod.node = stuck_;
    pod.phase = "Running";
    pod.ready = true;
    pod.controller = Controller{"apps/v1", "StatefulSet", "web"};
    return pod;
  }

  const std::string stuck_;
  std::mutex mutex_;
  int most_cordoned_ = 0;
  std::map<std::string, Node> nodes_;
  std::set<std::string> capsules_;
  std::map<std::string, int> starts_;
};

class WorldNode final : public remote::NodeReader, public remote::NodeWriter {
 public:
  explicit WorldNode(WorkerWorld& world) : world_(world) {}
  Result<CommandResult> read(const Command&, std::stop_token) override { return CommandResult{}; }
  Result<CommandResult> run(const std::string& id, const Command& command,
                            const remote::OutputSink&, std::stop_token) override {
    return world_.run(id, command);
  }
  Result<remote::CapsuleState> state(const std::string& id, std::stop_token) override {
    using Kind = remote::CapsuleState::Kind;
    return world_.knows(id) ? remote::CapsuleState{Kind::Done, 0}
                            : remote::CapsuleState{Kind::Absent, {}};
  }
  Result<remote::CapsuleState> cancel(const std::string&, std::stop_token) override {
    return Error{.kind = ErrorKind::Internal, .message = "nothing is cancelled here"};
  }

 private:
  WorkerWorld& world_;
};

/// Workers, each a chain of real steps.
inline plans::Plan worker_chains(int workers) {
  const Inventory inventory = test::sample_inventory(workers);
  UpgradePlan file = test::sample_upgrade();
  file.drain.timeout = std::chrono::seconds(20);
  const ClusterFacts facts = test::sample_facts(workers);
  const plans::Scope scope{inventory, file, facts, {1, 33, 13}, {1, 34, 4}, inventory.hosts[0]};
  plans::Plan plan;
  for (const Host& host : inventory.hosts) {
    if (host.has(Role::ControlPlane)) continue;
    std::vector<std::string> needs;
    for (const auto make :
         {plans::make_cordon, plans::make_drain, plans::make_upgrade_node,
          plans::make_kubelet_restart, plans::make_uncordon, plans::make_settled}) {
      plans::Step step = make(scope, host);
      step.needs = needs;
      needs = {step.id};
      plan.steps.push_back(std::move(step));
    }
  }
  return plan;
}

}  // namespace drover::test
