#include "orchestrator/lock/holder.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <fstream>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Field 22 of /proc/PID/stat; 0 of a process that has ended; nothing when it cannot be read. The
/// name in field 2 may contain anything, so fields are counted from its last parenthesis.
std::optional<unsigned long long> start_time(int pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(stat, line)) return std::nullopt;
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  const auto fields = split_words(std::string_view(line).substr(name_end + 1));
  constexpr size_t kStartTime = 22 - 3;  // the first field after the name is number 3
  unsigned long long ticks = 0;
  if (fields.size() <= kStartTime || fields[0] == "Z") return 0;
  return read_number(fields[kStartTime], ticks) ? ticks : 0;
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return std::string(trim(line));
}

/// The id itself is not for others to see (machine-id(5)).
std::string machine() {
  const std::string id = first_line("/etc/machine-id");
  return id.empty() ? "-" : sha256_hex("drover " + id).substr(0, 12);
}

std::string boot() {
  const std::string id = first_line("/proc/sys/kernel/random/boot_id");
  return id.empty() ? "-" : id;
}

/// The number in "pid:[4026531836]".
std::string pid_namespace() {
  std::array<char, 64> link{};
  if (readlink("/proc/self/ns/pid", link.data(), link.size() - 1) < 0) return "-";
  std::string number;
  for (const char c : std::string_view(link.data())) {
    if (c >= '0' && c <= '9') number += c;
  }
  return number.empty() ? "-" : number;
}

/// Where /proc is mounted with hidepid, the processes of others are not shown, live or dead; then
/// only the kernel tells, and not whether it is the same one (proc(5)).
Life life_in_proc(const Holder& holder) {
  if (const auto since = start_time(holder.pid))
    return *since == holder.since ? Life::Alive : Life::Dead;
  const bool gone = kill(holder.pid, 0) != 0 && errno == ESRCH;
  return gone ? Life::Dead : Life::Unknown;
}

}  // namespace

std::string Holder::str() const {
  std::string text = fmt::format("{} on {} pid {} since {}", run, host, pid, since);
  if (!boot.empty()) text += fmt::format(" in {}/{}/{}", machine, boot, pids);
  return text;
}

std::string Holder::shown() const {
  return fmt::format("run {} on {}, pid {}", sanitise(run), sanitise(host), pid);
}

std::optional<Holder> parse_holder(std::string_view text) {
  const auto words = split_words(text);
  const bool placed = words.size() == 9 && words[7] == "in";
  if ((words.size() != 7 && !placed) || words[1] != "on" || words[3] != "pid" ||
      words[5] != "since") {
    return std::nullopt;
  }
  Holder holder{.run = words[0], .host = words[2]};
  if (!read_number(words[4], holder.pid) || !read_number(words[6], holder.since))
    return std::nullopt;
  if (!placed) return holder;
  const std::string& place = words[8];
  const size_t first = place.find('/');
  const size_t second = first == place.npos ? place.npos : place.find('/', first + 1);
  if (second == place.npos) return std::nullopt;
  holder.machine = place.substr(0, first);
  holder.boot = place.substr(first + 1, second - first - 1);
  holder.pids = place.substr(second + 1);
  if (holder.machine.empty() || holder.boot.empty() || holder.pids.empty()) return std::nullopt;
  return holder;
}

std::string shown_holder(std::string_view identity) {
  const auto holder = parse_holder(identity);
  return holder ? holder->shown() : sanitise(identity);
}

Holder this_process(const std::string& run) {
  const int pid = static_cast<int>(getpid());
  return {.run = run,
          .host = host_name(),
          .pid = pid,
          .since = start_time(pid).value_or(0),
          .machine = machine(),
          .boot = boot(),
          .pids = pid_namespace()};
}

Life life_of(const Holder& holder) {
  if (holder.host != host_name()) return Life::Unknown;
  if (holder.boot.empty()) return life_in_proc(holder);
  if (holder.boot == "-") return Life::Unknown;
  if (holder.boot != boot()) {
    // Another boot of this machine ended all its processes; another machine of the same name did
    // not.
    return holder.machine != "-" && holder.machine == machine() ? Life::Dead : Life::Unknown;
  }
  // Two containers may share a name and a kernel, and neither sees the other's processes.
  return holder.pids == pid_namespace() ? life_in_proc(holder) : Life::Unknown;
}

bool is_dead_here(const Holder& holder) { return life_of(holder) == Life::Dead; }

}  // namespace drover::orchestrator
