#include "inventory/cluster/watch_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "inventory/base/text.h"

namespace drover {
namespace {

using Kind = WatchLine::Kind;

constexpr std::array<std::pair<std::string_view, Kind>, 5> kKinds = {{{"ADDED", Kind::Added},
                                                                      {"MODIFIED", Kind::Modified},
                                                                      {"DELETED", Kind::Deleted},
                                                                      {"BOOKMARK", Kind::Bookmark},
                                                                      {"ERROR", Kind::Error}}};

}  // namespace

Result<WatchLine> parse_watch_line(std::string_view line) {
  DROVER_TRY_ASSIGN(const JsonValue whole, parse_json(line, "watch event"));
  std::string problem;
  const JsonField field(&whole, "", &problem);
  const std::string type = field["type"].text();
  const auto* known = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const auto& each) { return each.first == type; });
  if (known == kKinds.end()) field["type"].refuse(fmt::format("is \"{}\"", sanitise(type, 40)));
  WatchLine read;
  const JsonField object = field["object"];
  if (!object.present()) field["object"].refuse("is missing");
  if (known != kKinds.end()) read.kind = known->second;
  if (read.kind == Kind::Error) {
    read.code = object["code"].number();
    read.message = object["message"].text();
  } else {
    read.resource_version = object["metadata"]["resourceVersion"].text();
  }
  if (!problem.empty()) return Error{.kind = ErrorKind::Api, .message = "watch event: " + problem};
  read.object = *whole.find("object");
  return read;
}

}  // namespace drover
