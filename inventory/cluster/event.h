#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/json.h"

namespace drover {

/// An Event of the cluster, of core/v1 or events.k8s.io/v1, however its writer filled it in: with
/// first and last time and a count, with a series, or with eventTime alone.
struct ClusterEvent {
  std::string ns;
  std::string name;
  std::string uid;
  std::string resource_version;
  struct Object {
    std::string kind;
    std::string ns;  ///< "": of the whole cluster
    std::string name;
    std::string field_path;  ///< "spec.containers{app}"
  } object;
  std::string type;    ///< Normal, Warning
  std::string reason;  ///< BackOff, NodeNotReady, ...
  std::string message;
  std::string source;  ///< the component that noticed it
  std::string first;   ///< RFC 3339, when it was seen first; "" when nothing says
  std::string last;    ///< when it was seen last; never before `first` where both are known
  int count = 1;       ///< how often, at least once

  bool is_warning() const { return type == "Warning"; }
};

ClusterEvent read_event(const JsonField& object);

struct EventList {
  std::string resource_version;  ///< to watch on from
  std::vector<ClusterEvent> events;
};
Result<EventList> parse_event_list(std::string_view json);

}  // namespace drover
