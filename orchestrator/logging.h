#pragma once

#include <string_view>

/// Diagnostics about Drover itself, for -v: to stderr, never among results. Any thread.
namespace drover::orchestrator {

/// Off until this is called with true.
void set_verbose(bool on);

/// What is sent and what is decided. `text` is sanitised here (S13: it must not hold secrets).
void log_debug(std::string_view text);

}  // namespace drover::orchestrator
