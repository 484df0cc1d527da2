#include "inventory/base/duration.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace drover {
namespace {

struct Unit {
  char letter;
  std::int64_t seconds;
};
constexpr std::array<Unit, 3> kUnits = {Unit{'h', 3600}, Unit{'m', 60}, Unit{'s', 1}};

struct GoUnit {
  std::string_view name;
  double milliseconds;
};
constexpr std::array<GoUnit, 7> kGoUnits = {{{"h", 3'600'000},
                                             {"m", 60'000},
                                             {"s", 1000},
                                             {"ms", 1},
                                             {"us", 1e-3},
                                             {"µs", 1e-3},
                                             {"ns", 1e-6}}};

// Deadlines are computed in nanoseconds of a 64-bit clock: a year is far from its end, and enough.
constexpr std::int64_t kLongest = 365 * 24 * 3600;

Error not_a_duration(std::string_view text, std::string_view why) {
  Error error;
  error.kind = ErrorKind::File;
  error.message = fmt::format("\"{}\" is not a duration: {}", text.substr(0, 80), why);
  error.remedy = "expected hours, minutes and seconds, for example 90s, 15m or 1h30m";
  return error;
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  if (text.empty()) return not_a_duration(text, "it is empty");
  std::int64_t total = 0;
  size_t next_unit = 0;
  std::string_view rest = text;
  while (!rest.empty()) {
    std::uint32_t number = 0;
    auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error == std::errc::result_out_of_range) return not_a_duration(text, "too long");
    if (error != std::errc()) return not_a_duration(text, "a whole number must come first");
    rest.remove_prefix(static_cast<size_t>(end - rest.data()));
    if (rest.empty()) return not_a_duration(text, "the unit is missing");
    size_t unit = next_unit;
    while (unit < kUnits.size() && kUnits[unit].letter != rest[0]) ++unit;
    if (unit == kUnits.size()) {
      return not_a_duration(text, "the units are h, m and s, in this order, each at most once");
    }
    total += kUnits[unit].seconds * number;
    next_unit = unit + 1;
    rest.remove_prefix(1);
  }
  if (total > kLongest) return not_a_duration(text, "longer than 8760h");
  return std::chrono::seconds(total);
}

std::optional<std::chrono::milliseconds> parse_go_duration(std::string_view text) {
  using std::chrono::milliseconds;
  constexpr double kLongestInMilli = 100.0 * 24 * 3600 * 1000;
  if (text == "0") return milliseconds(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    double number = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    if (error != std::errc() || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    const std::string_view name =
        text.substr(0, std::min(text.find_first_of("0123456789."), text.size()));
    const auto unit = std::find_if(kGoUnits.begin(), kGoUnits.end(),
                                   [&](const GoUnit& each) { return each.name == name; });
    if (unit == kGoUnits.end()) return std::nullopt;
    total += number * unit->milliseconds;
    text.remove_prefix(name.size());
  }
  if (total > kLongestInMilli) return std::nullopt;
  return milliseconds(static_cast<std::int64_t>(total));
}

std::string format_duration(std::chrono::seconds value) {
  if (value.count() < 0) return "-" + format_duration(-value);
  std::string text;
  std::int64_t left = value.count();
  for (const Unit& unit : kUnits) {
    if (left >= unit.seconds) text += fmt::format("{}{}", left / unit.seconds, unit.letter);
    left %= unit.seconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace drover
