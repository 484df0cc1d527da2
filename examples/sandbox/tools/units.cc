#include "examples/sandbox/tools/units.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "examples/sandbox/tools/node_files.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

std::string file_of(const std::string& name) { return in_state("units/" + name); }

/// Who begins a unit looks and writes under this lock.
class UnitsLock {
 public:
  UnitsLock() {
    std::filesystem::create_directories(in_state("units"));
    file_ = open(in_state("units/.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    while (file_ >= 0 && flock(file_, LOCK_EX) != 0) {
    }
  }
  ~UnitsLock() { close(file_); }
  UnitsLock(const UnitsLock&) = delete;
  UnitsLock& operator=(const UnitsLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace

bool Unit::active() const { return boot == boot_id() && (pid == 0 || start_time(pid) == start); }

std::string Unit::log() const { return read_file(unit_log(name)).value_or(""); }

std::string unit_name(const std::string& name) {
  return name.ends_with(".service") ? name : name + ".service";
}

std::string unit_log(const std::string& name) { return in_state("units/." + name + ".log"); }

std::optional<Unit> find_unit(const std::string& name) {
  const std::vector<std::string> lines = read_lines(file_of(name));
  if (lines.size() < 4) return std::nullopt;
  Unit unit{name, lines[3], std::atoi(lines[0].c_str()), lines[1], lines[2]};
  if (unit.boot != boot_id()) return std::nullopt;
  return unit;
}

bool reserve_unit(const std::string& name) {
  const UnitsLock lock;
  const auto unit = find_unit(name);
  if (unit && unit->active()) return false;
  write_unit({name, "", 0, boot_id(), ""});
  return true;
}

void write_unit(const Unit& unit) {
  write_file(file_of(unit.name),
             fmt::format("{}\n{}\n{}\n{}\n", unit.pid, unit.boot, unit.start, unit.description));
}

void forget_unit(const std::string& name) { remove_file(file_of(name)); }

std::string boot_id() { return read_word("/proc/sys/kernel/random/boot_id"); }

std::string start_time(pid_t pid) {
  const std::string stat = read_file(fmt::format("/proc/{}/stat", pid)).value_or("");
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return "";
  const std::vector<std::string> fields = split_words(stat.substr(name_end + 1));
  constexpr size_t kStart = 19;  // after the name: state is 0, start time 19
  if (fields.size() <= kStart || fields[0] == "Z") return "";
  return fields[kStart];
}

}  // namespace drover::sandbox
