#include "plans/etcd/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

constexpr std::uint64_t kDefaultQuota = std::uint64_t{2} << 30;
constexpr std::uint64_t kNearQuota = 80;                      // percent
constexpr std::uint64_t kWorthIt = std::uint64_t{100} << 20;  // bytes that a defragmentation frees
constexpr std::uint64_t kFarBehind = 1000;                    // entries of the log

std::string shown(const EtcdRow& row) {
  return row.name.empty() ? etcd_id(row.id) : sanitise(row.name, 80);
}

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1 << 20); }

std::set<std::uint64_t> ids_of(const EtcdMemberList& list) {
  std::set<std::uint64_t> ids;
  for (const EtcdMember& member : list.members) ids.insert(member.id);
  return ids;
}

class EtcdJudge {
 public:
  explicit EtcdJudge(const std::vector<EtcdSeen>& seen) : seen_(seen) {}

  EtcdReport report() && {
    rows();
    hosts();
    members();
    quorum();
    agreement();
    space();
    std::stable_sort(
        report_.findings.begin(), report_.findings.end(),
        [](const EtcdFinding& a, const EtcdFinding& b) { return a.weight < b.weight; });
    return std::move(report_);
  }

 private:
  void add(EtcdWeight weight, std::string subject, std::string message, std::string remedy = "",
           EtcdConcern about = EtcdConcern::Other) {
    report_.findings.push_back(
        {weight, std::move(subject), std::move(message), std::move(remedy), about});
  }

  const EtcdSeen* seen_of(std::uint64_t id) const {
    for (const EtcdSeen& one : seen_) {
      if (one.status && one.status->member == id) return &one;
    }
    return nullptr;
  }

  static EtcdRow row_of(const EtcdSeen& seen) {
    const EtcdStatus& status = *seen.status;
    EtcdRow row{.id = status.member,
                .host = seen.host,
                .leader = status.leader == status.member,
                .learner = status.learner,
                .version = status.version,
                .size = status.size,
                .used = status.used,
                .quota = status.quota > 0 ? status.quota
                         : seen.quota > 0 ? seen.quota
                                          : kDefaultQuota,
                .revision = status.revision,
                .term = status.term,
                .applied = status.applied};
    if (seen.health) {
      row.life = seen.health->healthy ? EtcdLife::Healthy : EtcdLife::Unhealthy;
      row.took = seen.health->took;
    }
    return row;
  }

  /// Those that answered, then those that only others know of.
  void rows() {
    for (const EtcdSeen& one : seen_) {
      if (!one.status) continue;
      report_.members.push_back(row_of(one));
      report_.cluster = one.status->cluster;
      if (one.status->leader != 0) report_.leader = one.status->leader;
    }
    for (const EtcdSeen& one : seen_) {
      if (!one.members) continue;
      for (const EtcdMember& member : one.members->members) complete(member);
    }
    for (const EtcdSeen& one : seen_) {
      if (!one.alarms) continue;
      for (const EtcdAlarm& alarm : *one.alarms) raise(alarm);
    }
  }

  EtcdRow* find(std::uint64_t id) {
    const auto row = std::find_if(report_.members.begin(), report_.members.end(),
                                  [&](const EtcdRow& one) { return one.id == id; });
    return row == report_.members.end() ? nullptr : &*row;
  }

  void complete(const EtcdMember& member) {
    EtcdRow* row = find(member.id);
    if (row == nullptr) {
      report_.members.push_back({.id = member.id});
      row = &report_.members.back();
    }
    row->name = member.name;
    row->learner = row->learner || member.learner;
  }

  void raise(const EtcdAlarm& alarm) {
    EtcdRow* row = find(alarm.member);
    if (row == nullptr) return;
    auto& alarms = row->alarms;
    if (std::find(alarms.begin(), alarms.end(), alarm.name) == alarms.end())
      alarms.push_back(alarm.name);
  }

  void hosts() {
    for (const EtcdSeen& one : seen_) {
      if (!one.no_login.empty()) {
        add(EtcdWeight::Blind, one.host, "cannot be asked: " + one.no_login);
      } else if (!one.no_etcd.empty()) {
        add(EtcdWeight::Grave, one.host, "its etcd does not answer: " + one.no_etcd,
            fmt::format("look at `drover node exec {} -- crictl ps -a --name etcd` and that "
                        "container's log",
                        one.host),
            EtcdConcern::Health);
      }
    }
  }

  bool someone_was_not_asked() const {
    return std::any_of(seen_.begin(), seen_.end(), [](const EtcdSeen& one) {
      return !one.no_login.empty() || !one.no_etcd.empty();
    });
  }

  void members() {
    for (const EtcdRow& row : report_.members) {
      for (const std::string& alarm : row.alarms) raised(row, alarm);
      if (row.learner) {
        add(EtcdWeight::Warning, shown(row), "is a learner: it has no vote yet");
      }
      if (row.name.empty() && row.host.empty()) {
        add(EtcdWeight::Grave, shown(row), "was added and never started",
            "start it, or remove it from etcd: it counts for the quorum");
      } else if (row.host.empty() && !someone_was_not_asked()) {
        add(EtcdWeight::Blind, shown(row),
            "is a member on no control plane of this inventory, and was not asked",
            "add its machine to the inventory; if that is gone for good, remove the member");
      } else if (row.life == EtcdLife::Unhealthy) {
        const EtcdSeen* one = seen_of(row.id);
        add(EtcdWeight::Grave, shown(row),
            fmt::format(
                "is not healthy: {}",
                sanitise(one->health->error.empty() ? "it gives no reason" : one->health->error)),
            "", EtcdConcern::Health);
      } else if (row.life == EtcdLife::Unknown && !row.host.empty()) {
        add(EtcdWeight::Blind, shown(row), "does not say whether it is healthy", "",
            EtcdConcern::Health);
      }
    }
  }

  void raised(const EtcdRow& row, const std::string& alarm) {
    const bool space = alarm == "NOSPACE";
    add(EtcdWeight::Grave, shown(row), fmt::format("has the alarm {}", sanitise(alarm, 40)),
        space ? "nothing can be written any more: compact and defragment each member, then disarm "
                "it, "
                "all with `etcdctl` on it: Drover cannot take its lock there"
              : "its data are damaged: take it out of etcd and let it join again, or restore");
  }

  void quorum() {
    if (report_.members.empty()) return;
    if (report_.leader == 0) {
      add(EtcdWeight::Grave, "etcd", "no member knows of a leader: nothing can be written");
    }
    const auto voters =
        static_cast<size_t>(std::count_if(report_.members.begin(), report_.members.end(),
                                          [](const EtcdRow& row) { return !row.learner; }));
    if (report_.healthy() <= voters / 2) {
      add(EtcdWeight::Grave, "etcd",
          fmt::format("{} of {} voting members are known to be healthy, a quorum is {}",
                      report_.healthy(), voters, voters / 2 + 1),
          "", EtcdConcern::Quorum);
    }
  }

  void agreement() {
    std::set<std::uint64_t> clusters, leaders;
    std::set<std::string> versions;
    std::set<std::set<std::uint64_t>> lists;
    std::uint64_t most = 0;
    for (const EtcdSeen& one : seen_) {
      if (one.members) lists.insert(ids_of(*one.members));
      if (!one.status) continue;
      clusters.insert(one.status->cluster);
      if (one.status->leader != 0) leaders.insert(one.status->leader);
      versions.insert(one.status->version);
      most = std::max(most, one.status->applied);
      for (const std::string& error : one.status->errors) {
        add(EtcdWeight::Grave, one.host, "says: " + sanitise(error));
      }
    }
    if (clusters.size() > 1) {
      add(EtcdWeight::Grave, "etcd", "the control planes belong to different etcd clusters",
          "one of them was started without its data: stop it, and let it join again");
    } else if (lists.size() > 1) {
      add(EtcdWeight::Grave, "etcd", "the members do not agree who is one");
    }
    if (leaders.size() > 1) add(EtcdWeight::Warning, "etcd", "the leader changed meanwhile");
    if (versions.size() > 1) {
      add(EtcdWeight::Warning, "etcd", "the members have different versions");
    }
    for (const EtcdRow& row : report_.members) {
      if (row.host.empty() || most - row.applied <= kFarBehind) continue;
      add(EtcdWeight::Warning, shown(row), fmt::format("is {} entries behind", most - row.applied));
    }
  }

  void space() {
    for (const EtcdRow& row : report_.members) {
      if (row.host.empty() || row.quota == 0) continue;
      const std::uint64_t percent = row.size * 100 / row.quota;
      const std::uint64_t unused = row.size - std::min(row.used, row.size);
      if (percent >= kNearQuota) {
        add(EtcdWeight::Warning, shown(row),
            fmt::format("{:.1f} MiB are {} % of its quota; at 100 % nothing can be written",
                        mib(row.size), percent),
            unused > row.size / 5 ? "`drover etcd defrag` gives back what is not in use"
                                  : "find out what fills it, or raise --quota-backend-bytes");
      } else if (unused >= kWorthIt && unused > row.size / 2) {
        add(EtcdWeight::Warning, shown(row),
            fmt::format("{:.1f} of {:.1f} MiB are not in use", mib(unused), mib(row.size)),
            "`drover etcd defrag` gives them back");
      }
    }
  }

  const std::vector<EtcdSeen>& seen_;
  EtcdReport report_;
};

}  // namespace

bool EtcdReport::has(EtcdWeight weight) const {
  return std::any_of(findings.begin(), findings.end(),
                     [&](const EtcdFinding& finding) { return finding.weight == weight; });
}

size_t EtcdReport::healthy() const {
  return static_cast<size_t>(std::count_if(members.begin(), members.end(), [](const EtcdRow& row) {
    return row.life == EtcdLife::Healthy && !row.learner;
  }));
}

EtcdReport judge_etcd(const std::vector<EtcdSeen>& seen) { return EtcdJudge(seen).report(); }

Result<std::string> choose_member(const EtcdReport& report) {
  std::uint64_t most = 0;
  for (const EtcdRow& row : report.members) most = std::max(most, row.applied);
  const EtcdRow* chosen = nullptr;
  for (const EtcdRow& row : report.members) {
    if (row.host.empty() || row.life != EtcdLife::Healthy || row.learner) continue;
    if (!row.leader && most - row.applied > kFarBehind) continue;
    if (chosen == nullptr || (chosen->leader && !row.leader)) chosen = &row;
  }
  if (chosen != nullptr) return chosen->host;
  return Error{.kind = ErrorKind::Refused,
               .message =
                   "no member of etcd is known to be healthy: a snapshot of it could be old "
                   "or damaged",
               .remedy =
                   "`drover etcd status` shows why; --host HOST takes the member on that "
                   "control plane all the same"};
}

}  // namespace drover::plans
