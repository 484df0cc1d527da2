#include "inventory/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "inventory/api_fields.h"
#include "inventory/base/digest.h"
#include "inventory/group_fields.h"
#include "inventory/host_fields.h"
#include "inventory/ssh_fields.h"
#include "inventory/sudo_fields.h"
#include "inventory/yaml_field.h"

namespace drover {
namespace {

// What is told apart by a value that only one host may have.
class Unique {
 public:
  explicit Unique(std::string_view what) : what_(what) {}

  void claim(const std::string& value, const Host& host, const YamlField& field) {
    const auto [first, fresh] = owners_.emplace(value, host.name);
    if (fresh) return;
    field.refuse(
        fmt::format("the same {} as host {}: {}", what_, shown(first->second), shown(value)),
        "list each machine once");
  }

 private:
  std::string_view what_;
  std::map<std::string, std::string> owners_;
};

std::string endpoint(const Host& host) {
  std::string text = fmt::format("{} port {}", host.address, host.ssh.port);
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

void read_hosts(const YamlField& field, const SshSettings& defaults, const Folders& folders,
                Inventory& inventory) {
  field.require("list the machines of the cluster: hosts: {NAME: {address: ..., roles: [...]}}");
  Unique endpoints("address and port");
  Unique nodes("node name");
  bool control_plane = false;
  for (const YamlField& each : field.fields()) {
    Host host = read_host(each, defaults, folders);
    if (!host.address.empty()) endpoints.claim(endpoint(host), host, each);
    nodes.claim(host.node, host, each);
    control_plane = control_plane || host.has(Role::ControlPlane);
    inventory.hosts.push_back(std::move(host));
  }
  if (field.is_map() && !control_plane) {
    field.refuse("no host with the role control-plane", "list the cluster's control plane");
  }
}

void read_cluster(const YamlField& field, Inventory& inventory) {
  field.require("write the name under which state and reports of this cluster are kept");
  const auto text = field.text();
  if (!text) return;
  if (check_name(field, *text)) inventory.cluster = *text;
}

}  // namespace

bool uses_sudo(SudoMethod method, std::string_view user) {
  return method == SudoMethod::Sudo || (method == SudoMethod::Auto && user != "root");
}

bool Host::has(Role role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

const Host* Inventory::find(std::string_view name) const {
  const auto found =
      std::find_if(hosts.begin(), hosts.end(), [&](const Host& host) { return host.name == name; });
  return found == hosts.end() ? nullptr : &*found;
}

const Host* Inventory::find_node(std::string_view node) const {
  const auto found =
      std::find_if(hosts.begin(), hosts.end(), [&](const Host& host) { return host.node == node; });
  return found == hosts.end() ? nullptr : &*found;
}

Read<Inventory> read_inventory(std::string_view text, const std::string& file,
                               const std::string& home, const std::string& user) {
  YamlReport report{file, &inventory_keys(), {}};
  const auto root = read_yaml(text, file, report.diagnostics);
  if (!root) return report.take();
  const YamlField top(*root, report);
  top.check_keys("");
  check_header(top, "Inventory");
  Inventory inventory;
  inventory.file = file;
  inventory.sha256 = sha256_hex(text);
  read_cluster(top["cluster"], inventory);
  SshSettings defaults = built_in_ssh(home, user);
  top["ssh"].check_keys("ssh");
  const Folders folders{home, std::filesystem::path(file).parent_path().string()};
  read_ssh(top["ssh"], "ssh", folders, defaults);
  read_sudo(top["sudo"], folders, inventory.sudo);
  read_api(top["api"], folders, inventory.api);
  read_hosts(top["hosts"], defaults, folders, inventory);
  read_groups(top["groups"], inventory);
  if (!report.diagnostics.empty()) return report.take();
  return inventory;
}

}  // namespace drover
