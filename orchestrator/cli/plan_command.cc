#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/exec/event_log.h"
#include "orchestrator/preview.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/file_io.h"
#include "orchestrator/state/state_folder.h"
#include "orchestrator/utc.h"
#include "plans/checks/check.h"
#include "plans/plan_file.h"

namespace drover::orchestrator {
namespace {

/// A preview for a command that changes nothing; Ctrl-C ends it. Otherwise the exit code.
std::variant<Preview, int> preview_or_exit(const Invocation& invocation, const Console& console) {
  std::stop_source stop;
  const SignalWatch watch([&] { stop.request_stop(); });
  auto made = make_preview(invocation.upgrade_file, invocation.inventory_file, {},
                           invocation.state_dir, stop.get_token());
  if (auto* preview = std::get_if<Preview>(&made)) return std::move(*preview);
  const auto& none = std::get<NoPreview>(made);
  console.complain(none.diagnostics);
  console.complain(none.errors);
  return exit_code_of(none);
}

void print_plan_event(const plans::Plan& plan, const std::string& state_dir) {
  remote::SystemClock clock;
  JsonView view(stdout);
  EventLog events(new_run_id(clock.wall(), state_dir), [&] { return utc_millis(clock.wall()); },
                  {&view});
  events.emit(PlanMade{plan});
}

nlohmann::json verdict_json(const plans::Verdict& verdict) {
  return {{"check", verdict.check},     {"severity", plans::severity_name(verdict.severity)},
          {"subject", verdict.subject}, {"message", verdict.message},
          {"remedy", verdict.remedy},   {"override", verdict.override_}};
}

int list_checks(const Console& console) {
  if (console.json) {
    nlohmann::json line = {{"v", 1}, {"kind", "Checks"}, {"checks", nlohmann::json::array()}};
    for (const plans::Check& check : plans::all_checks()) {
      line["checks"].push_back({{"id", check.id}, {"about", check.about}});
    }
    console.print(line.dump() + "\n");
    return kExitDone;
  }
  for (const plans::Check& check : plans::all_checks()) {
    console.print(fmt::format("{:<20} {}\n", check.id, check.about));
  }
  return kExitDone;
}

}  // namespace

int plan_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  auto previewed = preview_or_exit(invocation, console);
  if (const int* code = std::get_if<int>(&previewed)) return *code;
  const plans::Plan& plan = std::get<Preview>(previewed).plan;
  if (!invocation.plan_out.empty()) {
    if (const Status saved = replace_file(invocation.plan_out, plans::plan_json(plan, 2) + "\n");
        !saved) {
      console.complain(saved.error());
      return exit_code(saved.error().kind);
    }
  }
  if (console.json) {
    print_plan_event(plan, invocation.state_dir);
  } else {
    console.print(plan_text(plan, console.out_style, invocation.commands,
                            as_typed(invocation, CommandId::Apply)));
  }
  if (plan.blocked()) return kExitRefused;
  return invocation.detailed_exitcode && !plan.steps.empty() ? kExitChanges : kExitDone;
}

int check_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  if (invocation.list) return list_checks(console);
  auto previewed = preview_or_exit(invocation, console);
  if (const int* code = std::get_if<int>(&previewed)) return *code;
  const plans::Plan& plan = std::get<Preview>(previewed).plan;
  if (console.json) {
    nlohmann::json line = {{"v", 1},
                           {"kind", "Check"},
                           {"cluster", plan.cluster},
                           {"target", plan.target},
                           {"verdicts", nlohmann::json::array()}};
    for (const plans::Verdict& verdict : plan.verdicts)
      line["verdicts"].push_back(verdict_json(verdict));
    console.print(line.dump() + "\n");
  } else {
    console.print(verdicts_text(plan.verdicts, console.out_style));
  }
  return plan.blocked() ? kExitRefused : kExitDone;
}

}  // namespace drover::orchestrator
