#pragma once

#include <string>
#include <vector>

#include "plans/usage/usage.h"

namespace drover::orchestrator {

std::string cpu_text(Quantity amount);     ///< "250m", in thousandths of a core
std::string memory_text(Quantity amount);  ///< "64Mi", cut off

/// Tables for people: CPU in thousandths of a core, memory in Mi, and what share of the node's
/// allocatable that is; `<unknown>` where nothing was measured.
std::string node_usage_text(const std::vector<plans::NodeUsageRow>& rows);
std::string pod_usage_text(const std::vector<plans::PodUsageRow>& rows);

/// One line `{"v":1,"kind":"NodeUsage",...}`, `{"v":1,"kind":"PodUsage",...}`: CPU in thousandths,
/// memory in bytes.
std::string node_usage_json(const std::string& cluster,
                            const std::vector<plans::NodeUsageRow>& rows);
std::string pod_usage_json(const std::string& cluster, const std::vector<plans::PodUsageRow>& rows);

}  // namespace drover::orchestrator
