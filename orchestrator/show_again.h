#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

#include "inventory/base/result.h"
#include "remote/clock.h"

namespace drover::orchestrator {

/// A list that the API cannot watch, read again and again.
struct Repeated {
  std::chrono::seconds every;
  std::function<Result<std::string>()> read;  ///< what is to be shown
  std::function<void(const std::string&)> show;
  std::function<void(const std::string&)> tell;  ///< what the operator should know
};

/// Shows it at once and then every so often. Ends when `stop` is requested (Cancelled), with what
/// the API refuses, or when the way there has been lost for longer than Patience bears. One thread.
Error show_again(const Repeated& list, remote::Clock& clock, const std::stop_token& stop);

}  // namespace drover::orchestrator
