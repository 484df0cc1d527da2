#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

/// What is said on a run's control socket: one line of JSON there, one line back, and the
/// connection ends.
///   {"v":1,"ask":"pause"}
///   {"v":1,"ok":true,"message":"..."}
namespace drover::orchestrator {

inline constexpr int kControlVersion = 1;
inline constexpr const char* kControlName = "control";  ///< in the run's folder

enum class ControlAsk { Pause, Cancel };
std::string_view ask_name(ControlAsk ask);  ///< "pause", "cancel"

struct ControlAnswer {
  bool ok = false;
  std::string message;  ///< what happens now, or why nothing does
};

/// With the newline.
std::string format_ask(ControlAsk ask);
std::string format_answer(const ControlAnswer& answer);

/// Reads a line without its newline; an Error says what is wrong with it.
Result<ControlAsk> read_ask(std::string_view line);
Result<ControlAnswer> read_answer(std::string_view line);

}  // namespace drover::orchestrator
