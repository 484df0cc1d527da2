#include "examples/sandbox/tools/kubeadm_checks.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <vector>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/random_name.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/releases.h"
#include "examples/sandbox/tools/static_pods.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr const char* kHint = "To see the stack trace of this error execute with --v=5 or higher\n";
constexpr const char* kAdmin = "/etc/kubernetes/admin.conf";
constexpr const char* kKubelet = "/etc/kubernetes/kubelet.conf";

// "127.0.0.1:6443"; "" when there is none.
std::string server_of(const std::string& kubeconfig) {
  const std::string front = "server: https://";
  for (const std::string& line : read_lines(kubeconfig)) {
    const std::string_view text = trim(line);
    if (text.starts_with(front)) return std::string(text.substr(front.size()));
  }
  return "";
}

bool listens(const std::string& server) {
  const size_t colon = server.rfind(':');
  sockaddr_in address{};
  address.sin_family = AF_INET;
  if (colon == std::string::npos) return true;
  if (inet_pton(AF_INET, server.substr(0, colon).c_str(), &address.sin_addr) != 1) return true;
  address.sin_port = htons(static_cast<uint16_t>(std::atoi(server.c_str() + colon + 1)));
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool refused =
      connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno == ECONNREFUSED;
  close(connection);
  return !refused;
}

std::string refused_by(const std::string& server) {
  return fmt::format(
      "error: failed to get config map: Get \"https://{0}/api/v1/namespaces/kube-system/configmaps/"
      "kubeadm-config?timeout=10s\": dial tcp {0}: connect: connection refused\n{1}",
      server, kHint);
}

[[noreturn]] void invalid_version(const std::vector<std::string>& errors, bool fatal) {
  std::string text = fmt::format(
      "error: error execution phase preflight: the version argument is invalid due to "
      "these {}errors:\n\n",
      fatal ? "fatal " : "");
  for (const std::string& error : errors) text += fmt::format("\t- {}\n", error);
  text += fatal ? "\nPlease fix the misalignments highlighted above and try upgrading again\n"
                : "\nCan be bypassed if you pass the --force flag\n";
  err(text + kHint);
  throw Exit{1};
}

std::vector<std::string> fatal_errors(const std::string& target, const std::string& kubeadm) {
  const int now = minor_number(cluster_version());
  const int wanted = minor_number(target);
  const int own = minor_number(kubeadm);
  std::vector<std::string> errors;
  if (wanted > now + 1) {
    errors.push_back(fmt::format(
        "Specified version to upgrade to \"{}\" is too high; kubeadm can upgrade only 1 "
        "minor version at a time",
        target));
  }
  if (wanted < now - 1) {
    errors.push_back(fmt::format(
        "Specified version to downgrade to \"{}\" is too low; kubeadm can downgrade only "
        "1 minor version at a time",
        target));
  }
  if (wanted > own) {
    errors.push_back(fmt::format(
        "Specified version to upgrade to \"{}\" is at least one minor release higher than "
        "the kubeadm minor release ({} > {}). Such an upgrade is not supported",
        target, wanted, own));
  }
  return errors;
}

// Those that --force passes over.
std::vector<std::string> skippable_errors(const std::string& target, const std::string& kubeadm) {
  constexpr int kOldestKubelet = 3;  // minors behind, from kubeadm 1.29 on
  std::vector<std::string> errors;
  if (is_before(kubeadm, target) && minor_number(target) == minor_number(kubeadm)) {
    errors.push_back(fmt::format(
        "Specified version to upgrade to \"{}\" is higher than the kubeadm version \"{}\". "
        "Upgrade kubeadm first using the tool you used to install kubeadm",
        target, kubeadm));
  }
  if (minor_number(kubeadm) > minor_number(target)) {
    errors.push_back(
        fmt::format("Kubeadm version {} can only be used to upgrade to Kubernetes version 1.{}",
                    kubeadm, minor_number(kubeadm)));
  }
  std::string old;
  for (const Peer& peer : cluster_nodes()) {
    const bool behind = minor_number(target) > minor_number(peer.kubelet) + kOldestKubelet;
    if (behind && old.find(peer.kubelet) == std::string::npos) {
      old += (old.empty() ? "" : " ") + peer.kubelet;
    }
  }
  if (!old.empty()) {
    errors.push_back(fmt::format(
        "There are kubelets in this cluster that are too old that have these versions [{}]", old));
  }
  return errors;
}

}  // namespace

void check_api() {
  const bool control_plane = is_control_plane();
  if (control_plane && !exists(kAdmin)) {
    err(
        fmt::format("error: couldn't create a Kubernetes client from file \"{0}\": failed to load "
                    "admin kubeconfig: "
                    "open {0}: no such file or directory\n{1}",
                    kAdmin, kHint));
    throw Exit{1};
  }
  const std::string server = server_of(control_plane ? kAdmin : kKubelet);
  if (server.empty() || listens(server)) return;
  err(refused_by(server));
  throw Exit{1};
}

bool api_answers() {
  const std::string server = server_of(is_control_plane() ? kAdmin : kKubelet);
  return server.empty() || listens(server);
}

std::string connection_refused() {
  const std::string server = server_of(is_control_plane() ? kAdmin : kKubelet);
  return refused_by(server.empty() ? "127.0.0.1:6443" : server);
}

std::string health_job_failure() {
  return recorded("kubeadm/create-job.err", {{"lzq5v", random_letters(5)}});
}

void check_health_job(const KubeadmWords& words) {
  if (words.ignores("CreateJob")) return;
  if (now() < unsettled_until()) {
    lasts(kHealthCheckGivenUp);
    err(health_job_failure());
    throw Exit{1};
  }
  lasts(kHealthCheckJob);
}

void check_version_policy(const KubeadmWords& words, const std::string& target,
                          const std::string& kubeadm) {
  const std::vector<std::string> fatal = fatal_errors(target, kubeadm);
  if (!fatal.empty()) invalid_version(fatal, true);
  const std::vector<std::string> skippable = skippable_errors(target, kubeadm);
  if (!skippable.empty() && !words.has("--force")) invalid_version(skippable, false);
}

}  // namespace drover::sandbox
