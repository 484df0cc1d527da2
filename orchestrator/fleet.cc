#include "orchestrator/fleet.h"

#include <algorithm>

#include "inventory/base/text.h"
#include "orchestrator/console.h"
#include "plans/observe/node_facts.h"
#include "remote/kube/admin_conf.h"
#include "remote/ssh/tunnel.h"

namespace drover::orchestrator {
namespace {

remote::SshTarget target_of(const Host& host, SudoMethod sudo) {
  return {.host = host.name,
          .address = host.address,
          .port = host.ssh.port,
          .user = host.ssh.user,
          .identity_files = host.ssh.identity_files,
          .certificate_files = host.ssh.certificate_files,
          .agent = host.ssh.agent,
          .known_hosts_files = host.ssh.known_hosts_files,
          .host_keys = host.ssh.host_keys,
          .connect_timeout = host.ssh.connect_timeout,
          .sudo = sudo,
          .warn = warn};
}

/// Nobody is to log in unchecked without being told, each time.
void warn_of_unchecked(const Inventory& inventory) {
  std::vector<std::string> names;
  for (const Host& host : inventory.hosts) {
    if (host.ssh.host_keys == HostKeyCheck::Off) names.push_back(host.name);
  }
  if (names.empty()) return;
  warn("host keys are not checked (ssh.host_keys: off), so that these may be any machines: " +
       join(names, ", "));
}

const Host& first_control_plane(const Inventory& inventory) {
  return *std::find_if(inventory.hosts.begin(), inventory.hosts.end(),
                       [](const Host& host) { return host.has(Role::ControlPlane); });
}

}  // namespace

/// The shared way to the API: one tunnel, dialled again by whoever finds it lost.
class Fleet::ApiGate final : public remote::ChannelSource {
 public:
  ApiGate(const Host& host, remote::SshTarget target) : host_(host), target_(std::move(target)) {}

  Status open(std::stop_token stop) {
    remote::SshNode node(target_);
    DROVER_TRY_ASSIGN(const CommandResult read,
                      node.read(plans::control_plane_files_command(), stop));
    auto files = plans::parse_control_plane_files(read.out);
    if (!files) return unreadable(files.error());
    auto credentials = remote::parse_admin_conf(files->admin_conf);
    remote::wipe(files->admin_conf);
    if (!credentials) return unreadable(credentials.error());
    settings_ = {.credentials = std::move(*credentials),
                 .port = remote::secure_port(files->api_server_manifest),
                 .user_agent = "drover/" DROVER_VERSION};
    const auto path = socket_path(stop);
    return path ? Status() : Status(path.error());
  }

  std::unique_ptr<remote::KubeApi> client() {
    return std::make_unique<remote::KubeApi>(host_.name, remote::HttpChannel(settings_), *this,
                                             clock_);
  }

  Result<std::string> socket_path(std::stop_token stop) override {
    const std::lock_guard lock(mutex_);
    if (!tunnel_ || tunnel_->lost()) {
      DROVER_TRY_ASSIGN(tunnel_, remote::Tunnel::open(target_, settings_.port, stop));
    }
    return tunnel_->path();
  }

  std::string trouble() override {
    const std::lock_guard lock(mutex_);
    return tunnel_ ? tunnel_->last_error() : "";
  }

 private:
  Error unreadable(const Error& error) const {
    return {.kind = ErrorKind::Unreachable,
            .message = host_.name + " (" + host_.address + "): " + error.message,
            .remedy = error.remedy.empty() ? "is this host the control plane of a kubeadm cluster?"
                                           : error.remedy,
            .host = host_.name};
  }

  const Host& host_;
  const remote::SshTarget target_;
  remote::SystemClock clock_;
  remote::HttpSettings settings_;
  std::mutex mutex_;
  std::unique_ptr<remote::Tunnel> tunnel_;
};

Fleet::Fleet(const Inventory& inventory, std::stop_token stop)
    : inventory_(inventory), credentials_(inventory, std::move(stop)) {
  warn_of_unchecked(inventory);
}

Fleet::~Fleet() = default;

Status Fleet::credentials() const { return credentials_.status(); }

remote::SshTarget Fleet::target(const Host& host) const {
  remote::SshTarget target = target_of(host, inventory_.sudo.method);
  target.known_hosts = known_hosts_;
  credentials_.give(host, target);
  return target;
}

std::shared_ptr<remote::SshNode> Fleet::node(const std::string& host) {
  const std::lock_guard lock(mutex_);
  auto& node = nodes_[host];
  if (!node) node = std::make_shared<remote::SshNode>(target(*inventory_.find(host)));
  return node;
}

Status Fleet::open_api(std::stop_token stop) {
  if (gate_) return {};
  const Host& host = first_control_plane(inventory_);
  auto gate = std::make_shared<ApiGate>(host, target(host));
  DROVER_TRY(gate->open(stop));
  gate_ = std::move(gate);
  return {};
}

std::unique_ptr<remote::KubeApi> Fleet::api() { return gate_->client(); }

}  // namespace drover::orchestrator
