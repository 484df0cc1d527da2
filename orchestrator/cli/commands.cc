#include "orchestrator/cli/commands.h"

#include <fmt/format.h>

#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/cli/help.h"
#include "orchestrator/logging.h"

namespace drover::orchestrator {
namespace {

int version_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  console.print(
      invocation.json
          ? fmt::format("{{\"v\":1,\"kind\":\"Version\",\"version\":\"{}\"}}\n", DROVER_VERSION)
          : fmt::format("drover {}\n", DROVER_VERSION));
  return kExitDone;
}

int help_command(const Invocation& invocation) {
  make_console(invocation.json, invocation.no_color).print(help_text(invocation.help_topic));
  return kExitDone;
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
  const Result<Invocation> invocation = parse_command_line(arguments);
  if (!invocation) {
    make_console(false, false).complain(invocation.error());
    return exit_code(invocation.error().kind);
  }
  set_verbose(invocation->verbose);
  switch (invocation->command) {
    case CommandId::Plan:
      return plan_command(*invocation);
    case CommandId::Check:
      return check_command(*invocation);
    case CommandId::Apply:
      return apply_command(*invocation);
    case CommandId::Status:
      return status_command(*invocation);
    case CommandId::Runs:
      return runs_command(*invocation);
    case CommandId::Report:
      return report_command(*invocation);
    case CommandId::Resume:
      return resume_command(*invocation);
    case CommandId::Pause:
      return pause_command(*invocation);
    case CommandId::Cancel:
      return cancel_command(*invocation);
    case CommandId::Lock:
      return lock_command(*invocation);
    case CommandId::Node:
      return node_command(*invocation);
    case CommandId::Etcd:
      return etcd_command(*invocation);
    case CommandId::Events:
      return events_command(*invocation);
    case CommandId::Logs:
      return logs_command(*invocation);
    case CommandId::Describe:
      return describe_command(*invocation);
    case CommandId::Top:
      return top_command(*invocation);
    case CommandId::Hpa:
      return hpa_command(*invocation);
    case CommandId::Certs:
      return certs_command(*invocation);
    case CommandId::Addon:
      return addon_command(*invocation);
    case CommandId::Version:
      return version_command(*invocation);
    case CommandId::Help:
      return help_command(*invocation);
  }
  return kExitInternal;
}

int exit_code_of(const NoPreview& none) {
  return none.errors.empty() ? kExitFile : exit_code(none.errors.front().kind);
}

}  // namespace drover::orchestrator
