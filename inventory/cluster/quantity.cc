#include "inventory/cluster/quantity.h"

#include <algorithm>
#include <array>
#include <limits>

namespace drover {
namespace {

__extension__ using Wide = __int128;

constexpr Wide kUnit = 1'000'000'000;  // nano units of one
constexpr int kMostExponent = 18;
constexpr Wide kLargest = Wide{std::numeric_limits<std::int64_t>::max()} * kUnit;

/// A suffix is a number of nano units.
struct Suffix {
  std::string_view text;
  Wide nano;
};

constexpr Wide binary(int bits) { return kUnit << bits; }
constexpr Wide decimal(int exponent) {
  Wide nano = 1;
  for (int i = -9; i < exponent; ++i) nano *= 10;
  return nano;
}

constexpr std::array<Suffix, 16> kSuffixes = {{{"n", 1},
                                               {"u", decimal(-6)},
                                               {"m", decimal(-3)},
                                               {"", kUnit},
                                               {"k", decimal(3)},
                                               {"M", decimal(6)},
                                               {"G", decimal(9)},
                                               {"T", decimal(12)},
                                               {"P", decimal(15)},
                                               {"E", decimal(18)},
                                               {"Ki", binary(10)},
                                               {"Mi", binary(20)},
                                               {"Gi", binary(30)},
                                               {"Ti", binary(40)},
                                               {"Pi", binary(50)},
                                               {"Ei", binary(60)}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "e3", "E-6": a power of ten in nano units; nothing if it is not one, or smaller than a nano
/// unit.
std::optional<Wide> exponent(std::string_view text) {
  if (text.size() < 2 || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  text.remove_prefix(1);
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  if (text.empty() || text.size() > 3 || !std::all_of(text.begin(), text.end(), is_digit))
    return std::nullopt;
  int value = 0;
  for (const char c : text) value = value * 10 + (c - '0');
  if (negative) value = -value;
  if (value < -9 || value > kMostExponent) return std::nullopt;
  return decimal(value);
}

std::optional<Wide> scale_of(std::string_view suffix) {
  const auto* found = std::find_if(kSuffixes.begin(), kSuffixes.end(),
                                   [&](const Suffix& each) { return each.text == suffix; });
  return found != kSuffixes.end() ? std::optional<Wide>(found->nano) : exponent(suffix);
}

/// whole.fraction × scale, rounded up; nothing beyond kLargest.
std::optional<Wide> product(std::string_view whole, std::string_view fraction, Wide scale) {
  Wide sum = 0;
  for (const char c : whole) {
    sum = sum * 10 + (c - '0') * scale;
    if (sum > kLargest) return std::nullopt;
  }
  // From the last digit on: what each division cuts off would be cut off of the whole as well.
  Wide part = 0;
  bool cut = false;
  for (auto c = fraction.rbegin(); c != fraction.rend(); ++c) {
    part += (*c - '0') * scale;
    cut = cut || part % 10 != 0;
    part /= 10;
  }
  sum += part + (cut ? 1 : 0);
  if (sum > kLargest) return std::nullopt;
  return sum;
}

std::string_view take_digits(std::string_view& text) {
  const size_t length = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  return digits;
}

}  // namespace

std::optional<Quantity> Quantity::parse(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const std::string_view whole = take_digits(text);
  std::string_view fraction;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    fraction = take_digits(text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  const auto scale = scale_of(text);
  if (!scale) return std::nullopt;
  const auto nano = product(whole, fraction, *scale);
  if (!nano) return std::nullopt;
  Quantity quantity;
  quantity.nano_ = negative ? -*nano : *nano;
  return quantity;
}

std::int64_t Quantity::divide(Nano nano, Nano unit) {
  const Nano rest = nano % unit;
  Nano whole = nano / unit;
  if (rest > 0) ++whole;
  if (rest < 0) --whole;
  constexpr Nano kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(whole, -kMost, kMost));
}

std::int64_t Quantity::value() const { return divide(nano_, kUnit); }
std::int64_t Quantity::milli() const { return divide(nano_, kUnit / 1000); }
double Quantity::approximate() const {
  return static_cast<double>(nano_) / static_cast<double>(kUnit);
}

Quantity& Quantity::operator+=(Quantity other) {
  nano_ += other.nano_;
  return *this;
}

std::int64_t percent_of(Quantity part, Quantity whole) {
  const Wide of = whole.milli();
  if (of == 0) return 0;
  constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(std::clamp(Wide{part.milli()} * 100 / of, -kMost, kMost));
}

}  // namespace drover
