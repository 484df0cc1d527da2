#pragma once

#include <string>
#include <vector>

#include "orchestrator/apply_objects.h"
#include "plans/addons/metrics_server.h"

namespace drover::orchestrator {

/// "Deployment kube-system/metrics-server created".
std::string changed_text(const Changed& changed);
/// One line `{"v":1,"kind":"Applied","cluster":...,"items":[...]}`; "complete": false after an
/// error. "state": how the add-on is then, with the fields of metrics_server_json().
std::string changed_json(const std::string& cluster, const std::vector<Changed>& all, bool complete,
                         const plans::MetricsServerState* state = nullptr);

std::string metrics_server_text(const plans::MetricsServerState& state);
/// One line `{"v":1,"kind":"MetricsServer",...}`.
std::string metrics_server_json(const std::string& cluster, const plans::MetricsServerState& state);

}  // namespace drover::orchestrator
