#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/packages/package_manager.h"
#include "plans/steps/reading.h"

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

bool one_of_kubernetes(const std::string& package) {
  return package == "kubeadm" || package == "kubelet" || package == "kubectl";
}

/// What several hosts may have in common, so that it is said once.
struct Complaint {
  std::string before;  ///< the hosts
  std::string after;
  std::string remedy;

  bool operator==(const Complaint&) const = default;
};

class Complaints {
 public:
  void add(const Host& host, const Complaint& complaint) {
    const auto known = std::find_if(groups_.begin(), groups_.end(),
                                    [&](const auto& group) { return group.first == complaint; });
    if (known == groups_.end()) {
      groups_.push_back({complaint, {&host}});
    } else {
      known->second.push_back(&host);
    }
  }

  std::vector<Verdict> verdicts() const {
    std::vector<Verdict> verdicts;
    for (const auto& [complaint, hosts] : groups_) {
      std::vector<std::string> names;
      for (const Host* host : hosts)
        names.push_back(fmt::format("{} ({})", host->name, host->address));
      verdicts.push_back({.severity = Severity::Blocker,
                          .subject = hosts.size() == 1 ? hosts[0]->name : "cluster",
                          .message = complaint.before + some_of(names) + complaint.after,
                          .remedy = complaint.remedy});
    }
    return verdicts;
  }

 private:
  std::vector<std::pair<Complaint, std::vector<const Host*>>> groups_;
};

Complaint unreadable(const CheckInput& input, const NodeFacts& facts) {
  return {fmt::format("the repository of {}.{} cannot be read from ", input.file.target.major,
                      input.file.target.minor),
          ": " + sanitise(facts.offered_error), "make that repository reachable from the node"};
}

/// The versions of the target's minor that this machine could go to, newest first.
std::vector<std::string> versions_offered(const CheckInput& input, const NodeFacts& facts) {
  std::vector<std::string> versions;
  const auto offered = facts.offered.find("kubeadm");
  if (offered == facts.offered.end()) return versions;
  for (const std::string& revision : offered->second) {
    const auto version = version_of_revision(revision);
    if (!version || version->minor != input.file.target.minor) continue;
    const std::string text = version->str();
    if (std::find(versions.begin(), versions.end(), text) == versions.end())
      versions.push_back(text);
  }
  return versions;
}

/// Without a target there is a host that is offered nothing at all: what the others are offered
/// cannot be compared with it, and they are not the cause.
std::optional<Complaint> not_offered(const CheckInput& input, const NodeFacts& facts) {
  std::vector<std::string> missing;
  for (const char* package : {"kubeadm", "kubelet", "kubectl"}) {
    if (!facts.installed.contains(package)) continue;
    const auto offered = facts.offered.find(package);
    const bool any = offered != facts.offered.end() && !offered->second.empty();
    const bool enough = input.target ? any && offers(offered->second, *input.target) : any;
    if (!enough) missing.emplace_back(package);
  }
  if (missing.empty()) return std::nullopt;
  const std::vector<std::string> versions = versions_offered(input, facts);
  return Complaint{
      fmt::format("{} {} {} not offered to ", join(missing, ", "), input.file.target.str(),
                  missing.size() == 1 ? "is" : "are"),
      "",
      versions.empty()
          ? "nothing of that minor is offered: check the repository"
          : fmt::format("offered of {}.{} is {}: choose one of these as `target`",
                        input.file.target.major, input.file.target.minor, join(versions, ", "))};
}

std::vector<std::string> newer_packages(const NodeFacts& facts, const KubeVersion& target) {
  std::vector<std::string> newer;
  for (const auto& [package, revision] : facts.installed) {
    const auto version = version_of_revision(revision);
    if (one_of_kubernetes(package) && version && *version > target) newer.push_back(package);
  }
  return newer;
}

std::string as_installed(const NodeFacts& facts, const std::string& package) {
  return fmt::format("{} {}{}", package, facts.installed.at(package),
                     facts.held.contains(package) ? " (on hold)" : "");
}

/// The revision to go back to, if it is offered.
std::string older_revision(const NodeFacts& facts, const std::string& package,
                           const KubeVersion& target) {
  const auto offered = facts.offered.find(package);
  if (offered != facts.offered.end()) {
    for (const std::string& revision : offered->second) {
      const auto version = version_of_revision(revision);
      if (version && *version == target) return revision;
    }
  }
  return target.str() + "-*";
}

/// Packages are never taken back to an older version: that is for a person to decide.
Verdict too_new(const Host& host, const NodeFacts& facts, const std::vector<std::string>& packages,
                const KubeVersion& target) {
  std::vector<std::string> installed;
  std::string words;
  bool held = false;
  for (const std::string& package : packages) {
    installed.push_back(as_installed(facts, package));
    words += fmt::format(" {}={}", package, older_revision(facts, package, target));
    held = held || facts.held.contains(package);
  }
  return {.severity = Severity::Blocker,
          .subject = host.name,
          .message = fmt::format("{} of {} ({}) {} newer than the target {}", join(installed, ", "),
                                 host.name, host.address, packages.size() == 1 ? "is" : "are",
                                 target.str()),
          .remedy = fmt::format("raise `target`, or go back by hand on {}: apt-get install "
                                "--allow-downgrades{}{}",
                                host.name, held ? " --allow-change-held-packages" : "", words)};
}

/// A kubeadm that somebody holds at neither its kubelet's version nor the target.
std::optional<Verdict> held_alone(const Host& host, const NodeFacts& facts,
                                  const KubeVersion& target) {
  const auto installed = facts.installed.find("kubeadm");
  if (installed == facts.installed.end() || !facts.held.contains("kubeadm")) return std::nullopt;
  const auto kubeadm = version_of_revision(installed->second);
  const auto kubelet = parse_kube_version(facts.kubelet_binary_version);
  if (!kubeadm || !kubelet || *kubeadm == *kubelet || *kubeadm >= target) return std::nullopt;
  return Verdict{.severity = Severity::Warning,
                 .subject = host.name,
                 .message = fmt::format("{} of {} ({}) is not at its kubelet's version {}: it is "
                                        "upgraded all the same, and held again",
                                        as_installed(facts, "kubeadm"), host.name, host.address,
                                        kubelet->str()),
                 .remedy = "see why it is held there before going on"};
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
  Complaints complaints;
  for (const Host& host : input.inventory.hosts) {
    const auto facts = input.facts.hosts.find(host.name);
    if (!input.file.takes(host) || facts == input.facts.hosts.end()) continue;
    if (!managed(facts->second) || facts->second.repository.empty()) continue;
    if (!facts->second.offered_error.empty()) {
      complaints.add(host, unreadable(input, facts->second));
    } else if (auto missing = not_offered(input, facts->second)) {
      complaints.add(host, *missing);
    }
  }
  return complaints.verdicts();
}

std::vector<Verdict> check_package_versions(const CheckInput& input) {
  if (!input.target || !target_in_reach(input)) return {};
  return each_host(input, [&](const Host& host, const NodeFacts& facts, auto& verdicts) {
    // Of a kubelet that runs a newer version, check_skew tells.
    const Node* node = input.facts.find_node(host.node);
    const auto runs = parse_kube_version(node == nullptr ? "" : node->kubelet_version);
    if (runs && *runs > *input.target) return;
    const std::vector<std::string> newer = newer_packages(facts, *input.target);
    if (!newer.empty()) verdicts.push_back(too_new(host, facts, newer, *input.target));
    if (auto odd = held_alone(host, facts, *input.target)) verdicts.push_back(*odd);
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
