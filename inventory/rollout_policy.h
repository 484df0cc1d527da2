#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/share.h"

namespace drover {

/// In which order workers are taken.
enum class WorkerOrder {
  Auto,       ///< the longest expected first
  Inventory,  ///< as the file lists them
};

/// What is done about a drain that is not done when its time has passed.
enum class OnBlocked {
  Defer,  ///< the node is given back and tried once more at the end
  Wait,   ///< it is waited for, as long as it takes
  Fail,   ///< the node has failed
};

/// Names as the file writes them.
std::string_view order_name(WorkerOrder order);
std::string_view on_blocked_name(OnBlocked action);

struct PausePolicy {
  bool after_canary = false;
  bool after_control_plane = false;
  std::chrono::seconds between_nodes{0};  ///< that a slot rests before the next node takes it

  bool operator==(const PausePolicy&) const = default;
};

/// When nodes may be taken out of service, by the clocks of `timezone`.
struct MaintenanceWindow {
  std::array<bool, 7> days{};     ///< on which it opens; Monday first
  std::chrono::minutes start{0};  ///< of the day
  std::chrono::minutes end{0};    ///< of the day, or of the next one when not after `start`
  std::string timezone = "UTC";   ///< IANA name
  int timezone_line = 0;          ///< where the file names it; 0: it does not
  int timezone_column = 0;

  std::string str() const;  ///< "mon, tue 01:00-05:00 Europe/Berlin"
};

inline constexpr std::array<std::string_view, 7> kDayNames = {"mon", "tue", "wed", "thu",
                                                              "fri", "sat", "sun"};

/// How the workers are taken: `workers`, `pause`, `window` and `failure` of the plan file.
struct RolloutPolicy {
  Share max_unavailable{1, false};
  int canary = 0;                 ///< workers done alone first
  std::vector<Share> ramp;        ///< widths after them, one for as many nodes as it is wide
  std::optional<int> per_domain;  ///< workers down at once in one failure domain
  WorkerOrder order = WorkerOrder::Auto;
  OnBlocked on_blocked = OnBlocked::Defer;
  PausePolicy pause;
  std::optional<MaintenanceWindow> window;
  int max_failed_nodes = 0;  ///< after one more nothing new is begun
};

/// "01:05"; a whole day is "24:00".
std::string clock_of(std::chrono::minutes of_day);
/// The other way round; nothing when it is no time of a day.
std::optional<std::chrono::minutes> parse_clock(std::string_view text);

}  // namespace drover
