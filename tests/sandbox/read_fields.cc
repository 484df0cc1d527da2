#include "tests/sandbox/read_fields.h"

#include <algorithm>
#include <array>
#include <regex>
#include <stdexcept>
#include <utility>
#include <vector>

namespace drover::test {
namespace {

using nlohmann::json;

enum class How {
  Same,   ///< the same text, number or flag
  Alike,  ///< of the same type
};

struct Field {
  const char* path;  ///< segments by '/', [] for each element of a list, * for each member
  How how = How::Same;
};

using Fields = std::vector<Field>;

const Fields kMetadata = {{"metadata/name"},
                          {"metadata/namespace"},
                          {"metadata/uid"},
                          {"metadata/resourceVersion"},
                          {"metadata/generation", How::Alike},
                          {"metadata/deletionTimestamp"},
                          {"metadata/annotations/drover.local~1cordon"},
                          {"metadata/ownerReferences/[]/apiVersion"},
                          {"metadata/ownerReferences/[]/kind"},
                          {"metadata/ownerReferences/[]/name"},
                          {"metadata/ownerReferences/[]/controller"}};

const Fields kWebhooks = {{"webhooks/[]/name"},
                          {"webhooks/[]/failurePolicy"},
                          {"webhooks/[]/clientConfig/service/namespace"},
                          {"webhooks/[]/clientConfig/service/name"}};

const std::map<std::string, Fields> kByKind = {
    {"Node",
     {{"metadata/labels/node-role.kubernetes.io~1control-plane"},
      {"metadata/labels/kubernetes.io~1hostname"},
      {"spec/unschedulable"},
      {"spec/taints/[]/key"},
      {"spec/taints/[]/effect"},
      {"spec/taints/[]/timeAdded"},
      {"status/conditions/[]/type"},
      {"status/conditions/[]/status"},
      {"status/conditions/[]/reason"},
      {"status/conditions/[]/message"},
      {"status/nodeInfo/kubeletVersion"},
      {"status/nodeInfo/containerRuntimeVersion", How::Alike},
      {"status/nodeInfo/bootID", How::Alike}}},
    {"Pod",
     {{"metadata/labels/component"},
      {"metadata/labels/tier"},
      {"metadata/labels/app"},
      {"metadata/labels/k8s-app"},
      {"metadata/annotations/kubernetes.io~1config.mirror", How::Alike},
      {"metadata/annotations/kubernetes.io~1config.source"},
      {"spec/nodeName", How::Alike},
      {"spec/containers/[]/name", How::Alike},
      {"spec/containers/[]/image", How::Alike},
      {"spec/volumes/[]/emptyDir", How::Alike},
      {"status/phase"},
      {"status/conditions/[]/type"},
      {"status/conditions/[]/status"},
      {"status/containerStatuses/[]/name", How::Alike},
      {"status/containerStatuses/[]/containerID"},
      {"status/containerStatuses/[]/ready"},
      {"status/containerStatuses/[]/restartCount", How::Alike},
      {"status/containerStatuses/[]/state/running/startedAt"}}},
    {"PodDisruptionBudget",
     {{"spec/minAvailable"},
      {"spec/maxUnavailable"},
      {"spec/selector/matchLabels/*"},
      {"status/disruptionsAllowed"},
      {"status/currentHealthy"},
      {"status/desiredHealthy"},
      {"status/expectedPods"},
      {"status/observedGeneration", How::Alike},
      {"status/conditions/[]/type"},
      {"status/conditions/[]/status"},
      {"status/conditions/[]/reason"}}},
    {"Deployment",
     {{"spec/replicas"},
      {"spec/selector/matchLabels/*"},
      {"spec/template/spec/containers/[]/image", How::Alike},
      {"status/observedGeneration", How::Alike},
      {"status/replicas"},
      {"status/readyReplicas"},
      {"status/updatedReplicas"},
      {"status/availableReplicas"}}},
    {"ReplicaSet",
     {{"spec/replicas"},
      {"status/observedGeneration", How::Alike},
      {"status/replicas"},
      {"status/readyReplicas"},
      {"status/availableReplicas"}}},
    {"StatefulSet", {{"spec/replicas"}, {"status/readyReplicas"}, {"status/availableReplicas"}}},
    {"DaemonSet",
     {{"spec/template/spec/containers/[]/image", How::Alike},
      {"status/observedGeneration", How::Alike},
      {"status/desiredNumberScheduled"},
      {"status/updatedNumberScheduled"},
      {"status/numberAvailable"},
      {"status/numberReady"}}},
    {"VolumeAttachment",
     {{"spec/attacher"},
      {"spec/nodeName"},
      {"spec/source/persistentVolumeName"},
      {"status/attached"}}},
    {"PersistentVolume", {{"spec/claimRef/namespace"}, {"spec/claimRef/name"}}},
    {"APIService",
     {{"status/conditions/[]/type"},
      {"status/conditions/[]/status"},
      {"status/conditions/[]/reason"}}},
    {"ValidatingWebhookConfiguration", kWebhooks},
    {"MutatingWebhookConfiguration", kWebhooks},
    {"EndpointSlice",
     {{"metadata/labels/kubernetes.io~1service-name"},
      {"endpoints", How::Alike},
      {"endpoints/[]/conditions/ready"},
      {"endpoints/[]/nodeName", How::Alike}}},
    {"Lease",
     {{"spec/holderIdentity", How::Alike},
      {"spec/leaseDurationSeconds"},
      {"spec/renewTime"},
      {"spec/acquireTime"},
      {"spec/leaseTransitions", How::Alike}}},
    {"ConfigMap", {{"data/*", How::Alike}}},
    {"Namespace", {{"status/phase"}}},
    {"Event",
     {{"involvedObject/kind"},
      {"involvedObject/namespace"},
      {"involvedObject/name"},
      {"type"},
      {"reason"},
      {"message"},
      {"count"},
      {"firstTimestamp"},
      {"lastTimestamp"},
      {"source/component"}}},
    {"HorizontalPodAutoscaler",
     {{"spec/minReplicas"},
      {"spec/maxReplicas"},
      {"spec/scaleTargetRef/*"},
      {"spec/metrics/[]/type"},
      {"spec/metrics/[]/resource/name"},
      {"spec/metrics/[]/resource/target/*"},
      {"spec/behavior/*/selectPolicy"},
      {"spec/behavior/*/stabilizationWindowSeconds"},
      {"spec/behavior/*/policies/[]"},
      {"status/currentReplicas"},
      {"status/desiredReplicas"},
      {"status/currentMetrics/[]/type"},
      {"status/currentMetrics/[]/resource/name"},
      {"status/currentMetrics/[]/resource/current/averageValue", How::Alike},
      {"status/conditions/[]/type"},
      {"status/conditions/[]/status"},
      {"status/conditions/[]/reason"},
      {"status/conditions/[]/message"},
      {"status/conditions/[]/lastTransitionTime"}}},
    {"Scale", {{"spec/replicas"}, {"status/replicas"}, {"status/selector"}}},
    {"APIResourceList",
     {{"groupVersion"}, {"resources/[]/name"}, {"resources/[]/kind"}, {"resources/[]/namespaced"}}},
    {"ServiceAccount", {{"metadata/labels/*"}}},
    {"Service", {{"metadata/labels/*"}, {"spec/selector/*"}}},
    {"ClusterRole", {{"metadata/labels/*"}, {"rules/[]/resources/[]"}, {"rules/[]/verbs/[]"}}},
    {"ClusterRoleBinding", {{"metadata/labels/*"}, {"roleRef"}, {"subjects/[]"}}},
    {"RoleBinding", {{"metadata/labels/*"}, {"roleRef"}, {"subjects/[]"}}},
    {"NodeMetrics",
     {{"usage/cpu", How::Alike},
      {"usage/memory", How::Alike},
      {"window", How::Alike},
      {"timestamp"}}},
    {"PodMetrics",
     {{"containers/[]/name", How::Alike},
      {"containers/[]/usage/cpu", How::Alike},
      {"containers/[]/usage/memory", How::Alike},
      {"timestamp"}}},
    {"Status",
     {{"status"},
      {"reason"},
      {"message"},
      {"code"},
      {"details/kind"},
      {"details/group"},
      {"details/retryAfterSeconds"},
      {"details/causes/[]/reason"},
      {"details/causes/[]/message"}}},
};

std::string normal(std::string text) {
  static const std::array<std::pair<std::regex, const char*>, 9> kPatterns = {{
      {std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)"), "MICROTIME"},
      {std::regex(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"), "TIME"},
      {std::regex(R"(\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b)"), "UID"},
      {std::regex(R"(\b[0-9a-f]{64}\b)"), "HEX"},
      {std::regex(R"(-[0-9a-z]{6,10}-[0-9a-z]{5}\b)"), "-HASH-ID"},
      {std::regex(R"(\b(coredns|web)-[0-9a-z]{6,10}\b)"), "$1-HASH"},
      {std::regex(R"(\b(agent|kube-proxy|web|none)-[0-9a-z]{5}\b)"), "$1-ID"},
      {std::regex(R"(\bweb\.[0-9a-f]{8,16}\b)"), "web.EVENT"},
      {std::regex(R"(^\d+$)"), "NUMBER"},
  }};
  for (const auto& [pattern, name] : kPatterns) text = std::regex_replace(text, pattern, name);
  return text;
}

std::string look(const json& value, How how) {
  if (how == How::Same && value.is_string()) return normal(value);
  return how == How::Same ? value.dump() : value.type_name();
}

std::vector<std::string> segments(std::string path) {
  std::vector<std::string> parts(1);
  for (const char c : path) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  for (std::string& part : parts)
    if (const size_t at = part.find("~1"); at != part.npos) part.replace(at, 2, "/");
  return parts;
}

void collect(const json& value, const std::vector<std::string>& path, size_t at, How how,
             std::set<std::string>& into) {
  if (at == path.size()) {
    into.insert(look(value, how));
  } else if (path[at] == "[]" || path[at] == "*") {
    if (!value.is_structured()) return;
    for (const auto& [key, inner] : value.items()) collect(inner, path, at + 1, how, into);
  } else if (value.is_object() && value.contains(path[at])) {
    collect(value[path[at]], path, at + 1, how, into);
  }
}

// What made a Pod, or an object's own name.
std::string role_of(const json& object) {
  const json& meta = object.at("metadata");
  std::string name = meta.at("name");
  const json owners = meta.value("ownerReferences", json::array());
  std::string kind;
  if (!owners.empty() && owners[0].at("kind") != "Node") {
    kind = owners[0].at("kind").get<std::string>() + "/";
    name = owners[0].at("name");
  }
  return meta.value("namespace", "") + "/" + kind + normal(name);
}

void show(const json& object, const std::string& kind,
          std::map<std::string, std::set<std::string>>& into) {
  const auto known = kByKind.find(kind);
  if (known == kByKind.end()) throw std::runtime_error("no fields are listed for a " + kind);
  Fields fields = known->second;
  if (kind != "Status") fields.insert(fields.end(), kMetadata.begin(), kMetadata.end());
  for (const Field& field : fields) {
    std::set<std::string> values;
    collect(object, segments(field.path), 0, field.how, values);
    if (!values.empty()) into[field.path].merge(values);
  }
}

/// The lines of a watch, each with the type of its change.
Shown shown_watch(const json& lines) {
  Shown shown;
  for (const json& line : lines) {
    const json& object = line.at("object");
    const std::string role = role_of(object);
    shown[role]["type of the change"].insert(line.at("type").get<std::string>());
    show(object, object.at("kind"), shown[role]);
  }
  return shown;
}

}  // namespace

Shown shown_fields(const json& body) {
  Shown shown;
  if (body.is_array()) return shown_watch(body);
  if (!body.is_object()) return {{"", {{"text", {body.dump()}}}}};
  if (!body.contains("kind")) {  // /version
    collect(body, {"gitVersion"}, 0, How::Same, shown[""]["gitVersion"]);
    return shown;
  }
  const std::string kind = body.at("kind");
  if (!body.contains("items")) {
    shown[""]["apiVersion"] = {body.value("apiVersion", "")};
    shown[""]["kind"] = {kind};
    show(body, kind, shown[""]);
    return shown;
  }
  shown["list"]["kind"] = {kind};
  shown["list"]["apiVersion"] = {body.at("apiVersion")};
  for (const char* key :
       {"metadata/resourceVersion", "metadata/continue", "metadata/remainingItemCount"})
    collect(body, segments(key), 0, How::Alike, shown["list"][key]);
  for (const json& item : body.at("items"))
    show(item, kind.substr(0, kind.size() - 4), shown[role_of(item)]);
  return shown;
}

}  // namespace drover::test
