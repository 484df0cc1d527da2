#include "examples/sandbox/world/node_log.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "[COMPONENT] VERSION EPOCH"
Began read_line(const std::string& line, bool with_component, const std::string& what) {
  std::istringstream words(line);
  Began began;
  double epoch = 0;
  if (with_component) words >> began.component;
  if (!(words >> began.version >> epoch))
    throw std::runtime_error(fmt::format("{}: \"{}\" is no version with a time", what, line));
  began.at = from_epoch(epoch);
  return began;
}

std::vector<Began> read_file(const Machine& machine, const std::string& name,
                             bool with_component = false) {
  std::vector<Began> all;
  for (const std::string& line : node_lines(machine, name)) {
    all.push_back(read_line(line, with_component, fmt::format("{} of {}", name, machine.name)));
  }
  return all;
}

constexpr std::array kFiles = {"var/lib/sandbox/kubelet",
                               "var/lib/sandbox/control-plane",
                               "var/lib/sandbox/static-pods",
                               "var/lib/sandbox/stopped",
                               "boot_id",
                               "etc/kubernetes/manifests"};

// What changes whenever one of the files does: they are appended to, or written anew.
std::string looks_of(const Machine& machine) {
  std::string looks;
  for (const char* file : kFiles) {
    struct stat found {};
    if (::stat((machine.root / file).c_str(), &found) != 0) found = {};
    looks += fmt::format("{} {} {} {},", found.st_ino, found.st_size, found.st_mtim.tv_sec,
                         found.st_mtim.tv_nsec);
  }
  return looks;
}

// A manifest that lies in a folder beside the kubelet's was put there from it.
std::vector<std::string> manifests_away(const Machine& machine) {
  std::vector<std::string> away;
  std::error_code none;
  const std::filesystem::path kubernetes = machine.root / "etc/kubernetes";
  for (const char* name : kComponents) {
    const std::string file = std::string(name) + ".yaml";
    if (std::filesystem::exists(kubernetes / "manifests" / file, none)) continue;
    for (const auto& folder : std::filesystem::directory_iterator(kubernetes, none)) {
      if (std::filesystem::exists(folder.path() / file, none)) away.emplace_back(name);
    }
  }
  return away;
}

}  // namespace

const NodeLog& KnownNodeLog::read(const Machine& machine) {
  std::string looks = looks_of(machine);  // before the reading: what comes meanwhile is seen later
  if (looks == seen_) return log_;
  log_ = read_node_log(machine);
  seen_ = std::move(looks);
  return log_;
}

std::vector<std::string> node_lines(const Machine& machine, const std::string& name) {
  std::string text = read_all(machine.root / "var/lib/sandbox" / name);
  text.erase(text.rfind('\n') + 1);
  return split_lines(text);
}

NodeLog read_node_log(const Machine& machine) {
  return {.kubelets = read_file(machine, "kubelet"),
          .control_planes = read_file(machine, "control-plane"),
          .static_pods = read_file(machine, "static-pods", true),
          .stopped = read_file(machine, "stopped", true),
          .boot_id = std::string(trim(read_all(machine.root / "boot_id"))),
          .away = machine.control_plane ? manifests_away(machine) : std::vector<std::string>()};
}

}  // namespace drover::sandbox
