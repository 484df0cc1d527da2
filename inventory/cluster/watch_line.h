#pragma once

#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "inventory/cluster/json.h"

namespace drover {

/// One line of a watch.
struct WatchLine {
  enum class Kind { Added, Modified, Deleted, Bookmark, Error };
  Kind kind = Kind::Added;
  std::string resource_version;  ///< to go on from; "" with Error
  int code = 0;                  ///< with Error: of its Status
  std::string message;           ///< with Error
  JsonValue object;

  /// The versions that were asked for are gone: list again.
  bool expired() const { return kind == Kind::Error && code == 410; }
};

Result<WatchLine> parse_watch_line(std::string_view line);

}  // namespace drover
