#include "examples/sandbox/node/farm.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "examples/sandbox/node/child.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

namespace fs = std::filesystem;

// What a node has no stand-in for and must not find either: other ways to the power switch and to
// the packages of the machine on which all this runs, and tools that nodes do not have.
constexpr const char* kNotThere[] = {"apt",  "aptitude", "etcdctl", "etcdutl",
                                     "init", "nerdctl",  "telinit", "unattended-upgrade"};

void link_all(const fs::path& from, const fs::path& farm, const std::vector<std::string>& tools) {
  fs::create_directories(farm);
  for (const fs::directory_entry& program : fs::directory_iterator(from)) {
    const fs::path name = program.path().filename();
    fs::create_symlink(kHostFolder + (from / name).string(), farm / name);
  }
  for (const char* name : kNotThere) fs::remove(farm / name);
  for (const std::string& name : tools) {
    fs::remove(farm / name);
    fs::create_symlink(kTool, farm / name);
  }
}

}  // namespace

Farm make_farm(const std::filesystem::path& folder, const std::filesystem::path& stand_in) {
  const std::vector<std::string> tools = split_lines(output_of({stand_in, "--names"}));
  if (tools.empty()) throw std::runtime_error(stand_in.string() + " stands in for nothing");
  Farm farm{folder / "bin", folder / "sbin"};
  link_all("/usr/bin", farm.bin, tools);
  link_all("/usr/sbin", farm.sbin, tools);
  return farm;
}

}  // namespace drover::sandbox
