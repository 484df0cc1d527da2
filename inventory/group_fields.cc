#include "inventory/group_fields.h"

#include <fmt/format.h>

#include <set>

#include "inventory/base/text.h"
#include "inventory/host_fields.h"

namespace drover {
namespace {

void read_members(const YamlField& field, const Inventory& inventory, Group& group) {
  field.require("list the hosts of the group, by their names above");
  std::set<std::string> seen;
  const auto items = field.items();
  for (const YamlField& item : items) {
    const auto name = item.text();
    if (!name) continue;
    if (!seen.insert(*name).second) {
      item.refuse(fmt::format("{} stands in the list twice", shown(*name)), "leave one out");
    } else if (inventory.find(*name) == nullptr) {
      std::vector<std::string> names;
      for (const Host& host : inventory.hosts) names.push_back(host.name);
      const auto near = nearest(*name, names);
      item.refuse(fmt::format("there is no host {}", shown(*name)),
                  near ? fmt::format("did you mean \"{}\"?", *near)
                       : "write the names of hosts as they stand under \"hosts\"");
    } else {
      group.hosts.push_back(*name);
    }
  }
  if (items.empty() && field.is_list())
    field.refuse("no host", "list some, or leave the group out");
}

}  // namespace

void read_groups(const YamlField& field, Inventory& inventory) {
  for (const YamlField& each : field.fields()) {
    Group group;
    group.name = each.key();
    check_name(each, group.name);
    each.check_keys("groups.*");
    if (!each.is_map()) continue;
    read_members(each["hosts"], inventory, group);
    group.max_unavailable = read_share(each["max_unavailable"]);
    inventory.groups.push_back(std::move(group));
  }
}

}  // namespace drover
