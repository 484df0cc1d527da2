#include <array>

#include "examples/sandbox/world/metadata.h"
#include "examples/sandbox/world/objects.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

struct Pressure {
  const char* type;
  const char* reason;
  const char* message;
};

constexpr std::array<Pressure, 3> kPressures = {
    {{"MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"},
     {"DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"},
     {"PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"}}};

constexpr const char* kSilent = "NodeStatusUnknown";
constexpr const char* kSilentBecause = "Kubelet stopped posting node status.";

json node_condition(const ClusterNode& node, const std::string& type, bool is,
                    const std::string& reason, const std::string& message) {
  json one = condition(type, is, reason, message, node.kubelet_since);
  one["lastHeartbeatTime"] = stamp(node.kubelet_since);
  if (!node.ready) {
    one["status"] = "Unknown";
    one["reason"] = kSilent;
    one["message"] = kSilentBecause;
  }
  return one;
}

json conditions(const ClusterNode& node) {
  json all = json::array();
  for (const Pressure& one : kPressures)
    all.push_back(node_condition(node, one.type, false, one.reason, one.message));
  all.push_back(
      node_condition(node, "Ready", true, "KubeletReady", "kubelet is posting ready status"));
  return all;
}

json node_info(const ClusterNode& node) {
  return {{"architecture", "amd64"},
          {"bootID", node.boot_id},
          {"containerRuntimeVersion", "containerd://1.6.20"},
          {"kernelVersion", "6.1.0-41-amd64"},
          {"kubeProxyVersion", ""},
          {"kubeletVersion", node.kubelet_version},
          {"machineID", node.uid},
          {"operatingSystem", "linux"},
          {"osImage", "Debian GNU/Linux 12 (bookworm)"},
          {"systemUUID", node.uid}};
}

}  // namespace

json node_json(const ClusterNode& node) {
  json meta = metadata(node.name(), "", node.uid, node.revision, node.created);
  meta["labels"] = node.labels;
  if (!node.annotations.empty()) meta["annotations"] = node.annotations;
  const json size = {
      {"cpu", "4"}, {"ephemeral-storage", "41152812Ki"}, {"memory", "8131212Ki"}, {"pods", "110"}};
  return {{"metadata", std::move(meta)},
          {"spec", node.spec},
          {"status",
           {{"addresses",
             {{{"type", "InternalIP"}, {"address", node_address(node.number)}},
              {{"type", "Hostname"}, {"address", node.name()}}}},
            {"allocatable", size},
            {"capacity", size},
            {"conditions", conditions(node)},
            {"daemonEndpoints", {{"kubeletEndpoint", {{"Port", 10250}}}}},
            {"nodeInfo", node_info(node)}}}};
}

}  // namespace drover::sandbox
