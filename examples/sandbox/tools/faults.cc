#include "examples/sandbox/tools/faults.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "examples/sandbox/tools/call.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

struct Rule {
  Fault fault;
  int nth = 1;
  std::string text;
};

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Fault> read_action(const std::string& id, std::string_view word) {
  if (word == "hang") return Fault{id, Fault::Action::Hang};
  if (word == "kill") return Fault{id, Fault::Action::Kill};
  if (word == "reset") return Fault{id, Fault::Action::Reset};
  constexpr std::string_view kFail = "fail:";
  if (!word.starts_with(kFail)) return std::nullopt;
  const auto code = number(word.substr(kFail.size()));
  if (!code) return std::nullopt;
  return Fault{id, Fault::Action::Fail, *code};
}

std::string next_word(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string word(line.substr(0, end));
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<Rule> read_rule(std::string_view line) {
  const std::string id = next_word(line);
  const std::string action = next_word(line);
  const auto nth = number(next_word(line));
  const auto fault = read_action(id, action);
  if (!fault || !nth || line.empty()) return std::nullopt;
  return Rule{*fault, *nth, std::string(line)};
}

// Whether the call is but the carrier of another, which is a call of its own and meets its rules by
// itself.
bool carries_another(std::string_view call) {
  if (call.starts_with("sudo ") || call.starts_with("systemd-run ")) return true;
  const auto has = [&](const char* verb) { return call.find(verb) != std::string_view::npos; };
  return (call.starts_with("crictl ") && has(" exec ")) ||
         (call.starts_with("ctr ") && has(" run "));
}

bool matches(const Rule& rule, std::string_view call) {
  return carries_another(call) ? call.starts_with(rule.text)
                               : call.find(rule.text) != std::string_view::npos;
}

/// One process at a time counts; the lock goes with this object.
class CountLock {
 public:
  CountLock() : file_(open(in_state("faults.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    while (file_ >= 0 && flock(file_, LOCK_EX) != 0) {
    }
  }
  ~CountLock() {
    if (file_ >= 0) close(file_);
  }
  CountLock(const CountLock&) = delete;
  CountLock& operator=(const CountLock&) = delete;

 private:
  int file_;
};

bool has_struck(const std::vector<std::string>& hits, const std::string& id) {
  return std::any_of(hits.begin(), hits.end(),
                     [&](const std::string& hit) { return hit.starts_with(id + ' '); });
}

[[noreturn]] void wait_for_the_end() {
  for (;;) pause();
}

}  // namespace

std::unique_ptr<Fault> claim_fault(const std::string& call) {
  const std::string file = in_state("faults");
  if (!exists(file)) return nullptr;
  const CountLock lock;
  const std::string counts = in_state("faults.counts");
  const std::string hits = in_state("faults.hits");
  std::unique_ptr<Fault> claimed;
  for (const std::string& line : read_lines(file)) {
    const auto rule = read_rule(line);
    if (!rule) fail("stand-in: this fault rule cannot be read: " + line, 99);
    if (!matches(*rule, call) || has_struck(read_lines(hits), rule->fault.id)) continue;
    append_line(counts, rule->fault.id);
    const std::vector<std::string> seen = read_lines(counts);
    if (claimed || std::count(seen.begin(), seen.end(), rule->fault.id) < rule->nth) continue;
    append_line(hits, rule->fault.id + ' ' + call);
    claimed = std::make_unique<Fault>(rule->fault);
  }
  return claimed;
}

void strike(const Fault& fault) {
  switch (fault.action) {
    case Fault::Action::Fail:
      return;
    case Fault::Action::Hang:
      while (!exists(in_state("release-" + fault.id))) wait_a_moment();
      return;
    case Fault::Action::Kill:
      kill(getpid(), SIGKILL);
      wait_for_the_end();
    case Fault::Action::Reset:
      write_file(in_state("power"), "reboot\n");
      wait_for_the_end();
  }
}

}  // namespace drover::sandbox
