#include "examples/sandbox/world/lock.h"

#include <fmt/format.h>

#include <regex>
#include <stdexcept>

#include "examples/sandbox/world/objects.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

constexpr const char* kResource = "leases.coordination.k8s.io";
constexpr const char* kVersion = "coordination.k8s.io/v1";
constexpr const char* kLock = "drover";
constexpr int kLeaderSeconds = 15;
constexpr int kNodeSeconds = 40;

void check_time(const json& spec, const char* key) {
  static const std::regex micro_time(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)");
  const std::string text = spec.value(key, "");
  if (!text.empty() && !std::regex_match(text, micro_time))
    throw std::invalid_argument(fmt::format("{} \"{}\" is no MicroTime", key, text));
}

void check(const json& lease) {
  if (lease.at("kind") != "Lease" || lease.at("apiVersion") != kVersion)
    throw std::invalid_argument("no Lease of " + std::string(kVersion));
  if (lease.at("metadata").at("name") != kLock ||
      lease.at("metadata").at("namespace") != "kube-system")
    throw std::invalid_argument("another Lease than kube-system/drover");
  check_time(lease.at("spec"), "acquireTime");
  check_time(lease.at("spec"), "renewTime");
  if (lease.at("spec").at("leaseDurationSeconds").get<int>() <= 0)
    throw std::invalid_argument("leaseDurationSeconds must be greater than 0");
}

// The first control plane whose component has won its election; else the first there is.
const ClusterNode* leader_of(const World& world, const std::string& component, Moment now) {
  const ClusterNode* first = nullptr;
  for (const ClusterNode& node : world.nodes) {
    const ControlPlane* control_plane = world.control_plane(node.name());
    if (control_plane == nullptr) continue;
    if (first == nullptr) first = &node;
    const bool runs = node.outage() == nullptr && control_plane->pod(component, now).running;
    if (runs && control_plane->leads_since(component, now) <= now) return &node;
  }
  return first;
}

Answer make_lock(World& world, const json& lease, Moment now) {
  world.lock = lease;
  json& meta = (*world.lock)["metadata"];
  meta["uid"] = world.new_uid();
  meta["creationTimestamp"] = stamp(now);
  meta["resourceVersion"] = std::to_string(++world.revision);
  return {201, *world.lock};
}

}  // namespace

Answer read_lock(const World& world) {
  if (!world.lock) return not_found(kResource, kLock);
  return {200, *world.lock};
}

Answer create_lock(World& world, const json& lease, Moment now) {
  check(lease);
  if (world.lock) {
    return refuse(409, "AlreadyExists", fmt::format("{} \"{}\" already exists", kResource, kLock),
                  {{"name", kLock}, {"group", "coordination.k8s.io"}, {"kind", "leases"}});
  }
  if (lease["metadata"].contains("resourceVersion"))
    throw std::invalid_argument("resourceVersion should not be set on objects to be created");
  return make_lock(world, lease, now);
}

Answer replace_lock(World& world, const json& lease, Moment now) {
  check(lease);
  if (!world.lock) return make_lock(world, lease, now);  // Leases may be made so
  const json old = *world.lock;
  const std::string wanted = lease["metadata"].value("resourceVersion", "");
  if (wanted.empty())
    throw std::invalid_argument("metadata.resourceVersion: must be specified for an update");
  if (wanted != old["metadata"].at("resourceVersion")) return outdated(kResource, kLock);
  world.lock = lease;
  json& meta = (*world.lock)["metadata"];
  meta["uid"] = old["metadata"].at("uid");
  meta["creationTimestamp"] = old["metadata"].at("creationTimestamp");
  // An update that changes nothing is none.
  if (*world.lock != old) meta["resourceVersion"] = std::to_string(++world.revision);
  return {200, *world.lock};
}

Answer read_leader(const World& world, const std::string& component, Moment now) {
  const ClusterNode* leader = leader_of(world, component, now);
  if (leader == nullptr) return not_found(kResource, component);
  const ControlPlane& control_plane = *world.control_plane(leader->name());
  const Moment since = control_plane.leads_since(component, now);
  // Who has not won yet shows what the one before it renewed last.
  Moment renewed = control_plane.pod(component, now).started - std::chrono::seconds{1};
  if (now >= since) {
    const Span period = world.pace.of(observed::kRenewal);
    const auto renewals = static_cast<long>(Span(now - since) / period);
    renewed = after(since, static_cast<double>(renewals) * period);
  }
  const std::string holder = fmt::format("{}_{}", leader->name(), leader->uid);
  return {200, whole(lease_json(component, "kube-system", holder, kLeaderSeconds, since, renewed,
                                world.revision),
                     "Lease", kVersion)};
}

Answer read_node_lease(const World& world, const std::string& name, Moment now) {
  const ClusterNode* node = world.find_node(name);
  if (node == nullptr) return not_found(kResource, name);
  const Moment renewed = node_lease_renewed(*node, world.pace, now);
  json lease = lease_json(name, "kube-node-lease", name, kNodeSeconds, node->created, renewed,
                          world.revision);
  lease["metadata"]["ownerReferences"] =
      json::array({{{"apiVersion", "v1"}, {"kind", "Node"}, {"name", name}, {"uid", node->uid}}});
  return {200, whole(std::move(lease), "Lease", kVersion)};
}

}  // namespace drover::sandbox
