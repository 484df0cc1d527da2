#include "plans/etcd/given_checks.h"

#include <fmt/format.h>

#include <optional>
#include <set>
#include <utility>

#include "inventory/base/text.h"
#include "inventory/base/version.h"

namespace drover::plans {
namespace {

class Judge {
 public:
  explicit Judge(const RestoreInput& input) : input_(input) {}

  std::vector<Verdict> verdicts() && {
    for (const RestoreSeen& seen : input_.seen) {
      if (seen.given) given(seen);
    }
    one_version();
    kubelets();
    return std::move(verdicts_);
  }

 private:
  void block(const char* check, const std::string& subject, std::string message,
             std::string remedy) {
    verdicts_.push_back(
        {check, Severity::Blocker, subject, std::move(message), std::move(remedy), ""});
  }

  /// Whatever is wrong with those that are to come in place of the ones there.
  void given(const RestoreSeen& seen) {
    const Manifests& given = *seen.given;
    std::vector<std::string> missing = missing_in(given);
    for (std::string& name : missing) name += ".yaml";
    if (!missing.empty()) {
      block("manifests", seen.host,
            fmt::format("{}: no {} in {}", seen.host, join(missing, ", "),
                        given_folder(input_, seen)),
            "put all four there, as they were on this control plane at the time of the snapshot");
    }
    for (const auto& [name, why] : given.wrong) {
      block("manifests", seen.host,
            fmt::format("{}: {}/{}.yaml is no manifest of {}: {}", seen.host,
                        given_folder(input_, seen), name, name, sanitise(why, 200)),
            "put the one there that this control plane had at the time of the snapshot");
    }
    of_this_host(seen, "etcd", "member", given.name, seen.in_place.name);
    of_this_host(seen, "etcd", "peer address", given.peer_url, seen.in_place.peer_url);
    of_this_host(seen, "kube-apiserver", "--advertise-address", given.address,
                 seen.in_place.address);
  }

  /// Folders that were mixed up would start the members of other machines here.
  void of_this_host(const RestoreSeen& seen, const std::string& component, const char* what,
                    const std::string& given, const std::string& own) {
    const auto readable = [&](const Manifests& manifests) {
      return manifests.has(component) && !manifests.wrong.contains(component);
    };
    if (!readable(*seen.given) || !readable(seen.in_place) || given == own) return;
    const auto shown = [](const std::string& text) {
      return text.empty() ? std::string("none") : sanitise(text, 80);
    };
    block("manifests", seen.host,
          fmt::format("{}: {}/{}.yaml is of another machine: its {} is {}, that of this one {}",
                      seen.host, given_folder(input_, seen), component, what, shown(given),
                      shown(own)),
          fmt::format("the folder {} must hold the manifests of {}", seen.host, seen.host));
  }

  /// Where the snapshot does not tell its version, those given must at least agree.
  void one_version() {
    if (!input_.source.kubernetes.empty()) return;
    std::set<std::string> versions;
    for (const RestoreSeen& seen : input_.seen) {
      if (!seen.given) continue;
      for (const auto& [name, version] : seen.given->versions)
        versions.insert(sanitise(version, 40));
    }
    if (versions.size() < 2) return;
    block("manifests", "cluster",
          fmt::format("the manifests in {} are of several versions: {}", sanitise(input_.manifests),
                      join({versions.begin(), versions.end()}, ", ")),
          "give those of the time of the snapshot, on each control plane");
  }

  /// No kubelet may be newer than an API server that it talks to; an older one may stay.
  void kubelets() {
    std::optional<KubeVersion> server;
    for (const RestoreSeen& seen : input_.seen) {
      if (!seen.given) continue;
      const auto version = parse_kube_version(version_of(*seen.given, "kube-apiserver"));
      if (version && (!server || *version < *server)) server = *version;
    }
    if (!server) return;
    std::set<std::string> known;
    for (const Host& host : input_.inventory.hosts) {
      known.insert(host.node);
      const auto facts = input_.facts.hosts.find(host.name);
      if (facts == input_.facts.hosts.end()) continue;
      kubelet(host.name, facts->second.kubelet_binary_version, *server);
    }
    for (const Node& node : input_.facts.nodes) {
      if (!known.contains(node.name)) kubelet(node.name, node.kubelet_version, *server);
    }
  }

  static std::string version_of(const Manifests& manifests, const std::string& component) {
    const auto found = manifests.versions.find(component);
    return found == manifests.versions.end() ? "" : found->second;
  }

  void kubelet(const std::string& host, const std::string& text, const KubeVersion& server) {
    const auto version = parse_kube_version(text);
    if (!version) return;
    const bool newer =
        std::pair(version->major, version->minor) > std::pair(server.major, server.minor);
    if (!newer) return;
    block("skew", host,
          fmt::format("{}: its kubelet is of {}, newer than the API server of {} that would be "
                      "restored",
                      sanitise(host, 80), version->tag(), server.tag()),
          fmt::format("put a kubelet of v{} there first, with the node drained: none may be newer "
                      "than the API server",
                      server.minor_str()));
  }

  const RestoreInput& input_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::vector<Verdict> judge_given(const RestoreInput& input) { return Judge(input).verdicts(); }

std::string given_folder(const RestoreInput& input, const RestoreSeen& seen) {
  return sanitise(input.manifests + '/' + seen.host);
}

std::vector<std::string> missing_in(const Manifests& manifests) {
  std::vector<std::string> missing;
  for (const std::string_view name : kComponents) {
    if (!manifests.has(name)) missing.emplace_back(name);
  }
  return missing;
}

}  // namespace drover::plans
