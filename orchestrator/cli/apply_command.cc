#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/dry_run.h"
#include "orchestrator/preview.h"
#include "orchestrator/secrets/tokens.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

std::string absolute(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

/// `drover apply`: preview, question, lock, comparison, run.
class Apply {
 public:
  explicit Apply(const Invocation& invocation)
      : invocation_(invocation),
        console_(make_console(invocation.json, invocation.no_color)),
        run_(new_run_id(clock_.wall(), invocation.state_dir)),
        json_view_(stdout),
        text_view_(stdout, console_.out_style),
        events_(run_, [this] { return utc_millis(clock_.wall()); },
                {&event_file_, console_.json ? static_cast<EventSink*>(&json_view_) : &text_view_}),
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
    auto made = preview();
    if (auto* none = std::get_if<NoPreview>(&made)) {
      console_.complain(none->diagnostics);
      console_.complain(none->errors);
      return exit_code_of(*none);
    }
    preview_ = std::make_unique<Preview>(std::get<Preview>(std::move(made)));
    return show_and_go();
  }

 private:
  std::variant<Preview, NoPreview> preview() {
    if (invocation_.saved_plan()) {
      return open_saved_plan(invocation_.upgrade_file, invocation_.inventory_file,
                             invocation_.state_dir, stop_.get_token());
    }
    return make_preview(invocation_.upgrade_file, invocation_.inventory_file, invocation_.limit,
                        invocation_.state_dir, stop_.get_token());
  }

  int show_and_go() {
    const plans::Plan& plan = preview_->plan;
    events_.emit(RunStarted{plan.cluster, plan.target, "apply"});
    if (!invocation_.dry_run) {
      if (auto held = held_elsewhere()) return refuse({*held});
    }
    if (invocation_.saved_plan()) {
      if (auto reason = not_this_plan()) return refuse({*reason});
    }
    events_.emit(PlanMade{plan});
    if (!console_.json) console_.print(plan_text(plan, console_.out_style, invocation_.commands));
    if (plan.blocked()) return finish_unstarted(RunStatus::Refused, kExitRefused);
    if (plan.steps.empty()) return finish_unstarted(RunStatus::Succeeded, kExitDone);
    if (invocation_.dry_run) return look_only();
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

  /// A saved plan is executed as it is or not at all.
  std::optional<Error> not_this_plan() const {
    for (const LeftRun& run : preview_->left_runs) {
      if (!run.can_go_on) continue;
      return Error{
          .kind = ErrorKind::Refused,
          .message = fmt::format("unfinished-run: run {} of this cluster is unfinished", run.id),
          .remedy = fmt::format("`drover resume` goes on with it, `drover cancel {}` ends "
                                "it",
                                run.id)};
    }
    return stale(*preview_);
  }

  int look_only() {
    const Status had = obtain_tokens(preview_->plan, *preview_->fleet, stop_.get_token());
    if (!had) return refuse({had.error()});
    RunEnd end = dry_run(preview_->plan, *preview_->fleet, run_, events_, mailbox_);
    if (end.status == RunStatus::Failed) {
      return finish(RunStatus::Refused, kExitRefused, std::move(end.left),
                    "dry run: nothing was changed; what failed here would fail in the run");
    }
    return finish(end.status, end.exit_code, std::move(end.left), "dry run: nothing was changed");
  }

  int execute() {
    UpgradeRun run({preview_->plan, *preview_->fleet, preview_->facts.uid},
                   {run_, as_typed(invocation_, CommandId::Resume, {})}, invocation_.state_dir,
                   events_, mailbox_);
    if (const Status opened = open(run); !opened) return refuse({opened.error()});
    if (const auto errors = compare_again(*preview_, stop_.get_token()); !errors.empty()) {
      return refuse(errors);
    }
    RunEnd end = run.execute({});
    return finish(end.status, end.exit_code, std::move(end.left), end.message);
  }

  Status open(UpgradeRun& run) {
    const Files& files = *preview_->files;
    DROVER_TRY(obtain_tokens(preview_->plan, *preview_->fleet, stop_.get_token()));
    DROVER_TRY(run.take_lock_file());
    DROVER_TRY(run.take_lease(stop_.get_token()));
    DROVER_TRY(
        run.begin({.upgrade_file = invocation_.saved_plan() ? "" : absolute(files.upgrade.file),
                   .upgrade_text = files.upgrade_text,
                   .inventory_file = absolute(files.inventory.file),
                   .inventory_text = files.inventory_text}));
    return event_file_.open(fmt::format("{}/{}", run.folder(), kEventsName));
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
    return finish(status, code, std::move(left), "");
  }

  int finish(RunStatus status, int code, std::vector<std::string> left, std::string message) {
    events_.emit(RunFinished{status, code, std::move(left), std::move(message)});
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
