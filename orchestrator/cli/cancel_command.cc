#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/cancel_run.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/tell_run.h"

namespace drover::orchestrator {
namespace {

int nothing_to_cancel(const Invocation& invocation, const Console& console, const ListedRun* run) {
  const std::string what =
      run == nullptr ? fmt::format("There is no unfinished run in {}", invocation.state_dir)
                     : fmt::format("Run {} is not unfinished", sanitise(run->id));
  if (console.json) {
    nlohmann::ordered_json json = {{"v", 1}, {"kind", "Cancel"}, {"run", nullptr}};
    if (run != nullptr) json["run"] = sanitise(run->id);
    json["message"] = what;
    console.print(json.dump(-1, ' ', true) + '\n');
  } else {
    console.print(what + ": nothing is to be cancelled.\n");
  }
  return kExitDone;
}

}  // namespace

int cancel_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const auto refuse = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  const Result<RunList> list = list_runs(invocation.state_dir);
  if (!list) return refuse(list.error());
  const auto picked = run_to_go_on_with(*list, invocation.run);
  if (!picked) return refuse(picked.error());
  const ListedRun* run = *picked;
  if (run == nullptr) return nothing_to_cancel(invocation, console, run);
  if (run->holder) return tell_run(invocation, console, *run, ControlAsk::Cancel);
  if (!run->memory) return refuse(run->memory.error());
  if (!run->memory->unfinished()) return nothing_to_cancel(invocation, console, run);
  return cancel_here(invocation, *run);
}

}  // namespace drover::orchestrator
