#include "inventory/cluster/watch_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "inventory/base/text.h"

namespace drover {
namespace {

using LineKind = WatchLine::Kind;

constexpr std::array<std::pair<std::string_view, LineKind>, 5> kLineKinds = {
    {{"ADDED", LineKind::Added},
     {"MODIFIED", LineKind::Modified},
     {"DELETED", LineKind::Deleted},
     {"BOOKMARK", LineKind::Bookmark},
     {"ERROR", LineKind::Error}}};

}  // namespace

Result<WatchLine> parse_watch_line(std::string_view line) {
  DROVER_TRY_ASSIGN(const JsonValue whole, parse_json(line, "watch event"));
  std::string problem;
  const JsonField field(&whole, "", &problem);
  const std::string type = field["type"].text();
  const auto* known = std::find_if(kLineKinds.begin(), kLineKinds.end(),
                                   [&](const auto& each) { return each.first == type; });
  if (known == kLineKinds.end()) field["type"].refuse(fmt::format("is \"{}\"", sanitise(type, 40)));
  WatchLine read;
  const JsonField object = field["object"];
  if (!object.present()) field["object"].refuse("is missing");
  if (known != kLineKinds.end()) read.kind = known->second;
  if (read.kind == LineKind::Error) {
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
