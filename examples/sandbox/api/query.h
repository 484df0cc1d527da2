#pragma once

#include <map>
#include <optional>
#include <string>

namespace drover::sandbox {

/// "%2F" to "/", and the like. std::invalid_argument: it is not encoded rightly.
std::string percent_decode(const std::string& text);

/// What stands behind the ? of a request.
class Query {
 public:
  /// std::invalid_argument: a key twice, or not encoded rightly.
  explicit Query(const std::string& text);

  std::optional<std::string> get(const std::string& key) const;
  const std::map<std::string, std::string>& all() const { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace drover::sandbox
