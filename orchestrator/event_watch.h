#pragma once

#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>

#include "inventory/cluster/event.h"
#include "orchestrator/list_watch.h"
#include "plans/event_query.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// Follows the events of a cluster. One thread.
class EventWatch final : private WatchedList {
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
  std::string what() const override { return "events"; }
  ApiRequest list() const override { return plans::list_events(query_); }
  ApiRequest watch(std::string_view version) const override {
    return plans::watch_events(query_, version);
  }
  Result<std::string> take_list(std::string_view body) override;
  Status take(const WatchLine& line) override;
  void show_once(const ClusterEvent& event);

  remote::ApiReader& reader_;
  remote::ApiStreams& streams_;
  remote::Clock& clock_;
  const plans::EventQuery query_;
  const Show show_;
  const Tell tell_;
  std::map<std::string, std::string> shown_;  ///< version of each event by its UID
};

}  // namespace drover::orchestrator
