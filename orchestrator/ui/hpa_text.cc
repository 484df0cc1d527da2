#include "orchestrator/ui/hpa_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/events_text.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMi = std::int64_t{1} << 20;
constexpr int kThousand = 1000;

std::string amount_text(const Quantity& amount, bool bytes) {
  if (bytes) return fmt::format("{}Mi", amount.value() / kMi);
  const std::int64_t milli = amount.milli();
  return milli % kThousand == 0 ? fmt::format("{}", milli / kThousand) : fmt::format("{}m", milli);
}

std::string value_text(const MetricValue& value, const MetricValue& shape, bool bytes) {
  if (shape.utilization)
    return value.utilization ? fmt::format("{}%", *value.utilization) : "<unknown>";
  const auto& amount = shape.average_value ? value.average_value : value.value;
  return amount ? amount_text(*amount, bytes) : "<unknown>";
}

const ScaleMetric* measured_of(const Autoscaler& hpa, const ScaleMetric& wanted) {
  const auto found =
      std::find_if(hpa.measured.begin(), hpa.measured.end(), [&](const ScaleMetric& each) {
        return each.source == wanted.source && each.name == wanted.name &&
               each.container == wanted.container && each.object == wanted.object;
      });
  return found == hpa.measured.end() ? nullptr : &*found;
}

/// What is wrong with it, or keeps it where it is; "" when nothing.
std::string trouble_of(const Autoscaler& hpa) {
  for (const char* type : {"AbleToScale", "ScalingActive"}) {
    const AutoscalerCondition* condition = hpa.condition(type);
    if (condition != nullptr && !condition->holds) return sanitise(condition->reason);
  }
  const AutoscalerCondition* limited = hpa.condition("ScalingLimited");
  return limited != nullptr && limited->holds ? sanitise(limited->reason) : "";
}

bool is_bad(const Autoscaler& hpa) {
  const AutoscalerCondition* able = hpa.condition("AbleToScale");
  const AutoscalerCondition* active = hpa.condition("ScalingActive");
  return (able != nullptr && !able->holds) || (active != nullptr && !active->holds);
}

Colour colour_of(const Autoscaler& hpa) { return is_bad(hpa) ? Colour::Yellow : Colour::Plain; }

std::string age_of(const Autoscaler& hpa, plans::Timestamp now) {
  const auto created = plans::parse_timestamp(hpa.created);
  return created ? age_text(std::chrono::duration_cast<std::chrono::seconds>(now - *created)) : "-";
}

std::string reference_of(const Autoscaler& hpa) {
  return sanitise(hpa.target.kind + "/" + hpa.target.name);
}

ordered_json value_json(const MetricValue& value) {
  ordered_json json = ordered_json::object();
  if (value.utilization) json["utilization"] = *value.utilization;
  if (value.average_value) json["average_m"] = value.average_value->milli();
  if (value.value) json["value_m"] = value.value->milli();
  return json;
}

ordered_json fields_of(const Autoscaler& hpa) {
  ordered_json json = {
      {"namespace", sanitise(hpa.ns)},
      {"name", sanitise(hpa.name)},
      {"target", {{"kind", sanitise(hpa.target.kind)}, {"name", sanitise(hpa.target.name)}}},
      {"min", hpa.min},
      {"max", hpa.max},
      {"current", hpa.current},
      {"desired", hpa.desired}};
  json["metrics"] = ordered_json::array();
  for (const ScaleMetric& metric : hpa.metrics) {
    const ScaleMetric* measured = measured_of(hpa, metric);
    json["metrics"].push_back(
        {{"metric", sanitise(plans::metric_text(metric))},
         {"target", value_json(metric.target)},
         {"measured", measured == nullptr ? ordered_json() : value_json(measured->target)}});
  }
  json["conditions"] = ordered_json::array();
  for (const AutoscalerCondition& condition : hpa.conditions) {
    json["conditions"].push_back({{"type", sanitise(condition.type)},
                                  {"holds", condition.holds},
                                  {"reason", sanitise(condition.reason)},
                                  {"message", sanitise(condition.message)}});
  }
  json["last_scaled"] = sanitise(hpa.last_scaled);
  return json;
}

std::string line_of(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string targets_text(const Autoscaler& hpa) {
  std::vector<std::string> parts;
  for (const ScaleMetric& metric : hpa.metrics) {
    const ScaleMetric* measured = measured_of(hpa, metric);
    const bool bytes = metric.name == "memory";
    parts.push_back(fmt::format(
        "{}: {}/{}", sanitise(plans::metric_text(metric)),
        measured == nullptr ? "<unknown>" : value_text(measured->target, metric.target, bytes),
        value_text(metric.target, metric.target, bytes)));
  }
  return join(parts, ", ");
}

std::string autoscalers_text(const std::vector<Autoscaler>& list, plans::Timestamp now,
                             bool color) {
  if (list.empty()) return "There are no such autoscalers.\n";
  std::vector<std::vector<Cell>> lines = {
      text_row({"NAMESPACE", "NAME", "REFERENCE", "TARGETS", "MIN", "MAX", "REPLICAS", "WANTED",
                "AGE", "TROUBLE"})};
  for (const Autoscaler& hpa : list) {
    const std::string trouble = trouble_of(hpa);
    lines.push_back(text_row(
        {sanitise(hpa.ns), sanitise(hpa.name), reference_of(hpa), targets_text(hpa),
         fmt::format("{}", hpa.min), fmt::format("{}", hpa.max), fmt::format("{}", hpa.current),
         fmt::format("{}", hpa.desired), age_of(hpa, now), trouble.empty() ? "-" : trouble},
        colour_of(hpa)));
  }
  return table(lines, color);
}

std::string autoscaler_line(const Autoscaler& hpa, plans::Timestamp now, bool color) {
  const std::string trouble = trouble_of(hpa);
  const std::string change =
      hpa.current == hpa.desired ? "" : fmt::format(", {} wanted", hpa.desired);
  const std::string line = fmt::format(
      "{} {}/{}: {} ({} to {}){}; {}{}{}", time_of_day(utc_seconds(now)), sanitise(hpa.ns),
      sanitise(hpa.name), plural(static_cast<size_t>(std::max(hpa.current, 0)), "pod"), hpa.min,
      hpa.max, change, targets_text(hpa), trouble.empty() ? "" : "; ", trouble);
  return paint(line, colour_of(hpa), color) + '\n';
}

std::string autoscalers_json(const std::string& cluster, const std::vector<Autoscaler>& list) {
  ordered_json json = {{"v", 1}, {"kind", "Autoscalers"}, {"cluster", cluster}};
  json["items"] = ordered_json::array();
  for (const Autoscaler& hpa : list) json["items"].push_back(fields_of(hpa));
  return line_of(json);
}

std::string autoscaler_json(const std::string& cluster, const Autoscaler& hpa,
                            std::string_view change) {
  ordered_json json = {
      {"v", 1}, {"kind", "Autoscaler"}, {"cluster", cluster}, {"change", std::string(change)}};
  json.update(fields_of(hpa));
  return line_of(json);
}

}  // namespace drover::orchestrator
