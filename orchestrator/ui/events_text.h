#pragma once

#include <string>
#include <vector>

#include "inventory/cluster/event.h"
#include "plans/timestamp.h"

namespace drover::orchestrator {

/// How long ago, or how long, as kubectl shortens it: "45s", "3m12s", "25m", "4h30m", "3d2h",
/// "12d".
std::string age_text(std::chrono::seconds age);

/// "2m", "2m (x5 over 10m)": when it was seen last and, of several times, how often since when.
/// "-" when the event has no time.
std::string last_seen(const ClusterEvent& event, plans::Timestamp now);

/// A table, heading first; without events a sentence.
std::string events_text(const std::vector<ClusterEvent>& events, plans::Timestamp now, bool color);
/// One line of a watch, in fixed columns: with the time of day instead of an age.
std::string event_line(const ClusterEvent& event, bool color);

/// One line `{"v":1,"kind":"Events",...}`.
std::string events_json(const std::string& cluster, const std::vector<ClusterEvent>& events);
/// One line `{"v":1,"kind":"Event",...}`, of a watch.
std::string event_json(const std::string& cluster, const ClusterEvent& event);

}  // namespace drover::orchestrator
