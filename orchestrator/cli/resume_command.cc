#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "inventory/base/text.h"
#include "orchestrator/await_cluster.h"
#include "orchestrator/cli/arguments.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/edited_files.h"
#include "orchestrator/etcd/given_manifests.h"
#include "orchestrator/etcd/same_cluster.h"
#include "orchestrator/etcd/send_snapshot.h"
#include "orchestrator/exec/observe.h"
#include "orchestrator/ports.h"
#include "orchestrator/secrets/tokens.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/state/run_list.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"
#include "plans/certs/renew_plan.h"
#include "plans/etcd/restore_plan.h"
#include "plans/revise.h"

namespace drover::orchestrator {
namespace {

Result<std::string> read_kept(const ListedRun& run, const char* name) {
  bool missing = false;
  return read_file(fmt::format("{}/{}", run.folder, name), missing);
}

/// `drover resume`: the run's memory, its files as they are now, the cluster, question, lock, what
/// is still so, run.
class Resume {
 public:
  Resume(const Invocation& invocation, const Console& console, const ListedRun& run,
         plans::Plan plan)
      : invocation_(invocation),
        console_(console),
        listed_(run),
        memory_(*run.memory),
        plan_(std::move(plan)),
        json_view_(stdout),
        text_view_(stdout, console_.out_style),
        events_(run.id, [this] { return utc_millis(clock_.wall()); },
                {&event_file_, console_.json ? static_cast<EventSink*>(&json_view_) : &text_view_}),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }) {}

  int run() {
    if (const Status asked = check_steps_named(); !asked) return refuse(asked.error());
    if (auto code = load()) return *code;
    fleet_ = std::make_unique<Fleet>(files_->inventory, stop_.get_token());
    if (const Status had = fleet_->credentials(); !had) return refuse(had.error());
    UpgradeRun run({plan_, *fleet_, memory_.cluster_uid},
                   {listed_.id, as_typed(invocation_, CommandId::Resume, {listed_.id})},
                   invocation_.state_dir, events_, mailbox_);
    if (const Status opened = open(run); !opened) return refuse(opened.error());
    return go(run);
  }

 private:
  /// --retry and --skip name steps of the run, and what is skipped may be.
  Status check_steps_named() const {
    std::vector<std::string> ids;
    for (const plans::Step& step : plan_.steps) ids.push_back(step.id);
    for (const auto* named : {&invocation_.retry, &invocation_.skip}) {
      for (const std::string& id : *named) {
        if (plan_.find(id) != nullptr) continue;
        const auto near = nearest(id, ids);
        return usage(fmt::format("run {} has no step {}", listed_.id, sanitise(id)),
                     near ? fmt::format("did you mean {}?", *near)
                          : std::string("`drover status` lists its steps"));
      }
    }
    for (const std::string& id : invocation_.skip) {
      const std::string_view why = plans::not_skipped_because(plan_.find(id)->kind);
      if (why.empty()) continue;
      return Error{.kind = ErrorKind::Refused,
                   .message = fmt::format("{} cannot be skipped: {}", id, why),
                   .remedy = "remove what keeps it from succeeding, then resume without --skip"};
    }
    return {};
  }

  /// The files as they are now, against those that the run began with.
  std::optional<int> load() {
    const bool saved = memory_.upgrade_file.empty();
    auto loaded = saved ? load_inventory_file(memory_.inventory_file)
                        : load_files(memory_.upgrade_file, memory_.inventory_file);
    if (auto* wrong = std::get_if<Diagnostics>(&loaded)) {
      console_.complain(*wrong);
      return kExitFile;
    }
    files_ = std::make_unique<const Files>(std::get<Files>(std::move(loaded)));
    const auto inventory = read_kept(listed_, kInventoryName);
    const auto upgrade = read_kept(listed_, kUpgradeName);
    if (!inventory) return refuse(inventory.error());
    if (!upgrade) return refuse(upgrade.error());
    edited_ = compare_files(*inventory, saved ? "" : *upgrade, *files_);
    if (!edited_.refused.empty()) {
      std::vector<std::string> lines;
      for (const Edit& edit : edited_.refused) lines.push_back(edit.str());
      return refuse({.kind = ErrorKind::Stale,
                     .message = fmt::format("run {} was begun for something else: {}", listed_.id,
                                            join(lines, "; ")),
                     .remedy = fmt::format("put it back to go on, or end the run (`drover cancel "
                                           "{}`) and apply the new file",
                                           listed_.id)});
    }
    if (!saved) plans::revise(plan_, files_->inventory, files_->upgrade, memory_.done());
    return std::nullopt;
  }

  Status open(UpgradeRun& run) {
    DROVER_TRY(run.take_lock_file());
    const std::string path = fmt::format("{}/{}", run.folder(), kEventsName);
    DROVER_TRY_ASSIGN(const std::uint64_t seq, EventFile::last_seq(path));
    events_.go_on_after(seq);
    DROVER_TRY(event_file_.open(path));
    events_.emit(RunStarted{plan_.cluster, plan_.target, "resume"});
    started_ = true;
    if (plans::replaces_etcd(plan_))
      DROVER_TRY(check_same_cluster(plan_, listed_.id, *fleet_, stop_.get_token()));
    if (plans::replaces_etcd(plan_) || plans::renews_without_api(plan_))
      return fleet_->prepare_api();
    if (const auto hosts = plans::still_expired(plan_, memory_.done()); !hosts.empty())
      DROVER_TRY(fleet_->prepare_api_beside(hosts));
    DROVER_TRY_ASSIGN(
        const ClusterIdentity identity,
        await_cluster(plan_, memory_, *fleet_, events_, patience(), stop_.get_token()));
    if (lease_move(identity.lock, this_process(listed_.id)) == LeaseMove::Held) {
      return ClusterLock::held_by(*identity.lock);
    }
    return {};
  }

  std::chrono::seconds patience() const {
    return patience_with_api(plan_, memory_, files_->inventory);
  }

  /// While a control plane is upgraded its API may answer once, and then be away again (S5).
  Status take_lease(UpgradeRun& run) {
    constexpr std::chrono::seconds kBetween{1};
    const auto deadline = clock_.now() + patience();
    for (;;) {
      const Status taken = run.take_lease(stop_.get_token());
      if (taken || !may_pass(taken.error().kind)) return taken;
      if (!clock_.wait_until(clock_.now() + kBetween, stop_.get_token())) return taken;
      const auto left = std::chrono::floor<std::chrono::seconds>(deadline - clock_.now());
      if (left.count() <= 0) return taken;
      const auto reached = await_cluster(plan_, memory_, *fleet_, events_, left, stop_.get_token());
      if (!reached) return reached.error();
    }
  }

  /// What a restore needs on its control planes may be gone since.
  Status send_again() {
    const auto copy = plans::copies_of(plan_);
    if (copy && !restored()) DROVER_TRY(send_snapshot(*copy, *fleet_, stop_.get_token()));
    return send_manifests(plans::manifests_to_send(plan_, memory_.done()), *fleet_,
                          stop_.get_token());
  }

  bool restored() const {
    return std::all_of(plan_.steps.begin(), plan_.steps.end(), [this](const plans::Step& step) {
      return step.kind != plans::StepKind::EtcdRestoreData || memory_.done().contains(step.id);
    });
  }

  int go(UpgradeRun& run) {
    const auto ids = memory_.done();
    events_.emit(PlanMade{plan_, {ids.begin(), ids.end()}});
    if (!console_.json) show();
    if (!invocation_.yes && !confirm("Go on with this run?", stop_.get_token())) {
      const int code = stop_.stop_requested() ? kExitInterrupted : kExitRefused;
      return finish(RunStatus::Refused, code, left(), "");
    }
    const Status had = obtain_tokens(plan_, *fleet_, stop_.get_token());
    if (!had) return refuse(had.error());
    if (const Status sent = send_again(); !sent) return refuse(sent.error());
    if (const Status locked = take_lease(run); !locked) return refuse(locked.error());
    if (const Status begun = go_on(run); !begun) return refuse(begun.error());
    auto undone = look_again();
    if (!undone) return refuse(undone.error());
    undone->insert(invocation_.retry.begin(), invocation_.retry.end());
    History history = history_of(plan_, memory_, *undone);
    history.again.insert(invocation_.retry.begin(), invocation_.retry.end());
    RunEnd end = run.execute(std::move(history));
    return finish(end.status, end.exit_code, std::move(end.left), end.message);
  }

  /// What the operator asked for goes to the journal before it is acted upon.
  Status go_on(UpgradeRun& run) {
    std::map<std::string, std::string> fields;
    for (size_t i = 0; i < edited_.accepted.size(); ++i) {
      fields[fmt::format("edit.{}", i)] = edited_.accepted[i].str();
    }
    if (!invocation_.retry.empty()) fields["retry"] = join(invocation_.retry, " ");
    DROVER_TRY(run.go_on(std::move(fields)));
    for (const std::string& id : invocation_.skip) {
      StepMemory& step = memory_.steps[id];
      step.status = StepStatus::Skipped;
      step.waived = true;
      step.message = "skipped by the operator: " + invocation_.reason;
      DROVER_TRY(run.note({.type = "step-ended",
                           .step = id,
                           .attempt = step.attempt,
                           .fields = {{"status", std::string(status_name(StepStatus::Skipped))},
                                      {"message", step.message},
                                      {"reason", invocation_.reason},
                                      {"duration_s", "0.000"}}}));
      events_.emit(Warning{"skipped", fmt::format("{}: {}", id, sanitise(step.message, 400))});
    }
    return {};
  }

  /// Steps that are no longer so (S5).
  Result<std::set<std::string>> look_again() {
    Mailbox mailbox;
    ThreadedRunner runner([this](const std::string& host) { return looking_ports(*fleet_, host); },
                          [](const plans::Step&, int) { return OutputFile(); }, mailbox);
    return observe(to_observe(plan_, memory_), history_of(plan_, memory_, {}), listed_.id, runner,
                   mailbox, events_, stop_.get_token());
  }

  void show() const {
    const std::vector<std::string> steps = left();
    const std::string what =
        plan_.work.empty() ? " to " + plan_.target : ", " + sanitise(plan_.work);
    std::string text = fmt::format("Run {}: cluster {}{}, {} of {} steps done. Left:\n", listed_.id,
                                   sanitise(plan_.cluster), what, plan_.steps.size() - steps.size(),
                                   plan_.steps.size());
    for (const std::string& id : steps) {
      const auto memory = memory_.steps.find(id);
      const bool begun = memory != memory_.steps.end();
      text += fmt::format("  {}  {}{}\n", id, sanitise(plan_.find(id)->title, 160),
                          !begun                  ? ""
                          : memory->second.status ? " (failed before)"
                                                  : " (begun before, not ended)");
    }
    if (!edited_.accepted.empty()) text += "Edited since, and from now on in effect:\n";
    for (const Edit& edit : edited_.accepted) text += fmt::format("  {}\n", edit.str());
    console_.print(text);
  }

  std::vector<std::string> left() const {
    std::vector<std::string> ids;
    for (const plans::Step& step : plan_.steps) {
      if (!memory_.done().contains(step.id)) ids.push_back(step.id);
    }
    return ids;
  }

  int refuse(const Error& error) {
    console_.complain(error);
    const int code = exit_code(error.kind);
    if (!started_) return code;
    return finish(code == kExitInterrupted ? RunStatus::Interrupted : RunStatus::Refused, code,
                  left(), "");
  }

  int finish(RunStatus status, int code, std::vector<std::string> left, std::string message) {
    events_.emit(RunFinished{status, code, std::move(left), std::move(message)});
    return code;
  }

  const Invocation& invocation_;
  const Console& console_;
  const ListedRun& listed_;
  RunMemory memory_;
  plans::Plan plan_;
  remote::SystemClock clock_;
  JsonView json_view_;
  TextView text_view_;
  EventFile event_file_;
  EventLog events_;
  Mailbox mailbox_;
  std::stop_source stop_;
  EditedFiles edited_;
  std::unique_ptr<const Files> files_;
  std::unique_ptr<Fleet> fleet_;
  bool started_ = false;
  SignalWatch watch_;  // last: its thread uses the members above
};

int nothing_to_resume(const Console& console, const std::string& text) {
  if (!console.json) console.print(text + "\n");
  return kExitDone;
}

}  // namespace

int resume_command(const Invocation& invocation) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const auto fail = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  const auto list = list_runs(invocation.state_dir);
  if (!list) return fail(list.error());
  const auto chosen = run_to_go_on_with(*list, invocation.run);
  if (!chosen) return fail(chosen.error());
  const ListedRun* run = *chosen;
  if (run == nullptr) return nothing_to_resume(console, "Nothing is unfinished.");
  if (!run->memory) return fail(run->memory.error());
  if (!run->memory->unfinished()) {
    return nothing_to_resume(console, fmt::format("Run {} is finished.", run->id));
  }
  if (!invocation.yes && !has_terminal()) {
    return fail(usage("there is no terminal to ask on, and no --yes",
                      "look at `drover status` first, then `drover resume --yes`"));
  }
  auto plan = plan_of(*run);
  if (!plan) return fail(plan.error());
  return Resume(invocation, console, *run, std::move(*plan)).run();
}

}  // namespace drover::orchestrator
