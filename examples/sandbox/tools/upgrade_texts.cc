#include "examples/sandbox/tools/upgrade_texts.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>

#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/random_name.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr int kEnvironmentSaved =
    35;  ///< the minor from which kubeadm keeps the kubelet's flags, too

/// A recording and the names in it; "" where a run has no such folder.
struct Recording {
  UpgradeCommand command;
  int since;  ///< minor of the target
  const char* out;
  const char* target;
  const char* from;
  const char* fresh_manifests;
  const char* old_manifests;
  const char* old_config;
  const char* old_environment;
};

// The newest first.
constexpr std::array kRecordings = {
    Recording{UpgradeCommand::Apply, kEnvironmentSaved, "kubeadm/upgrade-apply-1.35.out", "v1.35.4",
              "v1.34.4", "kubeadm-upgraded-manifests325330328",
              "kubeadm-backup-manifests-2026-11-22-21-37-53",
              "kubeadm-kubelet-config-2026-11-22-21-40-22", "kubeadm-kubelet-env1436495419"},
    Recording{UpgradeCommand::Apply, 0, "kubeadm/upgrade-apply.out", "v1.34.4", "v1.33.13",
              "kubeadm-upgraded-manifests3530485156",
              "kubeadm-backup-manifests-2026-11-22-21-11-29", "kubeadm-kubelet-config664243368",
              ""},
    Recording{UpgradeCommand::NodeOfControlPlane, 0, "kubeadm/upgrade-node-control-plane.out",
              "v1.34.4", "", "kubeadm-upgraded-manifests1417994136",
              "kubeadm-backup-manifests-2026-11-22-21-21-57", "kubeadm-kubelet-config1475614517",
              ""},
    Recording{UpgradeCommand::NodeOfWorker, kEnvironmentSaved,
              "kubeadm/upgrade-node-worker-1.35.out", "", "", "", "",
              "kubeadm-kubelet-config-2026-11-22-21-41-12", "kubeadm-kubelet-env3825479026"},
    Recording{UpgradeCommand::NodeOfWorker, 0, "kubeadm/upgrade-node-worker.out", "", "", "", "",
              "kubeadm-kubelet-config2008265549", ""},
};

const Recording& recording_of(UpgradeCommand command, const std::string& target) {
  const int minor = minor_number(target);
  return *std::find_if(kRecordings.begin(), kRecordings.end(), [&](const Recording& one) {
    return one.command == command && one.since <= minor;
  });
}

// "2026-11-22-21-11-29"
std::string stamp() {
  const auto seconds = static_cast<time_t>(now());
  tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%Y-%m-%d-%H-%M-%S", &utc);
  return text.data();
}

std::vector<std::string> control_planes_behind(const std::string& target) {
  std::vector<std::string> names;
  for (const Peer& peer : cluster_nodes()) {
    if (peer.control_plane && peer.name != host_name() && is_before(peer.version, target)) {
      names.push_back(peer.name);
    }
  }
  return names;
}

// The addons wait for the last control plane.
void add_addons(Replacements& list, const std::string& target) {
  const std::vector<std::string> behind = control_planes_behind(target);
  const std::string skipped = fmt::format(
      "[upgrade/addon] Skipping upgrade of addons because control plane instances [{}] "
      "have not been upgraded",
      join(behind, " "));
  const std::string was_skipped =
      "[upgrade/addon] Skipping upgrade of addons because control plane instances [cp3] have not "
      "been upgraded\n";
  if (!behind.empty()) {
    list.emplace_back("[addons] Applied essential addon: CoreDNS", skipped);
    list.emplace_back("[addons] Applied essential addon: kube-proxy", skipped);
    list.emplace_back(was_skipped, skipped + '\n');
  } else {
    list.emplace_back(was_skipped + was_skipped,
                      "[addons] Applied essential addon: CoreDNS\n"
                      "[addons] Applied essential addon: kube-proxy\n");
  }
}

size_t control_planes() {
  const std::vector<Peer> peers = cluster_nodes();
  const auto count = std::count_if(peers.begin(), peers.end(),
                                   [](const Peer& peer) { return peer.control_plane; });
  return static_cast<size_t>(count);
}

Replacements replacements(const Recording& recording, const UpgradeNames& names) {
  Replacements list = {{recording.target, names.target},
                       {recording.from, names.from},
                       {recording.fresh_manifests, names.fresh_manifests},
                       {recording.old_manifests, names.old_manifests},
                       {recording.old_config, names.old_config},
                       {recording.old_environment, names.old_environment}};
  list.emplace_back(std::string("kubeadm version: ") + recording.target,
                    "kubeadm version: " + names.kubeadm);
  for (const char* count : {"Found 1 Pods", "Found 3 Pods"}) {
    list.emplace_back(count, fmt::format("Found {} Pods", control_planes()));
  }
  add_addons(list, names.target);
  return list;
}

}  // namespace

UpgradeNames new_upgrade_names(const std::string& target, const std::string& from,
                               const std::string& kubeadm) {
  const bool newer = minor_number(target) >= kEnvironmentSaved;
  const std::string moment = stamp();
  constexpr int kDigits = 10;
  return {.target = target,
          .from = from,
          .kubeadm = kubeadm,
          .fresh_manifests = "kubeadm-upgraded-manifests" + random_digits(kDigits),
          .old_manifests = "kubeadm-backup-manifests-" + moment,
          .old_etcd = "kubeadm-backup-etcd-" + moment,
          .old_config = "kubeadm-kubelet-config" + (newer ? '-' + moment : random_digits(kDigits)),
          .old_environment = newer ? "kubeadm-kubelet-env" + random_digits(kDigits) : ""};
}

UpgradeTexts upgrade_texts(UpgradeCommand command, const UpgradeNames& names) {
  const Recording& recording = recording_of(command, names.target);
  const bool newer = recording.since >= kEnvironmentSaved;
  const Replacements list = replacements(recording, names);
  UpgradeTexts texts;
  texts.out = recorded(recording.out, list);
  if (newer) texts.warns_at_checks = recorded("kubeadm/upgrade-checks-1.35.err");
  if (command != UpgradeCommand::NodeOfWorker) {
    texts.warns_at_images = recorded("kubeadm/upgrade-images.err");
  }
  // Recorded with `apply`, and the same with `node`.
  const Recording& apply = recording_of(UpgradeCommand::Apply, names.target);
  texts.warns_at_kubelet = recorded(
      newer ? "kubeadm/upgrade-kubelet-config-1.35.err" : "kubeadm/upgrade-kubelet-config.err",
      {{apply.old_config, names.old_config}, {apply.old_environment, names.old_environment}});
  return texts;
}

}  // namespace drover::sandbox
