#include "inventory/keys.h"

namespace drover {

const std::vector<KeySet>& inventory_keys() {
  static const std::vector<KeySet> kKeys = {
      {"", {"apiVersion", "kind", "cluster", "ssh", "sudo", "hosts"}, {"api", "groups"}},
      {"ssh",
       {"user", "port", "identity_file", "known_hosts", "connect_timeout"},
       {"certificate_file", "agent", "host_keys", "jump"}},
      {"sudo", {"method", "password"}, {}},
      {"sudo.password", {"env", "file"}, {"command", "prompt"}},
      {"hosts.*",
       {"address", "roles", "node", "ssh", "user", "port", "identity_file", "known_hosts",
        "connect_timeout"},
       {"domain", "vars", "certificate_file", "agent", "host_keys", "jump"}},
      {"hosts.*.ssh",
       {"user", "port", "identity_file", "known_hosts", "connect_timeout"},
       {"certificate_file", "agent", "host_keys", "jump"}},
  };
  return kKeys;
}

const std::vector<KeySet>& upgrade_plan_keys() {
  static const std::vector<KeySet> kKeys = {
      {"",
       {"apiVersion", "kind", "inventory", "target", "workers", "drain", "health", "etcd", "os",
        "prestage", "preflight"},
       {"via", "control_plane", "packages", "kubeadm", "hooks", "pause", "window", "failure",
        "addons", "notify"}},
      {"workers",
       {"max_unavailable", "exclude"},
       {"canary", "ramp", "per_domain", "order", "every_hop", "on_blocked"}},
      {"drain",
       {"timeout", "grace_period", "ignore_daemonsets", "delete_emptydir_data", "force"},
       {"keep_serving", "disable_eviction", "skip"}},
      {"health",
       {"settle", "interval", "consecutive", "timeout"},
       {"workloads", "webhooks", "prometheus", "commands"}},
      {"etcd", {"snapshot", "keep", "directory"}, {"copy_to", "verify"}},
      {"os", {"upgrade", "reboot"}, {}},
      {"prestage", {"enabled"}, {"parallel"}},
      {"preflight", {"ignore"}, {"on_warning"}},
  };
  return kKeys;
}

}  // namespace drover
