#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/checks/check.h"

/// Which hosts the plan takes, and whether those are enough.
namespace drover::plans {
namespace {

std::string kubelet_of(const CheckInput& input, const Host& host) {
  const Node* node = input.facts.find_node(host.node);
  return node == nullptr ? "not in the cluster" : "kubelet " + sanitise(node->kubelet_version, 40);
}

}  // namespace

std::vector<Verdict> check_excluded(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Host& host : input.inventory.hosts) {
    if (!input.file.excludes(host)) continue;
    verdicts.push_back({.severity = Severity::Info,
                        .subject = host.name,
                        .message = fmt::format("{} ({}) is left out by workers.exclude", host.name,
                                               kubelet_of(input, host))});
  }
  return verdicts;
}

std::vector<Verdict> check_limit(const CheckInput& input) {
  if (input.file.limit.empty()) return {};
  std::vector<std::string> beyond;
  const Host* leader = nullptr;
  for (const Host& host : input.inventory.hosts) {
    if (leader == nullptr && host.has(Role::ControlPlane)) leader = &host;
    if (input.file.takes(host) || input.file.excludes(host)) continue;
    beyond.push_back(fmt::format("{} ({})", host.name, kubelet_of(input, host)));
  }
  std::vector<Verdict> verdicts;
  if (leader != nullptr && !input.file.takes(*leader) && input.control_plane_behind) {
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = leader->name,
         .message = fmt::format("no worker goes to {} before the control plane, which is at {}, "
                                "and --limit leaves {} out",
                                input.target ? input.target->str() : input.file.target.str(),
                                input.from.str(), leader->name),
         .remedy = fmt::format("include {0} first: --limit {0}", leader->name)});
  }
  if (!beyond.empty()) {
    verdicts.push_back({.severity = Severity::Info,
                        .subject = "cluster",
                        .message = "--limit leaves out " + join(beyond, ", ")});
  }
  return verdicts;
}

}  // namespace drover::plans
