#include "examples/sandbox/node/tool_faults.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>
#include <string_view>

#include "examples/sandbox/node/text_file.h"
#include "inventory/base/text.h"
#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {
namespace {

bool is_exit_code(std::string_view text) {
  int code = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code);
  constexpr int kMost = 255;
  return error == std::errc() && end == text.data() + text.size() && code >= 1 && code <= kMost;
}

bool is_action(std::string_view action) {
  constexpr std::string_view kFail = "fail:";
  if (action.substr(0, kFail.size()) == kFail) return is_exit_code(action.substr(kFail.size()));
  return action == "hang" || action == "kill" || action == "reset";
}

/// Tools hold the same lock while they read the rules and count their calls.
remote::UniqueFd lock_rules(const std::filesystem::path& state) {
  constexpr mode_t kMode = 0644;
  remote::UniqueFd lock(
      ::open((state / "faults.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode));
  int locked = ::flock(lock.get(), LOCK_EX);
  while (locked != 0 && errno == EINTR) locked = ::flock(lock.get(), LOCK_EX);
  if (locked == 0) return lock;
  throw std::runtime_error(fmt::format("cannot lock the rules: {}", std::strerror(errno)));
}

}  // namespace

std::string add_fault(const std::filesystem::path& state, const ToolFault& fault) {
  if (!is_action(fault.action)) {
    throw std::runtime_error(fmt::format("there is no fault {}: fail:CODE, hang, kill or reset",
                                         sanitise(fault.action)));
  }
  if (fault.nth < 1) throw std::runtime_error("calls are counted from 1");
  if (fault.text.empty() || fault.text.find('\n') != fault.text.npos) {
    throw std::runtime_error("a part of the call is wanted, in one line");
  }
  const remote::UniqueFd lock = lock_rules(state);
  // Rules are never taken away: their number gives the next id.
  const std::string id = std::to_string(split_lines(read_text(state / "faults")).size() + 1);
  append_text(state / "faults",
              fmt::format("{} {} {} {}\n", id, fault.action, fault.nth, fault.text));
  return id;
}

void release_fault(const std::filesystem::path& state, const std::string& id) {
  const auto rules = split_lines(read_text(state / "faults"));
  const bool known = std::any_of(rules.begin(), rules.end(), [&](const std::string& rule) {
    return rule.compare(0, id.size() + 1, id + " ") == 0;
  });
  if (!known) throw std::runtime_error(fmt::format("there is no rule {}", sanitise(id)));
  write_text(state / ("release-" + id), "");
}

std::vector<std::string> fault_hits(const std::filesystem::path& state) {
  return split_lines(read_text(state / "faults.hits"));
}

}  // namespace drover::sandbox
