#include "plans/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plans/steps/catalogue.h"

namespace drover::plans {
namespace {

constexpr std::array kVersionedPods = {"kube-apiserver", "kube-controller-manager",
                                       "kube-scheduler"};

bool ends_with_tag(const std::string& image, const std::string& tag) {
  return image.ends_with(":" + tag);
}

/// Steps in order; each link of a chain needs the one before it.
class Graph {
 public:
  const std::string& add(Step step, std::vector<std::string> needs) {
    step.needs = std::move(needs);
    steps_.push_back(std::move(step));
    return steps_.back().id;
  }

  /// Adds steps one after the other; the first needs `needs`. Gives the last one's id.
  std::string chain(std::vector<std::string> needs, std::vector<Step> links) {
    for (Step& link : links) needs = {add(std::move(link), needs)};
    return needs.front();
  }

  std::vector<Step> take() { return std::move(steps_); }

 private:
  std::vector<Step> steps_;
};

std::vector<Step> node_part(const Scope& scope, const Host& host) {
  std::vector<Step> steps;
  steps.push_back(make_kubelet_package(scope, host));
  if (scope.file.reboot != Reboot::Never) steps.push_back(make_reboot(scope, host));
  steps.push_back(make_kubelet_restart(scope, host));
  steps.push_back(make_node_healthy(scope, host));
  if (host.has(Role::ControlPlane)) steps.push_back(make_static_pods_healthy(scope, host));
  steps.push_back(make_uncordon(scope, host));
  steps.push_back(make_settled(scope, host));
  return steps;
}

void append(std::vector<Step>& to, std::vector<Step> from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

std::vector<Step> control_plane_links(const Scope& scope, const Host& host) {
  std::vector<Step> links;
  links.push_back(make_repository(scope, host));
  links.push_back(make_kubeadm_package(scope, host));
  links.push_back(make_kubeadm_version(scope, host));
  if (control_plane_is_behind(scope)) {
    links.push_back(make_upgrade_plan(scope));
    if (scope.file.etcd.snapshot) links.push_back(make_etcd_snapshot(scope));
    links.push_back(make_upgrade_apply(scope));
    links.push_back(make_control_plane_healthy(scope, host));
  }
  links.push_back(make_cordon(scope, host));
  if (is_drained(scope.facts, host)) links.push_back(make_drain(scope, host));
  append(links, node_part(scope, host));
  return links;
}

std::vector<Step> worker_links(const Scope& scope, const Host& host) {
  std::vector<Step> links;
  links.push_back(make_cordon(scope, host));
  links.push_back(make_drain(scope, host));
  links.push_back(make_repository(scope, host));
  links.push_back(make_kubeadm_package(scope, host));
  links.push_back(make_upgrade_node(scope, host));
  append(links, node_part(scope, host));
  return links;
}

/// Downloads on every node at once, before anything is changed anywhere.
std::vector<std::string> stage(Graph& graph, const Scope& scope, const std::string& preflight,
                               const std::vector<const Host*>& behind) {
  std::vector<std::string> staged;
  for (const Host* host : behind) {
    staged.push_back(graph.chain(
        {preflight}, {make_stage_packages(scope, *host), make_stage_images(scope, *host)}));
  }
  return staged;
}

}  // namespace

bool others_can_take_pods(const ClusterFacts& facts, const Host& host) {
  return std::any_of(facts.nodes.begin(), facts.nodes.end(), [&](const Node& node) {
    return node.name != host.node && node.ready && !node.unschedulable;
  });
}

bool is_drained(const ClusterFacts& facts, const Host& host) {
  return !host.has(Role::ControlPlane) || others_can_take_pods(facts, host);
}

bool node_is_behind(const Scope& scope, const Host& host) {
  const Node* node = scope.facts.find_node(host.node);
  if (node == nullptr || node->kubelet_version != scope.target.tag()) return true;
  const NodeFacts& facts = scope.node_facts(host);
  return std::any_of(facts.installed.begin(), facts.installed.end(), [&](const auto& package) {
    const std::string wanted = scope.revision(host, package.first);
    const bool ours =
        package.first == "kubeadm" || package.first == "kubelet" || package.first == "kubectl";
    return ours && package.second != wanted;
  });
}

bool control_plane_is_behind(const Scope& scope) {
  if (scope.facts.kubeadm.kubernetes_version != scope.target.tag()) return true;
  return std::any_of(kVersionedPods.begin(), kVersionedPods.end(), [&](const char* component) {
    const std::string name = fmt::format("{}-{}", component, scope.first_control_plane.node);
    const auto pod =
        std::find_if(scope.facts.pods.begin(), scope.facts.pods.end(),
                     [&](const Pod& p) { return p.ns == "kube-system" && p.name == name; });
    return pod == scope.facts.pods.end() || pod->images.empty() ||
           !ends_with_tag(pod->images.front(), scope.target.tag());
  });
}

std::vector<Step> build_graph(const Scope& scope) {
  std::vector<const Host*> behind;
  for (const Host& host : scope.inventory.hosts) {
    if (!scope.file.takes(host)) continue;
    const bool leads = &host == &scope.first_control_plane;
    if (node_is_behind(scope, host) || (leads && control_plane_is_behind(scope))) {
      behind.push_back(&host);
    }
  }
  if (behind.empty()) return {};

  Graph graph;
  const std::string preflight = graph.add(make_preflight(scope), {});
  std::vector<std::string> before_workers = {preflight};
  if (scope.file.prestage) before_workers = stage(graph, scope, preflight, behind);

  std::vector<std::string> ends;
  if (std::find(behind.begin(), behind.end(), &scope.first_control_plane) != behind.end()) {
    const std::string settled =
        graph.chain(before_workers, control_plane_links(scope, scope.first_control_plane));
    before_workers = {graph.add(make_addons_healthy(scope), {settled})};
  }
  ends = before_workers;
  for (const Host* host : behind) {
    if (host->has(Role::ControlPlane)) continue;
    ends.push_back(graph.chain(before_workers, worker_links(scope, *host)));
  }
  graph.add(make_verify(scope), ends);
  return graph.take();
}

}  // namespace drover::plans
