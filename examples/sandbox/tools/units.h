#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

/// Transient units of systemd-run, a file each in `units` of the node's state. They end with the
/// boot that began them.
namespace drover::sandbox {

struct Unit {
  std::string name;  ///< "drover-reboot.service"
  std::string description;
  pid_t pid = 0;      ///< of its main process, the leader of its session
  std::string boot;   ///< boot id
  std::string start;  ///< start time of the process, in clock ticks

  /// The main process is there, and is the one that was begun.
  bool active() const;
  /// What it printed.
  std::string log() const;
};

/// "NAME" is "NAME.service" as well.
std::string unit_name(const std::string& name);

/// The unit that was begun in this boot under that name, whether it still runs or not.
std::optional<Unit> find_unit(const std::string& name);

/// Keeps the name for a unit that is about to begin; false when there is an active one of that
/// name.
bool reserve_unit(const std::string& name);
void write_unit(const Unit& unit);
void forget_unit(const std::string& name);

std::string boot_id();
/// Field 22 of /proc/PID/stat; "" when there is no such process, or it is a zombie.
std::string start_time(pid_t pid);
std::string unit_log(const std::string& name);

}  // namespace drover::sandbox
