#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/kubeadm_checks.h"
#include "examples/sandbox/tools/kubeadm_commands.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "examples/sandbox/tools/table.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

using Json = nlohmann::ordered_json;

/// What the upgrade would change, a row a component.
struct Row {
  std::string name;
  std::string node;  ///< "" of what the cluster has once
  std::string from;
  std::string to;
};

std::vector<Row> kubelets(const std::string& target) {
  std::vector<Row> rows;
  for (const Peer& peer : cluster_nodes()) {
    if (peer.kubelet != target) rows.push_back({"kubelet", peer.name, peer.kubelet, target});
  }
  return rows;
}

std::vector<Row> per_control_plane(const char* name, const std::string& target) {
  const bool etcd = std::string_view(name) == "etcd";
  std::vector<Row> rows;
  for (const Peer& peer : cluster_nodes()) {
    if (!peer.control_plane) continue;
    const std::string have = peer.name == host_name() ? manifest_version(name) : peer.version;
    rows.push_back({name, peer.name, etcd ? release_of(have).etcd : have,
                    etcd ? release_of(target).etcd : target});
  }
  return rows;
}

void add(std::vector<Row>& rows, const std::vector<Row>& more) {
  rows.insert(rows.end(), more.begin(), more.end());
}

// In kubeadm's order; only its JSON names kubeadm itself.
std::vector<Row> components(const std::string& target, const std::string& kubeadm, bool json) {
  std::vector<Row> rows;
  for (const char* name : {"kube-apiserver", "kube-controller-manager", "kube-scheduler"}) {
    add(rows, per_control_plane(name, target));
  }
  const std::string now = cluster_version();
  rows.push_back({"kube-proxy", "", now.substr(1), target});
  rows.push_back({"CoreDNS", "", release_of(now).coredns, release_of(target).coredns});
  if (json) rows.push_back({"kubeadm", "", kubeadm, target});
  add(rows, per_control_plane("etcd", target));
  return rows;
}

Json json_row(const Row& row) {
  Json object = {{"name", row.name}, {"currentVersion", row.from}, {"newVersion", row.to}};
  if (!row.node.empty()) object["nodeName"] = row.node;
  return object;
}

Json config_version(const char* group, const char* version) {
  return {{"group", group},
          {"currentVersion", version},
          {"preferredVersion", version},
          {"manualUpgradeRequired", false}};
}

std::string as_json(const std::string& target, const std::string& kubeadm) {
  Json plan = {{"kind", "UpgradePlan"}, {"apiVersion", "output.kubeadm.k8s.io/v1alpha3"}};
  if (is_before(cluster_version(), target)) {
    Json rows = Json::array();
    for (const Row& row : kubelets(target)) rows.push_back(json_row(row));
    for (const Row& row : components(target, kubeadm, true)) rows.push_back(json_row(row));
    plan["availableUpgrades"] = Json::array(
        {{{"description", fmt::format("version in the {} series", minor_of(cluster_version()))},
          {"components", rows}}});
  }
  plan["configVersions"] = Json::array({config_version("kubeproxy.config.k8s.io", "v1alpha1"),
                                        config_version("kubelet.config.k8s.io", "v1beta1")});
  return plan.dump(4) + '\n';
}

std::string rows_text(const std::vector<Row>& rows) {
  std::vector<std::vector<std::string>> cells = {{"COMPONENT", "NODE", "CURRENT", "TARGET"}};
  for (const Row& row : rows) cells.push_back({row.name, row.node, row.from, row.to});
  return table(cells);
}

// This run's versions in place of the recorded ones.
Replacements plan_replacements(const std::string& target, const std::string& kubeadm) {
  const std::string now = cluster_version();
  const std::string minor = minor_of(now);
  const std::string note = fmt::format(
      "\nNote: Before you can perform this upgrade, you have to update kubeadm to {}.\n", target);
  return {{"Target version: v1.34.4", "Target version: " + target},
          {"kubeadm version: v1.34.4", "kubeadm version: " + kubeadm},
          {"Cluster version: 1.33.13", "Cluster version: " + now.substr(1)},
          {"v1.33 series: v1.34.4", fmt::format("{} series: {}", minor, target)},
          {"v1.33 series", minor + " series"},
          {"kubeadm upgrade apply v1.34.4\n", fmt::format("kubeadm upgrade apply {}\n{}", target,
                                                          is_before(kubeadm, target) ? note : "")}};
}

// The recording, with tables of its own in place of the two that it has.
std::string as_text(const std::string& target, const std::string& kubeadm) {
  const std::string plan = recorded("kubeadm/upgrade-plan.out", plan_replacements(target, kubeadm));
  std::string text;
  bool first = true;
  bool in_table = false;
  for (const std::string& line : split_lines(plan)) {
    if (line.starts_with("COMPONENT ")) {
      text += rows_text(first ? kubelets(target) : components(target, kubeadm, false));
      first = false;
      in_table = true;
    }
    if (line.empty()) in_table = false;
    if (!in_table) text += line + '\n';
  }
  return text;
}

}  // namespace

int upgrade_plan(Call& call, const KubeadmWords& words, const std::string& version) {
  const std::string form = words.option("--output", "text");
  if (words.words.size() > 3 || (form != "text" && form != "json")) call.unknown();
  call.begin(Effect::Changes, health_job_failure());
  const std::string wanted = words.words.size() > 2 ? words.words[2] : version;
  const std::string target = wanted.starts_with('v') ? wanted : 'v' + wanted;
  check_api();
  check_health_job(words);
  call.half_way();
  lasts(kUpgradePlan - kHealthCheckJob);
  out(form == "json" ? as_json(target, version) : as_text(target, version));
  return 0;
}

}  // namespace drover::sandbox
