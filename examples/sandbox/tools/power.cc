#include "examples/sandbox/tools/power.h"

#include <algorithm>

#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {

int switch_power(Call& call, bool reboot) {
  call.begin(Effect::Changes, "Failed to talk to init daemon: Connection refused\n");
  call.half_way();
  write_file(in_state("power"), reboot ? "reboot\n" : "off\n");
  return 0;
}

/// reboot, poweroff, halt; shutdown -r|-h|-P now
int power_switch(Call& call) {
  std::vector<std::string> words = call.args();
  if (call.tool() != "shutdown") {
    if (!words.empty()) call.unknown();
    return switch_power(call, call.tool() == "reboot");
  }
  const bool now = std::find(words.begin(), words.end(), "now") != words.end();
  std::erase(words, "now");
  const std::vector<std::string> reboot = {"-r"};
  const bool off = words.empty() || words == std::vector<std::string>{"-h"} ||
                   words == std::vector<std::string>{"-P"};
  if (!now || (words != reboot && !off)) call.unknown();
  return switch_power(call, words == reboot);
}

}  // namespace drover::sandbox
