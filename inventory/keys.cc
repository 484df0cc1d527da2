#include "inventory/keys.h"

namespace drover {

const std::vector<KeySet>& inventory_keys() {
  static const std::vector<KeySet> kKeys = {
      {"", {"apiVersion", "kind", "cluster", "ssh", "sudo", "api", "hosts", "groups"}, {}},
      {"ssh",
       {"user", "port", "identity_file", "certificate_file", "passphrase", "agent", "password",
        "known_hosts", "host_keys", "connect_timeout"},
       {"jump"}},
      {"ssh.passphrase", {"env", "file", "command", "prompt"}, {}},
      {"ssh.password", {"env", "file", "command", "prompt"}, {}},
      {"sudo", {"method", "password"}, {}},
      {"sudo.password", {"env", "file", "command", "prompt"}, {}},
      {"api", {"via", "kubeconfig", "context"}, {}},
      {"hosts.*",
       {"address", "roles", "node", "ssh", "user", "port", "identity_file", "certificate_file",
        "passphrase", "agent", "password", "known_hosts", "host_keys", "connect_timeout", "domain"},
       {"vars", "jump"}},
      {"groups.*", {"hosts", "max_unavailable"}, {}},
      {"hosts.*.passphrase", {"env", "file", "command", "prompt"}, {}},
      {"hosts.*.password", {"env", "file", "command", "prompt"}, {}},
      {"hosts.*.ssh",
       {"user", "port", "identity_file", "certificate_file", "passphrase", "agent", "password",
        "known_hosts", "host_keys", "connect_timeout"},
       {"jump"}},
      {"hosts.*.ssh.passphrase", {"env", "file", "command", "prompt"}, {}},
      {"hosts.*.ssh.password", {"env", "file", "command", "prompt"}, {}},
  };
  return kKeys;
}

const std::vector<KeySet>& upgrade_plan_keys() {
  static const std::vector<KeySet> kKeys = {
      {"",
       {"apiVersion", "kind", "inventory", "target", "workers", "drain", "health", "etcd", "os",
        "prestage", "preflight", "pause", "window", "failure"},
       {"via", "control_plane", "packages", "kubeadm", "hooks", "addons", "notify"}},
      {"workers",
       {"max_unavailable", "canary", "ramp", "per_domain", "order", "on_blocked", "exclude"},
       {"every_hop"}},
      {"pause", {"after_canary", "after_control_plane", "between_nodes"}, {}},
      {"window", {"days", "start", "end", "timezone"}, {}},
      {"failure", {"max_failed_nodes"}, {}},
      {"drain",
       {"timeout", "grace_period", "ignore_daemonsets", "delete_emptydir_data", "force",
        "keep_serving", "disable_eviction", "skip"},
       {}},
      {"health",
       {"settle", "interval", "consecutive", "timeout", "workloads", "webhooks", "prometheus",
        "commands"},
       {}},
      {"health.prometheus", {"url", "block_on", "token"}, {}},
      {"health.prometheus.token", {"env", "file", "command", "prompt"}, {}},
      {"health.commands", {"name", "run", "script", "on", "timeout"}, {}},
      {"etcd", {"snapshot", "keep", "directory"}, {"copy_to", "verify"}},
      {"os", {"upgrade", "reboot"}, {}},
      {"prestage", {"enabled"}, {"parallel"}},
      {"preflight", {"ignore"}, {"on_warning"}},
  };
  return kKeys;
}

}  // namespace drover
