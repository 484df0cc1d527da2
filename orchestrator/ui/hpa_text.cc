#include "orchestrator/ui/hpa_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/events_text.h"
#include "orchestrator/ui/hpa_conditions.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr std::int64_t kMi = std::int64_t{1} << 20;
constexpr int kMilli = 1000;

std::string amount_text(const Quantity& amount, bool bytes) {
  if (bytes) return fmt::format("{}Mi", amount.value() / kMi);
  const std::int64_t milli = amount.milli();
  return milli % kMilli == 0 ? fmt::format("{}", milli / kMilli) : fmt::format("{}m", milli);
}

std::string value_text(const MetricValue& value, const MetricValue& shape, bool bytes) {
  if (shape.utilization)
    return value.utilization ? fmt::format("{}%", *value.utilization) : "<unknown>";
  const auto& amount = shape.average_value ? value.average_value : value.value;
  return amount ? amount_text(*amount, bytes) : "<unknown>";
}

/// What is wrong with it, or keeps it where it is; null when nothing.
const AutoscalerCondition* trouble_of(const Autoscaler& hpa) {
  for (const char* type : {"AbleToScale", "ScalingActive"}) {
    const AutoscalerCondition* condition = hpa.condition(type);
    if (condition != nullptr && !condition->holds) return condition;
  }
  const AutoscalerCondition* limited = hpa.condition("ScalingLimited");
  return limited != nullptr && limited->holds ? limited : nullptr;
}

std::string reason_of(const Autoscaler& hpa) {
  const AutoscalerCondition* trouble = trouble_of(hpa);
  return trouble == nullptr ? "" : trouble->reason;
}

std::string text_or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string trouble_text(const Autoscaler& hpa) {
  const AutoscalerCondition* trouble = trouble_of(hpa);
  return text_or_dash(trouble == nullptr ? "" : trouble->message);
}

bool is_bad(const Autoscaler& hpa) {
  const AutoscalerCondition* able = hpa.condition("AbleToScale");
  const AutoscalerCondition* active = hpa.condition("ScalingActive");
  return (able != nullptr && !able->holds) || (active != nullptr && !active->holds);
}

Colour autoscaler_colour(const Autoscaler& hpa) {
  return is_bad(hpa) ? Colour::Yellow : Colour::Plain;
}

std::string age_of(const std::string& then, plans::Timestamp now) {
  const auto time = plans::parse_timestamp(then);
  return time ? age_text(std::chrono::duration_cast<std::chrono::seconds>(now - *time)) : "-";
}

std::string reference_of(const Autoscaler& hpa) { return hpa.target.kind + '/' + hpa.target.name; }

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
  for (size_t i = 0; i < hpa.metrics.size(); ++i) {
    const ScaleMetric& metric = hpa.metrics[i];
    const ScaleMetric* measured = hpa.measured_of(i);
    json["metrics"].push_back(
        {{"metric", sanitise(plans::metric_text(metric))},
         {"target", value_json(metric.target)},
         {"measured", measured == nullptr ? ordered_json() : value_json(measured->target)}});
  }
  json["conditions"] = ordered_json::parse(autoscaler_conditions_json(hpa));
  json["last_scaled"] = sanitise(hpa.last_scaled);
  return json;
}

std::string text_of(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

std::string autoscaler_line(const Autoscaler& hpa, const std::string& time,
                            const ListStyle& style) {
  const std::string trouble = style.format == OutputFormat::Wide && trouble_of(hpa) != nullptr
                                  ? fmt::format("{}: {}", reason_of(hpa), trouble_text(hpa))
                                  : reason_of(hpa);
  const std::string change =
      hpa.current == hpa.desired ? "" : fmt::format(", {} wanted", hpa.desired);
  const std::string line = fmt::format(
      "{} {}: {} ({} to {}){}; {}{}{}", time, cell_text(hpa.full_name()),
      plural(static_cast<size_t>(std::max(hpa.current, 0)), "pod"), hpa.min, hpa.max, change,
      cell_text(targets_text(hpa)), trouble.empty() ? "" : "; ", cell_text(trouble));
  return paint(line, autoscaler_colour(hpa), style.color) + '\n';
}

}  // namespace

std::string targets_text(const Autoscaler& hpa) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < hpa.metrics.size(); ++i) {
    const ScaleMetric& metric = hpa.metrics[i];
    const ScaleMetric* measured = hpa.measured_of(i);
    const bool bytes = metric.name == "memory";
    parts.push_back(fmt::format(
        "{}: {}/{}", sanitise(plans::metric_text(metric)),
        measured == nullptr ? "<unknown>" : value_text(measured->target, metric.target, bytes),
        value_text(metric.target, metric.target, bytes)));
  }
  return join(parts, ", ");
}

ListView<Autoscaler> autoscaler_list(plans::Timestamp now) {
  using Hpa = Autoscaler;
  return {.kind = "Autoscalers",
          .none = "There are no such autoscalers.",
          .columns = {{"NAMESPACE", [](const Hpa& hpa) { return hpa.ns; }},
                      {"NAME", [](const Hpa& hpa) { return hpa.name; }},
                      {"REFERENCE", reference_of},
                      {"TARGETS", targets_text},
                      {"MIN", [](const Hpa& hpa) { return std::to_string(hpa.min); }},
                      {"MAX", [](const Hpa& hpa) { return std::to_string(hpa.max); }},
                      {"REPLICAS", [](const Hpa& hpa) { return std::to_string(hpa.current); }},
                      {"WANTED", [](const Hpa& hpa) { return std::to_string(hpa.desired); }},
                      {"AGE", [now](const Hpa& hpa) { return age_of(hpa.created, now); }},
                      {"LAST SCALED",
                       [now](const Hpa& hpa) { return age_of(hpa.last_scaled, now); }, true},
                      {"TROUBLE", [](const Hpa& hpa) { return text_or_dash(reason_of(hpa)); }},
                      {"BECAUSE", trouble_text, true}},
          .fields = [](const Hpa& hpa) { return text_of(fields_of(hpa)); },
          .colour = autoscaler_colour};
}

std::string autoscaler_text(const Autoscaler& hpa, std::string_view change, plans::Timestamp now,
                            const ListStyle& style) {
  if (style.is_for_programs()) {
    ordered_json json = {{"change", std::string(change)}};
    json.update(fields_of(hpa));
    return watch_document("Autoscaler", text_of(json), style);
  }
  const std::string time = time_of_day(utc_seconds(now));
  if (change == "deleted")
    return fmt::format("{} {} is deleted.\n", time, sanitise(hpa.full_name()));
  return autoscaler_line(hpa, time, style);
}

std::string autoscaler_json(const std::string& cluster, const Autoscaler& hpa,
                            std::string_view change) {
  const ListStyle style{.format = OutputFormat::Json, .cluster = cluster};
  return autoscaler_text(hpa, change, {}, style);
}

}  // namespace drover::orchestrator
