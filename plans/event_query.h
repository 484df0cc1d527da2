#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"
#include "inventory/cluster/event.h"

/// Which events an operator asks for, and in which order they are shown.
namespace drover::plans {

struct EventQuery {
  std::string ns;           ///< "": all namespaces
  std::string object_kind;  ///< "": any object
  std::string object_name;
  bool warnings = false;    ///< only what is not Normal
  std::string labels = {};  ///< a label selector; "": all
  std::string fields = {};  ///< a field selector; "": all
};

/// `KIND/NAME` as kubectl takes it: `pod/web-1`, `deploy/web`, `no/w1`. Kinds that are not of
/// Kubernetes itself are written as their objects have them: `Certificate/web`. Usage otherwise.
struct ObjectName {
  std::string kind;
  std::string name;
};
Result<ObjectName> parse_object_name(std::string_view text);

/// "po", "pods" or "Pod" as objects have it, "Pod"; "" for what is not a kind of Kubernetes itself.
std::string kubernetes_kind(std::string_view word);

ApiRequest list_events(const EventQuery& query);
/// All that changes after `resource_version`, for at most five minutes.
ApiRequest watch_events(const EventQuery& query, std::string_view resource_version);

/// Oldest first, by when they were seen last; what has no time comes before all others.
void sort_events(std::vector<ClusterEvent>& events);

}  // namespace drover::plans
