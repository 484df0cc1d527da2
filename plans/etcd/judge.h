#pragma once

#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "plans/etcd/look.h"

/// What the answers of all members together say about the cluster that they make up.
namespace drover::plans {

enum class EtcdLife { Healthy, Unhealthy, Unknown };

/// A member as the others know it, and as it says of itself.
struct EtcdRow {
  std::uint64_t id = 0;
  std::string name;  ///< "": never started
  std::string host;  ///< inventory host it was asked through; "": none
  EtcdLife life = EtcdLife::Unknown;
  bool leader = false;
  bool learner = false;
  std::string version;  ///< "" and zeros: it could not be asked
  std::uint64_t size = 0;
  std::uint64_t used = 0;
  std::uint64_t quota = 0;
  std::uint64_t revision = 0;
  std::uint64_t term = 0;
  std::uint64_t applied = 0;
  std::string took;  ///< by its health's answer
  std::vector<std::string> alarms;
};

enum class EtcdWeight {
  Grave,    ///< it is not well, or may stop any moment
  Blind,    ///< it cannot be said whether it is
  Warning,  ///< it is well, and something should be done
};

enum class EtcdConcern {
  Health,  ///< of one member: it does not answer, or not that it is well
  Quorum,  ///< too few members are known to be healthy
  Other,
};

struct EtcdFinding {
  EtcdWeight weight = EtcdWeight::Warning;
  std::string subject;  ///< member or host; "etcd" for all of it
  std::string message;
  std::string remedy = {};
  EtcdConcern about = EtcdConcern::Other;
};

struct EtcdReport {
  std::uint64_t cluster = 0;
  std::uint64_t leader = 0;
  std::vector<EtcdRow> members;  ///< in the order of the control planes, the others behind them
  std::vector<EtcdFinding> findings;

  bool has(EtcdWeight weight) const;
  /// Members that answer, vote and are well.
  size_t healthy() const;
};

/// `seen`: of all control planes, in the inventory's order.
EtcdReport judge_etcd(const std::vector<EtcdSeen>& seen);

/// The host to save a snapshot on: a follower that is well and up to date, so that the leader is
/// left alone, or else the leader. Refused: no member is well.
Result<std::string> choose_member(const EtcdReport& report);

}  // namespace drover::plans
