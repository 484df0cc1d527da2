#include "plans/etcd/restore_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "inventory/base/version.h"
#include "plans/checks/check.h"
#include "plans/etcd/given_checks.h"
#include "plans/timestamp.h"

namespace drover::plans {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;
constexpr std::uint64_t kSpare = 320 * kMiB;  // the log of a new member, and what etcd writes next

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

class RestoreJudge {
 public:
  explicit RestoreJudge(const RestoreInput& input) : input_(input) {}

  std::vector<Verdict> verdicts() && {
    unfinished();
    lock();
    for (const RestoreSeen& seen : input_.seen) control_plane(seen);
    one_member_each();
    others();
    versions();
    for (Verdict& verdict : judge_given(input_)) verdicts_.push_back(std::move(verdict));
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
    if (!seen.wanted().has("etcd") || seen.wanted().wrong.contains("etcd")) return;
    place(seen);
    program(seen);
    images(seen);
    room(seen);
  }

  void manifests(const RestoreSeen& seen) {
    const std::vector<std::string> missing = missing_in(seen.in_place);
    if (!missing.empty()) {
      std::string remedy = "put them back there first";
      if (!seen.left.empty()) {
        remedy += fmt::format("; an earlier restore left some in {}", sanitise(seen.left.back()));
      }
      block("static-pods", seen.host,
            fmt::format("{}: no manifest of {} in {}", seen.host, join(missing, ", "),
                        kManifestFolder),
            remedy);
    }
    if (seen.given) return;  // what is in place goes, whatever it is
    for (const auto& [name, why] : seen.in_place.wrong) {
      block("static-pods", seen.host,
            fmt::format("{}: {}/{}.yaml is no manifest of {}: {}", seen.host, kManifestFolder, name,
                        name, sanitise(why, 200)),
            "put it right first: the kubelet could not start it again");
    }
  }

  void place(const RestoreSeen& seen) {
    const Manifests& wanted = seen.wanted();
    if (!is_plain(wanted.name) || !is_plain(wanted.peer_url) ||
        wanted.peer_url.find("://") == std::string::npos) {
      block("etcd-manifest", seen.host,
            fmt::format("{}: the manifest of etcd does not say what its member is called and where "
                        "the others reach it (name {}, peer address {})",
                        seen.host, wanted.name.empty() ? "-" : sanitise(wanted.name, 80),
                        wanted.peer_url.empty() ? "-" : sanitise(wanted.peer_url, 80)),
            "it needs --name and --initial-advertise-peer-urls, as kubeadm writes them");
    }
    if (!wanted.wal.empty()) {
      block("etcd-manifest", seen.host,
            fmt::format("{}: etcd keeps its log in a folder of its own (--wal-dir), which is not "
                        "supported yet",
                        seen.host),
            "restore by hand as etcd's documentation has it");
    }
    const bool absolute = wanted.data.starts_with('/') && wanted.data.size() > 1;
    if (!absolute || wanted.data.ends_with('/') ||
        wanted.data.find_first_of("\n,") != std::string::npos) {
      block("etcd-manifest", seen.host,
            fmt::format("{}: etcd's data folder {} cannot be used", seen.host,
                        sanitise(wanted.data, 80)),
            "it must be an absolute path without a comma");
    }
  }

  void program(const RestoreSeen& seen) {
    const Manifests& wanted = seen.wanted();
    if (!seen.crictl) {
      block("crictl", seen.host, fmt::format("{}: crictl is not there", seen.host),
            "install it (package cri-tools): it tells when the static pods have stopped");
    }
    const std::string version = etcd_version_of(wanted.image_of("etcd"));
    if (version.empty()) {
      block("etcd-tool", seen.host,
            fmt::format("{}: the version of etcd cannot be told from its image {}", seen.host,
                        sanitise(wanted.image_of("etcd"), 120)),
            "its manifest must name an image with etcd's version as its tag");
    } else if (!can_bump(version)) {
      block("etcd-tool", seen.host,
            fmt::format("{}: etcd {} cannot restore with higher revisions, without which clients "
                        "would miss changes",
                        seen.host, version),
            "3.5.10 is the first that can");
    } else if (choose_tool(seen) == RestoreTool::None) {
      const std::string minor = version.substr(0, version.rfind('.'));
      block(
          "etcd-tool", seen.host,
          fmt::format("{}: nothing that could restore a snapshot is there: no etcdutl {}, and no "
                      "ctr with etcd's image",
                      seen.host, minor),
          fmt::format("put etcdutl of etcd {} into the PATH of root there, or pull {} with `crictl "
                      "pull`",
                      version, sanitise(wanted.image_of("etcd"), 120)));
    }
  }

  /// No API server would be there until they are pulled, if they can be.
  void images(const RestoreSeen& seen) {
    if (seen.no_images.empty() || !seen.crictl) return;
    std::vector<std::string> names;
    for (const std::string& image : seen.no_images) names.push_back(sanitise(image, 120));
    block("images", seen.host,
          fmt::format("{}: images of the given manifests are not there: {}", seen.host,
                      join(names, ", ")),
          fmt::format("`drover node exec {} -- crictl pull IMAGE`, for each", seen.host));
  }

  void room(const RestoreSeen& seen) {
    const Manifests& wanted = seen.wanted();
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
    short_of(wanted.data, seen.free, one ? data + copy : data);
    if (!one) short_of("/var/lib", seen.room, copy);
  }

  void one_member_each() {
    std::set<std::string> names, urls;
    for (const RestoreSeen& seen : input_.seen) {
      const Manifests& wanted = seen.wanted();
      if (!seen.no_etcd.empty() || wanted.name.empty()) continue;
      const bool twice = !names.insert(wanted.name).second || !urls.insert(wanted.peer_url).second;
      if (!twice) continue;
      block("etcd-manifest", seen.host,
            fmt::format("{}: another control plane has the same member name or peer address ({}, "
                        "{})",
                        seen.host, sanitise(wanted.name, 80), sanitise(wanted.peer_url, 80)),
            "see the addresses in the inventory, and --name in the manifests of etcd");
    }
  }

  bool is_host(const std::string& node) const {
    const auto& hosts = input_.inventory.hosts;
    return std::any_of(hosts.begin(), hosts.end(),
                       [&](const Host& host) { return host.node == node; });
  }

  /// Control planes that nobody stops would go on with the data of before (design 1.6).
  void others() {
    std::set<std::string> told;
    for (const Node& node : input_.facts.nodes) {
      if (!node.is_control_plane() || is_host(node.name)) continue;
      told.insert(node.name);
      other(node.name, "a control plane", node.ready ? Severity::Blocker : Severity::Warning);
    }
    for (const std::string& member : input_.strangers) {
      if (!told.contains(member)) other(member, "a member of etcd", Severity::Warning);
    }
  }

  void other(const std::string& name, const char* what, Severity severity) {
    const std::string shown = name.empty() ? "one that never started" : sanitise(name, 80);
    add("not-in-inventory", severity, shown,
        fmt::format("{} is {} and not in the inventory: if it runs, it goes on with the data of "
                    "before",
                    shown, what),
        "put it into the inventory; if it is gone for good, see that it stays off and, where the "
        "API answers, delete its node");
  }

  void versions() {
    if (input_.source.kubernetes.empty()) {
      add("snapshot-version", Severity::Warning, "cluster",
          "which version of Kubernetes the snapshot was saved with cannot be told",
          "make sure that it is the one of the manifests");
      return;
    }
    for (const RestoreSeen& seen : input_.seen) one_version(seen);
  }

  /// The data are of one version; what reads them must be, too.
  void one_version(const RestoreSeen& seen) {
    std::vector<std::string> others;
    for (const auto& [name, version] : seen.wanted().versions) {
      // An image in place that has no version as its tag is the operator's own affair.
      if (version == input_.source.kubernetes || (version.empty() && !seen.given)) continue;
      others.push_back(
          fmt::format("{} of {}", name, version.empty() ? "no version" : sanitise(version, 40)));
    }
    if (others.empty()) return;
    block("snapshot-version", seen.host,
          fmt::format("{}: the snapshot is of a cluster of {}, the manifests{} are: {}", seen.host,
                      sanitise(input_.source.kubernetes, 40),
                      seen.given ? " in " + given_folder(input_, seen) : "", join(others, ", ")),
          seen.given ? "give those of the time of the snapshot"
                     : "take a snapshot of this version; to go back to another one, give the "
                       "manifests of that time by --with-manifests");
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

std::vector<Verdict> judge_restore(const RestoreInput& input) {
  return RestoreJudge(input).verdicts();
}

}  // namespace drover::plans
