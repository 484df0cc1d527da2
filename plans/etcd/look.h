#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/cluster/etcd.h"

/// Looking at etcd through the control planes that it runs on.
namespace drover::plans {

/// Asks this machine's member for its status, its health, the members and the alarms. Reads only.
Command look_at_etcd();

/// What one control plane said of the etcd on it.
struct EtcdSeen {
  std::string host;         ///< inventory host name
  std::string no_login;     ///< why the machine could not be asked; "": it was
  std::string no_etcd;      ///< why there was no answer of its member; "": there was
  std::uint64_t quota = 0;  ///< bytes that its manifest allows the database; 0: not said there
  std::optional<EtcdStatus> status;
  std::optional<EtcdHealth> health;
  std::optional<EtcdMemberList> members;
  std::optional<std::vector<EtcdAlarm>> alarms;
};
EtcdSeen read_etcd_look(const std::string& host, const CommandResult& result);

/// Asks this machine's member how it is, and through it all members whether they are well.
Command watch_etcd();

struct EtcdWatched {
  std::optional<EtcdStatus> status;
  std::vector<EtcdEndpointHealth> members;
  /// What keeps etcd from being well as a whole: "https://10.0.0.12:2379 is not healthy: ...". "":
  /// nothing does.
  std::string missing;
};
EtcdWatched read_etcd_watch(const CommandResult& result);

}  // namespace drover::plans
