#pragma once

#include <string>

#include "inventory/cluster/event.h"
#include "orchestrator/ui/list_view.h"
#include "plans/timestamp.h"

namespace drover::orchestrator {

/// How long ago, or how long, as kubectl shortens it: "45s", "3m12s", "25m", "4h30m", "3d2h",
/// "12d".
std::string age_text(std::chrono::seconds age);

/// "2m", "2m (x5 over 10m)": when it was seen last and, of several times, how often since when.
/// "-" when the event has no time.
std::string last_seen(const ClusterEvent& event, plans::Timestamp now);

/// Ages are those at `now`.
ListView<ClusterEvent> events_list(plans::Timestamp now);
/// What a program is told of one: a JSON object.
std::string event_fields(const ClusterEvent& event);
/// One of a watch: on a line in fixed columns, with the time of day instead of an age, or a
/// document of the kind Event for programs.
std::string event_text(const ClusterEvent& event, const ListStyle& style);

}  // namespace drover::orchestrator
