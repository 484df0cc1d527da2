#include <fmt/format.h>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/tell_run.h"

namespace drover::orchestrator {
namespace {

Error not_running(const Invocation& invocation, const ListedRun* run) {
  return {
      .kind = ErrorKind::Usage,
      .message = run == nullptr ? fmt::format("no run in {} is going on", invocation.state_dir)
                                : fmt::format("run {} is not going on", sanitise(run->id)),
      .remedy = fmt::format("`{}` shows how it stands, and what to type next",
                            run == nullptr ? as_typed(invocation, CommandId::Status, {})
                                           : as_typed(invocation, CommandId::Status, {run->id}))};
}

}  // namespace

int pause_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const auto refuse = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  const Result<RunList> list = list_runs(invocation.state_dir);
  if (!list) return refuse(list.error());
  const auto run = running_run(*list, invocation.run);
  if (!run) return refuse(run.error());
  if (*run == nullptr || !(*run)->holder) return refuse(not_running(invocation, *run));
  return tell_run(invocation, console, **run, ControlAsk::Pause);
}

}  // namespace drover::orchestrator
