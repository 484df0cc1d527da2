#include "orchestrator/ui/output_line.h"

#include "inventory/base/text.h"

namespace drover::orchestrator {

std::string output_line(std::string_view line) {
  std::string out;
  for (std::size_t tab = line.find('\t'); tab != std::string_view::npos; tab = line.find('\t')) {
    out += sanitise(line.substr(0, tab), kOutputLineBytes) + '\t';
    line.remove_prefix(tab + 1);
  }
  return out + sanitise(line, kOutputLineBytes);
}

std::string without_styles(std::string_view line) {
  constexpr std::string_view kBegin = "\x1b[";
  std::string out;
  for (std::size_t at = line.find(kBegin); at != line.npos; at = line.find(kBegin)) {
    const std::size_t end = line.find_first_not_of("0123456789;:", at + kBegin.size());
    const bool style = end != line.npos && line[end] == 'm';
    const std::size_t kept = style ? at : at + kBegin.size();
    out += line.substr(0, kept);
    line.remove_prefix(style ? end + 1 : kept);
  }
  return out += line;
}

}  // namespace drover::orchestrator
