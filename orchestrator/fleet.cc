#include "orchestrator/fleet.h"

#include "inventory/base/text.h"
#include "orchestrator/console.h"
#include "remote/local_programs.h"
#include "remote/ssh/ssh_node.h"

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

}  // namespace

struct Fleet::Shell {
  Shell(remote::SshTarget target, const remote::Redaction& redaction)
      : ssh(std::move(target)), shown(ssh, ssh, redaction), files(ssh, redaction) {}
  remote::SshNode ssh;
  remote::RedactedNode shown;
  remote::RedactedFiles files;
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

std::shared_ptr<Fleet::Shell> Fleet::shell(const std::string& host) {
  const std::lock_guard lock(mutex_);
  auto& shell = nodes_[host];
  if (!shell) {
    shell = std::make_shared<Shell>(target(*inventory_.find(host)), credentials_.redaction());
  }
  return shell;
}

std::shared_ptr<remote::RedactedNode> Fleet::node(const std::string& host) {
  auto own = shell(host);
  auto* shown = &own->shown;
  return {std::move(own), shown};
}

std::shared_ptr<remote::NodeFiles> Fleet::files(const std::string& host) {
  auto own = shell(host);
  auto* files = &own->files;
  return {std::move(own), files};
}

Result<std::unique_ptr<ApiGate>> Fleet::new_gate() {
  return make_gate(
      inventory_, [this](const Host& host) { return target(host); }, clock_);
}

Status Fleet::prepare_api() {
  if (gate_) return {};
  DROVER_TRY_ASSIGN(gate_, new_gate());
  return {};
}

Status Fleet::prepare_api_anew() {
  gate_.reset();
  return prepare_api();
}

Status Fleet::prepare_api_beside(const std::vector<std::string>& hosts) {
  DROVER_TRY(prepare_api());
  for (const std::string& host : hosts) gate_->avoid(host);
  return {};
}

Status Fleet::open_api(std::stop_token stop) {
  if (gate_) return {};
  DROVER_TRY_ASSIGN(std::unique_ptr<ApiGate> gate, new_gate());
  if (const Status opened = gate->open(stop); !opened) {
    return credentials_.redaction().apply(opened.error());
  }
  gate_ = std::move(gate);
  return {};
}

std::unique_ptr<remote::KubeApi> Fleet::api() {
  return std::make_unique<remote::KubeApi>(*gate_, clock_);
}

void Fleet::add_token(const std::string& place, std::string token) {
  token_redaction_.add(token);
  tokens_[place] = std::make_shared<const remote::Secret>(std::move(token));
}

std::unique_ptr<remote::WebReader> Fleet::web() const {
  return std::make_unique<remote::WebClient>(tokens_, "drover/" DROVER_VERSION);
}

std::unique_ptr<remote::ProgramReader> Fleet::programs() const {
  return std::make_unique<remote::LocalPrograms>(
      std::vector<const remote::Redaction*>{&credentials_.redaction(), &token_redaction_});
}

}  // namespace drover::orchestrator
