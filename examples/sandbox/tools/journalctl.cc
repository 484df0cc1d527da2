#include <fmt/format.h>

#include <time.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>
#include <set>

#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/static_pods.h"
#include "examples/sandbox/tools/tools.h"
#include "examples/sandbox/tools/units.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

struct Words {
  std::vector<std::string> units;
  size_t lines = 0;  ///< 0: all
  bool dated = false;
  bool show_cursor = false;
  std::optional<size_t> after = {};  ///< entries that the cursor leaves behind
  double since = 0;                  ///< seconds since the epoch
};

struct Entry {
  double time = 0;
  std::string unit;
  std::string text;
};

// Takes "--NAME=VALUE", or "-x VALUE", which moves `i` on.
bool take(const std::vector<std::string>& args, size_t& i, const std::string& name,
          const std::string& letter, std::string& value) {
  if (args[i].starts_with(name + '=')) {
    value = args[i].substr(name.size() + 1);
    return true;
  }
  if (args[i] != letter || i + 1 >= args.size()) return false;
  value = args[++i];
  return true;
}

// Cursors of this stand-in say how many entries of the units that were asked for stand before.
constexpr std::string_view kCursor = "s=sandbox;i=";

void read_cursor(const Call& call, const std::string& value, Words& words) {
  if (!value.starts_with(kCursor)) call.unknown();
  words.after = std::strtoul(value.c_str() + kCursor.size(), nullptr, 10);
}

// "-600s": so long ago.
void read_since(const Call& call, const std::string& value, Words& words) {
  if (value.size() < 3 || value.front() != '-' || value.back() != 's') call.unknown();
  words.since = now() - std::strtod(value.c_str() + 1, nullptr);
}

Words read_words(const Call& call) {
  static const std::set<std::string> kOfNoMatter = {"--no-pager", "-b", "--utc"};
  Words words;
  const std::vector<std::string>& args = call.args();
  for (size_t i = 0; i < args.size(); ++i) {
    std::string value;
    if (take(args, i, "--unit", "-u", value)) {
      words.units.push_back(unit_name(value));
    } else if (take(args, i, "--lines", "-n", value)) {
      words.lines = static_cast<size_t>(std::strtoul(value.c_str(), nullptr, 10));
    } else if (take(args, i, "--output", "-o", value)) {
      words.dated = value == "short-iso";
    } else if (take(args, i, "--after-cursor", "", value)) {
      read_cursor(call, value, words);
    } else if (take(args, i, "--since", "", value)) {
      read_since(call, value, words);
    } else if (args[i] == "--show-cursor") {
      words.show_cursor = true;
    } else if (kOfNoMatter.count(args[i]) == 0) {
      call.unknown();
    }
  }
  return words;
}

// What systemd and the kubelet say of each start of it.
void add_kubelet(std::vector<Entry>& entries) {
  for (const std::string& start : read_lines(in_state("kubelet"))) {
    const size_t blank = start.find(' ');
    const double time = blank == start.npos ? 0 : std::strtod(start.c_str() + blank, nullptr);
    entries.push_back({time, "", "Started kubelet.service - kubelet: The Kubernetes Node Agent."});
    entries.push_back(
        {time, "kubelet",
         fmt::format("\"Kubelet version\" kubeletVersion=\"{}\"", start.substr(0, blank))});
  }
}

// Lines "SECONDS UNIT TEXT" that somebody put there.
void add_others(const std::string& unit, std::vector<Entry>& entries) {
  for (const std::string& line : read_lines(in_state("journal"))) {
    const std::vector<std::string> words = split_words(line);
    if (words.size() < 3 || unit_name(words[1]) != unit) continue;
    entries.push_back({std::strtod(words[0].c_str(), nullptr), words[1],
                       line.substr(line.find(' ', line.find(' ') + 1) + 1)});
  }
}

std::vector<Entry> entries_of(const std::vector<std::string>& units) {
  std::vector<Entry> entries;
  for (const std::string& unit : units) {
    if (unit == "kubelet.service") add_kubelet(entries);
    for (const std::string& line : read_lines(unit_log(unit))) entries.push_back({0, unit, line});
    add_others(unit, entries);
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.time < b.time; });
  return entries;
}

std::string shown(const Entry& entry, bool dated) {
  if (!dated) return entry.text + '\n';
  const auto at = static_cast<time_t>(entry.time);
  tm utc{};
  gmtime_r(&at, &utc);
  std::array<char, 32> text{};
  strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S+0000", &utc);
  const std::string program = entry.unit.empty() ? "systemd[1]" : entry.unit + "[7]";
  return fmt::format("{} {} {}: {}\n", text.data(), host_name(), program, entry.text);
}

}  // namespace

/// journalctl of the kubelet, of units of systemd-run, and of what stands in the state's `journal`
int journalctl(Call& call) {
  const Words words = read_words(call);
  call.begin(Effect::Reads, "No journal files were found.\n");
  std::vector<Entry> entries = entries_of(words.units);
  const size_t all = entries.size();
  const size_t before = std::min(words.after.value_or(0), all);
  entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(before));
  std::erase_if(entries, [&](const Entry& entry) { return entry.time < words.since; });
  size_t behind = 0;  // entries that are not shown because enough are
  if (words.lines > 0 && entries.size() > words.lines) {
    const auto too_many = static_cast<std::ptrdiff_t>(entries.size() - words.lines);
    if (words.after || words.since > 0) {
      behind = static_cast<size_t>(too_many);
      entries.erase(entries.end() - too_many, entries.end());
    } else {
      entries.erase(entries.begin(), entries.begin() + too_many);
    }
  }
  for (const Entry& entry : entries) out(shown(entry, words.dated));
  if (entries.empty()) out("-- No entries --\n");
  if (!words.show_cursor) return 0;
  if (entries.empty() && !words.after) return 1;  // no place to show
  out(fmt::format("-- cursor: {}{}\n", kCursor, all - behind));
  return 0;
}

}  // namespace drover::sandbox
