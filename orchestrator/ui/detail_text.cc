#include "orchestrator/ui/detail_text.h"

#include <algorithm>
#include <vector>

#include "inventory/base/text.h"

namespace drover::orchestrator {

std::string detail_text(const Error& error, std::size_t most, std::string_view margin) {
  std::vector<std::string> lines = split_lines(error.detail);
  std::erase_if(lines, [](const std::string& line) { return trim(line).empty(); });
  // A single line is in the message already.
  if (lines.size() < 2) return "";
  std::string out;
  for (std::size_t i = lines.size() - std::min(lines.size(), most); i < lines.size(); ++i) {
    out.append(margin).append("| ").append(sanitise(lines[i])).append("\n");
  }
  return out;
}

}  // namespace drover::orchestrator
