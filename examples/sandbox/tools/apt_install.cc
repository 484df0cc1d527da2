#include "examples/sandbox/tools/apt_install.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <cstdlib>
#include <map>
#include <memory>

#include "examples/sandbox/tools/dpkg_run.h"
#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/install_plan.h"
#include "examples/sandbox/tools/locks.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/recorded.h"

namespace drover::sandbox {
namespace {

constexpr int kFailed = 100;
constexpr double kMega = 1e6;

// Sizes of the packages of the bed, in bytes.
double size_of(const std::string& package) {
  static const std::map<std::string, double> kSizes = {
      {"cri-tools", 20.7e3}, {"kubeadm", 74.5e6}, {"kubectl", 61.3e6}, {"kubelet", 83.9e6}};
  const auto found = kSizes.find(package);
  return found == kSizes.end() ? 5e6 : found->second;
}

// As apt writes sizes: "20.7 k", "145 M".
std::string size_text(double bytes) {
  constexpr const char* kUnits[] = {"", "k", "M", "G"};
  size_t unit = 0;
  while (bytes >= 10000 && unit < 3) {
    bytes /= 1000;
    ++unit;
  }
  return bytes < 100 && unit > 0 ? fmt::format("{:.1f} {}", bytes, kUnits[unit])
                                 : fmt::format("{:.0f} {}", bytes, kUnits[unit]);
}

std::string archives_folder(const AptCall& apt) {
  const std::string cache = apt.setting("Dir::Cache", "/var/cache/apt");
  std::string folder = apt.setting("Dir::Cache::archives", cache + "/archives");
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

void print_lists_read() {
  lasts(kReadLists);
  out("Reading package lists...\nBuilding dependency tree...\nReading state information...\n");
}

// What is not there yet and does not come from a folder of this machine.
bool to_fetch(const Offer& offer, const std::string& archives) {
  return !offer.from.local() && !offer.from.uri.empty() &&
         !exists(archives + '/' + archive_name(offer.name, offer.revision));
}

void check_room(const std::string& archives, double bytes) {
  struct statvfs room {};
  if (bytes <= 0 || statvfs(archives.c_str(), &room) != 0) return;
  if (static_cast<double>(room.f_bavail) * static_cast<double>(room.f_frsize) >= bytes) return;
  fail(fmt::format("E: You don't have enough free space in {}/.", archives), kFailed);
}

void write_archive(const Offer& offer, const std::string& folder) {
  write_file(folder + '/' + archive_name(offer.name, offer.revision),
             fmt::format("{} {}\n", offer.name, offer.revision));
}

void print_get(int number, const Offer& offer) {
  out(fmt::format("Get:{} {} {} {} [{}B]\n", number, offer.from.shown(), offer.name, offer.revision,
                  size_text(size_of(offer.name))));
}

/// Fetches what has to be, and tells so as apt does. Packages of a local repository stay where they
/// are.
void acquire(Call& call, const AptCall& apt, const InstallPlan& plan) {
  const std::string archives = archives_folder(apt);
  double all = 0;
  double missing = 0;
  for (const Change& change : plan.changes) {
    all += size_of(change.offer.name);
    if (to_fetch(change.offer, archives)) missing += size_of(change.offer.name);
  }
  out(missing < all
          ? fmt::format("Need to get {}B/{}B of archives.\n", size_text(missing), size_text(all))
          : fmt::format("Need to get {}B of archives.\n", size_text(all)));
  out("After this operation, 0 B of additional disk space will be used.\n");
  check_room(archives, missing);
  if (apt.has("--download-only")) call.half_way();
  int number = 0;
  for (const Change& change : plan.changes) {
    const bool fetch = to_fetch(change.offer, archives);
    if (!fetch && !change.offer.from.local()) continue;
    print_get(++number, change.offer);
    if (!fetch) continue;
    lasts(kFetchPerMegabyte * size_of(change.offer.name) / kMega);
    write_archive(change.offer, archives);
  }
  if (missing > 0) {
    const double seconds = kFetchPerMegabyte * missing / kMega;
    out(fmt::format("Fetched {}B in {:.0f}s ({}B/s)\n", size_text(missing), seconds,
                    size_text(missing / seconds)));
  }
}

void refuse(const AptCall& apt, const InstallPlan& plan) {
  if (!plan.names(Change::Kind::Downgrade).empty() && !apt.has("--allow-downgrades")) {
    fail("E: Packages were downgraded and -y was used without --allow-downgrades.", kFailed);
  }
  if (!plan.held().empty() && !apt.has("--allow-change-held-packages")) {
    fail("E: Held packages were changed and -y was used without --allow-change-held-packages.",
         kFailed);
  }
}

}  // namespace

int apt_install(Call& call, const AptCall& apt) {
  call.begin(Effect::Changes, recorded("apt/dpkg-failed.err"));
  FileLock frontend(kFrontendLock);
  take_frontend_lock(frontend, std::atof(apt.setting("DPkg::Lock::Timeout", "0").c_str()));
  if (dpkg_was_interrupted()) {
    fail(
        "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the "
        "problem. ",
        kFailed);
  }
  print_lists_read();
  const InstallPlan plan = plan_install(offers_of(with_lists(apt)), apt.names);
  out(plan.summary());
  refuse(apt, plan);
  if (plan.changes.empty()) {
    configure_pending(call);
    return 0;
  }
  FileLock archives(archives_folder(apt) + "/lock");
  take_folder_lock(archives);
  acquire(call, apt, plan);
  if (apt.has("--download-only")) {
    out("Download complete and in download only mode\n");
    return 0;
  }
  err(recorded("apt/debconf.err"));
  const bool pipe = apt.setting("Dpkg::Use-Pty", "1") == "0";
  run_dpkg(call, plan, pipe ? DpkgOutput::Pipe : DpkgOutput::Terminal);
  return 0;
}

int apt_download(Call& call, const AptCall& apt) {
  call.begin(Effect::Reads, recorded("apt/fetch-failed.err"));
  const std::vector<Offer> offers = offers_of(with_lists(apt));
  int number = 0;
  for (const std::string& wanted : apt.names) {
    const Offer offer = find_offer(offers, wanted);
    print_get(++number, offer);
    if (!offer.from.local()) lasts(kFetchPerMegabyte * size_of(offer.name) / kMega);
    write_archive(offer, ".");
  }
  return 0;
}

}  // namespace drover::sandbox
