#pragma once

#include <string>
#include <string_view>

namespace drover::orchestrator {

/// Of a line that is longer, only the beginning is shown.
inline constexpr std::size_t kOutputLineBytes = std::size_t{64} * 1024;

/// A line that some program wrote, fit for a terminal (S13); tabs stay, by which tables are
/// aligned.
std::string output_line(std::string_view line);

/// `line` without the sequences that choose colours and styles, which many programs put into their
/// logs; whatever else acts on a terminal stays as it is.
std::string without_styles(std::string_view line);

}  // namespace drover::orchestrator
