#include "orchestrator/zone_file.h"

#include <fmt/format.h>

#include <cstdlib>

#include "inventory/base/text.h"
#include "orchestrator/state/file_io.h"

namespace drover::orchestrator {

Result<plans::TimeZone> load_time_zone(const std::string& name) {
  if (name == "UTC") return plans::TimeZone::utc();
  const char* set = std::getenv("TZDIR");
  const std::string folder = set != nullptr && set[0] == '/' ? set : "/usr/share/zoneinfo";
  const std::string path = fmt::format("{}/{}", folder, name);
  bool missing = false;
  const auto bytes = read_file(path, missing);
  auto zone = bytes && !missing ? plans::TimeZone::parse(*bytes)
                                : Result<plans::TimeZone>(Error{
                                      .message = missing ? "is not there" : bytes.error().message});
  if (zone) return zone;
  return Error{.kind = ErrorKind::File,
               .message = fmt::format("there is no time zone \"{}\" on this machine: {} {}",
                                      sanitise(name, 80), path, zone.error().message),
               .remedy =
                   "write its name as `ls /usr/share/zoneinfo` has it, for example "
                   "Europe/Berlin, or install tzdata"};
}

}  // namespace drover::orchestrator
