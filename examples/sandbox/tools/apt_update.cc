#include "examples/sandbox/tools/apt_update.h"

#include <fmt/format.h>

#include <algorithm>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/locks.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/recorded.h"
#include "examples/sandbox/tools/repository.h"

namespace drover::sandbox {
namespace {

// In the recordings.
constexpr const char* kShown = "file:/srv/apt/v1.34 ./";
constexpr const char* kMirrorShown = "https://pkgs.k8s.io/core:/stable:/v1.34/deb ";
constexpr const char* kMissing = "/srv/apt/v1.36/.";

std::vector<std::string> known_lists(const AptCall& apt) {
  return read_lines(lists_folder(apt) + "/minor");
}

bool contains(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

void print_reading(const Repository& one, bool known) {
  if (!one.local()) return out(recorded("apt/update-mirror.out", {{kMirrorShown, one.shown()}}));
  const char* name = known ? "apt/update-again.out" : "apt/update.out";
  out(recorded(name, {{kShown, one.shown()}}));
}

[[noreturn]] void missing(const Repository& one) {
  if (!one.local()) {
    err(fmt::format("E: The repository '{} Release' does not have a Release file.\n", one.shown()));
    throw Exit{100};
  }
  out(recorded("apt/update-missing.out",
               {{"file:/srv/apt/v1.36 ./", one.shown()}, {kMissing, one.folder()}}));
  err(recorded("apt/update-missing.err", {{kMissing, one.folder()}}));
  throw Exit{100};
}

// A list of a minor that no source file names any more is of no use: what stands there is replaced.
void remember(const AptCall& apt, const std::vector<Repository>& read) {
  std::string text;
  for (const Repository& one : read) {
    if (text.find(one.minor + '\n') == std::string::npos) text += one.minor + '\n';
  }
  write_file(lists_folder(apt) + "/minor", text);
}

}  // namespace

int apt_update(Call& call, const AptCall& apt) {
  const std::string folder = lists_folder(apt);
  const bool own = folder == in_state("lists");
  call.begin(own ? Effect::Changes : Effect::Reads, recorded("apt/update-fetch-failed.err"));
  FileLock lock(own ? "/var/lib/apt/lists/lock" : folder + "/lock");
  take_folder_lock(lock);
  const std::vector<std::string> known = known_lists(apt);
  const std::vector<Repository> list = repositories(apt);
  lasts(kUpdate);
  call.half_way();
  for (const Repository& one : list) {
    if (!exists(in_state("offers/" + one.minor))) missing(one);
    print_reading(one, contains(known, one.minor));
  }
  out("Reading package lists...\n");
  remember(apt, list);
  return 0;
}

}  // namespace drover::sandbox
