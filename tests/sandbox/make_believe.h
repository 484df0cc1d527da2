#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "examples/sandbox/world/scene.h"
#include "examples/sandbox/world/settle.h"
#include "tests/support/temp_dir.h"

namespace drover::test {

/// Folders of machines of which only the files exist that a cluster reads. Names that begin with
/// "cp" are control planes; all run 1.33.13.
class MachineFolders {
 public:
  explicit MachineFolders(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      sandbox::Machine machine{name, std::filesystem::path(dir_.path()) / name,
                               name.starts_with("cp")};
      std::filesystem::create_directories(machine.root / "var/lib/sandbox");
      write(machine, "boot_id", "boot of " + name + "\n");
      append(machine, "kubelet", "v1.33.13 0");
      if (machine.control_plane) append(machine, "control-plane", "v1.33.13 0");
      machines_.push_back(std::move(machine));
    }
  }

  const std::vector<sandbox::Machine>& all() const { return machines_; }
  const std::string& path() const { return dir_.path(); }

  void append(const std::string& node, const std::string& file, const std::string& line) {
    for (const sandbox::Machine& machine : machines_)
      if (machine.name == node) append(machine, file, line);
  }
  void boot(const std::string& node, const std::string& id) {
    for (const sandbox::Machine& machine : machines_)
      if (machine.name == node) write(machine, "boot_id", id + "\n");
  }

 private:
  static void write(const sandbox::Machine& machine, const std::string& file,
                    const std::string& text) {
    std::ofstream(machine.root / file) << text;
  }
  static void append(const sandbox::Machine& machine, const std::string& file,
                     const std::string& line) {
    std::ofstream(machine.root / "var/lib/sandbox" / file, std::ios::app) << line << '\n';
  }

  TempDir dir_;
  std::vector<sandbox::Machine> machines_;
};

/// A world at the pace of the real one (speed 1), and a time that passes only when a test says so.
class MakeBelieve {
 public:
  explicit MakeBelieve(const std::vector<std::string>& names = {"cp1", "w1", "w2"})
      : folders(names), world(folders.all(), sandbox::Pace(1), 1, now - std::chrono::hours(24)) {
    sandbox::settle(world, now);
  }

  void pass(double seconds) {
    now = sandbox::after(now, sandbox::Span{seconds});
    sandbox::settle(world, now);
  }
  /// A tool on this node notes what begins now.
  void note(const std::string& node, const std::string& file, const std::string& what) {
    const auto since_1970 = std::chrono::duration<double>(now.time_since_epoch());
    folders.append(node, file, fmt::format("{} {:.6f}", what, since_1970.count()));
  }

  /// Pods of a workload that are there and not on their way out.
  std::vector<sandbox::Pod*> pods_of(const std::string& workload) {
    std::vector<sandbox::Pod*> pods;
    for (sandbox::Pod& pod : world.pods)
      if (pod.workload == workload && !pod.deleting) pods.push_back(&pod);
    return pods;
  }
  void add(const std::string& name, int replicas,
           sandbox::Workload::Kind kind = sandbox::Workload::Kind::Deployment,
           sandbox::PodSpec spec = {}) {
    sandbox::Workload workload{.kind = kind, .ns = "default", .name = name};
    workload.pods = std::move(spec);
    workload.pods.labels["app"] = name;
    if (workload.pods.image.empty()) workload.pods.image = name + ":1";
    workload.replicas = replicas;
    sandbox::add_workload(world, workload, now);
    sandbox::settle(world, now);
  }
  void limit(const std::string& app, const std::string& min_available,
             const std::string& max_unavailable = "", const std::string& name = "") {
    sandbox::add_budget(world,
                        {.ns = "default",
                         .name = name.empty() ? app : name,
                         .selector = sandbox::equal_to({{"app", app}}),
                         .min_available = min_available,
                         .max_unavailable = max_unavailable},
                        now);
  }

  MachineFolders folders;
  sandbox::Moment now = sandbox::from_epoch(1'790'000'000.25);
  sandbox::World world;
};

}  // namespace drover::test
