#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/kubeadm_checks.h"
#include "examples/sandbox/tools/kubeadm_commands.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/random_name.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr const char* kTmp = "/etc/kubernetes/tmp/";

// "2026-11-22-21-11-29"
std::string stamp() {
  const auto seconds = static_cast<time_t>(now());
  tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%Y-%m-%d-%H-%M-%S", &utc);
  return text.data();
}

double restart_of(const std::string& component) {
  if (component == "etcd") return kEtcdRestarts;
  return component == "kube-apiserver" ? kApiServerRestarts : kOtherRestarts;
}

bool addons_are_done(const std::string& target) {
  const std::vector<Peer> peers = cluster_nodes();
  return std::none_of(peers.begin(), peers.end(), [&](const Peer& peer) {
    return peer.control_plane && peer.name != host_name() && is_before(peer.version, target);
  });
}

std::string waiting_for(const std::string& target) {
  std::vector<std::string> names;
  for (const Peer& peer : cluster_nodes()) {
    if (peer.control_plane && peer.name != host_name() && is_before(peer.version, target)) {
      names.push_back(peer.name);
    }
  }
  return join(names, " ");
}

/// Plays one recording of `upgrade apply` or `upgrade node`: prints it line by line, and does at
/// each line what kubeadm does there, in the time that it takes.
class Upgrade {
 public:
  Upgrade(Call& call, std::string target) : call_(call), target_(std::move(target)) {}

  /// `text`: with this run's names in it already.
  void play(const std::string& text) {
    for (const std::string& line : split_lines(text)) {
      if (skipped_.empty()) {
        play_line(line);
      } else if (line == component_line(skipped_)) {
        skipped_.clear();
      }
    }
  }

  /// This run's names and versions in place of the recorded ones.
  Replacements changes() const {
    const size_t planes = std::max<size_t>(
        1,
        std::count_if(peers_.begin(), peers_.end(), [](const Peer& p) { return p.control_plane; }));
    Replacements list = {
        {"v1.34.4", target_},
        {"v1.33.13", from_},
        {"kubeadm-upgraded-manifests3530485156", "kubeadm-upgraded-manifests" + manifests_id_},
        {"2026-11-22-21-11-29", stamp_},
        {"kubeadm-kubelet-config664243368", "kubeadm-kubelet-config" + config_id_},
        {"Found 1 Pods", fmt::format("Found {} Pods", planes)}};
    if (!addons_are_done(target_)) {
      const std::string skipping = fmt::format(
          "[upgrade/addon] Skipping upgrade of addons because control plane instances [{}] have "
          "not been "
          "upgraded",
          waiting_for(target_));
      list.emplace_back("[addons] Applied essential addon: CoreDNS", skipping);
      list.emplace_back("[addons] Applied essential addon: kube-proxy", skipping);
    }
    return list;
  }

 private:
  static std::string component_line(const std::string& component) {
    return fmt::format("[upgrade/staticpods] Component \"{}\" upgraded successfully!", component);
  }

  void play_line(const std::string& line) {
    for (const std::string component : kComponents) {
      if (line == fmt::format("[upgrade/staticpods] Preparing for \"{}\" upgrade", component)) {
        return prepare(component, line);
      }
      if (line.find("/etc/kubernetes/manifests/" + component + ".yaml\"") != std::string::npos) {
        return swap(component, line);
      }
    }
    if (line == "[upgrade/etcd] Waiting for etcd to become available" && !etcd_was_swapped_) return;
    out(line + '\n');
    if (line.starts_with("[upgrade] Backing up kubelet config file")) configure_kubelet();
  }

  // etcd is compared by its version, before anything is made ready for it.
  void prepare(const std::string& component, const std::string& line) {
    const std::string have = manifest_version(component);
    if (component == "etcd" && release_of(have).etcd == release_of(target_).etcd) {
      out(
          fmt::format("[upgrade/etcd] Non fatal issue encountered during upgrade: the desired etcd "
                      "version \"{0}\" is "
                      "not newer than the currently installed \"{0}\". Skipping etcd upgrade\n",
                      release_of(target_).etcd));
      skipped_ = component;
      return;
    }
    out(line + '\n');
  }

  void swap(const std::string& component, const std::string& line) {
    if (manifest_version(component) == target_) {
      out(fmt::format(
          "[upgrade/staticpods] Current and new manifests of {} are equal, skipping upgrade\n",
          component));
      skipped_ = component;
      return;
    }
    out(line + '\n');
    if (component == "etcd") copy_etcd();
    swap_manifest(component, target_, fresh_, backup_);
    if (component == "etcd") etcd_was_swapped_ = true;
    if (component == "kube-apiserver") call_.half_way();
    lasts(restart_of(component));
  }

  void copy_etcd() const {
    namespace fs = std::filesystem;
    const fs::path copy = kTmp + ("kubeadm-backup-etcd-" + stamp_) + "/etcd";
    fs::create_directories(copy);
    if (!exists("/var/lib/etcd/member")) return;
    fs::copy("/var/lib/etcd/member", copy / "member",
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }

  void configure_kubelet() const {
    const std::string config = "/var/lib/kubelet/config.yaml";
    if (const auto old = read_file(config)) {
      write_file(kTmp + ("kubeadm-kubelet-config" + config_id_) + "/config.yaml", *old);
    }
    write_file(config, "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n");
    write_file(in_state("kubelet-config"), target_ + '\n');
  }

  Call& call_;
  std::string target_;
  std::string from_ = cluster_version();
  std::vector<Peer> peers_ = cluster_nodes();
  std::string stamp_ = stamp();
  std::string manifests_id_ = random_digits(10);
  std::string config_id_ = random_digits(10);
  std::string fresh_ = kTmp + ("kubeadm-upgraded-manifests" + manifests_id_);
  std::string backup_ = kTmp + ("kubeadm-backup-manifests-" + stamp_);
  std::string skipped_;  ///< the component whose lines are left out, up to its last
  bool etcd_was_swapped_ = false;
};

void clear_fresh_manifests() {
  for (const std::string& name : names_in(kTmp)) {
    if (name.starts_with("kubeadm-upgraded-manifests")) std::filesystem::remove_all(kTmp + name);
  }
}

// Up to the line that begins so; the rest stays in `text`.
std::string take_until(std::string& text, const std::string& line_begins) {
  const size_t at = text.find('\n' + line_begins);
  const size_t end = at == std::string::npos ? text.size() : at + 1;
  const std::string front = text.substr(0, end);
  text.erase(0, end);
  return front;
}

void print_warnings(const char* name, const Replacements& changes) {
  err(with_klog_of_now(recorded(name, changes)));
}

}  // namespace

int upgrade_apply(Call& call, const KubeadmWords& words, const std::string& version) {
  if (words.words.size() != 3 || !words.has("--yes")) call.unknown();
  call.begin(Effect::Changes, health_job_failure());
  const std::string wanted = words.words[2];
  const std::string target = wanted.starts_with('v') ? wanted : 'v' + wanted;
  check_api();
  Upgrade upgrade(call, target);
  Replacements changes = upgrade.changes();
  changes.emplace_back("kubeadm version: v1.34.4", "kubeadm version: " + version);
  std::string text = recorded("kubeadm/upgrade-apply.out", changes);
  out(take_until(text, "[upgrade/preflight] You have chosen"));
  print_warnings("kubeadm/upgrade-checks.err", {});
  check_health_job(words);
  out(take_until(text, "[upgrade/preflight] Pulling images"));
  check_version_policy(words, target, version);
  print_warnings("kubeadm/upgrade-images.err", changes);
  lasts(kBeforeEtcd - kHealthCheckJob);
  upgrade.play(take_until(text, "[upload-config]"));
  lasts(kAfterStaticPods);
  clear_fresh_manifests();
  upgrade_ended(target);
  print_warnings("kubeadm/upgrade-kubelet-config.err", changes);
  upgrade.play(text);
  return 0;
}

int upgrade_node(Call& call, const KubeadmWords& words, const std::string& version) {
  if (words.words.size() != 2) call.unknown();
  call.begin(Effect::Changes, connection_refused());
  check_api();
  Upgrade upgrade(call, version);
  const bool control_plane = is_control_plane();
  const Replacements changes = upgrade.changes();
  std::string text = recorded(
      control_plane ? "kubeadm/upgrade-node-control-plane.out" : "kubeadm/upgrade-node-worker.out",
      changes);
  print_warnings("kubeadm/upgrade-checks.err", {});
  if (control_plane) {
    print_warnings("kubeadm/upgrade-images.err", changes);
    lasts(kBeforeEtcd);
    upgrade.play(take_until(text, "[upgrade/kubeconfig]"));
    lasts(kAfterStaticPods);
    clear_fresh_manifests();
    upgrade_ended(version);
  } else {
    out(take_until(text, "[upgrade] Backing up"));
    lasts(kUpgradeNodeWorker);
    call.half_way();
  }
  print_warnings("kubeadm/upgrade-kubelet-config.err", changes);
  upgrade.play(text);
  return 0;
}

}  // namespace drover::sandbox
