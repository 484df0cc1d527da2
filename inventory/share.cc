#include "inventory/share.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "inventory/yaml_field.h"

namespace drover {

int Share::of_floor(int total) const {
  const std::int64_t nodes = percent ? std::int64_t{total} * value / 100 : value;
  return static_cast<int>(std::max<std::int64_t>(nodes, 1));
}

std::string Share::str() const { return fmt::format("{}{}", value, percent ? "%" : ""); }

std::optional<Share> read_share(const YamlField& field) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  Share share;
  const char* last = text->data() + text->size();
  const auto [end, error] = std::from_chars(text->data(), last, share.value);
  share.percent = std::string_view(end, static_cast<size_t>(last - end)) == "%";
  const bool whole = error == std::errc() && (end == last || share.percent);
  const bool possible = share.percent ? share.value >= 0 && share.value <= 100 : share.value >= 1;
  if (whole && possible) return share;
  field.refuse(fmt::format("{} is not a number or share of nodes", shown(*text)),
               "allowed: a whole number from 1, or 0% to 100%");
  return std::nullopt;
}

}  // namespace drover
