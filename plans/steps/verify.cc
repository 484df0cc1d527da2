#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/pod.h"
#include "plans/graph.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/cordon_mark.h"
#include "plans/steps/image_tag.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

enum VerifyQuery : size_t { kAllNodes, kAllPods };

bool well(const Pod& pod) {
  const bool job = pod.controller && pod.controller->kind == "Job";
  return job || pod.phase == "Succeeded" || (pod.ready && !pod.deleting);
}

// What stays the same of a pod when an upgrade replaces it: its Deployment, DaemonSet or its name.
std::string owner_of(const Pod& pod) {
  if (!pod.controller) return pod.name;
  const std::string& name = pod.controller->name;
  const bool hashed = pod.controller->kind == "ReplicaSet" && name.rfind('-') != std::string::npos;
  return hashed ? name.substr(0, name.rfind('-')) : name;
}

std::vector<std::string> nodes_behind(const Step& step, const std::vector<Node>& nodes) {
  const std::string& target = step.param("target");
  std::vector<std::string> missing;
  for (const std::string& name : split_words(step.param("nodes"))) {
    const auto node =
        std::find_if(nodes.begin(), nodes.end(), [&](const Node& one) { return one.name == name; });
    if (node == nodes.end()) {
      missing.push_back(fmt::format("node {} to be in the cluster", name));
    } else if (node->kubelet_version != target) {
      missing.push_back(
          fmt::format("{} at {} ({} now)", name, target, sanitise(node->kubelet_version, 40)));
    } else if (!node->ready) {
      missing.push_back(
          fmt::format("{} to be Ready ({})", name, sanitise(node->ready_reason, 120)));
    }
  }
  return missing;
}

// "v1.34.4" of the API server that runs on a control plane, "-" elsewhere.
std::string control_plane_version(const Node& node, const std::vector<Pod>& pods) {
  const auto server = std::find_if(pods.begin(), pods.end(), [&](const Pod& pod) {
    return pod.node == node.name && pod.name == "kube-apiserver-" + node.name;
  });
  const bool known = server != pods.end() && !server->images.empty();
  return known ? image_tag(server->images.front()) : "-";
}

// One line a node; those that were not part of this run are marked.
std::string table(const Step& step, const std::vector<Node>& nodes, const std::vector<Pod>& pods) {
  const std::vector<std::string> ours = split_words(step.param("nodes"));
  std::vector<std::vector<std::string>> rows = {{"NODE", "CONTROL PLANE", "KUBELET", "READY", ""}};
  for (const Node& node : nodes) {
    std::vector<std::string> marks;
    if (std::find(ours.begin(), ours.end(), node.name) == ours.end()) {
      marks.emplace_back("not part of this run");
    }
    if (node.unschedulable) marks.emplace_back("cordoned");
    rows.push_back({node.name, control_plane_version(node, pods), node.kubelet_version,
                    node.ready ? "yes" : "no", join(marks, ", ")});
  }
  std::vector<size_t> widths(rows.front().size(), 0);
  for (auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = sanitise(row[i], 80);
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += fmt::format("{:<{}}  ", row[i], widths[i]);
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return join(lines, "\n");
}

Result<Decision> judge_end(const Step& step, const Attempt& attempt, const Answers& answers) {
  DROVER_TRY_ASSIGN(const std::vector<Node> nodes,
                    read_answer(answers.responses[kAllNodes], "list nodes", parse_node_list));
  DROVER_TRY_ASSIGN(
      const std::vector<Pod> pods,
      read_answer(answers.responses[kAllPods], "list the pods of kube-system", parse_pod_list));
  std::vector<std::string> missing = nodes_behind(step, nodes);
  const std::vector<std::string> before = split_words(step.param("not_ready_before"));
  std::vector<std::string> still;
  for (const Pod& pod : pods) {
    if (well(pod)) continue;
    const bool old = std::find(before.begin(), before.end(), owner_of(pod)) != before.end();
    (old ? still : missing).push_back(old ? pod.name : fmt::format("{} to be Ready", pod.name));
  }
  for (const Node& node : nodes) {
    if (cordoned_by_run(node) == attempt.run) {
      missing.push_back(fmt::format("{} to be uncordoned", node.name));
    }
  }
  if (!missing.empty()) return wait_for(some_of(missing, 4));
  std::string message = table(step, nodes, pods);
  if (!still.empty()) {
    message += fmt::format("\nnot Ready before this run either: {}", join(still, ", "));
  }
  return done(std::move(message));
}

}  // namespace

Step make_verify(const Scope& scope) {
  Step step =
      scope.step(StepKind::Verify, nullptr, "look at everything once more",
                 "the run ends well only if every node is at the new version and nothing of "
                 "kube-system is worse off than before");
  std::vector<std::string> nodes;
  for (const Host& host : scope.inventory.hosts) {
    const bool there = scope.facts.find_node(host.node) != nullptr;
    if (there && scope.file.takes(host)) nodes.push_back(host.node);
  }
  std::set<std::string> not_ready;
  for (const Pod& pod : scope.facts.pods) {
    if (pod.ns == "kube-system" && !well(pod)) not_ready.insert(owner_of(pod));
  }
  step.params = {{"target", scope.target.tag()},
                 {"nodes", join(nodes, " ")},
                 {"not_ready_before", join({not_ready.begin(), not_ready.end()}, " ")}};
  configure_health_timeout(step, scope.file);
  step.estimate = std::chrono::seconds{2};
  return step;
}

Queries look_verify(const Step&, const Attempt&) {
  Queries queries;
  queries.requests = {get("/api/v1/nodes"), get("/api/v1/namespaces/kube-system/pods")};
  return queries;
}

Decision decide_verify(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  return or_fail(judge_end(step, attempt, answers));
}

}  // namespace drover::plans
