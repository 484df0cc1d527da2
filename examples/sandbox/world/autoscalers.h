#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/sandbox/world/answer.h"
#include "examples/sandbox/world/moment.h"

namespace drover::sandbox {

struct World;

/// HorizontalPodAutoscalers of Deployments that go by the CPU of pods, as an average value. Their
/// controller looks 15 seconds after one was made, and from then on always. It makes a Deployment
/// larger at once, and never smaller, as within the five minutes of its window.
Answer create_autoscaler(World& world, const std::string& ns, const nlohmann::json& wish,
                         Moment now);
Answer read_autoscaler(const World& world, const std::string& ns, const std::string& name,
                       Moment now);
Answer delete_autoscaler(World& world, const std::string& ns, const std::string& name,
                         const std::string& uid);
/// Of all namespaces, as items of a list.
std::vector<nlohmann::json> autoscalers_json(const World& world, Moment now);
/// What their controller says in events by now, as items of a list.
std::vector<nlohmann::json> autoscaler_events(const World& world, Moment now);
/// Makes Deployments as large as their autoscalers want them.
void scale(World& world, Moment now);

}  // namespace drover::sandbox
