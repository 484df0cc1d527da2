#include <fmt/format.h>

#include <algorithm>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/locks.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/packages.h"
#include "examples/sandbox/tools/tools.h"

namespace drover::sandbox {
namespace {

bool is_known(const std::string& package) {
  if (installed_revision(package)) return true;
  const std::vector<Offer> offers = offers_of(with_lists({}));
  return std::any_of(offers.begin(), offers.end(),
                     [&](const Offer& offer) { return offer.name == package; });
}

void mark(const std::string& package, bool hold) {
  if (is_held(package) == hold) {
    return out(fmt::format("{} was already {} hold.\n", package, hold ? "set on" : "not on"));
  }
  set_hold(package, hold);
  out(hold ? fmt::format("{} set on hold.\n", package)
           : fmt::format("Canceled hold on {}.\n", package));
}

int show_holds(Call& call) {
  call.begin(Effect::Reads, "");
  for (const std::string& name : names_in(in_state("holds"))) out(name + '\n');
  return 0;
}

// apt-mark leaves the change to dpkg, which does not wait for a lock; it is not asked when there is
// nothing to do.
void take_lock_of_dpkg(FileLock& lock) {
  try {
    take_dpkg_lock(lock);
  } catch (const Exit&) {
    fail(
        "E: Sub-process dpkg --set-selections returned an error code (2)\n"
        "E: Executing dpkg failed. Are you root?",
        100);
  }
}

}  // namespace

/// apt-mark hold|unhold NAME..., showhold
int apt_mark(Call& call) {
  std::vector<std::string> names = call.args();
  const std::string verb = names.empty() ? "" : names.front();
  if (verb == "showhold" && names.size() == 1) return show_holds(call);
  if ((verb != "hold" && verb != "unhold") || names.size() < 2) call.unknown();
  names.erase(names.begin());
  call.begin(Effect::Changes, "E: Executing dpkg failed. Are you root?\n");
  for (const std::string& name : names) {
    if (!is_known(name)) {
      err(fmt::format("E: Unable to locate package {}\n", name));
      if (names.size() == 1) fail("E: No packages found", 100);
    }
  }
  const bool hold = verb == "hold";
  const bool nothing = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return !is_known(name) || is_held(name) == hold;
  });
  FileLock lock(kFrontendLock);
  if (!nothing) take_lock_of_dpkg(lock);
  lasts(kMarkPackages);
  call.half_way();
  for (const std::string& name : names) {
    if (is_known(name)) mark(name, hold);
  }
  return 0;
}

}  // namespace drover::sandbox
