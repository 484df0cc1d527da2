#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/detail_text.h"
#include "orchestrator/ui/views.h"

namespace drover::orchestrator {

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
