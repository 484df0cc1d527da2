#include <algorithm>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/detail_text.h"
#include "orchestrator/ui/views.h"

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

std::string error_text(const Error& error, const TextStyle& style) {
  constexpr std::size_t kDetailLines = 8;
  constexpr std::size_t kMessageBytes = 2000;
  std::string out = paint("error:", Colour::Red, style.color) + ' ' +
                    sanitise(error.message, kMessageBytes) + '\n' +
                    detail_text(error, kDetailLines, "  ");
  if (!error.remedy.empty()) out += "  -> " + sanitise(error.remedy, kMessageBytes) + '\n';
  return out;
}

}  // namespace drover::orchestrator
