#include "orchestrator/ssh_gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "inventory/base/text.h"
#include "plans/observe/node_facts.h"
#include "remote/kube/admin_conf.h"
#include "remote/ssh/ssh_node.h"

namespace drover::orchestrator {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kLeastPatience{500};

Error about(const Host& host, const Error& error) {
  return {.kind = ErrorKind::Unreachable,
          .message = host.name + " (" + host.address + "): " + error.message,
          .remedy = error.remedy.empty() ? "is this host the control plane of a kubeadm cluster?"
                                         : error.remedy,
          .host = host.name};
}

bool out_of_reach(const Error& error) {
  return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
}

Error none_reached(std::vector<Error> causes) {
  if (causes.size() == 1) return std::move(causes.front());
  std::vector<std::string> texts;
  for (const Error& cause : causes) texts.push_back(cause.message);
  return {.kind = ErrorKind::Unreachable,
          .message = "no control plane is reached: " + join(texts, "; "),
          .remedy = causes.front().remedy};
}

}  // namespace

SshGate::SshGate(const Inventory& inventory, TargetOf target_of, remote::Clock& clock)
    : target_of_(std::move(target_of)), clock_(clock) {
  for (const Host& host : inventory.hosts) {
    if (host.has(Role::ControlPlane)) ways_.push_back({&host});
  }
}

SshGate::~SshGate() = default;

Status SshGate::open(std::stop_token stop) {
  constexpr seconds kPatience{60};  // for each; a login has its own deadline besides
  const auto found =
      route({}, clock_.now() + kPatience * static_cast<long>(ways_.size()), std::move(stop));
  return found ? Status() : Status(found.error());
}

SshGate::Way* SshGate::find(const std::string& host) {
  const auto found = std::find_if(ways_.begin(), ways_.end(),
                                  [&](const Way& way) { return way.host->name == host; });
  return found == ways_.end() ? nullptr : &*found;
}

/// Those not tried, the best first. What is avoided counts only where nothing else is.
std::vector<SshGate::Way*> SshGate::order(const std::set<std::string>& tried) {
  std::vector<Way*> found;
  const bool choice =
      std::any_of(ways_.begin(), ways_.end(), [](const Way& way) { return !way.avoided; });
  for (Way& way : ways_) {
    if (tried.contains(way.host->name)) {
      way.failed = ++failures_;
    } else if (!choice || !way.avoided) {
      found.push_back(&way);
    }
  }
  std::stable_sort(found.begin(), found.end(), [this](const Way* a, const Way* b) {
    if (a->failed != b->failed) return a->failed < b->failed;
    return a == current_ && b != current_;
  });
  return found;
}

Result<remote::ApiRoute> SshGate::route(const std::set<std::string>& tried,
                                        remote::Instant deadline, std::stop_token stop) {
  const std::lock_guard lock(mutex_);
  const std::vector<Way*> ways = order(tried);
  if (ways.empty()) {
    return Error{.kind = ErrorKind::Unreachable,
                 .message = "no other control plane may be taken now"};
  }
  std::vector<Error> causes;
  for (size_t i = 0; i < ways.size(); ++i) {
    Way& way = *ways[i];
    remote::SshTarget target = target_of_(*way.host);
    if (ways_.size() > 1) {
      const auto share = (deadline - clock_.now()) / static_cast<long>(ways.size() - i);
      target.connect_timeout =
          std::clamp<milliseconds>(std::chrono::floor<milliseconds>(share), kLeastPatience,
                                   std::max<milliseconds>(target.connect_timeout, kLeastPatience));
    }
    const Status dialled = dial(way, target, stop);
    if (dialled) {
      return remote::ApiRoute{.name = way.host->name,
                              .host = way.host->name,
                              .socket_path = way.tunnel->path(),
                              .settings = settings_};
    }
    if (!out_of_reach(dialled.error())) return dialled.error();
    way.failed = ++failures_;
    causes.push_back(dialled.error());
  }
  return none_reached(std::move(causes));
}

Status SshGate::dial(Way& way, const remote::SshTarget& target, std::stop_token stop) {
  if (way.tunnel && !way.tunnel->lost()) return {};
  if (way.port == 0) DROVER_TRY(read_files(way, target, stop));
  DROVER_TRY_ASSIGN(way.tunnel, remote::Tunnel::open(target, way.port, std::move(stop)));
  return {};
}

Status SshGate::read_files(Way& way, const remote::SshTarget& target, std::stop_token stop) {
  remote::SshNode node(target);
  DROVER_TRY_ASSIGN(CommandResult read, node.read(plans::control_plane_files_command(), stop));
  auto files = plans::parse_control_plane_files(read.out);
  remote::wipe(read.out);
  if (!files) return about(*way.host, files.error());
  auto credentials = remote::parse_admin_conf(files->admin_conf);
  remote::wipe(files->admin_conf);
  if (!credentials) return about(*way.host, credentials.error());
  const int port = remote::secure_port(files->api_server_manifest);
  if (settings_ && settings_->credentials->ca_pem != (*credentials)->ca_pem) {
    return Error{.kind = ErrorKind::Authentication,
                 .message = fmt::format(
                     "{} ({}): its admin.conf has another certificate authority than that "
                     "of {}: they are not of one cluster",
                     way.host->name, way.host->address, settings_from_),
                 .remedy = "see the addresses in the inventory",
                 .host = way.host->name};
  }
  if (!settings_) {
    remote::HttpSettings settings;
    settings.credentials = std::move(*credentials);
    settings.port = port;
    settings.user_agent = "drover/" DROVER_VERSION;
    settings_ = std::make_shared<const remote::HttpSettings>(std::move(settings));
    settings_from_ = way.host->name;
  }
  way.port = port;
  return {};
}

void SshGate::worked(const remote::ApiRoute& route) {
  const std::lock_guard lock(mutex_);
  current_ = find(route.host);
  if (current_ != nullptr) current_->failed = 0;
}

std::string SshGate::trouble(const remote::ApiRoute& route) {
  const std::lock_guard lock(mutex_);
  const Way* way = find(route.host);
  return way != nullptr && way->tunnel ? way->tunnel->last_error() : "";
}

std::string SshGate::remedy(const remote::ApiRoute& route, ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Unreachable:
      return fmt::format(
          "see whether kube-apiserver runs on {} (crictl ps) and whether its sshd allows "
          "AllowTcpForwarding",
          route.host);
    case ErrorKind::Timeout:
      return fmt::format("see how kube-apiserver and etcd are on {} (crictl ps, crictl logs)",
                         route.host);
    case ErrorKind::Authentication:
      return fmt::format(
          "run 'kubeadm certs check-expiration' on {}; 'kubeadm certs renew admin.conf' renews "
          "ours",
          route.host);
    default:
      return {};
  }
}

void SshGate::avoid(const std::string& host) {
  const std::lock_guard lock(mutex_);
  if (Way* way = find(host)) way->avoided = true;
}

void SshGate::allow(const std::string& host) {
  const std::lock_guard lock(mutex_);
  if (Way* way = find(host)) way->avoided = false;
}

}  // namespace drover::orchestrator
