#include "plans/event_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "inventory/base/quote.h"
#include "inventory/base/text.h"
#include "plans/timestamp.h"

namespace drover::plans {
namespace {

struct KindName {
  std::string_view kind;
  std::string_view plural;
  std::string_view abbreviation;  ///< "": none
};

constexpr std::array<KindName, 17> kKinds = {{
    {"Pod", "pods", "po"},
    {"Node", "nodes", "no"},
    {"Deployment", "deployments", "deploy"},
    {"ReplicaSet", "replicasets", "rs"},
    {"StatefulSet", "statefulsets", "sts"},
    {"DaemonSet", "daemonsets", "ds"},
    {"Job", "jobs", ""},
    {"CronJob", "cronjobs", "cj"},
    {"Service", "services", "svc"},
    {"Endpoints", "endpoints", "ep"},
    {"Namespace", "namespaces", "ns"},
    {"PersistentVolume", "persistentvolumes", "pv"},
    {"PersistentVolumeClaim", "persistentvolumeclaims", "pvc"},
    {"HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa"},
    {"PodDisruptionBudget", "poddisruptionbudgets", "pdb"},
    {"Lease", "leases", ""},
    {"ReplicationController", "replicationcontrollers", "rc"},
}};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string events_path(const EventQuery& query) {
  return query.ns.empty() ? std::string("/api/v1/events")
                          : fmt::format("/api/v1/namespaces/{}/events", percent_encode(query.ns));
}

std::string field_selector(const EventQuery& query) {
  std::vector<std::string> terms;
  if (!query.object_kind.empty()) {
    terms.push_back("involvedObject.kind=" + query.object_kind);
    terms.push_back("involvedObject.name=" + query.object_name);
  }
  if (query.warnings) terms.push_back("type!=Normal");
  if (!query.fields.empty()) terms.push_back(query.fields);
  return join(terms, ",");
}

/// Each as "KEY=VALUE", encoded.
std::vector<std::string> selectors(const EventQuery& query) {
  std::vector<std::string> pairs;
  const std::string fields = field_selector(query);
  if (!fields.empty()) pairs.push_back("fieldSelector=" + percent_encode(fields));
  if (!query.labels.empty()) pairs.push_back("labelSelector=" + percent_encode(query.labels));
  return pairs;
}

constexpr std::chrono::seconds kListTimeout{60};
constexpr std::chrono::seconds kWatchLasts{300};
constexpr std::chrono::seconds kWatchTimeout = kWatchLasts + std::chrono::seconds{30};

}  // namespace

std::string kubernetes_kind(std::string_view word) {
  const std::string small = lower(word);
  for (const KindName& known : kKinds) {
    const bool abbreviated = !known.abbreviation.empty() && small == known.abbreviation;
    if (small == lower(known.kind) || small == known.plural || abbreviated)
      return std::string(known.kind);
  }
  return "";
}

Result<ObjectName> parse_object_name(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view kind = text.substr(0, slash);
  const std::string_view name = slash == text.npos ? std::string_view() : text.substr(slash + 1);
  // The selector that it becomes part of knows no quoting.
  const bool plain = text.find_first_of(",=!\\ /", slash == text.npos ? 0 : slash + 1) == text.npos;
  if (!kind.empty() && !name.empty() && plain && kind.find_first_of(",=!\\ ") == kind.npos) {
    const std::string known = kubernetes_kind(kind);
    return ObjectName{known.empty() ? std::string(kind) : known, std::string(name)};
  }
  return Error{.kind = ErrorKind::Usage,
               .message = fmt::format("--for {}: that is no KIND/NAME", quote(sanitise(text))),
               .remedy = "for example: --for pod/web-1, --for node/w1"};
}

ApiRequest list_events(const EventQuery& query) {
  const auto pairs = selectors(query);
  return {.path = events_path(query) + (pairs.empty() ? "" : '?' + join(pairs, "&")),
          .timeout = kListTimeout};
}

ApiRequest watch_events(const EventQuery& query, std::string_view resource_version) {
  std::vector<std::string> pairs = {"watch=1", "allowWatchBookmarks=true",
                                    "resourceVersion=" + percent_encode(resource_version),
                                    fmt::format("timeoutSeconds={}", kWatchLasts.count())};
  for (std::string& pair : selectors(query)) pairs.push_back(std::move(pair));
  return {.path = fmt::format("{}?{}", events_path(query), join(pairs, "&")),
          .timeout = kWatchTimeout};
}

void sort_events(std::vector<ClusterEvent>& events) {
  const auto when = [](const ClusterEvent& event) {
    return parse_timestamp(event.last).value_or(Timestamp::min());
  };
  std::stable_sort(events.begin(), events.end(),
                   [&](const ClusterEvent& a, const ClusterEvent& b) { return when(a) < when(b); });
}

}  // namespace drover::plans
