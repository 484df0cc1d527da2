#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

/// What etcd says of itself: the answers of `etcdctl ... -w json`, one line each. Ids are 64 bits
/// without a sign. Absent fields stand for zero, as etcd leaves them out. Errors are of kind Api.
namespace drover {

/// An id as etcd's own tools show it.
std::string etcd_id(std::uint64_t id);

struct EtcdMember {
  std::uint64_t id = 0;
  std::string name;  ///< "": added, and never started
  std::vector<std::string> peer_urls;
  std::vector<std::string> client_urls;
  bool learner = false;
};

struct EtcdMemberList {
  std::uint64_t cluster = 0;
  std::vector<EtcdMember> members;
};
/// `member list`
Result<EtcdMemberList> parse_etcd_members(std::string_view json);

/// One member's view of itself.
struct EtcdStatus {
  std::uint64_t cluster = 0;
  std::uint64_t member = 0;
  std::uint64_t leader = 0;  ///< 0: it knows of none
  std::uint64_t revision = 0;
  std::uint64_t term = 0;
  std::uint64_t index = 0;
  std::uint64_t applied = 0;
  std::string version;
  std::uint64_t size = 0;   ///< bytes of its database
  std::uint64_t used = 0;   ///< bytes of that in use; the rest is given back by a defragmentation
  std::uint64_t quota = 0;  ///< bytes; 0: it does not say (before 3.6)
  bool learner = false;
  std::vector<std::string> errors;
};
/// `endpoint status` of one endpoint.
Result<EtcdStatus> parse_etcd_status(std::string_view json);

struct EtcdHealth {
  bool healthy = false;
  std::string took;   ///< "12.64417ms"
  std::string error;  ///< "" when it is healthy
};
/// `endpoint health` of one endpoint.
Result<EtcdHealth> parse_etcd_health(std::string_view json);

/// The same of all members, as one of them asked the others (`endpoint health --cluster`).
struct EtcdEndpointHealth {
  std::string endpoint;  ///< "https://10.0.0.11:2379"
  EtcdHealth health;
};
Result<std::vector<EtcdEndpointHealth>> parse_etcd_healths(std::string_view json);

struct EtcdAlarm {
  std::uint64_t member = 0;
  std::string name;  ///< NOSPACE, CORRUPT
};
/// `alarm list`
Result<std::vector<EtcdAlarm>> parse_etcd_alarms(std::string_view json);

/// What one member's keys amount to.
struct EtcdHash {
  std::string endpoint;
  std::uint64_t hash = 0;
  std::uint64_t revision = 0;  ///< the newest that it has
};
/// `endpoint hashkv --cluster`
Result<std::vector<EtcdHash>> parse_etcd_hashes(std::string_view json);

/// `snapshot status` of a saved snapshot.
struct EtcdSnapshotStatus {
  std::uint64_t hash = 0;
  std::uint64_t revision = 0;
  std::uint64_t keys = 0;
};
Result<EtcdSnapshotStatus> parse_etcd_snapshot_status(std::string_view json);

}  // namespace drover
