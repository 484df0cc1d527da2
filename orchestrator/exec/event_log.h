#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orchestrator/event.h"

namespace drover::orchestrator {

/// Numbers and dates events and hands them to every sink, in order. Coordinator's thread only.
class EventLog {
 public:
  /// `time` gives RFC 3339 UTC with milliseconds. Sinks must outlive it.
  EventLog(std::string run, std::function<std::string()> time, std::vector<EventSink*> sinks)
      : run_(std::move(run)), time_(std::move(time)), sinks_(std::move(sinks)) {}

  /// Goes on after the event `seq` of an earlier process.
  void go_on_after(std::uint64_t seq) { seq_ = seq; }

  template <class What>
  void emit(What what) {
    const Event event{++seq_, time_(), run_, std::move(what)};
    for (EventSink* sink : sinks_) sink->on(event);
  }

  void tick() {
    for (EventSink* sink : sinks_) sink->tick(time_());
  }

 private:
  std::string run_;
  std::function<std::string()> time_;
  std::vector<EventSink*> sinks_;
  std::uint64_t seq_ = 0;
};

}  // namespace drover::orchestrator
