#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace drover {

/// An amount as the API writes it ("250m", "1234567Ki", "156085151n", "1e3"), exact down to a
/// billionth, what is finer rounded away from zero; arithmetic in whole numbers.
class Quantity {
 public:
  Quantity() = default;

  /// Nothing when `text` is none, or beyond ±2^63 of the unit.
  static std::optional<Quantity> parse(std::string_view text);

  /// In whole units, and in thousandths: rounded away from zero, as Kubernetes does. At the ends of
  /// the type where a sum of many is beyond it.
  std::int64_t value() const;
  std::int64_t milli() const;
  double approximate() const;  ///< in units, for ratios

  Quantity& operator+=(Quantity other);
  friend Quantity operator+(Quantity a, Quantity b) { return a += b; }
  friend bool operator==(Quantity a, Quantity b) { return a.nano_ == b.nano_; }
  friend bool operator<(Quantity a, Quantity b) { return a.nano_ < b.nano_; }

 private:
  __extension__ using Nano = __int128;  // ISO C++ has no type that is wide enough
  static std::int64_t divide(Nano nano, Nano unit);

  Nano nano_ = 0;
};

/// Hundredths of `whole` that `part` is, cut off as kubectl does, by `milli()`; 0 of nothing.
std::int64_t percent_of(Quantity part, Quantity whole);

}  // namespace drover
