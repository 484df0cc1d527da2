#include "orchestrator/utc.h"

#include <fmt/chrono.h>

namespace drover::orchestrator {
namespace {

std::tm civil(remote::WallTime at) {
  return fmt::gmtime(
      std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(at)));
}

}  // namespace

std::string utc_millis(remote::WallTime at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
  const auto millis = std::chrono::floor<std::chrono::milliseconds>(at) - seconds;
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", civil(at), millis.count());
}

std::string utc_seconds(remote::WallTime at) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", civil(at));
}

std::string utc_compact(remote::WallTime at) { return fmt::format("{:%Y%m%dT%H%M%SZ}", civil(at)); }

}  // namespace drover::orchestrator
