#include "orchestrator/lock/holder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <fstream>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

template <class Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

/// Field 22 of /proc/PID/stat; 0 when there is no such process. The name in field 2 may contain
/// anything, so fields are counted from its last parenthesis.
unsigned long long start_time(int pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string line;
  if (!std::getline(stat, line)) return 0;
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

}  // namespace

std::string Holder::str() const {
  return fmt::format("{} on {} pid {} since {}", run, host, pid, since);
}

std::optional<Holder> parse_holder(std::string_view text) {
  const auto words = split_words(text);
  if (words.size() != 7 || words[1] != "on" || words[3] != "pid" || words[5] != "since") {
    return std::nullopt;
  }
  Holder holder{.run = words[0], .host = words[2]};
  if (!read_number(words[4], holder.pid) || !read_number(words[6], holder.since))
    return std::nullopt;
  return holder;
}

Holder this_process(const std::string& run) {
  const int pid = static_cast<int>(getpid());
  return {.run = run, .host = host_name(), .pid = pid, .since = start_time(pid)};
}

bool is_dead_here(const Holder& holder) {
  return holder.host == host_name() && start_time(holder.pid) != holder.since;
}

}  // namespace drover::orchestrator
