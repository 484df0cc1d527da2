#include <fmt/format.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/power.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/tools.h"
#include "examples/sandbox/tools/units.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr const char* kKubelet = "kubelet.service";
constexpr int kInactive = 3;
constexpr int kNoSuchUnit = 4;

struct Words {
  std::string verb;
  std::vector<std::string> units;
  std::vector<std::string> properties;
  bool quiet = false;
  bool value_only = false;
};

// -p A,B and --property=A,B
void add_properties(Words& words, const std::string& list) {
  std::string name;
  for (const char c : list + ',') {
    if (c != ',') {
      name += c;
    } else if (!name.empty()) {
      words.properties.push_back(std::exchange(name, ""));
    }
  }
}

Words read_words(const Call& call) {
  constexpr std::array kOfNoMatter = {"--no-pager", "--no-block", "--full", "--no-ask-password",
                                      "-l"};
  Words words;
  const std::vector<std::string>& args = call.args();
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string& word = args[i];
    if (word == "--quiet" || word == "-q") {
      words.quiet = true;
    } else if (word == "--value") {
      words.value_only = true;
    } else if (word == "-p" && i + 1 < args.size()) {
      add_properties(words, args[++i]);
    } else if (word.starts_with("--property=")) {
      add_properties(words, word.substr(word.find('=') + 1));
    } else if (word.starts_with("--lines=") ||
               std::find(kOfNoMatter.begin(), kOfNoMatter.end(), word) != kOfNoMatter.end()) {
      continue;
    } else if (word.starts_with('-')) {
      call.unknown();
    } else if (words.verb.empty()) {
      words.verb = word;
    } else {
      words.units.push_back(unit_name(word));
    }
  }
  return words;
}

int restart_kubelet(Call& call) {
  call.begin(Effect::Changes, recorded("systemd/restart-failed.err"));
  lasts(kRestartKubelet);
  call.half_way();
  append_line(in_state("kubelet"), version_of("kubelet") + ' ' + epoch_text());
  return 0;
}

bool is_active(const std::string& name) {
  if (name == kKubelet) return installed_revision("kubelet").has_value();
  const auto unit = find_unit(name);
  return unit && unit->active();
}

int tell_active(Call& call, const Words& words) {
  call.begin(Effect::Reads, "Failed to connect to bus: Connection refused\n");
  bool any = false;
  for (const std::string& name : words.units) {
    const bool active = is_active(name);
    any = any || active;
    if (!words.quiet) out(active ? "active\n" : "inactive\n");
  }
  return any ? 0 : kInactive;
}

std::string since_kubelet() {
  const std::vector<std::string> starts = read_lines(in_state("kubelet"));
  const std::vector<std::string> words =
      starts.empty() ? std::vector<std::string>{} : split_words(starts.back());
  const time_t at = words.size() == 2 ? static_cast<time_t>(std::atoll(words[1].c_str())) : 0;
  tm utc{};
  gmtime_r(&at, &utc);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), "%a %Y-%m-%d %H:%M:%S UTC", &utc);
  return text.data();
}

int status(Call& call, const Words& words) {
  call.begin(Effect::Reads, "Failed to connect to bus: Connection refused\n");
  const std::string& name = words.units.front();
  if (name == kKubelet) {
    out(recorded("systemd/status-kubelet.out", {{"Fri 2026-11-27 21:14:17 UTC", since_kubelet()}}));
    return 0;
  }
  const auto unit = find_unit(name);
  if (!unit) fail(fmt::format("Unit {} could not be found.", name), kNoSuchUnit);
  const bool active = unit->active();
  out(
      fmt::format("{} {} - {}\n     Loaded: loaded (/run/systemd/transient/{}; transient)\n  "
                  "Transient: yes\n     "
                  "Active: {}\n   Main PID: {}\n",
                  active ? "●" : "○", name, unit->description, name,
                  active ? "active (running)" : "inactive (dead)", unit->pid));
  return active ? 0 : kInactive;
}

std::string property_of(const std::string& name, const std::string& property) {
  const bool active = is_active(name);
  const auto unit = find_unit(name);
  if (property == "ActiveState") return active ? "active" : "inactive";
  if (property == "SubState") return active ? "running" : "dead";
  if (property == "LoadState") return name == kKubelet || unit ? "loaded" : "not-found";
  if (property == "MainPID") return active && unit ? fmt::format("{}", unit->pid) : "0";
  if (property == "Description") return unit ? unit->description : name;
  if (property == "Id") return name;
  if (property == "Result") return "success";
  return "";
}

int show(Call& call, const Words& words) {
  call.begin(Effect::Reads, "Failed to connect to bus: Connection refused\n");
  for (const std::string& property : words.properties) {
    const std::string value = property_of(words.units.front(), property);
    out(words.value_only ? value + '\n' : fmt::format("{}={}\n", property, value));
  }
  return 0;
}

// As with KillMode=control-group: everything of its session.
int stop(Call& call, const Words& words) {
  call.begin(Effect::Changes, "Failed to connect to bus: Connection refused\n");
  const auto unit = find_unit(words.units.front());
  if (!unit) {
    fail(fmt::format("Failed to stop {0}: Unit {0} not loaded.", words.units.front()), 5);
  }
  if (unit->active() && unit->pid > 0) kill(-unit->pid, SIGTERM);
  constexpr double kPatience = 90;  // DefaultTimeoutStopSec
  const double end = now() + kPatience;
  while (unit->active() && now() < end) wait_a_moment();
  if (unit->active()) kill(-unit->pid, SIGKILL);
  return 0;
}

}  // namespace

/// systemctl daemon-reload; restart, status, is-active, show, stop of a unit; is-system-running;
/// reboot, poweroff
int systemctl(Call& call) {
  const Words words = read_words(call);
  const bool one = words.units.size() == 1;
  if (words.verb == "daemon-reload" && words.units.empty()) {
    call.begin(Effect::Changes, "Failed to reload daemon: Connection timed out\n");
    return 0;
  }
  if (words.verb == "restart" && one && words.units[0] == kKubelet) return restart_kubelet(call);
  if (words.verb == "is-active" && !words.units.empty()) return tell_active(call, words);
  if (words.verb == "status" && one) return status(call, words);
  if (words.verb == "show" && one && !words.properties.empty()) return show(call, words);
  if (words.verb == "stop" && one && words.units[0] != kKubelet) return stop(call, words);
  if (words.verb == "is-system-running" && words.units.empty()) {
    call.begin(Effect::Reads, "Failed to connect to bus: Connection refused\n");
    out("running\n");
    return 0;
  }
  const bool power = words.verb == "reboot" || words.verb == "poweroff" || words.verb == "halt";
  if (power && words.units.empty()) return switch_power(call, words.verb == "reboot");
  call.unknown();
}

}  // namespace drover::sandbox
