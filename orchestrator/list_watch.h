#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

#include "inventory/base/api_request.h"
#include "inventory/cluster/watch_line.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// What is followed: how it is asked for, and who takes what comes. One thread.
class WatchedList {
 public:
  virtual ~WatchedList() = default;
  virtual std::string what() const = 0;  ///< "events", for messages
  virtual ApiRequest list() const = 0;
  virtual ApiRequest watch(std::string_view resource_version) const = 0;
  /// Takes a whole list; the version to watch on from.
  virtual Result<std::string> take_list(std::string_view body) = 0;
  /// Takes what was added, modified or deleted.
  virtual Status take(const WatchLine& line) = 0;
};

/// Follows objects of a cluster: a list, then a watch from its version on, renewed from the last
/// version seen when the server ends it; from a new list when that version is gone. One thread.
class ListWatch {
 public:
  using Tell = std::function<void(const std::string&)>;  ///< what the operator should know

  ListWatch(remote::ApiReader& reader, remote::ApiStreams& streams, remote::Clock& clock,
            WatchedList& list, Tell tell)
      : reader_(reader), streams_(streams), clock_(clock), list_(list), tell_(std::move(tell)) {}

  /// Returns when `stop` is requested (Cancelled), when the API refuses, or when it has been out of
  /// reach for longer than Patience bears.
  Error run(std::stop_token stop);

 private:
  Status list(const std::stop_token& stop);
  Status watch(const std::stop_token& stop);
  Status take(std::string_view line);

  remote::ApiReader& reader_;
  remote::ApiStreams& streams_;
  remote::Clock& clock_;
  WatchedList& list_;
  const Tell tell_;
  std::string version_;  ///< to watch on from; "": a list is needed
};

}  // namespace drover::orchestrator
