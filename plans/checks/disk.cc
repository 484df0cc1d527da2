#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inventory/base/text.h"
#include "plans/checks/check.h"

/// Whether the machines have room for what is fetched and copied.
namespace drover::plans {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

std::uint64_t free_at(const NodeFacts& facts, const std::string& path) {
  const auto found = facts.free.find(path);
  return found == facts.free.end() ? ~std::uint64_t{0} : found->second;
}

/// Room that a hop needs, from the sizes of 1.33 and 1.34: packages 220 MiB, images 250 MiB on a
/// worker and 600 MiB on a control plane, unpacked.
struct Room {
  std::string path;
  std::uint64_t bytes;
  std::string why;
};

std::vector<Room> room_needed(const Host& host, const NodeFacts& facts) {
  const bool control_plane = host.has(Role::ControlPlane);
  std::vector<Room> rooms = {
      {"/tmp", 200 * kMiB, "to unpack the target's kubeadm"},
      {"/var/cache/apt/archives", 300 * kMiB, "for packages"},
      {"/var", (control_plane ? 1200 : 600) * kMiB, "for images and packages"},
  };
  if (control_plane) {
    rooms.push_back({"/etc/kubernetes", 100 * kMiB + facts.etcd_bytes,
                     "for the copy of etcd that kubeadm makes"});
    rooms.push_back({"/var/lib/etcd", 100 * kMiB + facts.etcd_bytes, "for an etcd snapshot"});
  }
  return rooms;
}

/// What is missing on a machine; "" when nothing is. Folders with as much room left as each other
/// are of one file system: the one that wants most speaks for them.
std::string shortage_of(const Host& host, const NodeFacts& facts) {
  std::map<std::uint64_t, std::vector<Room>> missing;  // by what is free
  for (Room& room : room_needed(host, facts)) {
    const std::uint64_t free = free_at(facts, room.path);
    if (free < room.bytes) missing[free].push_back(std::move(room));
  }
  std::vector<std::string> parts;
  for (const auto& [free, rooms] : missing) {
    std::vector<std::string> paths;
    for (const Room& room : rooms) paths.push_back(room.path);
    const auto most = std::max_element(
        rooms.begin(), rooms.end(), [](const Room& a, const Room& b) { return a.bytes < b.bytes; });
    parts.push_back(fmt::format("{} MiB free at {}; {} MiB are wanted {}", free / kMiB,
                                join(paths, ", "), most->bytes / kMiB, most->why));
  }
  return join(parts, "; and ");
}

}  // namespace

std::vector<Verdict> check_disk_space(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Host& host : input.inventory.hosts) {
    const auto facts = input.facts.hosts.find(host.name);
    if (!input.file.takes(host) || facts == input.facts.hosts.end()) continue;
    const std::string shortage = shortage_of(host, facts->second);
    if (shortage.empty()) continue;
    verdicts.push_back({.severity = Severity::Blocker,
                        .subject = host.name,
                        .message = fmt::format("{} ({}) has {}", host.name, host.address, shortage),
                        .remedy = "free some space, or preflight.ignore: [disk-space]",
                        .override_ = "preflight.ignore"});
  }
  return verdicts;
}

}  // namespace drover::plans
