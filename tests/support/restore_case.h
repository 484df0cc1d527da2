#pragma once

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "plans/etcd/restore_plan.h"
#include "tests/support/step_kind.h"

/// Control planes and a snapshot that can be restored, for tests to spoil.
namespace drover::plans {

inline const std::string kSnapshotSha(64, 'a');

inline Manifests manifests_of(const std::string& host) {
  Manifests all{.name = host,
                .peer_url = fmt::format("https://{}.local:2380", host),
                .images = {{"etcd", "registry.k8s.io/etcd:3.5.24-0"}},
                .address = host + ".local"};
  for (const std::string_view name : kComponents) {
    all.sha256[std::string(name)] = std::string(64, name.back());
    if (name == "etcd") continue;
    all.images[std::string(name)] = fmt::format("registry.k8s.io/{}:v1.33.13", name);
    all.versions[std::string(name)] = "v1.33.13";
  }
  return all;
}

inline RestoreSeen seen_on(const std::string& host) {
  return {.host = host,
          .in_place = manifests_of(host),
          .free = std::uint64_t{9} << 30,
          .room = std::uint64_t{8} << 30,
          .crictl = true,
          .image_here = true};
}

/// Two control planes, the second with etcdutl of its own, and a worker.
struct RestoreCase {
  RestoreCase() {
    hop.inventory.hosts[1].roles = {Role::ControlPlane};
    seen = {seen_on("cp1"), seen_on("w1")};
    seen[1].etcdutl = "3.5.33";
    seen[1].mounted = true;
  }
  Plan plan() const {
    return make_restore_plan({.inventory = hop.inventory,
                              .facts = hop.facts,
                              .source = source,
                              .seen = seen,
                              .api = api,
                              .manifests = manifests,
                              .revision = revision,
                              .strangers = strangers,
                              .run = "20261128T065000Z-3f2a",
                              .unfinished = unfinished,
                              .created = "2026-11-28T06:50:00Z"});
  }
  std::string blocker() const {
    std::string text;
    for (const Verdict& verdict : plan().verdicts) {
      if (verdict.severity != Severity::Blocker) continue;
      CHECK_FALSE(verdict.remedy.empty());
      text += verdict.check + ": " + verdict.message + '\n';
    }
    return text;
  }

  test::Hop hop;
  RestoreSource source{.path = "/srv/backups/etcd-prod-20261128T053000Z-1111.db",
                       .sha256 = kSnapshotSha,
                       .bytes = 852000,
                       .revision = 439,
                       .saved = "2026-11-28T05:30:00Z",
                       .kubernetes = "v1.33.13"};
  std::vector<RestoreSeen> seen;
  bool api = true;
  std::uint64_t revision = 500;
  std::vector<std::string> strangers;
  std::string manifests;
  std::string unfinished;

  /// The control planes are of 1.34 now, and get manifests of the snapshot's time.
  void give_manifests() {
    manifests = "/srv/before";
    for (RestoreSeen& one : seen) {
      one.given = manifests_of(one.host);
      one.in_place.images["etcd"] = "registry.k8s.io/etcd:3.6.5-0";
      for (auto& [name, version] : one.in_place.versions) version = "v1.34.4";
    }
    for (auto& [name, facts] : hop.facts.hosts) facts.kubelet_binary_version = "v1.33.13";
    for (Node& node : hop.facts.nodes) node.kubelet_version = "v1.33.13";
  }
};

inline std::string shown(const Plan& plan) {
  std::string text;
  for (const Step& step : plan.steps) {
    text += fmt::format("{}{}\n  {}\n  why: {}\n", step.id, step.mutates() ? "" : " (looks)",
                        step.title, step.why);
    if (!step.needs.empty()) text += "  needs: " + join(step.needs, " ") + '\n';
  }
  return text;
}

}  // namespace drover::plans
