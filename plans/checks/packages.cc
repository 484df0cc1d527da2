#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/packages/package_manager.h"

/// Whether each node can get the target's packages (design 1.5).
namespace drover::plans {
namespace {

template <class Judge>
std::vector<Verdict> each_host(const CheckInput& input, Judge judge) {
  std::vector<Verdict> verdicts;
  for (const Host& host : input.inventory.hosts) {
    if (!input.file.takes(host)) continue;
    const auto facts = input.facts.hosts.find(host.name);
    if (facts != input.facts.hosts.end()) judge(host, facts->second, verdicts);
  }
  return verdicts;
}

bool managed(const NodeFacts& facts) {
  return find_package_manager(facts.package_manager) != nullptr;
}

bool offers(const std::vector<std::string>& revisions, const KubeVersion& version) {
  return std::any_of(revisions.begin(), revisions.end(), [&](const std::string& revision) {
    const auto offered = version_of_revision(revision);
    return offered && *offered == version;
  });
}

}  // namespace

std::vector<Verdict> check_package_manager(const CheckInput& input) {
  return each_host(input, [](const Host& host, const NodeFacts& facts, auto& verdicts) {
    if (managed(facts)) return;
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = host.name,
         .message =
             facts.package_manager.empty()
                 ? fmt::format("no package owns the kubelet of {} ({})", host.name, host.address)
                 : fmt::format("the kubelet of {} ({}) belongs to {}, which is not supported yet",
                               host.name, host.address, facts.package_manager),
         .remedy = "this version upgrades nodes whose kubelet is a Debian package"});
  });
}

std::vector<Verdict> check_repository(const CheckInput& input) {
  return each_host(input, [](const Host& host, const NodeFacts& facts, auto& verdicts) {
    if (!managed(facts) || !facts.repository.empty()) return;
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = host.name,
         .message = fmt::format("{} ({}) has no package repository of one Kubernetes minor",
                                host.name, host.address),
         .remedy = "add the line of https://pkgs.k8s.io (or your mirror, its URL must contain "
                   "/v1.NN/) to /etc/apt/sources.list.d/kubernetes.list"});
  });
}

std::vector<Verdict> check_not_offered(const CheckInput& input) {
  if (!target_in_reach(input)) return {};
  return each_host(input, [&](const Host& host, const NodeFacts& facts, auto& verdicts) {
    if (!managed(facts) || facts.repository.empty()) return;
    const std::string where = fmt::format("{} ({})", host.name, host.address);
    if (!facts.offered_error.empty()) {
      verdicts.push_back(
          {.severity = Severity::Blocker,
           .subject = host.name,
           .message = fmt::format("the repository of {}.{} cannot be read from {}: {}",
                                  input.file.target.major, input.file.target.minor, where,
                                  sanitise(facts.offered_error)),
           .remedy = "make that repository reachable from the node"});
      return;
    }
    for (const char* package : {"kubeadm", "kubelet", "kubectl"}) {
      if (!facts.installed.contains(package)) continue;
      const auto offered = facts.offered.find(package);
      const bool any = offered != facts.offered.end() && !offered->second.empty();
      if (any && input.target && offers(offered->second, *input.target)) continue;
      verdicts.push_back(
          {.severity = Severity::Blocker,
           .subject = host.name,
           .message =
               fmt::format("{} {} is not offered to {}", package, input.file.target.str(), where),
           .remedy = any ? fmt::format("offered is {}: choose one of these as `target`",
                                       join(offered->second, ", "))
                         : "nothing of that minor is offered: check the repository"});
    }
  });
}

std::vector<Verdict> check_package_state(const CheckInput& input) {
  return each_host(input, [](const Host& host, const NodeFacts& facts, auto& verdicts) {
    if (!facts.dpkg_interrupted) return;
    verdicts.push_back({.severity = Severity::Warning,
                        .subject = host.name,
                        .message = fmt::format("an interrupted package run waits on {} ({})",
                                               host.name, host.address),
                        .remedy = "it is finished before packages are installed; to do so now: "
                                  "dpkg --configure -a"});
  });
}

}  // namespace drover::plans
