#include "inventory/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inventory/base/text.h"
#include "inventory/yaml_field.h"

namespace drover {
namespace {

// Who knows a machine as the cluster does may write its node name.
std::optional<std::string> nearest_host(const std::string& name, const Inventory& inventory,
                                        bool only_workers) {
  if (const Host* host = inventory.find_node(name)) return host->name;
  std::vector<std::string> names;
  for (const Host& host : inventory.hosts) {
    if (!only_workers || !host.has(Role::ControlPlane)) names.push_back(host.name);
  }
  return nearest(name, names);
}

}  // namespace

Diagnostics check_named_hosts(const UpgradePlan& plan, const Inventory& inventory) {
  Diagnostics problems;
  const auto refuse = [&](std::string_view key, const NamedHost& named, const std::string& problem,
                          std::string remedy) {
    problems.push_back({plan.file, named.line, named.column, fmt::format("{}: {}", key, problem),
                        std::move(remedy)});
  };
  const auto find = [&](std::string_view key, const NamedHost& named, bool only_workers) {
    const Host* host = inventory.find(named.name);
    if (host != nullptr) return host;
    const auto near = nearest_host(named.name, inventory, only_workers);
    refuse(key, named, fmt::format("{} has no host {}", inventory.file, shown(named.name)),
           near ? fmt::format("did you mean \"{}\"?", *near)
                : "write the names of hosts as the inventory has them");
    return host;
  };
  for (const NamedHost& named : plan.excluded) {
    const Host* host = find("workers.exclude", named, true);
    if (host == nullptr || !host->has(Role::ControlPlane)) continue;
    refuse("workers.exclude", named, fmt::format("{} is a control plane", named.name),
           "only workers can be left out");
  }
  for (const NamedHost& named : plan.drain.disable_eviction) {
    find("drain.disable_eviction", named, false);
  }
  return problems;
}

Status check_limit(const UpgradePlan& plan, const Inventory& inventory) {
  std::vector<std::string> problems;
  for (const std::string& name : plan.limit) {
    const Host* host = inventory.find(name);
    if (host == nullptr) {
      const auto near = nearest_host(name, inventory, false);
      problems.push_back(fmt::format("{} has no host {}{}", inventory.file, shown(name),
                                     near ? fmt::format(" (did you mean \"{}\"?)", *near) : ""));
    } else if (plan.excludes(*host)) {
      problems.push_back(fmt::format("{} is left out by workers.exclude in {}", name, plan.file));
    }
  }
  if (problems.empty()) return {};
  return Error{.kind = ErrorKind::Usage,
               .message = "--limit: " + join(problems, "; "),
               .remedy = "name hosts of the inventory, with commas between them"};
}

std::vector<const Host*> hosts_to_see(const UpgradePlan& plan, const Inventory& inventory) {
  std::vector<const Host*> hosts;
  bool led = false;
  for (const Host& host : inventory.hosts) {
    const bool leads = !led && host.has(Role::ControlPlane);
    led = led || leads;
    if (leads || plan.takes(host)) hosts.push_back(&host);
  }
  return hosts;
}

}  // namespace drover
