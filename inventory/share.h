#pragma once

#include <optional>
#include <string>

namespace drover {

class YamlField;

/// A number or a percentage of nodes.
struct Share {
  int value = 1;
  bool percent = false;

  /// Nodes out of `total`, rounded down, at least 1.
  int of_floor(int total) const;
  std::string str() const;

  bool operator==(const Share&) const = default;
};

/// `4` or `20%`. Nothing when it is not there, or wrong, which is reported.
std::optional<Share> read_share(const YamlField& field);

}  // namespace drover
