#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/etcd/given_manifests.h"
#include "orchestrator/etcd/restore_survey.h"
#include "orchestrator/etcd/send_snapshot.h"
#include "orchestrator/etcd/snapshot_file.h"
#include "orchestrator/etcd/snapshot_version.h"
#include "orchestrator/files.h"
#include "orchestrator/gather.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/state/run_list.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"
#include "plans/etcd/backup_names.h"
#include "plans/etcd/restore_plan.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

constexpr const char* kCommand = "etcd restore";

/// How far the steps of a run came, by their ends.
class StepEnds final : public EventSink {
 public:
  void on(const Event& event) override {
    if (const auto* end = std::get_if<StepFinished>(&event.what)) ends_[end->step.id] = *end;
  }
  const std::map<std::string, StepFinished>& by_id() const { return ends_; }

 private:
  std::map<std::string, StepFinished> ends_;
};

/// `drover etcd restore`: verify here, look, plan, question, send, run.
class EtcdRestore {
 public:
  EtcdRestore(const Invocation& invocation, const Console& console, Files files)
      : invocation_(invocation),
        console_(console),
        files_(std::move(files)),
        run_(new_run_id(utc_compact(clock_.wall()))),
        view_(stdout, console_.out_style),
        events_(
            run_, [this] { return utc_millis(clock_.wall()); }, sinks()),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }),
        fleet_(files_.inventory, stop_.get_token()) {}

  Result<int> run() {
    DROVER_TRY(read_snapshot());
    const auto given = read_manifests();
    auto survey = survey_for_restore(files_.inventory, given, fleet_, stop_.get_token());
    if (const auto* errors = std::get_if<std::vector<Error>>(&survey)) return refuse(*errors);
    survey_ = std::get<RestoreSurvey>(std::move(survey));
    DROVER_TRY(make_plan());
    if (!plan_.blocked() && is_held(survey_.facts.lock)) {
      return ClusterLock::held_by(*survey_.facts.lock);
    }
    if (!console_.json) {
      const bool commands = invocation_.commands && !plan_.blocked();
      console_.print(etcd_restore_preview_text(plan_, source_, invocation_.dry_run && !commands,
                                               console_.out_style));
      if (commands) console_.print('\n' + steps_text(plan_, console_.out_style));
    }
    if (plan_.blocked()) return tell(kExitRefused, "");
    if (invocation_.dry_run) return tell(kExitDone, "");
    if (!invocation_.yes && !confirm("Go on?", stop_.get_token())) {
      return stop_.stop_requested() ? kExitInterrupted : kExitRefused;
    }
    DROVER_TRY(look_at_lock_again());
    return execute();
  }

 private:
  std::vector<EventSink*> sinks() {
    if (console_.json) return {&event_file_, &ends_};
    return {&event_file_, &ends_, &view_};
  }

  /// A file that is not what was saved is refused like anything else that keeps a restore from
  /// being done.
  Status read_snapshot() {
    source_.path =
        std::filesystem::absolute(invocation_.arguments.front()).lexically_normal().string();
    auto snapshot = verify_snapshot(source_.path, stop_.get_token());
    if (!snapshot) {
      Error error = snapshot.error();
      if (error.kind == ErrorKind::File) error.kind = ErrorKind::Refused;
      return error;
    }
    source_.sha256 = snapshot->sha256;
    source_.bytes = snapshot->bytes;
    source_.revision = snapshot->revision;
    const std::string name = std::filesystem::path(source_.path).filename().string();
    if (const auto named = plans::read_backup_name(name)) source_.saved = named->time;
    source_.kubernetes = kubernetes_of(source_.path);
    return {};
  }

  std::map<std::string, plans::Manifests> read_manifests() {
    if (!invocation_.has("with-manifests")) return {};
    const std::filesystem::path folder = invocation_.value("with-manifests");
    manifests_ = std::filesystem::absolute(folder).lexically_normal().string();
    while (manifests_.size() > 1 && manifests_.ends_with('/')) manifests_.pop_back();
    return read_given_manifests(manifests_, files_.inventory);
  }

  int refuse(const std::vector<Error>& errors) {
    int code = kExitDone;
    for (const Error& error : errors) {
      console_.complain(error);
      code = std::max(code, exit_code(error.kind));
    }
    return stop_.stop_requested() ? kExitInterrupted : code;
  }

  Result<std::string> unfinished_restore() const {
    DROVER_TRY_ASSIGN(const RunList list, list_runs(invocation_.state_dir));
    for (const ListedRun& run : list.runs) {
      const bool ours =
          run.cluster == files_.inventory.cluster && run.memory && run.memory->command == kCommand;
      if (ours && run.unfinished() && !run.superseded) return run.id;
    }
    return std::string();
  }

  Status make_plan() {
    DROVER_TRY_ASSIGN(const std::string unfinished, unfinished_restore());
    const auto& lock = survey_.facts.lock;
    plan_ = plans::make_restore_plan({.inventory = files_.inventory,
                                      .facts = survey_.facts,
                                      .source = source_,
                                      .seen = survey_.seen,
                                      .api = survey_.api,
                                      .manifests = manifests_,
                                      .revision = survey_.revision,
                                      .run = run_,
                                      .unfinished = unfinished,
                                      .created = utc_millis(clock_.wall()),
                                      .preamble = remote::capsule_frame(),
                                      .self = is_held(lock) || !lock ? "" : lock->holder,
                                      .inventory_path = absolute_inventory()});
    return {};
  }

  bool is_held(const std::optional<Lease>& lock) const {
    return lease_move(lock, this_process(run_)) == LeaseMove::Held;
  }

  /// The question may have stood for long. An API that has gone away meanwhile tells nothing.
  Status look_at_lock_again() {
    if (!survey_.api) return {};
    const auto identity = gather_identity(*fleet_.api(), stop_.get_token());
    if (identity && is_held(identity->lock)) return ClusterLock::held_by(*identity->lock);
    return {};
  }

  std::string absolute_inventory() const {
    return std::filesystem::absolute(files_.inventory.file).lexically_normal().string();
  }

  Status open(UpgradeRun& run) {
    DROVER_TRY(run.take_lock_file());
    if (!console_.json) {
      console_.print(fmt::format("Sending the snapshot to {} ...\n",
                                 join(plans::copies_of(plan_)->hosts, ", ")));
    }
    DROVER_TRY(send_snapshot(*plans::copies_of(plan_), fleet_, stop_.get_token()));
    DROVER_TRY(send_manifests(plans::manifests_to_send(plan_, {}), fleet_, stop_.get_token()));
    RunSources sources{.upgrade_file = "",
                       .upgrade_text = "",
                       .inventory_file = absolute_inventory(),
                       .inventory_text = files_.inventory_text,
                       .command = kCommand};
    for (const Host& host : files_.inventory.hosts) sources.hosts.push_back(host.name);
    DROVER_TRY(run.begin(sources));
    return event_file_.open(fmt::format("{}/{}", run.folder(), kEventsName));
  }

  Result<int> execute() {
    UpgradeRun run({plan_, fleet_, survey_.facts.uid},
                   {run_, as_typed(invocation_, CommandId::Resume, {})}, invocation_.state_dir,
                   events_, mailbox_);
    DROVER_TRY(open(run));
    events_.emit(RunStarted{plan_.cluster, "", kCommand});
    events_.emit(PlanMade{plan_});
    RunEnd end = run.execute({});
    events_.emit(RunFinished{end.status, end.exit_code, std::move(end.left), end.message});
    return tell(end.exit_code, run_);
  }

  int tell(int code, const std::string& run) const {
    if (console_.json) console_.print(etcd_restore_json(plan_, source_, ends_.by_id(), run, code));
    return code;
  }

  const Invocation& invocation_;
  const Console& console_;
  const Files files_;
  remote::SystemClock clock_;
  const std::string run_;
  TextView view_;
  StepEnds ends_;
  EventFile event_file_;
  EventLog events_;
  Mailbox mailbox_;
  std::stop_source stop_;
  plans::RestoreSource source_;
  std::string manifests_;
  RestoreSurvey survey_;
  plans::Plan plan_;
  SignalWatch watch_;  // its thread uses the members above; before the fleet, which may ask
  Fleet fleet_;
};

}  // namespace

int etcd_restore_command(const Invocation& invocation, const Console& console) {
  const auto complain = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  if (!invocation.yes && !invocation.dry_run && !has_terminal()) {
    return complain({.kind = ErrorKind::Usage,
                     .message = "there is no terminal to ask on, and no --yes",
                     .remedy = "look at `drover etcd restore --dry-run FILE` first"});
  }
  auto files = load_inventory_file(invocation.inventory_file.empty() ? "inventory.yaml"
                                                                     : invocation.inventory_file);
  if (const auto* wrong = std::get_if<Diagnostics>(&files)) {
    console.complain(*wrong);
    return kExitFile;
  }
  const Result<int> code =
      EtcdRestore(invocation, console, std::get<Files>(std::move(files))).run();
  return code ? *code : complain(code.error());
}

}  // namespace drover::orchestrator
