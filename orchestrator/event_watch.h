#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include "inventory/cluster/event.h"
#include "plans/event_query.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// Follows the events of a cluster: a list, then a watch from its version on, renewed from the last
/// version seen when the server ends it; from a new list when that version is gone. One thread.
class EventWatch {
 public:
  using Show = std::function<void(const ClusterEvent&)>;
  using Tell = std::function<void(const std::string&)>;  ///< what the operator should know

  EventWatch(remote::ApiReader& reader, remote::ApiStreams& streams, remote::Clock& clock,
             plans::EventQuery query, Show show, Tell tell)
      : reader_(reader),
        streams_(streams),
        clock_(clock),
        query_(std::move(query)),
        show_(std::move(show)),
        tell_(std::move(tell)) {}

  /// Shows what there is, oldest first, and then each event once it comes, a repeated one again
  /// with its new count. Returns when `stop` is requested (Cancelled), when the API refuses, or
  /// when it has been out of reach for longer than Patience bears.
  Error run(std::stop_token stop);

 private:
  Status list(const std::stop_token& stop);
  Status watch(const std::stop_token& stop);
  Status take(std::string_view line);
  void show_once(const ClusterEvent& event);

  remote::ApiReader& reader_;
  remote::ApiStreams& streams_;
  remote::Clock& clock_;
  const plans::EventQuery query_;
  const Show show_;
  const Tell tell_;
  std::string version_;                       ///< to watch on from; "": a list is needed
  std::map<std::string, std::string> shown_;  ///< version of each event by its UID
};

}  // namespace drover::orchestrator
