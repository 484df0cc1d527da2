#pragma once

#include <string>

#include "plans/describe/describe.h"
#include "plans/timestamp.h"

namespace drover::orchestrator {

/// What matters of a node in an incident: what is wrong first, then what it is, what blocks its
/// drain, its pods and its events.
std::string node_description_text(const plans::NodeDescription& node, plans::Timestamp now,
                                  bool color);
/// The same of a pod: with its containers, how they ended, and what covers it.
std::string pod_description_text(const plans::PodDescription& pod, plans::Timestamp now,
                                 bool color);

/// One line `{"v":1,"kind":"NodeDescription",...}` or `"PodDescription"`.
std::string node_description_json(const std::string& cluster, const plans::NodeDescription& node);
std::string pod_description_json(const std::string& cluster, const plans::PodDescription& pod);

}  // namespace drover::orchestrator
