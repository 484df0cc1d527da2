#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace drover {

/// Every value of a YAML file that the user writes by its path, `drain.timeout` or
/// `hosts.w1.roles`, as it is written; a list is one value. What cannot be read has no settings.
std::map<std::string, std::string> settings_of(std::string_view text);

/// One setting that was edited between two texts of a file. Empty: it was not written.
struct Edit {
  std::string path;
  std::string before;
  std::string after;

  std::string str() const;  ///< "drain.timeout: 15m → 30m"
};

/// All differences, by path. Order, comments and layout are no differences.
std::vector<Edit> edits_between(std::string_view before, std::string_view after);

}  // namespace drover
