#include "examples/sandbox/api/state_report.h"

#include <fmt/format.h>

namespace drover::sandbox {
namespace {

using nlohmann::json;

json nodes(const World& world) {
  json all = json::object();
  for (const ClusterNode& node : world.nodes) {
    json taints = json::array();
    for (const Taint& taint : node.taints())
      taints.push_back(fmt::format("{}:{}", taint.key, taint.effect));
    all[node.name()] = {{"uid", node.uid},
                        {"control_plane", node.machine.control_plane},
                        {"ready", node.ready},
                        {"kubelet", node.kubelet_version},
                        {"boot_id", node.boot_id},
                        {"unschedulable", node.unschedulable()},
                        {"annotations", node.annotations},
                        {"labels", node.labels},
                        {"taints", std::move(taints)},
                        {"resource_version", std::to_string(node.revision)}};
  }
  return all;
}

json pods(const World& world) {
  json all = json::array();
  for (const Pod& pod : world.pods) {
    all.push_back({{"name", pod.full_name()},
                   {"uid", pod.uid},
                   {"node", pod.node},
                   {"workload", pod.workload},
                   {"image", pod.spec.image},
                   {"phase", pod.phase()},
                   {"ready", pod.ready},
                   {"deleting", pod.deleting.has_value()},
                   {"static", pod.mirror},
                   {"restarts", pod.starts}});
  }
  return all;
}

json budgets(const World& world) {
  json all = json::object();
  for (const Budget& budget : world.budgets) {
    const BudgetStatus is = world.status_of(budget);
    all[budget.ns + "/" + budget.name] = {{"allowed", is.disruptions_allowed},
                                          {"healthy", is.current_healthy},
                                          {"desired", is.desired_healthy},
                                          {"expected", is.expected_pods}};
  }
  return all;
}

const char* name_of(ControlPlane::Api api) {
  switch (api) {
    case ControlPlane::Api::Answers:
      return "answers";
    case ControlPlane::Api::Hangs:
      return "hangs";
    case ControlPlane::Api::Gone:
      return "gone";
  }
  return "";
}

json api_servers(const ApiState& state, Moment now) {
  json all = json::object();
  for (const auto& [name, control_plane] : state.world.control_planes) {
    all[name] = {{"api", state.faults.down ? "gone" : name_of(control_plane.api(now))},
                 {"version", control_plane.pod("kube-apiserver", now).version}};
  }
  return all;
}

json unknown(const ApiState& state) {
  json all = state.log.unknown();
  for (const ClusterNode& node : state.world.nodes)
    for (const std::string& call : node_lines(node.machine, "unknown"))
      all.push_back(fmt::format("{}: {}", node.name(), call));
  return all;
}

}  // namespace

json state_report(const ApiState& state, Moment now) {
  return {{"nodes", nodes(state.world)},         {"pods", pods(state.world)},
          {"budgets", budgets(state.world)},     {"lock", state.world.lock.value_or(json())},
          {"version", state.world.version(now)}, {"api", api_servers(state, now)},
          {"requests", state.log.counts()},      {"strike", state.strike.state()},
          {"held", state.faults.held},           {"unknown", unknown(state)}};
}

}  // namespace drover::sandbox
