#include "examples/sandbox/tools/upgrade_player.h"

#include <fmt/format.h>

#include <filesystem>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

namespace fs = std::filesystem;

std::string in_tmp(const std::string& name) { return "/etc/kubernetes/tmp/" + name; }

double restart_of(const std::string& component) {
  if (component == "etcd") return kEtcdRestarts;
  return component == "kube-apiserver" ? kApiServerRestarts : kOtherRestarts;
}

std::string last_line_of(const std::string& component) {
  return fmt::format("[upgrade/staticpods] Component \"{}\" upgraded successfully!", component);
}

bool swaps(const std::string& line, const std::string& component) {
  return line.starts_with("[upgrade/staticpods] Moving new manifest to") &&
         line.find("/etc/kubernetes/manifests/" + component + ".yaml\"") != std::string::npos;
}

}  // namespace

void UpgradePlayer::play(const std::string& text) {
  for (const std::string& line : split_lines(text)) {
    if (skipped_.empty()) {
      play_line(line);
    } else if (line == last_line_of(skipped_)) {
      skipped_.clear();
    }
  }
}

void UpgradePlayer::clear_fresh_manifests() const {
  fs::remove_all(in_tmp(names_.fresh_manifests));
}

void UpgradePlayer::play_line(const std::string& line) {
  for (const std::string component : kComponents) {
    if (line == fmt::format("[upgrade/staticpods] Preparing for \"{}\" upgrade", component)) {
      return prepare(component, line);
    }
    if (swaps(line, component)) return swap(component, line);
  }
  if (line == "[upgrade/etcd] Waiting for etcd to become available" && !etcd_was_swapped_) return;
  out(line + '\n');
  if (line.starts_with("[upgrade] Backing up kubelet config file")) configure_kubelet();
}

// etcd is compared by its version, before anything is made ready for it.
void UpgradePlayer::prepare(const std::string& component, const std::string& line) {
  const std::string& wanted = release_of(names_.target).etcd;
  if (component != "etcd" || release_of(manifest_version(component)).etcd != wanted) {
    return out(line + '\n');
  }
  out(fmt::format(
      "[upgrade/etcd] Non fatal issue encountered during upgrade: the desired etcd version "
      "\"{0}\" is not newer than the currently installed \"{0}\". Skipping etcd upgrade\n",
      wanted));
  skipped_ = component;
}

void UpgradePlayer::swap(const std::string& component, const std::string& line) {
  if (manifest_version(component) == names_.target) {
    out(fmt::format(
        "[upgrade/staticpods] Current and new manifests of {} are equal, skipping upgrade\n",
        component));
    skipped_ = component;
    return;
  }
  out(line + '\n');
  if (component == "etcd") copy_etcd();
  swap_manifest(component, names_.target, in_tmp(names_.fresh_manifests),
                in_tmp(names_.old_manifests));
  if (component == "etcd") etcd_was_swapped_ = true;
  if (component == "kube-apiserver") call_.half_way();
  lasts(restart_of(component));
}

void UpgradePlayer::copy_etcd() const {
  const fs::path copy = in_tmp(names_.old_etcd) + "/etcd";
  fs::create_directories(copy);
  if (!exists("/var/lib/etcd/member")) return;
  fs::copy("/var/lib/etcd/member", copy / "member",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

void UpgradePlayer::configure_kubelet() const {
  const std::string config = "/var/lib/kubelet/config.yaml";
  const auto old = read_file(config);
  write_file(in_tmp(names_.old_config) + "/config.yaml", old.value_or(""));
  write_file(config, "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n");
  write_file(in_state("kubelet-config"), names_.target + '\n');
}

}  // namespace drover::sandbox
