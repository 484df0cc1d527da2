#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/tools.h"
#include "examples/sandbox/tools/units.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

struct Words {
  std::string unit;
  size_t lines = 0;  ///< 0: all
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

Words read_words(const Call& call) {
  Words words;
  const std::vector<std::string>& args = call.args();
  for (size_t i = 0; i < args.size(); ++i) {
    std::string value;
    if (take(args, i, "--unit", "-u", value)) {
      words.unit = unit_name(value);
    } else if (take(args, i, "--lines", "-n", value)) {
      words.lines = static_cast<size_t>(std::strtoul(value.c_str(), nullptr, 10));
    } else if (!take(args, i, "--output", "-o", value) && args[i] != "--no-pager" &&
               args[i] != "-b") {
      call.unknown();
    }
  }
  return words;
}

// What systemd and the kubelet say of each start of it.
std::vector<std::string> kubelet_journal() {
  std::vector<std::string> lines;
  for (const std::string& start : read_lines(in_state("kubelet"))) {
    lines.push_back("Started kubelet.service - kubelet: The Kubernetes Node Agent.");
    lines.push_back(
        fmt::format("\"Kubelet version\" kubeletVersion=\"{}\"", start.substr(0, start.find(' '))));
  }
  return lines;
}

}  // namespace

/// journalctl --unit=NAME --lines=N, of the kubelet and of units of systemd-run
int journalctl(Call& call) {
  const Words words = read_words(call);
  call.begin(Effect::Reads, "No journal files were found.\n");
  std::vector<std::string> lines =
      words.unit == "kubelet.service" ? kubelet_journal() : read_lines(unit_log(words.unit));
  if (words.lines > 0 && lines.size() > words.lines) {
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(words.lines));
  }
  if (lines.empty()) lines.push_back("-- No entries --");
  for (const std::string& line : lines) out(line + '\n');
  return 0;
}

}  // namespace drover::sandbox
