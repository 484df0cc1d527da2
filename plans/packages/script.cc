#include "plans/packages/script.h"

#include "inventory/base/quote.h"

namespace drover::plans {

std::string script_head() {
  return "set -eu\n"
         "trap 'exit 129' HUP\n"
         "trap 'exit 130' INT\n"
         "trap 'exit 143' TERM\n";
}

std::string words(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += " " + quote(name);
  return text;
}

}  // namespace drover::plans
