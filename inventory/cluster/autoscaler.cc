#include "inventory/cluster/autoscaler.h"

#include <algorithm>
#include <array>
#include <utility>

namespace drover {
namespace {

using std::chrono::seconds;
using Source = ScaleMetric::Source;

struct SourceName {
  std::string_view type;  ///< of the metric, as the API has it
  std::string_view key;   ///< of the object that describes it
  Source source;
};

constexpr std::array<SourceName, 5> kSources = {
    {{"Resource", "resource", Source::Resource},
     {"ContainerResource", "containerResource", Source::ContainerResource},
     {"Pods", "pods", Source::Pods},
     {"Object", "object", Source::Object},
     {"External", "external", Source::External}}};

std::optional<Quantity> read_amount(const JsonField& field) {
  if (!field.present()) return std::nullopt;
  const auto quantity = Quantity::parse(field.text_or_number());
  if (!quantity) field.refuse("is not an amount");
  return quantity;
}

MetricValue read_value(const JsonField& field) {
  MetricValue value;
  if (field["averageUtilization"].present())
    value.utilization = field["averageUtilization"].number();
  value.average_value = read_amount(field["averageValue"]);
  value.value = read_amount(field["value"]);
  return value;
}

/// `which` of a metric has its figures: "target" of a wish, "current" of a status.
ScaleMetric read_metric(const JsonField& field, std::string_view which) {
  ScaleMetric metric;
  const std::string type = field["type"].text();
  const auto* known = std::find_if(kSources.begin(), kSources.end(),
                                   [&](const SourceName& each) { return each.type == type; });
  if (known == kSources.end()) {
    // A status has an empty entry for what could not be measured.
    if (!type.empty()) field["type"].refuse("is no source of a metric that is known");
    return metric;
  }
  const JsonField details = field[known->key];
  metric.source = known->source;
  const bool resource =
      metric.source == Source::Resource || metric.source == Source::ContainerResource;
  metric.name = resource ? details["name"].text() : details["metric"]["name"].text();
  metric.container = details["container"].text();
  const JsonField object = details["describedObject"];
  if (object.present()) metric.object = object["kind"].text() + "/" + object["name"].text();
  metric.target = read_value(details[which]);
  return metric;
}

ScaleRules read_rules(const JsonField& field) {
  ScaleRules rules;
  const std::string select = field["selectPolicy"].text();
  if (select == "Min") rules.select = ScaleRules::Select::Min;
  if (select == "Disabled") rules.select = ScaleRules::Select::Disabled;
  const JsonField window = field["stabilizationWindowSeconds"];
  if (window.present()) rules.window = seconds(window.number());
  for (const JsonField& policy : field["policies"].items()) {
    rules.policies.push_back({policy["type"].text() == "Percent", policy["value"].number(),
                              seconds(policy["periodSeconds"].number())});
  }
  if (const auto tolerance = read_amount(field["tolerance"]); tolerance)
    rules.tolerance = tolerance->approximate();
  return rules;
}

void read_status(const JsonField& status, Autoscaler& hpa) {
  hpa.current = status["currentReplicas"].number();
  hpa.desired = status["desiredReplicas"].number();
  hpa.last_scaled = status["lastScaleTime"].text();
  for (const JsonField& metric : status["currentMetrics"].items()) {
    hpa.measured.push_back(read_metric(metric, "current"));
  }
  for (const JsonField& condition : status["conditions"].items()) {
    hpa.conditions.push_back({condition["type"].text(), condition["status"].text() == "True",
                              condition["reason"].text(), condition["message"].text(),
                              condition["lastTransitionTime"].text()});
  }
}

/// By all that is read of it: two may still differ, in the selector of their figures.
bool is_of(const ScaleMetric& a, const ScaleMetric& b) {
  return a.source == b.source && a.name == b.name && a.container == b.container &&
         a.object == b.object;
}

}  // namespace

const AutoscalerCondition* Autoscaler::condition(std::string_view type) const {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [&](const auto& each) { return each.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

/// The controller writes one entry for each metric, in their order, an empty one for what it could
/// not measure. Another number of them is of another version of the autoscaler.
const ScaleMetric* Autoscaler::measured_of(size_t index) const {
  const ScaleMetric& metric = metrics[index];
  const auto fits = [&](const ScaleMetric& each) { return is_of(each, metric); };
  if (measured.size() == metrics.size()) return fits(measured[index]) ? &measured[index] : nullptr;
  if (std::count_if(metrics.begin(), metrics.end(), fits) != 1 ||
      std::count_if(measured.begin(), measured.end(), fits) != 1)
    return nullptr;
  return &*std::find_if(measured.begin(), measured.end(), fits);
}

Autoscaler read_autoscaler(const JsonField& object) {
  Autoscaler hpa;
  const JsonField metadata = object["metadata"];
  hpa.ns = metadata["namespace"].text();
  hpa.name = metadata["name"].text();
  hpa.uid = metadata["uid"].text();
  hpa.resource_version = metadata["resourceVersion"].text();
  hpa.created = metadata["creationTimestamp"].text();
  const JsonField spec = object["spec"];
  const JsonField target = spec["scaleTargetRef"];
  hpa.target = {target["apiVersion"].text(), target["kind"].text(), target["name"].text()};
  hpa.min = spec["minReplicas"].number(1);
  hpa.max = spec["maxReplicas"].number();
  for (const JsonField& metric : spec["metrics"].items()) {
    hpa.metrics.push_back(read_metric(metric, "target"));
  }
  const JsonField behavior = spec["behavior"];
  hpa.has_behavior = behavior.present();
  hpa.up = read_rules(behavior["scaleUp"]);
  hpa.down = read_rules(behavior["scaleDown"]);
  read_status(object["status"], hpa);
  return hpa;
}

Result<Autoscaler> parse_autoscaler(std::string_view json) {
  return parse_object(json, "HorizontalPodAutoscaler", read_autoscaler);
}

Result<AutoscalerList> parse_autoscaler_list(std::string_view json) {
  AutoscalerList list;
  DROVER_TRY_ASSIGN(list.items, parse_list(json, "HorizontalPodAutoscaler", read_autoscaler));
  DROVER_TRY_ASSIGN(const JsonValue whole, parse_json(json, "HorizontalPodAutoscalerList"));
  std::string problem;
  list.resource_version = JsonField(&whole, "", &problem)["metadata"]["resourceVersion"].text();
  return list;
}

Result<Scale> parse_scale(std::string_view json) {
  return parse_object(json, "Scale", [](const JsonField& object) {
    return Scale{object["spec"]["replicas"].number(), object["status"]["replicas"].number(),
                 object["status"]["selector"].text()};
  });
}

}  // namespace drover
