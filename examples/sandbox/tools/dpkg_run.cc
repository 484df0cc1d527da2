#include "examples/sandbox/tools/dpkg_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "examples/sandbox/tools/recorded.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

constexpr const char* kUpdates = "/var/lib/dpkg/updates";
constexpr const char* kHalfInstalled = "half-installed";

std::vector<std::string> update_entries() {
  std::vector<std::string> names = names_in(kUpdates);
  std::erase_if(names, [](const std::string& name) {
    return !std::all_of(name.begin(), name.end(),
                        [](unsigned char c) { return std::isdigit(c) != 0; });
  });
  return names;
}

// dpkg writes each new status into a file of its own before anything else, numbered from 0.
void set_status(const std::string& package, const std::string& state) {
  const std::string entry = fmt::format("{}/{:04}", kUpdates, update_entries().size());
  const char* flag = state == kHalfInstalled ? "reinstreq" : "ok";
  write_file(entry, fmt::format("Package: {}\nStatus: install {} {}\nVersion: {}\n", package, flag,
                                state.empty() ? "installed" : state,
                                installed_revision(package).value_or("")));
  const std::string file = in_state("unfinished/" + package);
  if (state.empty()) return remove_file(file);
  write_file(file, state + '\n');
}

void forget_updates() {
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(kUpdates, missing)) {
    remove_file(entry.path());
  }
}

// As dpkg shortens it: the longest end that begins with a slash and has at most 31 characters.
std::string shortened(const std::string& path) {
  for (size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    if (path.size() - at <= 31) return at == 0 ? path : "..." + path.substr(at);
  }
  return path;
}

std::string archive_path(const Offer& offer) {
  const std::string name = archive_name(offer.name, offer.revision);
  return (offer.from.local() ? offer.from.folder() : "/var/cache/apt/archives") + '/' + name;
}

void print(std::string_view line, DpkgOutput output) {
  out(line);
  out(output == DpkgOutput::Terminal ? "\r\n" : "\n");
}

[[noreturn]] void disk_full(const Change& change) {
  err(
      fmt::format("dpkg: error processing archive {0} (--unpack):\n cannot copy extracted data for "
                  "'./usr/bin/{1}' to "
                  "'/usr/bin/{1}.dpkg-new': failed to write (No space left on device)\n"
                  "Errors were encountered while processing:\n {0}\n"
                  "E: Sub-process /usr/bin/dpkg returned an error code (1)\n",
                  archive_path(change.offer), change.offer.name));
  throw Exit{100};
}

void unpack(const Change& change, DpkgOutput output) {
  const Offer& offer = change.offer;
  print(fmt::format("Preparing to unpack {} ...", shortened(archive_path(offer))), output);
  const bool is_new = change.kind == Change::Kind::New;
  print(is_new ? fmt::format("Unpacking {} ({}) ...", offer.name, offer.revision)
               : fmt::format("Unpacking {} ({}) over ({}) ...", offer.name, offer.revision,
                             change.old),
        output);
  try {
    set_status(offer.name, kHalfInstalled);
    lasts(kUnpackPackage);
    write_file(in_state("packages/" + offer.name), offer.revision + '\n');
    set_status(offer.name, "unpacked");
  } catch (const NoRoom&) {
    disk_full(change);
  }
}

void set_up(const std::string& package, DpkgOutput output) {
  const std::string revision = installed_revision(package).value_or("");
  print(fmt::format("Setting up {} ({}) ...", package, revision), output);
  set_status(package, "half-configured");
  lasts(kSetUpPackage);
  set_status(package, "");
}

// Those that can be set up, in the order of their names.
std::vector<std::string> pending() {
  std::vector<std::string> names = names_in(in_state("unfinished"));
  std::erase_if(names,
                [](const std::string& name) { return unfinished_state(name) == kHalfInstalled; });
  return names;
}

}  // namespace

bool dpkg_was_interrupted() { return !update_entries().empty(); }

void run_dpkg(Call& call, const InstallPlan& plan, DpkgOutput output) {
  for (const Change& change : plan.changes) {
    if (change.kind == Change::Kind::New) {
      print(fmt::format("Selecting previously unselected package {}.", change.offer.name), output);
    }
    if (&change == &plan.changes.front()) {
      print(trim(recorded("apt/reading-database.out")), output);
    }
    unpack(change, output);
  }
  call.half_way();
  for (const std::string& package : pending()) set_up(package, output);
  forget_updates();
}

void configure_pending(Call& call) {
  const std::vector<std::string> packages = pending();
  call.half_way();
  for (const std::string& package : packages) set_up(package, DpkgOutput::Pipe);
  forget_updates();
}

}  // namespace drover::sandbox
