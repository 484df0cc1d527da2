#include "orchestrator/logging.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> only = [] {
    auto made = std::make_shared<spdlog::logger>("drover",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::off);
    made->set_pattern("%H:%M:%S.%e %n: %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *only;
}

}  // namespace

void set_verbose(bool on) { logger().set_level(on ? spdlog::level::debug : spdlog::level::off); }

void log_debug(std::string_view text) {
  constexpr size_t kMostBytes = 2000;
  if (!logger().should_log(spdlog::level::debug)) return;
  logger().debug("{}", sanitise(text, kMostBytes));
}

}  // namespace drover::orchestrator
