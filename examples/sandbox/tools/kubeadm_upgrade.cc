#include <algorithm>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/kubeadm_checks.h"
#include "examples/sandbox/tools/kubeadm_commands.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "examples/sandbox/tools/upgrade_player.h"
#include "examples/sandbox/tools/upgrade_texts.h"

namespace drover::sandbox {
namespace {

// Up to the line that begins so; the rest stays in `text`.
std::string take_until(std::string& text, const std::string& line_begins) {
  const size_t at = text.find('\n' + line_begins);
  const size_t end = at == std::string::npos ? text.size() : at + 1;
  std::string front = text.substr(0, end);
  text.erase(0, end);
  return front;
}

void warn(const std::string& text) { err(with_klog_of_now(text)); }

// What kubeadm-config says: the newest version to which a control plane was brought, as far as this
// node knows. A kubeadm that is alone with its own goes by its own.
std::string version_for_node(const std::string& kubeadm) {
  std::string newest;
  for (const Peer& peer : cluster_nodes()) {
    const bool other = peer.control_plane && peer.name != host_name();
    if (other && (newest.empty() || is_before(newest, peer.version))) newest = peer.version;
  }
  return newest.empty() ? kubeadm : newest;
}

void end_control_plane(const UpgradePlayer& player, const std::string& target) {
  lasts(kAfterStaticPods);
  player.clear_fresh_manifests();
  upgrade_ended(target);
}

}  // namespace

int upgrade_apply(Call& call, const KubeadmWords& words, const std::string& version) {
  if (words.words.size() != 3 || !words.has("--yes")) call.unknown();
  call.begin(Effect::Changes, health_job_failure());
  const std::string& wanted = words.words[2];
  const std::string target = wanted.starts_with('v') ? wanted : 'v' + wanted;
  check_api();
  const UpgradeNames names = new_upgrade_names(target, cluster_version(), version);
  UpgradeTexts texts = upgrade_texts(UpgradeCommand::Apply, names);
  UpgradePlayer player(call, names);
  player.play(take_until(texts.out, "[upgrade/preflight] You have chosen"));
  warn(texts.warns_at_checks);
  check_health_job(words);
  player.play(take_until(texts.out, "[upgrade/preflight] Pulling images"));
  check_version_policy(words, target, version);
  warn(texts.warns_at_images);
  lasts(kBeforeEtcd - kHealthCheckJob);
  player.play(take_until(texts.out, "[upload-config]"));
  end_control_plane(player, target);
  warn(texts.warns_at_kubelet);
  player.play(texts.out);
  return 0;
}

int upgrade_node(Call& call, const KubeadmWords& words, const std::string& version) {
  if (words.words.size() != 2) call.unknown();
  call.begin(Effect::Changes, connection_refused());
  check_api();
  const bool control_plane = is_control_plane();
  const std::string target = control_plane ? version_for_node(version) : version;
  const UpgradeNames names = new_upgrade_names(target, cluster_version(), version);
  UpgradeTexts texts = upgrade_texts(
      control_plane ? UpgradeCommand::NodeOfControlPlane : UpgradeCommand::NodeOfWorker, names);
  UpgradePlayer player(call, names);
  warn(texts.warns_at_checks);
  if (control_plane) {
    warn(texts.warns_at_images);
    lasts(kBeforeEtcd);
    player.play(take_until(texts.out, "[upgrade/kubeconfig]"));
    end_control_plane(player, target);
  } else {
    player.play(take_until(texts.out, "[upgrade] Backing up"));
    lasts(kUpgradeNodeWorker);
    call.half_way();
  }
  warn(texts.warns_at_kubelet);
  player.play(texts.out);
  return 0;
}

}  // namespace drover::sandbox
