#include "orchestrator/cancel_run.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/await_cluster.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"
#include "orchestrator/files.h"
#include "orchestrator/signals.h"
#include "orchestrator/state/event_file.h"
#include "orchestrator/upgrade_run.h"
#include "orchestrator/utc.h"
#include "plans/certs/renew_plan.h"
#include "plans/etcd/restore_plan.h"

namespace drover::orchestrator {
namespace {

/// `drover cancel` of a run that nobody has.
class Cancel {
 public:
  Cancel(const Invocation& invocation, const ListedRun& run, plans::Plan plan, Files files)
      : invocation_(invocation),
        listed_(run),
        plan_(std::move(plan)),
        files_(std::move(files)),
        console_(make_console(invocation.json, invocation.no_color)),
        text_view_(stdout, console_.out_style),
        events_(
            run.id, [this] { return utc_millis(clock_.wall()); }, sinks()),
        fleet_(files_.inventory, stop_.get_token()),
        watch_([this] {
          stop_.request_stop();
          mailbox_.post(Interrupt{});
        }) {}

  Result<RunEnd> run() {
    UpgradeRun run({plan_, fleet_, listed_.memory->cluster_uid}, {listed_.id, ""},
                   invocation_.state_dir, events_, mailbox_);
    DROVER_TRY(open(run));
    std::vector<std::string> done;
    for (const auto& [id, step] : listed_.memory->steps) {
      if (step.done()) done.push_back(id);
    }
    events_.emit(PlanMade{plan_, done});
    const History history = history_of(plan_, *listed_.memory, {});
    const RunEnd end = run.cancel(history);
    events_.emit(RunFinished{end.status, end.exit_code, end.left, end.message});
    return end;
  }

 private:
  std::vector<EventSink*> sinks() {
    if (console_.json) return {&event_file_};
    return {&event_file_, &text_view_};
  }

  Status open(UpgradeRun& run) {
    DROVER_TRY(fleet_.credentials());
    DROVER_TRY(run.take_lock_file());
    const std::string path = fmt::format("{}/{}", run.folder(), kEventsName);
    DROVER_TRY_ASSIGN(const std::uint64_t seq, EventFile::last_seq(path));
    events_.go_on_after(seq);
    DROVER_TRY(event_file_.open(path));
    events_.emit(RunStarted{plan_.cluster, plan_.target, "cancel"});
    if (plans::replaces_etcd(plan_) || plans::renews_without_api(plan_)) {
      DROVER_TRY(fleet_.prepare_api());
      return run.go_on({{"command", "cancel"}});
    }
    if (const auto hosts = plans::still_expired(plan_, listed_.memory->done()); !hosts.empty())
      DROVER_TRY(fleet_.prepare_api_beside(hosts));
    DROVER_TRY_ASSIGN(const ClusterIdentity identity,
                      await_cluster(plan_, *listed_.memory, fleet_, events_,
                                    std::chrono::seconds(0), stop_.get_token()));
    if (lease_move(identity.lock, this_process(listed_.id)) == LeaseMove::Held) {
      return ClusterLock::held_by(*identity.lock);
    }
    DROVER_TRY(run.take_lease(stop_.get_token()));
    return run.go_on({{"command", "cancel"}});
  }

  const Invocation& invocation_;
  const ListedRun& listed_;
  plans::Plan plan_;
  Files files_;
  Console console_;
  remote::SystemClock clock_;
  TextView text_view_;
  EventFile event_file_;
  EventLog events_;
  Mailbox mailbox_;
  std::stop_source stop_;
  Fleet fleet_;
  SignalWatch watch_;  // last: its thread uses the members above
};

void say(const Console& console, const ListedRun& run, const RunEnd& end) {
  if (!console.json) return;
  const nlohmann::ordered_json json = {
      {"v", 1}, {"kind", "Cancel"}, {"run", run.id}, {"message", sanitise(end.message, 2000)}};
  console.print(json.dump(-1, ' ', true) + '\n');
}

}  // namespace

int cancel_here(const Invocation& invocation, const ListedRun& run) {
  const Console console = make_console(invocation.json, invocation.no_color);
  const auto refuse = [&](const Error& error) {
    console.complain(error);
    return exit_code(error.kind);
  };
  auto plan = plan_of(run);
  if (!plan) return refuse(plan.error());
  auto files = load_inventory_file(run.memory->inventory_file);
  if (const auto* wrong = std::get_if<Diagnostics>(&files)) {
    console.complain(*wrong);
    return kExitFile;
  }
  const auto end =
      Cancel(invocation, run, std::move(*plan), std::get<Files>(std::move(files))).run();
  if (!end) return refuse(end.error());
  say(console, run, *end);
  return end->how == "cancelled" ? kExitDone : end->exit_code;
}

}  // namespace drover::orchestrator
