#pragma once

#include <string_view>
#include <vector>

namespace drover::sandbox {

struct RecordedText {
  std::string_view name;  ///< path below examples/sandbox/recorded/commands
  std::string_view text;
};

/// All of them. The build writes this function out of the files (embed.cmake).
const std::vector<RecordedText>& recorded_texts();

}  // namespace drover::sandbox
