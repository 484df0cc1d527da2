#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace drover {

std::vector<std::string> split_lines(std::string_view text);
std::vector<std::string> split_words(std::string_view text);
std::string_view trim(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

/// `text` fit for a terminal and a log line (S13): control characters, escape sequences and invalid
/// UTF-8 replaced by visible marks, cut to `limit` bytes at a character boundary.
std::string sanitise(std::string_view text, size_t limit = 400);

/// Length in bytes of the UTF-8 character at the front of `text`; 0 if there is no valid one.
size_t utf8_length(std::string_view text);

/// The candidate nearest to `word` by edit distance, if it is near enough to be a slip of the pen.
std::optional<std::string> nearest(std::string_view word,
                                   const std::vector<std::string>& candidates);

}  // namespace drover
