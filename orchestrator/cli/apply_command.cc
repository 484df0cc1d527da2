#include <fmt/format.h>

#include <memory>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/preview.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"
#include "plans/planner.h"

namespace drover::orchestrator {
namespace {

/// `drover apply`: preview, question, lock, comparison, run.
class Apply {
 public:
  explicit Apply(const Invocation& invocation)
      : invocation_(invocation),
        console_(make_console(invocation.json, invocation.no_color)),
        run_(new_run_id(utc_compact(clock_.wall()))),
        json_view_(stdout),
        text_view_(stdout, console_.out_style),
        events_(run_, [this] { return utc_millis(clock_.wall()); },
                {console_.json ? static_cast<EventSink*>(&json_view_) : &text_view_, &event_file_}),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }) {}

  int run() {
    if (!invocation_.yes && !invocation_.dry_run && !has_terminal()) {
      return refuse({{.kind = ErrorKind::Usage,
                      .message = "there is no terminal to ask on, and no --yes",
                      .remedy = "look at `drover plan` first, then `drover apply --yes`"}});
    }
    auto made = make_preview(invocation_.upgrade_file, invocation_.inventory_file,
                             invocation_.state_dir, stop_.get_token());
    if (auto* none = std::get_if<NoPreview>(&made)) {
      console_.complain(none->diagnostics);
      console_.complain(none->errors);
      return exit_code_of(*none);
    }
    preview_ = std::make_unique<Preview>(std::get<Preview>(std::move(made)));
    return show_and_go();
  }

 private:
  int show_and_go() {
    const plans::Plan& plan = preview_->plan;
    events_.emit(RunStarted{plan.cluster, plan.target, "apply"});
    if (!invocation_.dry_run) {
      if (auto held = held_elsewhere()) return refuse({*held});
    }
    events_.emit(PlanMade{plan});
    if (!console_.json) console_.print(plan_text(plan, console_.out_style, invocation_.commands));
    if (plan.blocked()) return finish_unstarted(RunStatus::Refused, kExitRefused);
    if (plan.steps.empty() || invocation_.dry_run)
      return finish_unstarted(RunStatus::Succeeded, kExitDone);
    if (!invocation_.yes && !confirm("Go on with this plan?", stop_.get_token())) {
      const int code = stop_.stop_requested() ? kExitInterrupted : kExitRefused;
      return finish_unstarted(RunStatus::Refused, code);
    }
    return execute();
  }

  /// A live foreign holder comes before any verdict, comparison or question (S14).
  std::optional<Error> held_elsewhere() const {
    const auto& lease = preview_->facts.lock;
    if (lease_move(lease, this_process(run_)) != LeaseMove::Held) return std::nullopt;
    return ClusterLock::held_by(*lease);
  }

  int execute() {
    UpgradeRun run(*preview_, run_, invocation_.state_dir, events_, mailbox_);
    if (const Status opened = run.open(stop_.get_token()); !opened) return refuse({opened.error()});
    if (const Status kept = event_file_.open(run.folder() + "/events.jsonl"); !kept) {
      return refuse({kept.error()});
    }
    auto now = plan_again(*preview_, stop_.get_token());
    if (auto* errors = std::get_if<std::vector<Error>>(&now)) return refuse(*errors);
    const auto differences = fingerprint_differences(preview_->plan, std::get<plans::Plan>(now));
    if (!differences.empty()) {
      return refuse({{.kind = ErrorKind::Stale,
                      .message = fmt::format("the cluster changed after the plan was made: {}",
                                             join(differences, "; ")),
                      .remedy = "look at the plan again and apply it"}});
    }
    const Result<RunEnd> end = run.execute();
    return end ? end->exit_code : refuse({end.error()});
  }

  int refuse(const std::vector<Error>& errors) {
    console_.complain(errors);
    const int code = exit_code(errors.front().kind);
    if (preview_)
      finish_unstarted(code == kExitInterrupted ? RunStatus::Interrupted : RunStatus::Refused,
                       code);
    return code;
  }

  int finish_unstarted(RunStatus status, int code) {
    std::vector<std::string> left;
    for (const plans::Step& step : preview_->plan.steps) left.push_back(step.id);
    const std::string message = invocation_.dry_run ? "dry run: nothing was changed" : "";
    events_.emit(RunFinished{status, code, std::move(left), message});
    return code;
  }

  const Invocation& invocation_;
  Console console_;
  remote::SystemClock clock_;
  std::string run_;
  JsonView json_view_;
  TextView text_view_;
  EventFile event_file_;
  EventLog events_;
  Mailbox mailbox_;
  std::stop_source stop_;
  std::unique_ptr<Preview> preview_;
  SignalWatch watch_;  // last: its thread uses the members above
};

}  // namespace

int apply_command(const Invocation& invocation) { return Apply(invocation).run(); }

}  // namespace drover::orchestrator
