#include "examples/sandbox/tools/capsule.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "examples/sandbox/tools/node_files.h"

namespace drover::sandbox {
namespace {

constexpr std::string_view kFront = "/var/lib/drover/steps/";
constexpr std::string_view kEnd = "/supervise";

// The words of a command line, each ended by a zero byte.
std::string capsule_in(std::string_view words) {
  while (!words.empty()) {
    const size_t end = std::min(words.find('\0'), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (word.size() <= kFront.size() + kEnd.size()) continue;
    if (!word.starts_with(kFront) || !word.ends_with(kEnd)) continue;
    return std::string(word.substr(kFront.size(), word.size() - kFront.size() - kEnd.size()));
  }
  return "";
}

int parent_of(const std::string& process) {
  const std::string stat = read_file(process + "/stat").value_or("");
  const size_t name_end = stat.rfind(')');  // the name may hold anything
  if (name_end == std::string::npos || name_end + 4 > stat.size()) return 0;
  return std::atoi(stat.c_str() + name_end + 4);  // ") S PARENT"
}

}  // namespace

std::string capsule_of_caller() {
  for (int pid = getppid(); pid > 1;) {
    const std::string process = "/proc/" + std::to_string(pid);
    const std::string capsule = capsule_in(read_file(process + "/cmdline").value_or(""));
    if (!capsule.empty()) return capsule;
    pid = parent_of(process);
  }
  return "-";
}

}  // namespace drover::sandbox
