#include "orchestrator/cli/tell_run.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/control/control_client.h"

namespace drover::orchestrator {
namespace {

/// A process that is just beginning or ending has no socket.
Error not_reached(const Invocation& invocation, const ListedRun& run, const Error& cause) {
  return {
      .kind = cause.kind,
      .message = fmt::format("the Drover of run {} (pid {}) was not reached: {}", sanitise(run.id),
                             run.holder->pid, cause.message),
      .remedy = fmt::format("it may just begin or end: `{}` shows it; Ctrl-C in its terminal "
                            "or `kill -INT {}` stops it at the next safe point",
                            as_typed(invocation, CommandId::Status, {run.id}), run.holder->pid)};
}

Error elsewhere(const ListedRun& run) {
  return {.kind = ErrorKind::Usage,
          .message = fmt::format("run {} is going on on {}, and only from there it can be reached",
                                 sanitise(run.id), sanitise(run.holder->host)),
          .remedy = "type the same command there"};
}

std::string json_of(ControlAsk ask, const ListedRun& run, const std::string& message) {
  const nlohmann::ordered_json json = {{"v", 1},
                                       {"kind", ask == ControlAsk::Pause ? "Pause" : "Cancel"},
                                       {"run", run.id},
                                       {"pid", run.holder->pid},
                                       {"message", message}};
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

int tell_run(const Invocation& invocation, const Console& console, const ListedRun& run,
             ControlAsk ask) {
  const auto refuse = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  if (run.holder->host != this_process(run.id).host) return refuse(elsewhere(run));
  const Result<std::string> told = ask_run(run.folder, ask);
  if (!told && told.error().kind == ErrorKind::Refused) return refuse(told.error());
  if (!told) return refuse(not_reached(invocation, run, told.error()));
  if (console.json) {
    console.print(json_of(ask, run, *told));
    return kExitDone;
  }
  std::string text =
      fmt::format("Run {} (pid {}): {}.\n", sanitise(run.id), run.holder->pid, sanitise(*told));
  text +=
      fmt::format("`{}` shows how it stands", as_typed(invocation, CommandId::Status, {run.id}));
  if (ask == ControlAsk::Pause) {
    text += fmt::format("; when it has ended, `{}` goes on",
                        as_typed(invocation, CommandId::Resume, {run.id}));
  }
  console.print(text + ".\n");
  return kExitDone;
}

}  // namespace drover::orchestrator
