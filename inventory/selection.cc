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

Diagnostics check_excluded(const UpgradePlan& plan, const Inventory& inventory) {
  Diagnostics problems;
  const auto refuse = [&](const NamedHost& named, const std::string& problem, std::string remedy) {
    problems.push_back(
        {plan.file, named.line, named.column, "workers.exclude: " + problem, std::move(remedy)});
  };
  for (const NamedHost& named : plan.excluded) {
    const Host* host = inventory.find(named.name);
    if (host == nullptr) {
      const auto near = nearest_host(named.name, inventory, true);
      refuse(named, fmt::format("{} has no host {}", inventory.file, shown(named.name)),
             near ? fmt::format("did you mean \"{}\"?", *near)
                  : "write the names of hosts as the inventory has them");
    } else if (host->has(Role::ControlPlane)) {
      refuse(named, fmt::format("{} is a control plane", named.name),
             "only workers can be left out");
    }
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
