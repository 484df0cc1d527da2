#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "plans/addons/metrics_server.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// How metrics-server is. What it lacks is part of that; what cannot be read is an error.
Result<plans::MetricsServerState> look_at_metrics_server(remote::ApiReader& api,
                                                         std::stop_token stop);

/// Waits until it has measured every node; tells what it waits for whenever that changes. The last
/// state when `timeout` has passed first.
Result<plans::MetricsServerState> await_metrics_server(
    remote::ApiReader& api, remote::Clock& clock, std::chrono::seconds timeout,
    const std::function<void(const std::string&)>& tell, std::stop_token stop);

/// The version of the API server that answers.
Result<KubeVersion> read_cluster_version(remote::ApiReader& api, std::stop_token stop);

}  // namespace drover::orchestrator
