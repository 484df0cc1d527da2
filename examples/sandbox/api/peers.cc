#include "examples/sandbox/api/peers.h"

#include <fmt/format.h>

#include <fstream>
#include <stdexcept>

namespace drover::sandbox {
namespace {

std::string list(const World& world, Moment now) {
  std::string text;
  for (const ClusterNode& node : world.nodes) {
    const ControlPlane* control_plane = world.control_plane(node.name());
    text += fmt::format("{} {} {}", node.name(), control_plane ? "control-plane" : "worker",
                        node.kubelet_version);
    if (control_plane != nullptr) text += " " + control_plane->pod("kube-apiserver", now).version;
    text += "\n";
  }
  return text;
}

// A tool that reads meanwhile sees the old list or the new one.
void replace(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path fresh = path.string() + ".new";
  std::ofstream file(fresh);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(fresh.string() + " cannot be written");
  std::filesystem::rename(fresh, path);
}

}  // namespace

void Peers::tell_lock(World& world) {
  for (const ClusterNode& node : world.nodes) {
    if (!node.machine.control_plane) continue;
    const auto restored = node.machine.root / "var/lib/sandbox/lock.restored";
    std::ifstream file(restored);
    if (!file) continue;
    std::string text;
    std::getline(file, text);
    world.lock.reset();
    if (!text.empty()) {
      world.lock = nlohmann::json::parse(text);
      (*world.lock)["metadata"]["resourceVersion"] = std::to_string(++world.revision);
    }
    std::filesystem::remove(restored);
  }
  const std::string text = world.lock ? world.lock->dump() + '\n' : "";
  if (text == lock_) return;
  for (const ClusterNode& node : world.nodes) {
    if (node.machine.control_plane) replace(node.machine.root / "var/lib/sandbox/lock", text);
  }
  lock_ = text;
}

void Peers::publish(const World& world, Moment now) {
  std::string text = list(world, now);
  if (text == published_) return;
  for (const ClusterNode& node : world.nodes) {
    if (node.machine.control_plane) replace(node.machine.root / "var/lib/sandbox/cluster", text);
  }
  published_ = std::move(text);
}

}  // namespace drover::sandbox
