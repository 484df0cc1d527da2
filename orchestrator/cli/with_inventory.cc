#include "orchestrator/cli/with_inventory.h"

#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/files.h"

namespace drover::orchestrator {

int with_inventory(const Invocation& invocation, const Console& console,
                   const std::function<Result<int>(const Inventory&)>& work) {
  const auto files = load_inventory_file(
      invocation.inventory_file.empty() ? "inventory.yaml" : invocation.inventory_file);
  if (const auto* wrong = std::get_if<Diagnostics>(&files)) {
    console.complain(*wrong);
    return kExitFile;
  }
  const Result<int> code = work(std::get<Files>(files).inventory);
  if (code) return *code;
  console.complain(code.error());
  return exit_code(code.error().kind);
}

}  // namespace drover::orchestrator
