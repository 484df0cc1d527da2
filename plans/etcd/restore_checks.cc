#include "plans/etcd/restore_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "inventory/base/version.h"
#include "plans/checks/check.h"
#include "plans/timestamp.h"

namespace drover::plans {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kSpare = 320 * kMiB;  // the log of a new member, and what etcd writes next
constexpr std::string_view kComponents[] = {"etcd", "kube-apiserver", "kube-controller-manager",
                                            "kube-scheduler"};

/// Names and addresses end up in lists with commas.
bool is_plain(const std::string& text) {
  return !text.empty() && text.find_first_of(" ,=\t\n\"'\\") == std::string::npos;
}

/// Restoring with higher revisions came with 3.5.10.
bool can_bump(const std::string& version) {
  const auto read = parse_kube_version(version);
  if (!read) return false;
  return *read >= KubeVersion{3, 5, 10};
}

class Judge {
 public:
  explicit Judge(const RestoreInput& input) : input_(input) {}

  std::vector<Verdict> verdicts() && {
    unfinished();
    lock();
    for (const RestoreSeen& seen : input_.seen) control_plane(seen);
    one_member_each();
    versions();
    losses();
    std::stable_sort(verdicts_.begin(), verdicts_.end(),
                     [](const Verdict& a, const Verdict& b) { return a.severity < b.severity; });
    return std::move(verdicts_);
  }

 private:
  void add(const char* check, Severity severity, const std::string& subject, std::string message,
           std::string remedy = "") {
    verdicts_.push_back({check, severity, subject, std::move(message), std::move(remedy), ""});
  }
  void block(const char* check, const std::string& subject, std::string message,
             std::string remedy) {
    add(check, Severity::Blocker, subject, std::move(message), std::move(remedy));
  }

  void unfinished() {
    if (input_.unfinished.empty()) return;
    block("unfinished-run", "cluster",
          fmt::format("the restore {} was begun and is not finished", input_.unfinished),
          fmt::format("go on with it by `drover resume {0}`, or give it up by `drover cancel {0}`",
                      input_.unfinished));
  }

  void lock() {
    const UpgradePlan file;
    const CheckInput for_checks{input_.inventory, file, input_.facts, {}, {}, {}, false,
                                input_.self};
    for (Verdict& verdict : check_locked(for_checks)) {
      verdict.check = "locked";
      verdict.remedy = "`drover lock show` tells whether its holder lives";
      verdicts_.push_back(std::move(verdict));
    }
    if (input_.api) return;
    add("api-away", Severity::Warning, "cluster",
        "the API does not answer: whether another Drover holds the cluster's lock cannot be seen",
        "make sure that nobody else is at work on this cluster");
  }

  void control_plane(const RestoreSeen& seen) {
    if (!seen.no_etcd.empty()) {
      block("etcd-here", seen.host, fmt::format("{}: {}", seen.host, seen.no_etcd),
            !seen.left.empty()
                ? fmt::format("an earlier restore left manifests in {}: put them back first",
                              sanitise(seen.left.back()))
                : "only etcd as static pods of the control planes can be restored; an external one "
                  "is restored where it runs, with the API servers stopped");
      return;
    }
    manifests(seen);
    place(seen);
    program(seen);
    room(seen);
  }

  void manifests(const RestoreSeen& seen) {
    std::vector<std::string> missing;
    for (const std::string_view name : kComponents) {
      if (!seen.manifests.contains(std::string(name))) missing.emplace_back(name);
    }
    if (missing.empty()) return;
    std::string remedy = "put them back there first";
    if (!seen.left.empty()) {
      remedy += fmt::format("; an earlier restore left some in {}", sanitise(seen.left.back()));
    }
    block("static-pods", seen.host,
          fmt::format("{}: no manifest of {} in /etc/kubernetes/manifests", seen.host,
                      join(missing, ", ")),
          remedy);
  }

  void place(const RestoreSeen& seen) {
    if (!is_plain(seen.name) || !is_plain(seen.peer_url) ||
        seen.peer_url.find("://") == std::string::npos) {
      block("etcd-manifest", seen.host,
            fmt::format("{}: the manifest of etcd does not say what its member is called and where "
                        "the others reach it (name {}, peer address {})",
                        seen.host, seen.name.empty() ? "-" : sanitise(seen.name, 80),
                        seen.peer_url.empty() ? "-" : sanitise(seen.peer_url, 80)),
            "it needs --name and --initial-advertise-peer-urls, as kubeadm writes them");
    }
    if (!seen.wal.empty()) {
      block("etcd-manifest", seen.host,
            fmt::format("{}: etcd keeps its log in a folder of its own (--wal-dir), which is not "
                        "supported yet",
                        seen.host),
            "restore by hand as etcd's documentation has it");
    }
    const bool absolute = seen.data.starts_with('/') && seen.data.size() > 1;
    if (!absolute || seen.data.ends_with('/') ||
        seen.data.find_first_of("\n,") != std::string::npos) {
      block("etcd-manifest", seen.host,
            fmt::format("{}: etcd's data folder {} cannot be used", seen.host,
                        sanitise(seen.data, 80)),
            "it must be an absolute path without a comma");
    }
  }

  void program(const RestoreSeen& seen) {
    if (!seen.crictl) {
      block("crictl", seen.host, fmt::format("{}: crictl is not there", seen.host),
            "install it (package cri-tools): it tells when the static pods have stopped");
    }
    const std::string version = etcd_version_of(seen.image);
    if (version.empty()) {
      block("etcd-tool", seen.host,
            fmt::format("{}: the version of etcd cannot be told from its image {}", seen.host,
                        sanitise(seen.image, 120)),
            "its manifest must name an image with etcd's version as its tag");
    } else if (!can_bump(version)) {
      block("etcd-tool", seen.host,
            fmt::format("{}: etcd {} cannot restore with higher revisions, without which clients "
                        "would miss changes",
                        seen.host, version),
            "3.5.10 is the first that can");
    } else if (choose_tool(seen) == RestoreTool::None) {
      const std::string minor = version.substr(0, version.rfind('.'));
      block("etcd-tool", seen.host,
            fmt::format("{}: nothing that could restore a snapshot is there: no etcdutl {}, and no "
                        "ctr with etcd's image",
                        seen.host, minor),
            fmt::format("put etcdutl of etcd {} into the PATH of root there", version));
    }
  }

  void room(const RestoreSeen& seen) {
    const std::uint64_t data = input_.source.bytes + kSpare;
    const std::uint64_t copy = input_.source.bytes + 64 * kMiB;
    const auto short_of = [&](const std::string& place, std::uint64_t free, std::uint64_t need) {
      if (free >= need) return;
      block("disk", seen.host,
            fmt::format("{}: {} MiB free at {}, {} MiB are needed beside the old data", seen.host,
                        free / kMiB, sanitise(place, 120), need / kMiB),
            "make room there: the old data are kept");
    };
    const bool one = seen.free == seen.room;  // most likely the same file system
    short_of(seen.data, seen.free, one ? data + copy : data);
    if (!one) short_of("/var/lib", seen.room, copy);
  }

  void one_member_each() {
    std::set<std::string> names, urls;
    for (const RestoreSeen& seen : input_.seen) {
      if (!seen.no_etcd.empty()) continue;
      const bool twice = !names.insert(seen.name).second || !urls.insert(seen.peer_url).second;
      if (!twice) continue;
      block("etcd-manifest", seen.host,
            fmt::format("{}: another control plane has the same member name or peer address ({}, "
                        "{})",
                        seen.host, sanitise(seen.name, 80), sanitise(seen.peer_url, 80)),
            "see the addresses in the inventory, and --name in the manifests of etcd");
    }
  }

  void versions() {
    if (input_.source.kubernetes.empty()) {
      add("snapshot-version", Severity::Warning, "cluster",
          "which version of Kubernetes the snapshot was saved with cannot be told",
          "make sure that it is the one of the manifests");
      return;
    }
    for (const RestoreSeen& seen : input_.seen) {
      if (seen.kubernetes.empty() || seen.kubernetes == input_.source.kubernetes) continue;
      block(
          "snapshot-version", seen.host,
          fmt::format("{}: the snapshot is of a cluster of {}, the manifests are of {}", seen.host,
                      sanitise(input_.source.kubernetes, 40), sanitise(seen.kubernetes, 40)),
          "take a snapshot of this version; to go back to another one, put the manifests of that "
          "time in place first");
    }
  }

  void losses() {
    const RestoreSource& source = input_.source;
    std::string text = "everything that was changed in the cluster since the snapshot is lost";
    const auto saved = parse_timestamp(source.saved);
    const auto now = parse_timestamp(input_.created);
    if (saved && now && *now >= *saved) {
      text += fmt::format(": it was saved {} ago ({})",
                          format_duration(std::chrono::floor<std::chrono::seconds>(*now - *saved)),
                          source.saved);
    }
    text += fmt::format("{} revision {}", saved ? ", at" : ": it is of", source.revision);
    if (input_.revision > source.revision) {
      text += fmt::format("; etcd is at {}, {} changes later", input_.revision,
                          input_.revision - source.revision);
    }
    add("lost", Severity::Warning, "cluster", text,
        "`drover etcd backup` saves how it is now; the old data are kept on each control plane");
    add("outage", Severity::Warning, "cluster",
        "the API answers nobody for a minute or two, and pods that were started since the snapshot "
        "are stopped");
    if (input_.revision != 0 && input_.revision < source.revision) {
      add("newer-snapshot", Severity::Warning, "cluster",
          fmt::format("etcd is at revision {}, before that of the snapshot: is it of this cluster?",
                      input_.revision));
    }
  }

  const RestoreInput& input_;
  std::vector<Verdict> verdicts_;
};

}  // namespace

std::vector<Verdict> judge_restore(const RestoreInput& input) { return Judge(input).verdicts(); }

}  // namespace drover::plans
