#include "plans/pod_by_name.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kFindTimeout{60};

Error refused(std::string message, std::string remedy) {
  return {.kind = ErrorKind::Refused, .message = std::move(message), .remedy = std::move(remedy)};
}

}  // namespace

ApiRequest find_pod(const PodName& pod) {
  std::string path = "/api/v1/pods";
  if (!pod.ns.empty()) path = fmt::format("/api/v1/namespaces/{}/pods", percent_encode(pod.ns));
  return {.path = path + "?fieldSelector=" + percent_encode("metadata.name=" + pod.name),
          .timeout = kFindTimeout};
}

Status is_one_pod(const PodName& pod, const std::vector<PodDetail>& found) {
  if (found.size() == 1) return {};
  const std::string name = sanitise(pod.name, 80);
  if (found.empty()) {
    return refused(fmt::format("there is no pod {} {}", name, where_looked(pod.ns)),
                   pod.ns.empty() ? "`drover top pods` shows what there is; node/NAME names a node"
                                  : "without -n all namespaces are looked at");
  }
  std::vector<std::string> namespaces;
  for (const PodDetail& one : found) namespaces.push_back(sanitise(one.pod.ns, 80));
  std::sort(namespaces.begin(), namespaces.end());
  return refused(fmt::format("{} namespaces have a pod {}: {}", namespaces.size(), name,
                             some_of(namespaces, 8)),
                 "choose one with -n");
}

std::string where_looked(const std::string& ns) {
  return ns.empty() ? "in any namespace" : fmt::format("in namespace {}", sanitise(ns, 80));
}

}  // namespace drover::plans
