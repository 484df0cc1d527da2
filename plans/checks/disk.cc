#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "inventory/base/text.h"
#include "plans/checks/check.h"

/// Whether the machines have room for what is fetched and copied.
namespace drover::plans {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

/// Room that a hop needs, from the sizes of 1.33 and 1.34: packages 220 MiB, images 250 MiB on a
/// worker and 600 MiB on a control plane, unpacked.
struct Room {
  std::string path;
  std::uint64_t bytes;
  std::string why;
};

/// The snapshot is taken once, on the first control plane.
bool takes_snapshot(const CheckInput& input, const Host& host) {
  const auto& hosts = input.inventory.hosts;
  const auto first = std::find_if(hosts.begin(), hosts.end(),
                                  [](const Host& one) { return one.has(Role::ControlPlane); });
  return input.file.etcd.snapshot && first != hosts.end() && &*first == &host;
}

std::vector<Room> room_needed(const CheckInput& input, const Host& host, const NodeFacts& facts) {
  const bool control_plane = host.has(Role::ControlPlane);
  std::vector<Room> rooms = {
      {"/tmp", 200 * kMiB, "to unpack the target's kubeadm"},
      {"/var/cache/apt/archives", 300 * kMiB, "for packages"},
      {"/var", (control_plane ? 900 : 300) * kMiB, "for images"},
  };
  if (!control_plane || !input.control_plane_behind) return rooms;
  const std::uint64_t copy = 100 * kMiB + facts.etcd_bytes;
  rooms.push_back({"/etc/kubernetes", copy, "for the copy of etcd that kubeadm makes"});
  if (takes_snapshot(input, host)) rooms.push_back({"/var/lib/etcd", copy, "for an etcd snapshot"});
  return rooms;
}

using Rooms = std::vector<Room>;

/// By what is free, in MiB: folders with as much room left as each other are of one file system,
/// where all that lands must fit together. In MiB since something may be written between two looks.
std::map<std::uint64_t, Rooms> by_free_mib(const NodeFacts& facts, Rooms rooms) {
  std::map<std::uint64_t, Rooms> groups;
  for (Room& room : rooms) {
    const auto free = facts.free.find(room.path);
    if (free != facts.free.end()) groups[free->second / kMiB].push_back(std::move(room));
  }
  return groups;
}

/// "300 MiB are wanted for images", or the sum and what it is made of.
std::string wanted_text(const Rooms& rooms, std::uint64_t wanted_mib) {
  if (rooms.size() == 1) return fmt::format("{} MiB are wanted {}", wanted_mib, rooms[0].why);
  std::vector<std::string> parts;
  for (const Room& room : rooms) parts.push_back(fmt::format("{} {}", room.bytes / kMiB, room.why));
  return fmt::format("{} MiB are wanted: {}", wanted_mib, join(parts, ", "));
}

/// What is missing on a machine; "" when nothing is.
std::string shortage_of(const CheckInput& input, const Host& host, const NodeFacts& facts) {
  std::vector<std::string> parts;
  for (const auto& [free, rooms] : by_free_mib(facts, room_needed(input, host, facts))) {
    std::uint64_t wanted = 0;
    std::vector<std::string> paths;
    for (const Room& room : rooms) {
      wanted += room.bytes / kMiB;
      paths.push_back(room.path);
    }
    if (free >= wanted) continue;
    parts.push_back(
        fmt::format("{} MiB free at {}; {}", free, join(paths, ", "), wanted_text(rooms, wanted)));
  }
  return join(parts, "; and ");
}

}  // namespace

std::vector<Verdict> check_disk_space(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Host& host : input.inventory.hosts) {
    const auto facts = input.facts.hosts.find(host.name);
    if (!input.file.takes(host) || facts == input.facts.hosts.end()) continue;
    const std::string shortage = shortage_of(input, host, facts->second);
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
