#include <fmt/format.h>

#include <optional>

#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/state/event_notes.h"
#include "orchestrator/ui/list_view.h"
#include "orchestrator/ui/run_texts.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

using Pick = Result<const ListedRun*> (*)(const RunList&, const std::string&);

/// What to type next, with the run's id where it would not be understood without.
class Advice {
 public:
  Advice(const Invocation& invocation, const RunList& list, const Standing& run)
      : invocation_(invocation), list_(list), run_(run) {}

  std::vector<NextCommand> commands() const {
    switch (run_.state) {
      case RunState::Running:
        return {next(CommandId::Status, run_to_show, "look again"),
                next(CommandId::Pause, running_run, "stop it at the next safe point"),
                next(CommandId::Cancel, run_to_go_on_with, "stop it there, and give it up")};
      case RunState::Failed:
        return unfinished("remove the cause first; then this goes on where it stopped");
      case RunState::Interrupted:
      case RunState::Paused:
      case RunState::Killed:
        return unfinished("go on where it stopped");
      case RunState::Succeeded:
        return {next(CommandId::Report, run_to_show, "each step, with times and messages")};
      case RunState::Cancelled:
      case RunState::NotBegun:
        if (!run_.work.empty()) return {};
        return {{as_typed(invocation_, CommandId::Plan,
                          {run_.upgrade_file.empty() ? "upgrade.yaml" : run_.upgrade_file}),
                 "what is to be done now"}};
      case RunState::Unreadable:
        break;
    }
    return {};
  }

 private:
  std::vector<NextCommand> unfinished(const std::string& about_resume) const {
    if (run_.superseded) return {};
    return {next(CommandId::Resume, run_to_go_on_with, about_resume),
            next(CommandId::Cancel, run_to_go_on_with,
                 "give it up; nodes on which nothing was changed are given back"),
            next(CommandId::Report, run_to_show, "each step, with times and messages")};
  }

  NextCommand next(CommandId command, Pick pick, std::string about) const {
    const auto meant = pick(list_, "");
    const bool clear = meant && *meant != nullptr && (*meant)->id == run_.run;
    std::vector<std::string> words;
    if (!clear) words.push_back(run_.run);
    return {as_typed(invocation_, command, words), std::move(about)};
  }

  const Invocation& invocation_;
  const RunList& list_;
  const Standing& run_;
};

std::string now() {
  remote::SystemClock clock;
  return utc_millis(clock.wall());
}

/// The run that `invocation` is about, as `text` or `json` shows it.
int show_run(const Invocation& invocation,
             std::string (*text)(const StandingView&, const TextStyle&),
             std::string (*json)(const StandingView*)) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const auto refuse = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  const Result<RunList> list = list_runs(invocation.state_dir);
  if (!list) return refuse(list.error());
  const auto run = run_to_show(*list, invocation.run);
  if (!run) return refuse(run.error());
  if (*run == nullptr) {
    console.print(console.json ? json(nullptr)
                               : fmt::format("There are no runs in {}.\n", invocation.state_dir));
    return kExitDone;
  }
  const Standing standing = standing_of(**run, plan_of(**run), load_event_notes((*run)->folder));
  const StandingView view{standing, Advice(invocation, *list, standing).commands(), now()};
  console.print(console.json ? json(&view) : text(view, console.out_style));
  return kExitDone;
}

}  // namespace

int status_command(const Invocation& invocation) {
  return show_run(invocation, status_text, status_json);
}

int report_command(const Invocation& invocation) {
  return show_run(invocation, report_text, report_json);
}

int runs_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const Result<RunList> list = list_runs(invocation.state_dir);
  if (!list) {
    console.complain(list.error());
    return exit_code(list.error().kind);
  }
  std::vector<Standing> runs;
  for (const ListedRun& run : list->runs) runs.push_back(standing_of(run, plan_of(run), {}));
  const ListStyle style{.format = invocation.output};
  console.print(style.is_for_programs() ? document_as(runs_json(runs, now()), style.format)
                                        : runs_text(runs, now(), console.out_style,
                                                    style.format == OutputFormat::Wide));
  return kExitDone;
}

}  // namespace drover::orchestrator
