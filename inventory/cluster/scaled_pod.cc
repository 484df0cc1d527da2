#include "inventory/cluster/scaled_pod.h"

#include "inventory/base/duration.h"
#include "inventory/cluster/json.h"

namespace drover {
namespace {

Amounts read_amounts(const JsonField& field) {
  Amounts amounts;
  for (const std::string_view name : {"cpu", "memory"}) {
    const JsonField amount = field[name];
    if (!amount.present()) continue;
    const auto quantity = Quantity::parse(amount.text_or_number());
    if (!quantity) amount.refuse("is not an amount");
    amounts[std::string(name)] = quantity.value_or(Quantity());
  }
  return amounts;
}

std::optional<ScaledPod::Readiness> read_readiness(const JsonField& conditions) {
  for (const JsonField& condition : conditions.items()) {
    if (condition["type"].text() != "Ready") continue;
    const std::string status = condition["status"].text();
    return ScaledPod::Readiness{status == "True", status == "False",
                                condition["lastTransitionTime"].text()};
  }
  return std::nullopt;
}

ScaledPod read_scaled_pod(const JsonField& object) {
  ScaledPod pod;
  const JsonField metadata = object["metadata"];
  const JsonField spec = object["spec"];
  const JsonField status = object["status"];
  pod.name = metadata["name"].text();
  pod.deleting = metadata["deletionTimestamp"].present();
  pod.node = spec["nodeName"].text();
  pod.phase = status["phase"].text();
  pod.started = status["startTime"].text();
  pod.ready = read_readiness(status["conditions"]);
  const auto take = [&pod](const JsonField& container) {
    pod.containers.push_back(
        {container["name"].text(), read_amounts(container["resources"]["requests"])});
  };
  for (const JsonField& container : spec["containers"].items()) take(container);
  for (const JsonField& container : spec["initContainers"].items()) {
    if (container["restartPolicy"].text() == "Always") take(container);
  }
  const JsonField own = spec["resources"]["requests"];
  if (own.present()) pod.requests = read_amounts(own);
  return pod;
}

MeasuredPod read_measured(const JsonField& object) {
  MeasuredPod pod;
  pod.name = object["metadata"]["name"].text();
  pod.time = object["timestamp"].text();
  const JsonField window = object["window"];
  if (window.present()) {
    const auto read = parse_go_duration(window.text());
    if (!read) window.refuse("is not a duration");
    pod.window = read.value_or(std::chrono::milliseconds(0));
  }
  for (const JsonField& container : object["containers"].items()) {
    pod.containers.push_back({container["name"].text(), read_amounts(container["usage"])});
  }
  return pod;
}

}  // namespace

Result<std::vector<ScaledPod>> parse_scaled_pods(std::string_view pod_list) {
  return parse_list(pod_list, "Pod", read_scaled_pod);
}

Result<std::vector<MeasuredPod>> parse_measured_pods(std::string_view pod_metrics_list) {
  return parse_list(pod_metrics_list, "PodMetrics", read_measured);
}

}  // namespace drover
