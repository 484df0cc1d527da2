#include "inventory/cluster/open_watches.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace drover {
namespace {

constexpr std::string_view kGauge = "apiserver_longrunning_requests{";

constexpr int kMost = 1'000'000'000;  // so that a server that lies overflows nothing

// What stands after the labels: "6", "6e+06", perhaps with a time behind it.
std::optional<int> value_of(std::string_view line) {
  const size_t labels_end = line.rfind('}');
  if (labels_end == std::string_view::npos) return std::nullopt;
  std::string_view text = line.substr(labels_end + 1);
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool counts = error == std::errc() && value >= 0 && value <= kMost;  // NaN is neither
  return counts ? std::optional(static_cast<int>(value)) : std::nullopt;
}

}  // namespace

std::optional<int> open_watches(std::string_view metrics, std::string_view resource) {
  const std::string label = fmt::format("resource=\"{}\"", resource);
  std::optional<int> sum;
  for (size_t at = 0; at < metrics.size();) {
    const size_t end = std::min(metrics.find('\n', at), metrics.size());
    const std::string_view line = metrics.substr(at, end - at);
    at = end + 1;
    const bool counts = line.starts_with(kGauge) &&
                        line.find("verb=\"WATCH\"") != std::string_view::npos &&
                        line.find(label) != std::string_view::npos;
    if (!counts) continue;
    if (const auto value = value_of(line)) sum = std::min(sum.value_or(0) + *value, kMost);
  }
  return sum;
}

}  // namespace drover
