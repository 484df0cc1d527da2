#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/health_policy.h"
#include "plans/step.h"

/// The alerts that hold a roll-out up, in the parameters of a step. Of a token only its place is
/// there.
namespace drover::plans {

/// Replaces what a step asks Prometheus.
void put_alerts(Step& step, const std::optional<PrometheusPolicy>& prometheus);

/// The places of all tokens that these steps send (text_of a SecretSource), each once.
std::vector<std::string> tokens_of(const std::vector<Step>& steps);

}  // namespace drover::plans
